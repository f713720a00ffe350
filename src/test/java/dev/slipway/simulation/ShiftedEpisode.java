package dev.slipway.simulation;

import static dev.slipway.simulation.ShiftedHistory.must;

import dev.slipway.problem.Problem;
import dev.slipway.release.Release;
import dev.slipway.rollout.GateRecord;
import dev.slipway.rollout.Rollout;
import dev.slipway.rollout.Rollout.Stop.Cause;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** One rollout, what happens meanwhile, and what has to hold afterwards. */
final class ShiftedEpisode {
    private final ShiftedHistory history;
    private final World world;
    private final Random random;
    private final ShiftedSettings wish;
    private final ShiftedImage image;
    private final int traffic;
    private final boolean foundationGood;
    private final int people;
    private @Nullable Instant answersAt;
    private @Nullable Instant happens;
    private int happenings;
    private boolean alarmed;
    private boolean cancelled;
    private boolean outOfBand;
    private boolean trafficChanged;
    private String spec = "";

    ShiftedEpisode(ShiftedHistory history) {
        this.history = history;
        this.world = history.world;
        this.random = history.random();
        this.wish = ShiftedSettings.drawn(random);
        this.image = ShiftedImage.drawn(random);
        this.traffic = history.drawnTraffic();
        this.people = random.nextInt(5); // 0, 1, 2 approve, 3 rejects, 4 says nothing
        this.happenings = random.nextInt(5) < 2 ? 0 : 1 + random.nextInt(2);
        this.foundationGood = live().isGood();
    }

    private ShiftedImage live() {
        Integer number = world.record(World.WEB).live();
        return ShiftedImage.of(
                history.release(java.util.Objects.requireNonNull(number)).tag());
    }

    void run() {
        history.traffic(traffic);
        world.chaos.on = history.faults();
        boolean newSettings = random.nextInt(8) == 0; // goes out by itself, with the apply
        String yaml = wish.yaml(newSettings ? history.nextMode() : history.mode()) + history.scale();
        this.spec = yaml;
        history.story("%s, %d requests a minute: apply".formatted(wish, traffic));
        boolean applied = apply(yaml);
        if (random.nextInt(6) == 0) {
            history.story("no waiting");
        } else {
            history.advance(Duration.ofMinutes(random.nextInt(30)));
        }
        plan();
        String tag = history.nextImage(image.words());
        Optional<String> location = Optional.empty();
        if (!image.stands()) {
            history.monitor().mayBreak(World.WEB);
            history.watch().mayFall(true, false);
        }
        for (int i = 0; i < 3 && location.isEmpty(); i++) {
            location = history.attempt(
                    "roll out " + tag,
                    () -> world.plane.rollouts().rollOut(World.WEB, World.asking(tag), World.by("ann")));
        }
        history.settle(this::meanwhile);
        if (random.nextInt(3) == 0) {
            history.watch().mayFall(history.hasFalling(), !live().stands());
            history.attempt(
                    "roll back", () -> world.plane.rollouts().rollBack(World.WEB, null, null, null, World.by("bob")));
            history.settle(() -> {});
        }
        world.chaos.on = false;
        history.settle(() -> {});
        history.advance(Duration.ofMinutes(15)); // messages that were to come again have come
        history.settle(() -> {}); // and what waited for its turn has had it
        if (location.isPresent() && applied) {
            judge(world.plane.rollouts().rollout(World.WEB, ShiftedHistory.last(location.get())));
        }
        history.atRest(outOfBand);
        history.watch().mayFall(false, !live().stands());
        happenings = 0;
        fix();
    }

    private boolean apply(String yaml) {
        boolean applied = false;
        for (int i = 0; i < 3 && !applied; i++) {
            applied = history.attempt(
                            "apply",
                            () -> world.plane
                                    .services()
                                    .apply(World.WEB, World.serviceSpec(yaml), World.anything(), World.by("ann")))
                    .isPresent();
            history.settle(this::meanwhile);
        }
        return applied;
    }

    private void plan() {
        happens = world.timeline.instant().plusSeconds(30 + random.nextInt(1800));
    }

    /** Called now and then while something is under way. */
    private void meanwhile() {
        Optional<Rollout> rollout = history.running();
        rollout.ifPresent(this::answer);
        if (happenings > 0 && happens != null && !world.timeline.instant().isBefore(happens)) {
            happenings--;
            plan();
            happen(rollout.orElse(null));
        }
    }

    private void answer(Rollout rollout) {
        Optional<GateRecord> gate = wish.asksPeople() ? world.plane.rollouts().gate(rollout) : Optional.empty();
        if (people == 4 || gate.flatMap(GateRecord::awaitingApproval).isEmpty()) {
            answersAt = null;
            return;
        }
        Instant now = world.timeline.instant();
        if (answersAt == null) {
            answersAt = now.plusSeconds(random.nextInt(600));
        }
        if (!now.isBefore(answersAt)) {
            answersAt = null;
            history.attempt(
                    people < 3 ? "approve" : "reject",
                    () -> world.answer(World.WEB, rollout.id(), people < 3, null, "eve"));
        }
    }

    private void happen(@Nullable Rollout rollout) {
        switch (random.nextInt(8)) {
            case 0, 1 -> {
                if (rollout != null) {
                    cancelled = true;
                    history.attempt(
                            "cancel", () -> world.plane.rollouts().cancel(World.WEB, rollout.id(), World.by("eve")));
                }
            }
            case 2 -> {
                int count = (history.isScaled() ? 2 : 1) + random.nextInt(4);
                history.story("scale to %d by hand".formatted(count));
                history.monitor().scaledByHand(World.WEB, count);
                world.chaos.apart(() -> world.scaleByHand(World.WEB, count));
            }
            case 3, 4 -> {
                alarmed = true;
                history.story("the alarm fires");
                world.account
                        .cloudWatch()
                        .putMetricData(request -> request.namespace("shop")
                                .metricData(datum -> datum.metricName("orders-failed")
                                        .value(5.0)
                                        .timestamp(world.timeline.instant())));
            }
            case 5 -> {
                int perMinute = history.drawnTraffic();
                trafficChanged = true;
                history.story("%d requests a minute".formatted(perMinute));
                history.traffic(perMinute);
            }
            case 6 -> {
                outOfBand = true;
                history.console();
            }
            default -> apply409();
        }
    }

    private void apply409() {
        history.attempt(
                "apply meanwhile",
                () -> world.plane
                        .services()
                        .apply(World.WEB, World.serviceSpec(spec), World.anything(), World.by("bob")));
        history.watch().mayFall(history.hasFalling(), !live().stands());
        cancelled = true; // it takes the place of what is under way
        history.attempt(
                "roll back meanwhile",
                () -> world.plane.rollouts().rollBack(World.WEB, null, null, null, World.by("bob")));
    }

    private void judge(Rollout rollout) {
        history.story("ended", rollout.state() + ": " + rollout.outcome().detail());
        history.count(rollout.settings().strategy() + " " + (image.isGood() ? "good " : "bad ") + rollout.state());
        if (outOfBand || !world.record(World.WEB).declared().rollout().equals(rollout.settings())) {
            return;
        }
        if (image.isGood()) {
            good(rollout);
        } else {
            bad(rollout);
        }
    }

    /** No good release is rolled back but for a cause that has a name, and by a verdict only by chance. */
    private void good(Rollout rollout) {
        if (rollout.state() == Rollout.State.SUCCEEDED) {
            history.count("GOOD live");
            return;
        }
        Rollout.Stop stop = rollout.stop();
        Problem failure = rollout.outcome().failure();
        String cause = stop != null ? stop.cause().name() : failure == null ? "?" : failure.code();
        history.count("GOOD " + cause);
        boolean named = stop == null
                ? history.faults()
                        || alarmed && String.valueOf(rollout.outcome().detail()).contains("alarm")
                : switch (stop.cause()) {
                    case CANCELLED, REPLACED -> cancelled;
                    case REJECTED -> people == 3 || !wish.silenceApproves();
                    case CHECKS_FAILED -> wish.checks() == ShiftedSettings.Checks.WRONG || !foundationGood;
                    case NO_EVIDENCE -> true;
                    case UNHEALTHY -> true; // counted: it happens by chance
                    case TIME_LIMIT, FAILED_TASKS, UNSTABLE -> history.faults();
                };
        must(named, "a good release was rolled back, and nobody wanted it: " + rollout);
    }

    private void bad(Rollout rollout) {
        Integer number = rollout.release();
        if (number == null) {
            return;
        }
        Release release = history.release(number);
        double most = history.watch().most(release.taskDefinition());
        boolean succeeded = rollout.state() == Rollout.State.SUCCEEDED;
        must(
                rollout.state() != Rollout.State.ROLLED_BACK || release.rolledBack() != null,
                "rolled back, and not marked: " + release);
        if (image.neverServes()) {
            must(!succeeded, "a release that serves nobody is live: " + rollout);
            must(wish.isRolling() || most == 0, "requests went to a release that serves nobody: " + rollout);
            must(
                    release.rolledBack() != null
                            || rollout.stop() != null
                            || rollout.progress().deployment() == null,
                    "unmarked " + release);
        }
        if (image.failsPlainly()) {
            plain(rollout, release, most, succeeded);
        }
        history.count("BAD " + (succeeded ? "live" : String.valueOf(rollout.state())));
    }

    /**
     * Every request beyond the first step needs a HEALTHY verdict, and none calls a release healthy that fails a fifth of
     * its requests: its share never exceeds the first step's. What fails in production only is not seen by probes, which
     * go through the test rule; who asks for them wants to be let through on their word.
     */
    private void plain(Rollout rollout, Release release, double most, boolean succeeded) {
        if (wish.isRolling()) {
            return; // ECS judges by health checks only
        }
        boolean onProbes = wish.probes() && image.words().equals("-prod-errors-20");
        // What was not shown in time is not shown of a bad release either: who then lets it pass has said so.
        boolean inDoubt =
                wish.onNoEvidence().equals("promote") || wish.onNoEvidence().equals("approve");
        if (wish.firstStep() < 100 && !onProbes && !inDoubt) {
            must(
                    most <= wish.firstStep() / 100 + 1e-6,
                    "a release that fails plainly had %.3f of the requests, and its first step is %s %%: %s"
                            .formatted(most, wish.firstStep(), rollout));
            must(!succeeded, "a release that fails plainly is live: " + rollout);
        }
        boolean judged = traffic >= (history.isScaled() ? 1200 : 600) && !trafficChanged && wish.bake() >= 10;
        if (judged && !history.faults()) {
            must(!succeeded, "a release that fails plainly is live: " + rollout);
        }
        if (judged
                && !history.faults()
                && rollout.stop() != null
                && rollout.stop().cause() == Cause.UNHEALTHY) {
            // Where nobody waits for evidence, a second shift follows at once, around which minutes are left out again.
            Duration exposed = history.watch().exposed(release.taskDefinition());
            must(
                    exposed.compareTo(Duration.ofMinutes(wish.firstStep() < 10 ? 60 : inDoubt ? 16 : 14)) <= 0,
                    "a release that fails plainly was in production for %s: %s".formatted(exposed, rollout));
        }
    }

    /** Once all is well a good release goes live, in whichever state the service is. */
    private void fix() {
        history.traffic(600);
        boolean must = outOfBand || !live().isGood();
        if (!must && random.nextInt(4) > 0) {
            return;
        }
        if (outOfBand) {
            history.advance(Duration.ofMinutes(90)); // what somebody else deploys with our steps is waited for in vain
        }
        apply(ShiftedSettings.plain(random).yaml(history.mode()) + history.scale());
        String tag = history.nextImage("");
        Rollout rollout = null;
        for (int i = 0; i < 2 && (rollout == null || rollout.state() != Rollout.State.SUCCEEDED); i++) {
            Optional<String> location = history.attempt(
                    "fix with " + tag,
                    () -> world.plane.rollouts().rollOut(World.WEB, World.asking(tag), World.by("ann")));
            must(location.isPresent(), "the repairing rollout was refused");
            history.settle(() -> {});
            rollout = world.plane.rollouts().rollout(World.WEB, ShiftedHistory.last(location.get()));
            history.story("ended", rollout.state() + ": " + rollout.outcome().detail());
        }
        must(rollout.state() == Rollout.State.SUCCEEDED, "a good release does not go live: " + rollout);
        history.atRest(false);
        history.watch().mayFall(false, false);
        history.count("MENDED");
    }
}
