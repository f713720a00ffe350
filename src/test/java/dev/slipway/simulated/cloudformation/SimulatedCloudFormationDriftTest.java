package dev.slipway.simulated.cloudformation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.cloudformation.model.StackResourceDrift;

class SimulatedCloudFormationDriftTest {
    private static final String TEMPLATE = """
            Resources:
              First: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: /first, RetentionInDays: 30}}
              Second: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: /second, RetentionInDays: 30}}
              Bucket: {Type: AWS::S3::Bucket}
            """;

    private final SimulatedCloudFormationFixture fixture = new SimulatedCloudFormationFixture();

    @BeforeEach
    void create() {
        fixture.create(TEMPLATE);
    }

    private List<StackResourceDrift> detect() {
        String id = fixture.cloud
                .detectStackDrift(request -> request.stackName("web"))
                .stackDriftDetectionId();
        assertThat(fixture.cloud
                        .describeStackDriftDetectionStatus(request -> request.stackDriftDetectionId(id))
                        .detectionStatusAsString())
                .isEqualTo("DETECTION_IN_PROGRESS");
        fixture.settle();
        assertThat(fixture.cloud
                        .describeStackDriftDetectionStatus(request -> request.stackDriftDetectionId(id))
                        .detectionStatusAsString())
                .isEqualTo("DETECTION_COMPLETE");
        return fixture.cloud
                .describeStackResourceDrifts(request -> request.stackName("web"))
                .stackResourceDrifts();
    }

    @Test
    void findsNothingWhereNothingWasChanged() {
        assertThat(detect())
                .extracting(StackResourceDrift::stackResourceDriftStatusAsString)
                .containsExactly("IN_SYNC", "IN_SYNC", "IN_SYNC");
        assertThat(fixture.stack().driftInformation().stackDriftStatusAsString())
                .isEqualTo("IN_SYNC");
    }

    @Test
    void tellsWhatWasChangedOutsideTheStackFromWhatWasDeleted() {
        fixture.services.logs.groups.put("/first", 7);
        fixture.services.logs.groups.remove("/second");

        List<StackResourceDrift> drifts = detect();

        assertThat(drifts)
                .extracting(StackResourceDrift::stackResourceDriftStatusAsString)
                .containsExactly("MODIFIED", "DELETED", "IN_SYNC");
        assertThat(drifts.getFirst().propertyDifferences()).singleElement().satisfies(difference -> {
            assertThat(difference.propertyPath()).isEqualTo("/RetentionInDays");
            assertThat(difference.expectedValue()).isEqualTo("30");
            assertThat(difference.actualValue()).isEqualTo("7");
        });
        assertThat(fixture.stack().driftInformation().stackDriftStatusAsString())
                .isEqualTo("DRIFTED");
    }
}
