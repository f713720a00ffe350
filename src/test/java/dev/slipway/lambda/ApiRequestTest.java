package dev.slipway.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPEvent;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who a request comes from: whom API Gateway has verified by IAM, or nobody. */
class ApiRequestTest {
    private static final ObjectMapper JSON =
            new ObjectMapper().configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "{}",
                "{\"iam\": null}",
                "{\"iam\": {}}",
                "{\"iam\": {\"userArn\": null, \"accountId\": \"123456789012\"}}",
                "{\"iam\": {\"userArn\": \"\"}}",
                "{\"iam\": {\"userArn\": \" \"}}",
                "{\"iam\": {\"userArn\": \"local\"}}",
                "{\"iam\": {\"userArn\": \"pipeline/web\", \"accountId\": \"123456789012\"}}",
                "{\"iam\": {\"userArn\": \"slipway\"}}",
                "{\"iam\": {\"userArn\": \"arn:aws:iam::123456789012:user/a\\nb\"}}",
                "{\"iam\": {\"userArn\": \"arn:aws:s3:::bucket\"}}",
                "{\"iam\": {\"userArn\": \"arn:aws:iam::123456789012:user/ann\", \"accountId\": \"999999999999\"}}",
                "{\"jwt\": {\"claims\": {\"sub\": \"arn:aws:iam::123456789012:user/ann\"}, \"scopes\": []}}",
                "{\"lambda\": {\"userArn\": \"arn:aws:iam::123456789012:user/ann\"}}",
            })
    void aRequestOfNobodyWhomIamHasVerifiedIsRefused(String authorizer) throws IOException {
        assertThat(ApiRequest.of(event(JSON.readTree(authorizer))))
                .isInstanceOfSatisfying(ApiRequest.Rejected.class, refused -> {
                    assertThat(refused.answer().getStatusCode()).isEqualTo(401);
                    assertThat(refused.answer().getHeaders())
                            .containsEntry("content-type", "application/problem+json")
                            .containsEntry("www-authenticate", "AWS4-HMAC-SHA256");
                    assertThat(refused.answer().getBody()).contains("\"code\":\"not-authenticated\"");
                });
    }

    @Test
    void aRequestWithoutAnAuthorizerContextIsRefusedWhateverItsPath() throws IOException {
        for (String path : new String[] {"/", "/q/openapi", "/v1/environments", "/v1/environments/%2e"}) {
            ObjectNode event = HttpEvents.request("GET", path);
            HttpEvents.context(event).remove("authorizer");
            assertThat(ApiRequest.of(JSON.treeToValue(event, APIGatewayV2HTTPEvent.class)))
                    .isInstanceOfSatisfying(
                            ApiRequest.Rejected.class,
                            refused -> assertThat(refused.code()).isEqualTo("not-authenticated"));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "arn:aws:iam::123456789012:user/team/ann",
                "arn:aws:iam::123456789012:root",
                "arn:aws:sts::123456789012:assumed-role/Developer/ann@example.com",
                "arn:aws:sts::123456789012:federated-user/ann",
                "arn:aws-us-gov:iam::123456789012:user/ann",
            })
    void whoeverIamHasVerifiedIsNamed(String arn) throws IOException {
        ObjectNode authorizer = JSON.createObjectNode();
        authorizer.putObject("iam").put("userArn", arn).put("accountId", "123456789012");
        assertThat(ApiRequest.of(event(authorizer))).isInstanceOfSatisfying(ApiRequest.Accepted.class, accepted -> {
            assertThat(accepted.head().headers().getAll(CallerHeaders.ACTOR)).containsExactly(arn);
            assertThat(accepted.head().headers().getAll(CallerHeaders.ACCOUNT)).containsExactly("123456789012");
        });
    }

    private static APIGatewayV2HTTPEvent event(JsonNode authorizer) throws IOException {
        ObjectNode event = HttpEvents.request("GET", "/v1/environments");
        HttpEvents.context(event).set("authorizer", authorizer);
        return JSON.treeToValue(event, APIGatewayV2HTTPEvent.class);
    }
}
