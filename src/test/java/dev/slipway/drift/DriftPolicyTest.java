package dev.slipway.drift;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.id.ServiceId;
import dev.slipway.stack.DriftExclusion;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
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

    @ParameterizedTest
    @CsvSource({
        "LogGroup, AWS::Logs::LogGroup, /RetentionInDays, 7, logs.retentionDays: 7",
        "TargetGroupB, AWS::ElasticLoadBalancingV2::TargetGroup, /HealthCheckPath, /up, routing.healthCheck.path: /up",
        "TargetGroupA, AWS::ElasticLoadBalancingV2::TargetGroup, /Matcher/HttpCode, 200, routing.healthCheck.codes: 200",
        "ScaleByCpu, AWS::ApplicationAutoScaling::ScalingPolicy, /TargetTrackingScalingPolicyConfiguration/TargetValue, 55.0,"
                + " scaling.cpuPercent: 55",
        "FailedAlarm, AWS::CloudWatch::Alarm, /Threshold, 2.5, alarms.failedPercent: 2.5",
        "SlowAlarm, AWS::CloudWatch::Alarm, /Threshold, 2.5,",
        "EcsService, AWS::ECS::Service, /EnableExecuteCommand, true, exec: true",
        "TaskSecurityGroup, AWS::EC2::SecurityGroup, /SecurityGroupIngress/1, {},",
        "LogGroup, AWS::Logs::LogGroup, /RetentionInDays, null,"
    })
    void whatASpecCanSayIsToldWithItsFieldAndAllIsPutBackByAMend(
            String resource, String type, String path, String actual, @Nullable String spec) {
        DriftDifference found = DriftPolicy.property(WEB, resource, type, "id-1", path, "before", actual);

        assertThat(found.spec() == null ? null : found.spec().toString()).isEqualTo(spec);
        assertThat(found.action()).contains("POST /v1/environments/prod/services/web/drift/mend");
    }

    /** A field that no spec has would be refused when it is applied. */
    @ParameterizedTest
    @CsvSource({"service, SERVICE", "environment, ENVIRONMENT", "pipeline, PIPELINE"})
    void eachFieldIsOneOfTheSchema(String schema, String map) throws Exception {
        JsonNode document =
                new ObjectMapper().readTree(DriftPolicyTest.class.getResource("/schemas/%s.json".formatted(schema)));
        Field field = SpecField.class.getDeclaredField(map);
        field.setAccessible(true);
        @SuppressWarnings("unchecked")
        Map<String, String> fields = (Map<String, String>) field.get(null);

        assertThat(fields.values())
                .isNotEmpty()
                .allSatisfy(name -> assertThat(at(document, name)).as(name).isNotNull());
    }

    private static @Nullable JsonNode at(JsonNode document, String name) {
        JsonNode at = document;
        for (String part : name.split("\\.", -1)) {
            JsonNode schema =
                    at.has("$ref") ? document.at(at.get("$ref").asText().substring(1)) : at;
            at = schema.path("properties").path(part);
        }
        return at.isMissingNode() ? null : at;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /Actions/0/ForwardConfig/TargetGroups/1/Weight | 1 | 0 | true
            /Actions/0/TargetGroupArn | null | arn:aws:elasticloadbalancing:eu:1:targetgroup/a/1 | true
            /Actions | [{"Type": "forward", "T": "arn:aws:elasticloadbalancing:eu:1:targetgroup/a/1"}] | [{"Type": "fixed-response"}] | false
            /Actions/1 | null | {"Type": "redirect"} | false
            /Actions | [{"Type": "forward", "T": "arn:aws:elasticloadbalancing:eu:1:targetgroup/a/1"}] | [{"Type": "forward", "T": "arn:aws:elasticloadbalancing:eu:1:targetgroup/ab/1"}] | false
            /Actions/0/ForwardConfig/TargetGroups/2 | null | {"TargetGroupArn": "arn:aws:elasticloadbalancing:eu:1:targetgroup/mine/1"} | false
            """)
    void onlyWhatRolloutsDoWithARuleIsTheirs(String path, String expected, String actual, boolean excluded) {
        DriftDifference found = DriftPolicy.property(
                WEB, "ProductionRule", "AWS::ElasticLoadBalancingV2::ListenerRule", "arn", path, expected, actual);

        assertThat(found.excluded() != null).isEqualTo(excluded);
        assertThat(found.action()).isEqualTo(excluded ? "Nothing to mend." : found.action());
        assertThat(found.action()).doesNotContain("drift/mend");
    }

    @Test
    void aServiceWithoutItsLoadBalancerIsNoRolloutsDoing() {
        assertThat(difference("AWS::ECS::Service", "/LoadBalancers", "[]").isDrift())
                .isTrue();
    }

    @Test
    void theHeaderThatMarksTestRequestsAndDocumentsWithSecretsAreMasked() {
        assertThat(DriftPolicy.property(
                        WEB,
                        "TestRuleB",
                        "AWS::ElasticLoadBalancingV2::ListenerRule",
                        "arn",
                        "/Conditions/0/HttpHeaderConfig/Values/0",
                        "hunter1",
                        "hunter2"))
                .extracting(DriftDifference::expected, DriftDifference::actual)
                .containsExactly("***", "***");
        assertThat(difference("AWS::CodeBuild::Project", "/Environment", "hunter2")
                        .actual())
                .isEqualTo("***");
        assertThat(difference("AWS::X::Y", "/Settings", "{\"DbPassword\" : \"hunter2\"}")
                        .actual())
                .isEqualTo("***");
        assertThat(difference("AWS::IAM::Role", "/Policies", "[\"secretsmanager:GetSecretValue\"]")
                        .actual())
                .contains("secretsmanager");
    }

    @ParameterizedTest
    @CsvSource({"/Environment/EnvironmentVariables/0/Value, ***", "/AuthToken, ***", "/RetentionInDays, hunter2"})
    void secretsAreMasked(String path, String shown) {
        assertThat(difference("AWS::CodeBuild::Project", path, "hunter2").actual())
                .isEqualTo(shown);
    }

    private static DriftReport report(DriftState state, DriftState known, DriftDifference... differences) {
        return new DriftReport(
                WEB, state, known, NOW, state == DriftState.UNKNOWN ? "Denied." : null, List.of(differences), 0, null);
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
    void whatPeopleWereToldOfIsNotToldAgainAfterALookThatFailed() {
        DriftReport drifted = report(
                DriftState.DRIFTED, DriftState.DRIFTED, difference("AWS::Logs::LogGroup", "/RetentionInDays", "7"));
        DriftReport unknown = report(DriftState.UNKNOWN, DriftState.DRIFTED);
        DriftReport kept = unknown.withTold(DriftPolicy.told(Optional.of(drifted), unknown));

        assertThat(DriftPolicy.news(Optional.of(kept), drifted)).isEmpty();
        assertThat(DriftPolicy.told(Optional.of(kept), report(DriftState.IN_SYNC, DriftState.IN_SYNC)))
                .isEmpty();
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
