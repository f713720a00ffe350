package dev.slipway.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.rollout.Rollout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** How many calls to AWS the usual requests take: they are what is slow, throttled and paid for. */
class AwsCallsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SERVICE = "container: {port: 8000}\n";

    private final World world = new World(7);
    private final Map<String, Integer> calls = new TreeMap<>();

    AwsCallsTest() {
        world.chaos.watcher = (operation, request) -> {
            if (!isApart()) {
                calls.merge(operation, 1, Integer::sum);
            }
            return () -> {};
        };
    }

    /** The hook, which ECS waits for, the preflight that a rollout rests on, and the sweep of all services, which comes anyway. */
    private static boolean isApart() {
        return StackWalker.getInstance()
                .walk(frames -> frames.map(StackWalker.StackFrame::getClassName)
                        .anyMatch(name -> name.startsWith("dev.slipway.lambda.HookHandler")
                                || name.startsWith("dev.slipway.status.StatusSweep")
                                || name.startsWith("dev.slipway.preflight.Preflight")));
    }

    private void created() {
        world.apply(World.DEV, "terminationProtection: false\n");
        world.apply(World.WEB, SERVICE);
    }

    private Map<String, Integer> counted() {
        return new TreeMap<>(calls);
    }

    private void from() {
        calls.clear();
    }

    /** What `make bench` reads. */
    private static void note(String what, Map<String, Integer> calls) throws IOException {
        Files.createDirectories(Path.of("target"));
        Path file = Path.of("target/aws-calls.json");
        ObjectNode all = Files.exists(file) ? (ObjectNode) JSON.readTree(file.toFile()) : JSON.createObjectNode();
        Files.writeString(file, all.put(what, sum(calls)).toPrettyString());
    }

    private static int sum(Map<String, Integer> calls) {
        return calls.values().stream().mapToInt(Integer::intValue).sum();
    }

    @Test
    void anApplyThatChangesNothingTakesSix() throws IOException {
        created();
        world.rollOut(World.WEB, "v1");
        world.apply(World.WEB, SERVICE);
        world.timeline.advance(
                Duration.ofMinutes(2)); // before that, the stack may be shown as it was: CloudFormation is asked
        from();

        world.apply(World.WEB, SERVICE);

        note("noChangeApply", counted());
        assertThat(sum(counted())).as(() -> counted().toString()).isLessThanOrEqualTo(6);
    }

    @Test
    void aRollingRolloutTakesTwelveBesideItsPreflight() throws IOException {
        created();
        world.rollOut(World.WEB, "v1");
        world.timeline.advance(Duration.ofMinutes(10)); // looks that the first one had asked for are over
        Map<String, Integer> preflight = preflight();
        from();

        assertThat(world.rollOut(World.WEB, "v2").state()).isEqualTo(Rollout.State.SUCCEEDED);

        note("preflight", preflight);
        note("rollingRollout", counted());
        assertThat(sum(preflight)).as(preflight::toString).isLessThanOrEqualTo(9);
        assertThat(sum(counted())).as(() -> counted().toString()).isLessThanOrEqualTo(12);
    }

    @Test
    void aRollbackIsLookedAtTwice() {
        created();
        world.rollOut(World.WEB, "v1");
        world.rollOut(World.WEB, "v2");
        world.timeline.advance(Duration.ofMinutes(10));

        Map<String, Integer> all = during(() -> {
            world.plane.rollouts().rollBack(World.WEB, null, null, null, World.by("ann"));
            world.settle();
        });

        assertThat(all)
                .containsEntry("ElasticLoadBalancingV2.describeRules", 1)
                .containsEntry("Ecr.batchGetImage", 1)
                .doesNotContainKeys("Lookups.freeAddresses", "CloudWatch.getMetricData");
    }

    /** The same reads as a rollout's; but for the image, which whoever asks for one has to resolve in any case. */
    private Map<String, Integer> preflight() {
        Map<String, Integer> reads = during(() -> world.plane.dryRun().rollOut(World.WEB, World.asking("v2")));
        reads.remove("Ecr.batchGetImage");
        return reads;
    }

    private Map<String, Integer> during(Runnable action) {
        Map<String, Integer> before = world.calls();
        action.run();
        Map<String, Integer> calls = new TreeMap<>(world.calls());
        before.forEach((call, count) -> calls.merge(call, -count, Integer::sum));
        calls.values().removeIf(count -> count == 0);
        return calls;
    }

    /** One look a minute reads the metrics, and says to the alarms that a release is being judged. */
    @Test
    void aCanaryThatIsLookedAtForFifteenMinutesTakesFortyNine() throws IOException {
        assertThat(canary("canaryRollout", "{strategy: canary, canary: {bakeMinutes: 6}, bakeMinutes: 4}"))
                .isLessThanOrEqualTo(49);
    }

    @Test
    void aCanaryAsItIsByDefaultTakesOneForEachMinuteOfMetricsAndOneForTheAlarms() throws IOException {
        assertThat(canary("canaryRolloutByDefault", "{strategy: canary}")).isLessThanOrEqualTo(65);
    }

    private int canary(String what, String rollout) throws IOException {
        world.apply(World.DEV, "terminationProtection: false\n");
        world.apply(World.WEB, SERVICE + "rollout: " + rollout + "\n");
        world.account.traffic().requestsPerMinute(20_000);
        world.rollOut(World.WEB, "v1");
        world.timeline.advance(Duration.ofMinutes(10));
        from();

        Rollout canary = world.rollOut(World.WEB, "v2");

        assertThat(canary.state()).as(canary.outcome().detail()).isEqualTo(Rollout.State.SUCCEEDED);
        note(what, counted());
        return sum(counted());
    }

    @Test
    void aFirstCreationIsOneCallToCreateAndTheRestToWatch() throws IOException {
        from();
        world.apply(World.DEV, "terminationProtection: true\n");
        Map<String, Integer> environment = counted();
        assertThat(environment).containsEntry("createStack", 1);
        assertThat(environment.keySet())
                .containsOnly("createStack", "describeStacks", "describeStackEvents", "updateTerminationProtection");
        from();
        world.apply(World.WEB, SERVICE);
        note("firstCreation", counted());
        assertThat(sum(counted())).as(() -> counted().toString()).isLessThanOrEqualTo(8);
        from();

        world.rollOut(World.WEB, "v1");

        assertThat(counted()).containsEntry("updateStack", 1);
    }
}
