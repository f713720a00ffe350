package dev.slipway.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.app.ControlPlane;
import dev.slipway.preflight.Finding;
import dev.slipway.preflight.Forecast;
import dev.slipway.preflight.PreflightReport;
import dev.slipway.rollout.Rollout;
import dev.slipway.simulated.aws.Faults;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.services.cloudwatch.model.CloudWatchException;
import software.amazon.awssdk.services.cloudwatch.model.ComparisonOperator;
import software.amazon.awssdk.services.cloudwatch.model.GetMetricDataRequest;
import software.amazon.awssdk.services.cloudwatch.model.StateValue;
import software.amazon.awssdk.services.ecr.model.ImageIdentifier;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.Action;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.ActionTypeEnum;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetGroupTuple;

/** What is looked at before a rollout, in an account where something is in its way. */
class PreflightTest {
    private static final String SECRET = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:db-AbCdEf";
    private static final String PARAMETER = "arn:aws:ssm:eu-central-1:123456789012:parameter/web/key";

    private final World world = new World(3);

    private void created(String more) {
        assertThat(world.apply(World.DEV, "terminationProtection: false\n").failure())
                .isNull();
        assertThat(world.apply(World.WEB, spec(more)).failure()).isNull();
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(Rollout.State.SUCCEEDED);
        world.timeline.advance(Duration.ofMinutes(10));
    }

    private static String spec(String more) {
        return "container: {port: 8000}\nrollout: {" + more + "}\n";
    }

    private PreflightReport preview() {
        return world.plane.dryRun().rollOut(World.WEB, World.asking("v2"));
    }

    private List<String> codes() {
        return preview().findings().stream().map(Finding::code).toList();
    }

    private void refused(String code) {
        int updates = world.calls().get("Ecs.updateService") == null
                ? 0
                : world.calls().get("Ecs.updateService");
        assertThat(codes()).containsExactly(code);

        Rollout rollout = world.rollOut(World.WEB, "v2");

        assertThat(rollout.state()).isEqualTo(Rollout.State.FAILED);
        assertThat(rollout.outcome().failure().code()).isEqualTo(code);
        assertThat(rollout.outcome().detail()).startsWith("Nothing was changed: ");
        assertThat(world.calls().getOrDefault("Ecs.updateService", 0)).isEqualTo(updates);
    }

    @Test
    void nothingIsFoundWhereAllIsWell() {
        created("strategy: canary");

        PreflightReport answer = preview();

        assertThat(answer.findings()).isEmpty();
        assertThat(answer.forecast().extra().tasks()).isEqualTo(2);
        assertThat(answer.forecast().message()).startsWith("About ");
    }

    @Test
    void aDryRunChangesNothing() {
        created("strategy: canary");
        String before = world.store.toString();

        preview();

        assertThat(world.store).hasToString(before);
        assertThat(world.plane.operations().findRunning(World.WEB)).isEmpty();
        assertThat(world.plane.rollouts().rollouts(World.WEB, 10, null).items()).hasSize(1);
    }

    @Test
    void aDryRunOfAnImageThatIsNotThereSaysSo() {
        created("");
        PreflightReport answer = world.plane.dryRun().rollOut(World.WEB, World.asking("sha256:" + "0".repeat(64)));

        assertThat(answer.findings()).extracting(Finding::code).containsExactly("image-not-found");
        assertThat(answer.findings().getFirst().blocks()).isTrue();
    }

    @Test
    void aSingleImageForAnotherProcessorIsFound() throws Exception {
        created("");
        String repository = World.WEB.family();
        String index = world.account
                .ecr()
                .batchGetImage(request -> request.repositoryName(repository)
                        .imageIds(ImageIdentifier.builder().imageTag("v2").build()))
                .images()
                .getFirst()
                .imageManifest();
        List<String> digests = new ArrayList<>();
        ControlPlane.json()
                .readTree(index)
                .path("manifests")
                .forEach(found -> digests.add(found.path("digest").asText())); // amd64, then arm64

        assertThat(world.plane
                        .dryRun()
                        .rollOut(World.WEB, World.asking(digests.get(0)))
                        .findings())
                .isEmpty();
        assertThat(world.plane
                        .dryRun()
                        .rollOut(World.WEB, World.asking(digests.get(1)))
                        .findings())
                .extracting(Finding::code)
                .containsExactly("image-architecture");
    }

    @Test
    void aDryRunWhileSomethingIsUnderWaySaysSo() {
        created("strategy: canary");
        world.plane.rollouts().rollOut(World.WEB, World.asking("v2"), World.by("ann"));
        world.timeline.advance(Duration.ofMinutes(5));

        assertThat(codes()).first().isEqualTo("operation-in-progress");
        world.settle();
    }

    @Test
    void trafficToAGroupWithoutTasksStopsARollout() {
        created("");
        Map<String, String> outputs = world.record(World.WEB).outputs();
        world.account
                .elb()
                .modifyRule(request -> request.ruleArn(outputs.get("ProductionRule"))
                        .actions(Action.builder()
                                .type(ActionTypeEnum.FORWARD)
                                .forwardConfig(config -> config.targetGroups(
                                        weight(outputs.get("TargetGroupA"), 0), weight(outputs.get("TargetGroupB"), 1)))
                                .build()));

        refused("traffic-misrouted");
    }

    private static TargetGroupTuple weight(String group, int weight) {
        return TargetGroupTuple.builder().targetGroupArn(group).weight(weight).build();
    }

    @Test
    void anAlarmThatFiresStopsARolloutAndOneThatIsMissingDoesNot() {
        created("alarms: [fire]");
        assertThat(codes()).containsExactly("alarm-missing");
        world.account
                .cloudWatch()
                .putMetricAlarm(request -> request.alarmName("fire")
                        .namespace("N")
                        .metricName("m")
                        .period(60)
                        .evaluationPeriods(1)
                        .threshold(1.0)
                        .statistic("Sum")
                        .comparisonOperator(ComparisonOperator.GREATER_THAN_THRESHOLD));
        world.account
                .cloudWatch()
                .setAlarmState(request ->
                        request.alarmName("fire").stateValue(StateValue.ALARM).stateReason("a test"));

        refused("alarm-firing");
    }

    @Test
    void tooFewAddressesStopARollout() {
        created("strategy: blue-green");
        world.account.freeAddresses(0);

        refused("insufficient-addresses");
    }

    @Test
    void aQuotaThatIsUsedUpStopsARollout() {
        created("strategy: blue-green");
        world.account.vCpuQuota(0.25);

        refused("insufficient-quota");
    }

    @Test
    void aRoleThatWasDeletedStopsARollout() {
        created("");
        world.account.remove(world.record(World.WEB).outputs().get("TaskRoleArn"));

        refused("role-missing");
    }

    @Test
    void secretsThatWereDeletedStopARollout() {
        String secrets = "container: {port: 8000, secrets: {DB: '%s:password::', KEY: '%s'}}\n";
        Map<String, String> ours = Map.of("slipway:environment", "dev");
        world.account.tag(SECRET, ours);
        world.account.tag("/web/key", ours);
        assertThat(world.apply(World.DEV, "terminationProtection: false\n").failure())
                .isNull();
        assertThat(world.apply(World.WEB, secrets.formatted(SECRET, PARAMETER)).failure())
                .isNull();
        world.rollOut(World.WEB, "v1");
        assertThat(codes()).isEmpty();

        world.account.remove(SECRET);
        world.account.remove("/web/key");

        assertThat(codes()).containsExactly("secret-missing", "secret-missing");
    }

    @Test
    void aRollbackIsStoppedByNothingButWhatMakesItImpossible() {
        created("strategy: canary");
        assertThat(world.rollOut(World.WEB, "v2").state()).isEqualTo(Rollout.State.SUCCEEDED);
        world.account.freeAddresses(0);
        world.account.vCpuQuota(0.25);
        world.account.remove(world.record(World.WEB).outputs().get("TaskRoleArn"));

        Rollout back = world.rollBack(World.WEB, null);

        assertThat(back.state()).as(back.outcome().detail()).isEqualTo(Rollout.State.SUCCEEDED);
        assertThat(back.preflight().findings()).isEmpty();
    }

    @Test
    void aRollbackToAnImageThatIsGoneIsRefused() {
        created("");
        Rollout first = world.plane
                .rollouts()
                .rollouts(World.WEB, 1, null)
                .items()
                .getFirst()
                .value();
        assertThat(world.rollOut(World.WEB, "v2").state()).isEqualTo(Rollout.State.SUCCEEDED);
        String digest =
                first.request().image().substring(first.request().image().indexOf('@') + 1);
        world.account
                .ecr()
                .batchDeleteImage(request -> request.repositoryName(World.WEB.family())
                        .imageIds(ImageIdentifier.builder().imageDigest(digest).build()));

        Rollout back = world.rollBack(World.WEB, null);

        assertThat(back.state()).isEqualTo(Rollout.State.FAILED);
        assertThat(back.outcome().failure().code()).isEqualTo("image-expired");
    }

    @Test
    void aThrottledLookIsRepeated() {
        created("");
        int[] left = {2};
        world.aws.faults(failing("AwsLookups", left));

        Rollout rollout = world.rollOut(World.WEB, "v2");

        assertThat(left[0]).isNotPositive();
        assertThat(rollout.state()).isEqualTo(Rollout.State.SUCCEEDED);
        assertThat(rollout.preflight().findings()).isEmpty();
    }

    private static Faults failing(String service, int[] left) {
        return new Faults() {
            @Override
            public Call on(String name, String operation) {
                return name.equals(service) && left[0]-- > 0 ? Call.THROTTLED : Call.ANSWERED;
            }

            @Override
            public List<Duration> deliveries() {
                return Faults.NONE.deliveries();
            }
        };
    }

    @Test
    void whatARolloutWasExpectedToTakeStaysWithIt() {
        created("strategy: canary");

        Rollout rollout = world.rollOut(World.WEB, "v2");

        Forecast forecast = rollout.preflight().forecast();
        Duration took = Duration.between(
                rollout.progress().startedAt(), rollout.outcome().endedAt());
        assertThat(forecast.evidence().requestsPerMinute()).isPositive();

        assertThat((double) forecast.seconds()).isBetween(took.toSeconds() * 0.7, took.toSeconds() * 1.3);
        assertThat(forecast.savings()).hasSize(2);
        Forecast next = preview().forecast();
        assertThat(next.parts().getFirst().basis()).isEqualTo("as in the last rollout");
    }

    /** Else the watch over the traffic would fail of it, as if that were Slipway's fault. */
    @Test
    void aMetricThatCloudWatchRefusesIsNamedBeforeAnythingChanges() {
        created("strategy: canary, verdict: {metrics: [{name: orders, namespace: Shop, metric: Orders, max: 5},"
                + " {name: refunds, namespace: Odd, metric: Refunds, max: 5}]}");
        world.chaos.watcher = (operation, request) -> {
            if (request instanceof GetMetricDataRequest asked
                    && asked.metricDataQueries().stream()
                            .anyMatch(query -> query.metricStat() != null
                                    && query.metricStat().metric().namespace().equals("Odd"))) {
                throw CloudWatchException.builder()
                        .statusCode(400)
                        .message("The value Odd for parameter Namespace is invalid.")
                        .awsErrorDetails(AwsErrorDetails.builder()
                                .errorCode("InvalidParameterValue")
                                .build())
                        .build();
            }
            return () -> {};
        };

        refused("metric-refused");

        assertThat(preview().findings())
                .singleElement()
                .satisfies(finding -> assertThat(finding.detail())
                        .contains("refunds", "The value Odd for parameter Namespace is invalid.")
                        .doesNotContain("orders"));
        assertThat(world.queue.bodiesOfDead()).isEmpty();
    }
}
