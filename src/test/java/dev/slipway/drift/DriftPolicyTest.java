package dev.slipway.drift;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.id.EnvironmentId;
import dev.slipway.id.ServiceId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a difference means. */
class DriftPolicyTest {
    private static final ServiceId WEB = new ServiceId("prod", "web");
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    private static DriftDifference difference(String type, String path, String actual) {
        return DriftPolicy.property(WEB, "Resource", type, "id-1", path, "before", actual);
    }

    @ParameterizedTest
    @CsvSource({
        "AWS::ECS::Service, /TaskDefinition, LIVE_TASK_DEFINITION",
        "AWS::ECS::Service, /DeploymentConfiguration/Strategy, ROLLOUT_STRATEGY",
        "AWS::ECS::Service, /DeploymentConfiguration, ROLLOUT_STRATEGY",
        "AWS::ECS::Service, /LoadBalancers/0/TargetGroupArn, LIVE_TARGET_GROUP",
        "AWS::ECS::Service, /LoadBalancers/0/AdvancedConfiguration/AlternateTargetGroupArn, LIVE_TARGET_GROUP",
        "AWS::ECS::Service, /LoadBalancers/0/AdvancedConfiguration/RoleArn,",
        "AWS::ECS::Service, /DesiredCount, TASK_COUNT",
        "AWS::ECS::Service, /EnableExecuteCommand,",
        "AWS::ElasticLoadBalancingV2::ListenerRule, /Actions/0/ForwardConfig/TargetGroups/1/Weight, TRAFFIC_WEIGHTS",
        "AWS::ElasticLoadBalancingV2::ListenerRule, /Actions/0/Type,",
        "AWS::ElasticLoadBalancingV2::ListenerRule, /Conditions/0/Field,",
        "AWS::ApplicationAutoScaling::ScalableTarget, /MaxCapacity, SCALING_LIMITS",
        "AWS::ApplicationAutoScaling::ScalableTarget, /ScheduledActions/0/Schedule,",
        "AWS::EC2::SecurityGroup, /SecurityGroupIngress/1,"
    })
    void whatRolloutsAndAutoscalingOwnIsExcluded(String type, String path, @Nullable DriftExclusion excluded) {
        DriftDifference found = difference(type, path, "after");

        assertThat(found.excluded()).isEqualTo(excluded);
        assertThat(found.isDrift()).isEqualTo(excluded == null);
        assertThat(found.reason()).isEqualTo(excluded == null ? null : excluded.reason());
    }

    @Test
    void aValueThatASpecCanHaveIsNamedWithItsField() {
        assertThat(difference("AWS::Logs::LogGroup", "/RetentionInDays", "7").mend())
                .endsWith("To keep it, say logs.retentionDays: 7 in the spec and apply that.");
        assertThat(difference("AWS::EC2::SecurityGroup", "/SecurityGroupIngress/1", "{}")
                        .mend())
                .doesNotContain("spec and apply");
    }

    /** A revert of all drift sets the weights that the stack was deployed with. */
    @Test
    void nobodyIsToldToRevertAStackThatHasTraffic() {
        assertThat(difference("AWS::EC2::SecurityGroup", "/SecurityGroupIngress/1", "{}")
                        .mend())
                .doesNotContain("REVERT_DRIFT");
        assertThat(DriftPolicy.property(
                                new EnvironmentId("prod"), "R", "AWS::EC2::SecurityGroup", "sg", "/X", null, "{}")
                        .mend())
                .contains("--stack-name slipway-prod ", "--deployment-mode REVERT_DRIFT");
    }

    @ParameterizedTest
    @CsvSource({"/Environment/EnvironmentVariables/0/Value, ***", "/AuthToken, ***", "/RetentionInDays, hunter2"})
    void secretsAreMasked(String path, String shown) {
        assertThat(difference("AWS::CodeBuild::Project", path, "hunter2").actual())
                .isEqualTo(shown);
    }

    private static DriftReport report(DriftState state, DriftState known, DriftDifference... differences) {
        return new DriftReport(WEB, state, known, NOW, null, List.of(differences), 0);
    }

    @Test
    void peopleAreToldOfWhatIsNewAndNotEachDay() {
        DriftDifference one = difference("AWS::Logs::LogGroup", "/RetentionInDays", "7");
        DriftDifference two = difference("AWS::Logs::LogGroup", "/LogGroupClass", "X");
        DriftReport drifted = report(DriftState.DRIFTED, DriftState.DRIFTED, one);
        DriftReport inSync = report(DriftState.IN_SYNC, DriftState.IN_SYNC);
        DriftReport unknown = report(DriftState.UNKNOWN, DriftState.DRIFTED);

        assertThat(DriftPolicy.news(Optional.empty(), inSync)).isEmpty();
        assertThat(DriftPolicy.news(Optional.empty(), drifted))
                .contains("Changed outside Slipway: Resource/RetentionInDays is 7, expected before.");
        assertThat(DriftPolicy.news(Optional.of(drifted), drifted)).isEmpty();
        assertThat(DriftPolicy.news(Optional.of(drifted), report(DriftState.DRIFTED, DriftState.DRIFTED, one, two)))
                .contains("Changed outside Slipway: Resource/LogGroupClass is X, expected before.");
        assertThat(DriftPolicy.news(Optional.of(drifted), unknown)).isEmpty();
        assertThat(DriftPolicy.news(Optional.of(unknown), inSync))
                .contains("Nothing differs any more from what was deployed.");
    }

    @Test
    void whatCouldNotBeComparedIsNotInSync() {
        DriftDifference excluded = difference("AWS::ECS::Service", "/TaskDefinition", "x");
        DriftDifference drift = difference("AWS::Logs::LogGroup", "/RetentionInDays", "7");

        assertThat(DriftPolicy.state(List.of(excluded), null)).isEqualTo(DriftState.IN_SYNC);
        assertThat(DriftPolicy.state(List.of(excluded), "denied")).isEqualTo(DriftState.UNKNOWN);
        assertThat(DriftPolicy.state(List.of(excluded, drift), "denied")).isEqualTo(DriftState.DRIFTED);
    }

    @ParameterizedTest
    @EnumSource(DriftExclusion.class)
    void theDocumentHasEachExclusionWithItsReason(DriftExclusion exclusion) throws IOException {
        assertThat(Files.readString(Path.of("docs/drift.md")))
                .contains("| `%s` | `%s` | %s |"
                        .formatted(exclusion.name(), exclusion.resourceType(), exclusion.reason()));
    }
}
