package dev.slipway.preflight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkClientException;

/** A look that fails must not stop a rollout, unless it may succeed later. */
class PreflightReaderTest {
    private final PreflightSnapshotBuilder seen = PreflightSnapshot.draft();

    private static Supplier<@Nullable String> failing(int status, String code) {
        return () -> {
            throw AwsServiceException.builder()
                    .message(code + " at " + status)
                    .statusCode(status)
                    .awsErrorDetails(AwsErrorDetails.builder().errorCode(code).build())
                    .build();
        };
    }

    @Test
    void whatMayNotBeSeenIsNoted() {
        assertThat(PreflightReader.read("The subnets", seen, failing(403, "UnauthorizedOperation")))
                .isNull();

        assertThat(seen.unreadable()).hasSize(1).first().satisfies(unseen -> {
            assertThat(unseen.what()).isEqualTo("The subnets");
            assertThat(unseen.reason()).startsWith("UnauthorizedOperation");
        });
    }

    @Test
    void whatMaySucceedLaterIsThrown() {
        assertThatThrownBy(() -> PreflightReader.read("x", seen, failing(400, "ThrottlingException")))
                .isInstanceOf(AwsServiceException.class);
        assertThatThrownBy(() -> PreflightReader.read("x", seen, failing(503, "ServiceUnavailable")))
                .isInstanceOf(AwsServiceException.class);
        assertThatThrownBy(() -> PreflightReader.read("x", seen, () -> {
                    throw SdkClientException.create("lost");
                }))
                .isInstanceOf(SdkClientException.class);
        assertThat(seen.unreadable()).isEmpty();
    }
}
