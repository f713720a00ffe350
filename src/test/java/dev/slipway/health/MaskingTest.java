package dev.slipway.health;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MaskingTest {
    private static final String SECRET = "hunter2hunter2hunter2";
    private static final ObjectMapper JSON = new ObjectMapper();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'env': {'PLAIN': 'hunter2hunter2hunter2'}}",
                "{'container': {'environment': {'PLAIN': 'hunter2hunter2hunter2'}}}",
                "{'a': [{'dbPassword': {'value': 'hunter2hunter2hunter2'}}]}",
                "{'a': [['token=hunter2hunter2hunter2']]}",
                "{'artifactCredentials': ['hunter2hunter2hunter2']}",
                "{'encryptionKey': 'hunter2hunter2hunter2'}",
                "{'SIGNING_KEY': {'value': 'hunter2hunter2hunter2'}}",
                "{'pass': 'hunter2hunter2hunter2'}",
                "{'basicAuth': 'hunter2hunter2hunter2'}",
                "{'url': '/maps?key=hunter2hunter2hunter2'}",
                "{'password=hunter2hunter2hunter2': 1}",
                "{'why': 'Authorization: Bearer hunter2hunter2hunter2'}",
                "{'why': 'postgres://app:hunter2hunter2hunter2@db/shop'}",
                "{'why': 'not found: arn:aws:secretsmanager:eu-central-1:123456789012:secret:hunter2hunter2hunter2'}",
                "{'why': 'arn:aws-cn:ssm:cn-north-1:123456789012:parameter/hunter2hunter2hunter2 is denied'}"
            })
    void noSecretIsLeftAnywhereInADocument(String document) throws JsonProcessingException {
        assertThat(Masking.mask(JSON.readTree(document.replace('\'', '"'))).toString())
                .doesNotContain(SECRET);
    }

    @Test
    void whatTellsWhatIsWrongStays() throws JsonProcessingException {
        String document =
                "{\"target\":\"prod/web\",\"environment\":\"prod\",\"running\":2,\"ok\":true,\"state\":null,\"phase\":\"stack\",\"kmsKey\":true,\"partitionKey\":\"service#dev/web\",\"key\":\"prod/web\",\"author\":\"ann\"}";

        assertThat(Masking.mask(JSON.readTree(document)).toString()).isEqualTo(document);
    }
}
