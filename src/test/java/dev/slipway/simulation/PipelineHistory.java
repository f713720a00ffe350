package dev.slipway.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.id.EnvironmentId;
import dev.slipway.id.PipelineId;
import dev.slipway.id.ServiceId;
import dev.slipway.pipeline.DeployJobs.DeployJob;
import dev.slipway.release.Release;
import dev.slipway.rollout.Rollout;
import dev.slipway.simulated.codepipeline.SimulatedCodePipeline;
import dev.slipway.simulated.codepipeline.SimulatedCodePipeline.Pushed;
import dev.slipway.simulated.codepipeline.SourcePush;
import dev.slipway.store.Stored;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * From pushes to production in three environments, with people in between who approve, stop, retry and roll out by hand, while
 * calls fail, events are lost or come twice, and functions die. Whatever happens: every execution ends and says how, what
 * succeeded has gone through every environment in order, an action starts one rollout, nothing goes where no grant is, and
 * older code never comes back after newer.
 */
final class PipelineHistory {
    private static final PipelineId WEB = new PipelineId("web");
    private static final List<String> ENVIRONMENTS = List.of("dev", "staging", "prod");
    private static final List<String> WORDS = List.of(
            "",
            "",
            "",
            "",
            "",
            "",
            "",
            "",
            "-crash",
            "-never-healthy",
            "-build-fails",
            "-no-definitions",
            "-tests-fail");

    final World world;
    final List<String> story = new ArrayList<>();
    final Map<String, Integer> happened = new HashMap<>();

    private final Monitor monitor;
    private final Random random;
    private final SimulatedCodePipeline codePipeline;
    /** Executions in the order of their pushes, with the tag that each builds. */
    private final List<String> executions = new ArrayList<>();

    private final Map<String, String> tags = new HashMap<>();
    private final Map<String, String> commits = new HashMap<>();
    private final Map<String, Integer> retries = new HashMap<>();
    private final Set<String> stopped = new HashSet<>();
    private final boolean granted;

    PipelineHistory(long seed) {
        world = new World(seed);
        world.account.rawCloudWatch().alarmsRest("slipway-"); // nobody looks at them
        world.chaos.staleness(seed + 3);
        world.chaos.hardships(seed + 4);
        world.work();
        monitor = new Monitor(world);
        world.chaos.watcher = monitor;
        random = new Random(seed * 31 + 7);
        codePipeline = world.account.pipelines();
        granted = random.nextInt(5) > 0;
    }

    void run() {
        begin();
        world.chaos.on = true;
        world.chaos.everOn = true;
        int steps = 6 + random.nextInt(10);
        for (int i = 0; i < steps; i++) {
            act();
            world.timeline.advance(Duration.ofSeconds(20 + random.nextInt(600)));
        }
        if (random.nextBoolean()) {
            secondThoughts();
        }
        world.chaos.on = false;
        rest();
        check();
    }

    private void begin() {
        int network = 17;
        for (String name : ENVIRONMENTS) {
            EnvironmentId environment = new EnvironmentId(name);
            world.apply(environment, "network: {cidr: 172.%d.0.0/16}\n".formatted(network++));
            String rollout = name.equals("staging")
                    ? "{strategy: blue-green, bakeMinutes: 0, approval: {when: before-production, timeoutMinutes: 30}}"
                    : "{strategy: rolling}";
            world.apply(WEB.serviceIn(name), "container: {port: 8000}\nrollout: " + rollout + "\n");
            world.plane.pipelines().grants().grant(environment, WEB, World.by("ann"));
        }
        world.apply(
                WEB,
                "repository: {id: acme/web}\nbuild: {test: {commands: [make test]}}\n"
                        + "deploy: [{environment: dev}, {environment: staging}, {environment: prod}]\n");
        world.timeline.advance(Duration.ofMinutes(1)); // the execution that CodePipeline begins by itself fails
        world.account.approveConnection(
                codePipeline.connectionOf(WEB.stackName()).orElseThrow());
        if (!granted) {
            world.plane.pipelines().grants().revoke(new EnvironmentId("prod"), WEB, World.by("eve"));
        }
        world.timeline.advance(Duration.ofMinutes(5));
    }

    private void act() {
        switch (random.nextInt(10)) {
            case 0, 1, 2 -> push();
            case 3, 4, 5, 6 -> answer();
            case 7 -> stop();
            case 8 -> retry();
            default -> disturb();
        }
    }

    private void push() {
        String tag = "v" + (executions.size() + 1) + WORDS.get(random.nextInt(WORDS.size()));
        String commit = "%040x".formatted(new java.math.BigInteger(159, random));
        if (codePipeline.push(WEB.stackName(), SourcePush.of(commit, tag)) instanceof Pushed.Started started) {
            executions.add(started.execution());
            tags.put(started.execution(), tag);
            commits.put(started.execution(), commit);
            tell("push " + tag + " " + started.execution());
        }
    }

    /** Somebody says yes, or no, where that is asked for. */
    private void answer() {
        for (Rollout rollout : rollouts("staging")) {
            if (rollout.isRunning()) {
                boolean yes = random.nextInt(3) > 0;
                try {
                    world.chaos.requesting(
                            () -> world.answer(WEB.serviceIn("staging"), rollout.id(), yes, "because", "bob"));
                    tell((yes ? "approve " : "reject ") + rollout.request().tag());
                } catch (Crash | RuntimeException e) {
                    tell("no answer taken: " + e.getMessage());
                }
            }
        }
    }

    private void stop() {
        executions.stream()
                .filter(this::isUnderWay)
                .filter(_ -> random.nextInt(3) == 0)
                .findFirst()
                .ifPresent(execution -> {
                    codePipeline.stop(execution);
                    stopped.add(execution);
                    tell("stop " + tags.get(execution));
                });
    }

    private void retry() {
        executions.stream()
                .filter(execution -> codePipeline.status(execution).equals("Failed"))
                .filter(_ -> random.nextBoolean())
                .findFirst()
                .ifPresent(execution -> {
                    codePipeline.retry(execution);
                    retries.merge(execution, 1, Integer::sum);
                    tell("retry " + tags.get(execution) + " at " + codePipeline.stage(execution));
                });
    }

    /** Late in the day somebody retries what failed where it was to go out, and somebody else approves whatever asks. */
    private void secondThoughts() {
        List<String> failed = executions.stream()
                .filter(execution -> codePipeline.status(execution).equals("Failed"))
                .filter(execution -> codePipeline.stage(execution).startsWith("Deploy-"))
                .toList();
        for (String execution : failed) {
            codePipeline.retry(execution);
            retries.merge(execution, 1, Integer::sum);
            tell("retry after all " + tags.get(execution) + " at " + codePipeline.stage(execution));
            for (int i = 0; i < 6; i++) {
                world.timeline.advance(Duration.ofMinutes(2));
                answer();
            }
        }
    }

    private void disturb() {
        if (random.nextBoolean()) {
            executions.stream().filter(this::isUnderWay).findFirst().ifPresent(execution -> {
                codePipeline.deliverAgain(execution);
                tell("a job of " + tags.get(execution) + " comes twice");
            });
            return;
        }
        try {
            world.chaos.requesting(() -> world.plane
                    .rollouts()
                    .rollOut(WEB.serviceIn("dev"), World.asking("hand" + executions.size()), World.by("ann")));
            tell("by hand in dev");
        } catch (Crash | RuntimeException e) {
            tell("not by hand: " + e.getMessage());
        }
    }

    private boolean isUnderWay(String execution) {
        return codePipeline.status(execution).equals("InProgress");
    }

    /** Nothing goes wrong any more, and nobody does anything: approvals run out. */
    private void rest() {
        Instant limit = world.timeline.instant().plus(Duration.ofHours(26));
        while (executions.stream().anyMatch(this::isUnderWay)
                && world.timeline.instant().isBefore(limit)) {
            world.timeline.step();
        }
        world.timeline.advance(Duration.ofMinutes(40)); // rollouts of stopped executions, late jobs, a few resyncs
        world.settle();
    }

    private void check() {
        assertThat(world.chaos.violations).isEmpty();
        for (String execution : executions) {
            String status = codePipeline.status(execution);
            happened.merge(status, 1, Integer::sum);
            assertThat(status).as(tags.get(execution)).isNotEqualTo("InProgress");
            if (status.equals("Failed")) {
                assertThat(codePipeline.said(execution))
                        .as(tags.get(execution))
                        .isNotBlank()
                        .doesNotContain("This job is not taken");
            }
            checkRollouts(execution, status);
        }
        for (String environment : ENVIRONMENTS) {
            assertThat(ofPipeline(environment)).noneMatch(Rollout::isOpen);
            checkOrder(environment);
            checkRecord(WEB.serviceIn(environment));
        }
        monitor.look(ENVIRONMENTS.stream().map(WEB::serviceIn).toList());
        assertThat(world.chaos.violations).isEmpty();
        assertThat(world.plane.pipelines().deployJobs(WEB))
                .allSatisfy(runs -> assertThat(runs.jobs()).noneMatch(run -> run.state() == DeployJob.JobState.OPEN));
        if (!granted) {
            assertThat(ofPipeline("prod")).isEmpty();
        }
    }

    /** At rest the record is what ECS runs. */
    private void checkRecord(ServiceId id) {
        Integer live = world.record(id).live();
        if (live == null) {
            assertThat(monitor.active(id))
                    .as("ECS service of %s, without a live release", id.key())
                    .isEmpty();
        } else {
            Release release =
                    world.store.get(Release.key(id, live)).orElseThrow().value();
            assertThat(monitor.active(id).orElseThrow().taskDefinition())
                    .as("release %d of %s is live", live, id.key())
                    .matches(release::isTaskDefinition);
        }
    }

    private void checkRollouts(String execution, String status) {
        String tag = String.valueOf(tags.get(execution));
        String commit = String.valueOf(commits.get(execution));
        Instant before = Instant.MIN;
        for (String environment : ENVIRONMENTS) {
            List<Rollout> mine = ofPipeline(environment).stream()
                    .filter(rollout -> commit.equals(rollout.request().commit()))
                    .toList();
            assertThat(mine)
                    .as("rollouts of %s in %s", tag, environment)
                    .hasSizeLessThanOrEqualTo(1 + retries.getOrDefault(execution, 0));
            if (status.equals("Succeeded")) {
                Rollout last = mine.getFirst();
                assertThat(last.state()).as("%s in %s", tag, environment).isEqualTo(Rollout.State.SUCCEEDED);
                assertThat(last.progress().startedAt())
                        .as("%s in %s", tag, environment)
                        .isAfter(before);
                before = last.progress().startedAt();
            }
        }
    }

    /** Of those that the pipeline has started and that went live, none is older than one that was live before it. */
    private void checkOrder(String environment) {
        int newest = 0;
        for (Rollout rollout : ofPipeline(environment).reversed()) {
            int number = number(rollout);
            if (rollout.state() == Rollout.State.SUCCEEDED) {
                assertThat(number)
                        .as("%s in %s", rollout.request().commit(), environment)
                        .isGreaterThanOrEqualTo(newest);
                newest = number;
            }
        }
    }

    /** Which push it came of. */
    private int number(Rollout rollout) {
        return executions.stream()
                .map(commits::get)
                .toList()
                .indexOf(rollout.request().commit());
    }

    /** Those that it has started; one that goes back from what it has stopped is none. */
    private List<Rollout> ofPipeline(String environment) {
        return rollouts(environment).stream()
                .filter(rollout -> rollout.request().actor().equals("pipeline/web") && !rollout.isAutomaticRollback())
                .toList();
    }

    private List<Rollout> rollouts(String environment) {
        return world.plane.rollouts().rollouts(WEB.serviceIn(environment), 100, null).items().stream()
                .map(Stored::value)
                .toList();
    }

    private void tell(String what) {
        story.add(world.timeline.instant() + " " + what);
    }
}
