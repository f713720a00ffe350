package dev.slipway.simulation;

import dev.slipway.id.ServiceId;
import dev.slipway.ledger.LedgerEntry;
import dev.slipway.ledger.LedgerProjection;
import dev.slipway.operation.Acceptance.Accepted;
import dev.slipway.operation.Operation;
import dev.slipway.problem.Problem;
import dev.slipway.problem.ProblemException;
import dev.slipway.release.Release;
import dev.slipway.rollout.Rollout;
import dev.slipway.service.ServiceRecord;
import dev.slipway.simulated.traffic.TrafficPattern;
import dev.slipway.store.Store.WriteConflictException;
import dev.slipway.store.Stored;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ecs.model.UpdateServiceRequest;

/**
 * One history from a seed, of a service whose releases shift traffic: some rollouts follow each other, each with another
 * strategy, image and traffic, while people approve, reject, cancel, scale and deploy outside Slipway, alarms fire, and calls,
 * events and processes fail. After each everything comes to rest, and what is told is what is.
 */
final class ShiftedHistory {
    static final ServiceId WEB = World.WEB;
    static final String ALARM = "orders";
    static final String TOPIC = "arn:aws:sns:eu-central-1:123456789012:slipway-shared-releases";
    private static final Duration LOOKING = Duration.ofSeconds(20);
    /** What a rollout may take beyond its own limits: faults that are waited out, and resyncs that come every 5 minutes. */
    private static final Duration SLACK = Duration.ofHours(4);

    /** One history in so many is of a service whose number of tasks follows its traffic, which follows the hour. */
    private static final int ONE_SCALED_IN = 20;

    private static final List<Integer> TRAFFIC = List.of(0, 10, 60, 600, 600, 3000, 10_000);

    final List<String> story = new ArrayList<>();
    final Map<String, Integer> counted = new TreeMap<>();
    final World world;
    private final Random random;
    private final Monitor monitor;
    private final ShiftedMonitor watch;
    private final boolean faults;
    private final Random scaling;
    private final boolean scaled;
    private int mode;
    private int versions;
    private boolean falling;
    private Instant nextLook = Instant.MIN;

    ShiftedHistory(long seed) {
        this.random = new Random(seed);
        this.world = new World(seed);
        world.account.rawCloudWatch().alarmsRest("slipway-"); // those of stacks, which nobody looks at
        this.monitor = new Monitor(world);
        this.watch = new ShiftedMonitor(world);
        this.faults = random.nextInt(3) > 0;
        this.scaling = new Random(seed + 5); // of its own, so that all else is as without
        this.scaled = scaling.nextInt(ONE_SCALED_IN) == 0;
        world.chaos.watcher = monitor;
        world.chaos.staleness(seed + 3);
        world.chaos.hardships(seed + 4);
        world.work();
        world.chaos.everOn = faults;
    }

    void run() {
        begin();
        int rollouts = List.of(1, 1, 1, 1, 2, 3).get(random.nextInt(6));
        for (int i = 0; i < rollouts; i++) {
            new ShiftedEpisode(this).run();
        }
        must(world.queue.bodiesOfDead().isEmpty(), "dead letters: " + world.queue.bodiesOfDead());
    }

    private void begin() {
        world.account.sns().createTopic(request -> request.name("slipway-shared-releases"));
        world.account
                .cloudWatch()
                .putMetricAlarm(request -> request.alarmName(ALARM)
                        .namespace("shop")
                        .metricName("orders-failed")
                        .statistic("Sum")
                        .period(60)
                        .evaluationPeriods(1)
                        .threshold(1.0)
                        .comparisonOperator("GreaterThanThreshold")
                        .treatMissingData("notBreaching"));
        must(world.apply(World.DEV, "terminationProtection: false\n").failure() == null, "no environment");
        must(world.apply(WEB, "container: {port: 8000}\n" + scale()).failure() == null, "no service");
        must(world.rollOut(WEB, "v0").state() == Rollout.State.SUCCEEDED, "no first release");
    }

    /** A service whose own number counts, or one that is scaled within limits that change now and then. */
    String scale() {
        return scaled
                ? "scaling: {min: %d, max: %d, requestsPerTask: 300}\n"
                        .formatted(1 + scaling.nextInt(2), 5 + scaling.nextInt(4))
                : "";
    }

    boolean isScaled() {
        return scaled;
    }

    /** From now on so many requests come each minute, in the mean of a day where the service is scaled. */
    void traffic(int perMinute) {
        world.account.traffic().everywhere(new TrafficPattern(perMinute, scaled ? 0.5 : 0));
    }

    Random random() {
        return random;
    }

    Monitor monitor() {
        return monitor;
    }

    ShiftedMonitor watch() {
        return watch;
    }

    boolean faults() {
        return faults;
    }

    int nextMode() {
        return ++mode;
    }

    int mode() {
        return mode;
    }

    /** Whether among its releases is one whose tasks do not stay healthy. */
    boolean hasFalling() {
        return falling;
    }

    String nextImage(String behaviour) {
        falling |= !new ShiftedImage(behaviour).stands();
        return "v" + ++versions + behaviour;
    }

    int drawnTraffic() {
        return TRAFFIC.get(random.nextInt(TRAFFIC.size()));
    }

    void count(String what) {
        counted.merge(what, 1, Integer::sum);
    }

    /** The location, when it was accepted. */
    Optional<String> attempt(String what, Supplier<Accepted> request) {
        try {
            String location = world.chaos.requesting(request).location();
            story("%s → %s".formatted(what, location));
            return Optional.of(location);
        } catch (ProblemException e) {
            story("%s → %d %s".formatted(what, e.status(), e.problem().code()));
            must(e.problem().category() != Problem.Category.INTERNAL, "refused by a fault of our own: " + e.problem());
        } catch (WriteConflictException e) {
            story("%s → conflict".formatted(what)); // the API answers 409
        } catch (RuntimeException | Crash e) {
            story("%s → %s".formatted(what, e));
            must(world.chaos.on, "%s failed: %s".formatted(what, e));
        }
        return Optional.empty();
    }

    void advance(Duration by) {
        Instant until = world.timeline.instant().plus(by);
        while (world.timeline.next().filter(next -> !next.isAfter(until)).isPresent()) {
            step();
        }
        world.timeline.advanceTo(until);
    }

    /** True when it was time to look, and something may have changed that somebody would see. */
    boolean step() {
        world.timeline.step();
        boolean looks = !world.timeline.instant().isBefore(nextLook);
        if (looks) {
            nextLook = world.timeline.instant().plus(LOOKING);
            monitor.look(List.of(WEB));
            watch.look(running().orElse(null));
        }
        if (!world.chaos.violations.isEmpty()) {
            throw new AssertionError(String.join("\n", world.chaos.violations));
        }
        return looks;
    }

    Optional<Rollout> running() {
        return operation()
                .map(Operation::rollout)
                .flatMap(id -> world.store.get(Rollout.key(WEB, id)))
                .map(Stored::value);
    }

    Optional<Operation> operation() {
        return world.plane.operations().findRunning(WEB);
    }

    /** Until nothing is under way; each rollout ends within what its parts may take, and some slack for faults. */
    void settle(Runnable meanwhile) {
        Instant limit = world.timeline.instant().plus(SLACK);
        boolean busy = operation().isPresent();
        boolean rolling = false;
        while (busy) {
            Optional<Rollout> rollout = running();
            if (rolling && rollout.isEmpty()) {
                limit = world.timeline.instant().plus(SLACK); // what follows on a rollout has time of its own
            }
            rolling = rollout.isPresent();
            Duration longest =
                    rollout.map(found -> found.settings().maxDuration(10, 60)).orElse(Duration.ZERO);
            if (!world.timeline.instant().isBefore(limit.plus(longest))) {
                throw new AssertionError("does not end: " + rollout);
            }
            if (step()) {
                meanwhile.run();
                busy = operation().isPresent();
            } else if (world.timeline.next().isEmpty()) {
                throw new AssertionError("nothing is going to happen any more");
            }
        }
    }

    void atRest(boolean outOfBand) {
        monitor.look(List.of(WEB));
        ServiceRecord record = world.record(WEB);
        List<Rollout> rollouts = world.plane.rollouts().rollouts(WEB, 100, null).items().stream()
                .map(Stored::value)
                .toList();
        rollouts.forEach(this::ended);
        world.plane.operations().list(WEB, 100, null).items().forEach(found -> ended(found.value()));
        ledger(record, rollouts);
        if (outOfBand) {
            return;
        }
        Release live = release(java.util.Objects.requireNonNull(record.live()));
        String runs = monitor.active(WEB).orElseThrow().taskDefinition();
        must(live.taskDefinition().equals(runs), "release %d is live, but ECS has %s".formatted(live.number(), runs));
        Set<String> serving = world.traffic(WEB).byTaskDefinition().keySet();
        must(
                serving.equals(Set.of(runs)) || !ShiftedImage.of(live.tag()).stands(),
                "at rest %s is live, but requests go to %s".formatted(runs, world.traffic(WEB)));
        must(
                world.traffic(WEB).allServed() || !ShiftedImage.of(live.tag()).stands(),
                "at rest not all requests are served: " + world.traffic(WEB));
    }

    Release release(int number) {
        return world.store.get(Release.key(WEB, number)).orElseThrow().value();
    }

    private void ended(Rollout rollout) {
        must(!rollout.isOpen(), "at rest a rollout has not ended", rollout);
        must(
                rollout.outcome().endedAt() != null && rollout.outcome().detail() != null,
                "ended without a word",
                rollout);
        Problem failure = rollout.outcome().failure();
        must(failure == null || failure.category() != Problem.Category.INTERNAL, "a fault of our own", rollout);
    }

    private void ended(Operation operation) {
        must(!operation.isRunning(), "runs without being the one under way", operation);
        Problem failure = operation.failure();
        must(failure == null || failure.category() != Problem.Category.INTERNAL, "a fault of our own", operation);
    }

    /** The ledger replays to the present state. */
    private void ledger(ServiceRecord record, List<Rollout> rollouts) {
        List<LedgerEntry> entries = Ledgers.of(world, WEB);
        LedgerProjection present = LedgerProjection.of(entries);
        must(
                java.util.Objects.equals(present.live(), record.live())
                        && java.util.Objects.equals(present.previous(), record.previous()),
                "the ledger says %s, but live is %s and was %s".formatted(present, record.live(), record.previous()));
        must(present.open().isEmpty(), "the ledger has open rollouts, and all have ended: " + present);
        Set<String> told = new HashSet<>();
        entries.forEach(entry -> told.add(entry.rollout() + entry.type()));
        rollouts.forEach(rollout -> must(
                told.contains(rollout.id() + LedgerEntry.EventType.ROLLOUT_ENDED),
                "the ledger knows no end of it",
                rollout));
    }

    /** Somebody deploys an earlier release outside Slipway, rolling, as the console does. */
    void console() {
        List<Release> good = world.plane.rollouts().releases(WEB, 100, null).items().stream()
                .map(Stored::value)
                .filter(release -> ShiftedImage.of(release.tag()).isGood())
                .toList();
        Release release = good.get(random.nextInt(good.size()));
        story("deploy release %d outside Slipway".formatted(release.number()));
        monitor.mayBreak(WEB);
        monitor.deployedByHand(
                WEB,
                () -> world.chaos.apart(() -> world.account
                        .ecs()
                        .updateService(UpdateServiceRequest.builder()
                                .cluster(WEB.environmentId().cluster())
                                .service(WEB.service())
                                .taskDefinition(release.taskDefinition())
                                .build())));
    }

    static String last(String location) {
        return World.idOf(location);
    }

    void story(String what) {
        story.add(world.timeline.instant() + " " + what);
    }

    void story(String what, @Nullable Object about) {
        story("  %s %s".formatted(what, about));
    }

    static void must(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }

    /** What it is about is put into words only when it does not hold: there are many, and words take time. */
    private static void must(boolean holds, String otherwise, Object about) {
        if (!holds) {
            throw new AssertionError(otherwise + ": " + about);
        }
    }
}
