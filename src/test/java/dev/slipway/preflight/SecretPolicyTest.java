package dev.slipway.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.allowlist.AllowedSecrets;
import dev.slipway.id.ServiceId;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whose a secret is: the tag of its environment, that of its service, or the deployment's list says it. */
class SecretPolicyTest {
    private static final String ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:db-AbCdEf";
    private static final String TAG = "Key=slipway:environment,Value=prod";
    private static final ServiceId WEB = new ServiceId("prod", "web");
    private static final AllowedSecrets NOBODYS = new AllowedSecrets(List.of());

    private static String refusal(@Nullable String tags, AllowedSecrets allowed) {
        Map<String, String> given = tags == null
                ? Map.of()
                : Arrays.stream(tags.split(" "))
                        .collect(Collectors.toMap(tag -> tag.split("=")[0], tag -> tag.split("=")[1]));
        return SecretPolicy.refusal(ARN, given, WEB, allowed).orElse("");
    }

    @ParameterizedTest
    @CsvSource({
        "slipway:environment=prod, ''",
        "Slipway:Environment=prod, ''", // IAM knows no difference
        "slipway:environment=prod slipway:service=web, ''",
        "slipway:environment=prod other=dev, ''",
        "slipway:environment=dev, is another environment's: its tag slipway:environment is dev and not prod",
        // IAM compares values with their case
        "slipway:environment=Prod, is another environment's: its tag slipway:environment is Prod and not prod",
        "slipway:environment=prod slipway:service=api, is another service's: its tag slipway:service is api and not web",
        "slipway:environment=dev slipway:service=web, is another environment's: its tag slipway:environment is dev and not prod",
    })
    void theTagsSayWhoseItIs(String tags, String refusal) {
        assertThat(refusal(tags, NOBODYS)).isEqualTo(refusal);
    }

    @ParameterizedTest
    @CsvSource({
        "slipway:environment=prod Slipway:environment=prod, slipway:environment",
        "slipway:environment=prod slipway:service=web slipway:Service=web, slipway:service",
        "slipway:environment=prod SLIPWAY:environment=dev slipway:service=web slipway:Service=web, slipway:environment",
        "slipway:service=web slipway:Service=web, slipway:service",
    })
    void aTagThatIsThereTwiceSaysNothing(String tags, String named) {
        String why =
                "has the tag %s more than once, in upper and lower case, and IAM knows no difference".formatted(named);

        assertThat(refusal(tags, NOBODYS)).isEqualTo(why);
        assertThat(refusal(tags, new AllowedSecrets(List.of("*")))).isEqualTo(why);
    }

    @ParameterizedTest
    @CsvSource({
        // tags, pattern of the list, whether it may be read
        ", arn:aws:secretsmanager:*:secret:db-*, true",
        ", arn:aws:secretsmanager:*:secret:{environment}-*, false",
        ", arn:aws:secretsmanager:*:secret:api-*, false",
        "slipway:service=web, arn:aws:secretsmanager:*:secret:db-*, true",
        "slipway:service=web, arn:aws:secretsmanager:*:secret:api-*, false",
    })
    void theListSpeaksForWhatHasNoTagOfAnEnvironment(@Nullable String tags, String pattern, boolean read) {
        assertThat(refusal(tags, new AllowedSecrets(List.of(pattern))))
                .isEqualTo(
                        read
                                ? ""
                                : "has no tag slipway:environment, and is not on the deployment's list AllowedSecrets");
    }

    @Test
    void theListDoesNotGiveAwayWhatATagKeeps() {
        AllowedSecrets all = new AllowedSecrets(List.of("*"));

        assertThat(refusal("slipway:environment=dev", all)).startsWith("is another environment's");
        assertThat(refusal("slipway:service=api", all)).startsWith("is another service's");
    }

    @Test
    void theRemedyIsACommandThatTagsIt() {
        assertThat(tagging(ARN + ":password::"))
                .isEqualTo("aws secretsmanager tag-resource --secret-id '%s' --tags %s".formatted(ARN, TAG));
        assertThat(tagging("/prod/db"))
                .isEqualTo("aws ssm add-tags-to-resource --resource-type Parameter --resource-id '/prod/db' --tags "
                        + TAG);
        assertThat(tagging("arn:aws:ssm:eu-central-1:123456789012:parameter/prod/db"))
                .isEqualTo("aws ssm add-tags-to-resource --resource-type Parameter --resource-id '/prod/db' --tags "
                        + TAG);
    }

    private static String tagging(String value) {
        return SecretPolicy.tagging(SecretReference.of(value), "prod");
    }
}
