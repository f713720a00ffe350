package dev.slipway.lambda;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import jakarta.enterprise.inject.Alternative;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The worker as Lambda starts it: chosen by name, events and answers as JSON. */
@Tag("slow")
@QuarkusTest
@TestProfile(WorkerFunctionTest.AsWorker.class)
class WorkerFunctionTest {
    public static class AsWorker implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of("quarkus.lambda.handler", "worker");
        }

        @Override
        public Set<Class<?>> getEnabledAlternatives() {
            return Set.of(PoisonableInbox.class);
        }
    }

    /** In place of the application's inbox, which would not know the recorded messages. */
    @Alternative
    @Singleton
    public static class PoisonableInbox extends RecordingReceiver {}

    @Test
    void namesFailedMessagesTheWayLambdaReadsThem() throws IOException {
        try (var batch = getClass().getResourceAsStream("/events/sqs-batch.json")) {
            var answer = given().contentType("application/json").body(batch).post("/");

            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.asString())
                    .isEqualTo(
                            "{\"batchItemFailures\":[{\"itemIdentifier\":\"2e1424d4-f796-459a-8184-9c92662be6da\"}]}");
        }
    }
}
