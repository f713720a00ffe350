package dev.slipway.drift;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.slipway.aws.AwsErrors;
import dev.slipway.aws.AwsLookups;
import dev.slipway.drift.StackDriftReader.Beginning;
import dev.slipway.environment.Environments;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.ServiceId;
import dev.slipway.id.Target;
import dev.slipway.ledger.LedgerEntry;
import dev.slipway.ledger.LedgerEntry.EventType;
import dev.slipway.notification.Notifications.Notification;
import dev.slipway.operation.IdGenerator;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Operations;
import dev.slipway.operation.Outbox;
import dev.slipway.operation.Transaction;
import dev.slipway.operation.WorkQueue;
import dev.slipway.operation.Worker;
import dev.slipway.pipeline.Pipelines;
import dev.slipway.service.ServiceQueries;
import dev.slipway.service.ServiceRecord;
import dev.slipway.service.Services;
import dev.slipway.store.Store;
import dev.slipway.store.Store.UnknownOutcomeException;
import dev.slipway.store.Store.WriteConflictException;
import dev.slipway.store.Stored;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.cloudformation.CloudFormationClient;

/**
 * Detects drift, one step a message, and has every target compared once a day: each in an hour of its own, and one environment after the
 * other, so that the calls are spread over the day. What differs otherwise than before is written into the ledger and told.
 */
public final class DriftSweep implements Worker.MessageHandler {
    private static final Logger LOG = Logger.getLogger(DriftSweep.class);

    private static final String DAILY = "dailyDrift";
    /** Each target has its hour of the day. */
    private static final int SLOTS = 24;
    /** Hours after it in which a look that was missed is made up for. */
    private static final int SLOTS_MADE_UP_FOR = 3;

    private static final Duration BETWEEN_LOOKS = Duration.ofMinutes(59);
    private static final Duration DAY = Duration.ofHours(20);
    /** Of an environment, or of all pipelines, in an hour, one every ten seconds: a message waits for 15 minutes at most. */
    private static final int MOST_AT_ONCE = 80;

    private static final Duration APART = Duration.ofSeconds(10);

    private static final Duration LOOK_AGAIN = Duration.ofSeconds(15);
    private static final Duration AFTER_OPERATION = Duration.ofMinutes(2);
    private static final Duration OVERDUE = Duration.ofMinutes(2);
    /** A target that is changed all the time, or never answers. */
    private static final Duration GIVEN_UP = Duration.ofHours(6);

    private static final int MOST_KEPT = 100;
    /** CloudTrail answers two lookups a second, all callers of the region together. */
    private static final int MOST_LOOKUPS = 5;

    private static final Duration REMEMBERED = Duration.ofDays(89);

    private final Store store;
    private final WorkQueue queue;
    private final Outbox outbox;
    private final Operations operations;
    private final Environments environments;
    private final Services services;
    private final Pipelines pipelines;
    private final ServiceQueries live;
    private final StackDriftReader stacks;
    private final AwsLookups lookups;
    private final Drifts drifts;
    private final Set<String> ownSessions;
    private final IdGenerator ids;
    private final InstantSource clock;

    /**
     * @param ownSessions the names of Slipway's functions, which Lambda gives the sessions of their roles (docs/assumptions.md)
     */
    public DriftSweep(
            Store store,
            WorkQueue queue,
            Outbox outbox,
            Operations operations,
            Environments environments,
            Services services,
            Pipelines pipelines,
            ServiceQueries live,
            CloudFormationClient cloudFormation,
            AwsLookups lookups,
            Drifts drifts,
            Set<String> ownSessions,
            IdGenerator ids,
            InstantSource clock) {
        this.store = store;
        this.queue = queue;
        this.outbox = outbox;
        this.operations = operations;
        this.environments = environments;
        this.services = services;
        this.pipelines = pipelines;
        this.live = live;
        this.stacks = new StackDriftReader(cloudFormation);
        this.lookups = lookups;
        this.drifts = drifts;
        this.ownSessions = ownSessions;
        this.ids = ids;
        this.clock = clock;
    }

    @Override
    public void resync() {
        if (isHour()) {
            queue.sendSpread(
                    Stream.concat(environments.names().stream(), Stream.of(EnvironmentId.RESERVED))
                            .map(name -> WorkQueue.message(DAILY, name))
                            .toList(),
                    WorkQueue.MAX_DELAY);
        }
        Instant overdue = clock.instant().minus(OVERDUE);
        store.stream(DriftDetection.PARTITION, "", DriftDetection.ITEM_TYPE, false)
                .map(Stored::value)
                .filter(detection -> detection.lookAt().isBefore(overdue))
                .forEach(detection -> drifts.send(detection.target(), Duration.ZERO));
    }

    /** Once an hour, and once of two workers at the same time. */
    private boolean isHour() {
        Instant now = clock.instant();
        Optional<Stored<DriftSchedule>> before = store.get(DriftSchedule.KEY);
        if (before.filter(found -> now.isBefore(found.value().lookedAt().plus(BETWEEN_LOOKS)))
                .isPresent()) {
            return false;
        }
        try {
            outbox.commit(new Transaction().put(DriftSchedule.KEY, before, new DriftSchedule(now)));
            return true;
        } catch (WriteConflictException | UnknownOutcomeException e) {
            return false; // another worker does; or what is missed now is made up for
        }
    }

    /** What was found of a target that is gone is nothing of the next one of its name. */
    @Override
    public void onReconciled(Target target) {
        Optional<Stored<DriftReport>> report = store.get(DriftReport.key(target));
        if (report.isPresent() && !drifts.exists(target)) {
            try {
                outbox.commit(new Transaction().delete(report.get()));
            } catch (WriteConflictException e) {
                LOG.debugf("target=%s: its drift was forgotten twice at once", target.key());
            }
        }
    }

    @Override
    public boolean handle(JsonNode message) {
        if (message.has(DAILY)) {
            begin(message.path(DAILY).asText());
            return true;
        }
        if (!message.has(Drifts.MESSAGE)) {
            return false;
        }
        Target target = Target.of(message.path(Drifts.MESSAGE).asText());
        try {
            store.get(DriftDetection.key(target)).ifPresent(this::tryStep);
        } catch (WriteConflictException e) {
            LOG.debugf("target=%s was compared twice at once", target.key());
        }
        return true;
    }

    /** What passes is tried again by the resync; what AWS refuses ends it, and is told. */
    private void tryStep(Stored<DriftDetection> found) {
        try {
            step(found);
        } catch (SdkException e) {
            LOG.warnf("target=%s was not compared: %s", found.value().target().key(), e.getMessage());
            if (!AwsErrors.isTransient(e)) {
                String why = AwsErrors.failure(e).orElseThrow().problem().detail();
                end(found, List.of(), "It could not be compared. " + why, clock.instant());
            }
        }
    }

    /** Those whose hour of the day has come, of an environment with its services or of all pipelines. */
    private void begin(String name) {
        List<Target> all = new ArrayList<>();
        if (name.equals(EnvironmentId.RESERVED)) {
            pipelines.all().forEach(record -> all.add(record.id()));
        } else {
            EnvironmentId id = new EnvironmentId(name);
            all.add(id);
            services.all(id).forEach(record -> all.add(record.id()));
        }
        Instant now = clock.instant();
        List<Target> due = all.stream()
                .filter(target -> isTime(target, now))
                .filter(target -> store.get(DriftReport.key(target))
                        .filter(report -> report.value().checkedAt().isAfter(now.minus(DAY)))
                        .isEmpty())
                .filter(drifts::isDeployed)
                .limit(MOST_AT_ONCE)
                .toList();
        for (int i = 0; i < due.size(); i++) {
            drifts.request(due.get(i), APART.multipliedBy(i));
        }
    }

    /** Whether it is the target's hour of the day, or was one of the last. */
    private static boolean isTime(Target target, Instant now) {
        long slot = Math.floorMod(now.getEpochSecond() / 3600, (long) SLOTS);
        long own = Math.floorMod(target.key().hashCode(), SLOTS);
        return Math.floorMod(slot - own, (long) SLOTS) < SLOTS_MADE_UP_FOR;
    }

    private void step(Stored<DriftDetection> found) {
        DriftDetection detection = found.value();
        Target target = detection.target();
        Instant now = clock.instant();
        if (!drifts.isDeployed(target)) {
            Transaction gone = new Transaction().delete(found);
            outbox.commit(store.get(DriftReport.key(target)).map(gone::delete).orElse(gone));
        } else if (now.isAfter(detection.requestedAt().plus(GIVEN_UP))) {
            end(
                    found,
                    List.of(),
                    "It could not be compared for six hours. "
                            + (detection.fault() == null
                                    ? "It was changed all the time, or CloudFormation did not answer."
                                    : detection.fault()),
                    now);
        } else if (operations.findChanging(target).isPresent()) {
            next(found, detection.waiting(now.plus(AFTER_OPERATION)));
        } else if (detection.detection() == null) {
            begin(found, now);
        } else {
            result(found, detection.detection(), now);
        }
    }

    private void begin(Stored<DriftDetection> found, Instant now) {
        DriftDetection detection = found.value();
        Target target = detection.target();
        String before = lastOperation(target);
        switch (stacks.begin(target)) {
            case Beginning.Begun(String id) -> next(found, detection.begun(id, before, now.plus(LOOK_AGAIN)));
            case Beginning.Refused(String reason) -> next(found, detection.waiting(reason, now.plus(AFTER_OPERATION)));
            case Beginning.Missing() -> {
                if (operations.mayHaveChanged(target.stackName(), now)) {
                    next(found, detection.waiting(now.plus(AFTER_OPERATION))); // it may not show yet
                } else {
                    end(found, List.of(DriftPolicy.stackDeleted(target)), null, now);
                }
            }
        }
    }

    private void next(Stored<DriftDetection> found, DriftDetection next) {
        outbox.commit(new Transaction().update(found, next));
        Duration delay = Duration.between(clock.instant(), next.lookAt());
        drifts.send(next.target(), delay.isNegative() ? Duration.ZERO : delay);
    }

    private @Nullable String lastOperation(Target target) {
        return operations.lastEnded(target).map(Operation::id).orElse(null);
    }

    private void result(Stored<DriftDetection> found, String id, Instant now) {
        DriftDetection detection = found.value();
        Target target = detection.target();
        Optional<StackDriftReader.Status> known = stacks.status(id);
        if (known.isEmpty()) {
            next(found, detection.waiting(now));
            return;
        }
        StackDriftReader.Status status = known.get();
        if (status.isRunning()) {
            next(found, detection.later(now.plus(LOOK_AGAIN)));
            return;
        }
        StackDriftReader.Found seen = stacks.found(target);
        List<DriftDifference> differences = new ArrayList<>(seen.differences());
        List<String> problems = new ArrayList<>();
        if (status.reason() != null) {
            String why = status.reason();
            problems.add("CloudFormation could not compare all of the stack: %s%s"
                    .formatted(why, why.endsWith(".") ? "" : "."));
        }
        if (!seen.unknown().isEmpty()) {
            problems.add("It could not compare %s.".formatted(String.join(", ", seen.unknown())));
        }
        if (target instanceof ServiceId service) {
            live(service, differences, problems, now);
        }
        if (operations.findChanging(target).isPresent()
                || !Objects.equals(lastOperation(target), detection.lastOperation())) {
            next(found, detection.waiting(now.plus(AFTER_OPERATION))); // half of it is of before that, perhaps
            return;
        }
        end(found, differences, problems.isEmpty() ? null : String.join(" ", problems), now);
    }

    private void live(ServiceId id, List<DriftDifference> differences, List<String> problems, Instant now) {
        ServiceRecord record = services.get(id);
        try {
            Optional<ServiceQueries.Live> seen = live.live(record);
            if (seen.map(ServiceQueries.Live::outOfBand).isPresent()) {
                problems.add(
                        "What is live was not compared: a deployment is under way that was started outside Slipway.");
            } else {
                seen.ifPresent(found -> differences.addAll(LiveDrift.of(
                        record, found, live.emptyGroup(record, found).orElse(null), now)));
            }
        } catch (SdkException e) {
            if (AwsErrors.isTransient(e)) {
                throw e;
            }
            problems.add("What is live could not be compared. "
                    + AwsErrors.failure(e).orElseThrow().problem().detail());
        }
    }

    private void end(
            Stored<DriftDetection> found, List<DriftDifference> differences, @Nullable String problem, Instant now) {
        Target target = found.value().target();
        Optional<Stored<DriftReport>> stored = store.get(DriftReport.key(target));
        Instant created = drifts.createdAt(target);
        Optional<DriftReport> before = stored.map(Stored::value).filter(report -> report.isSince(created));
        List<DriftDifference> sorted = DriftPolicy.sorted(differences);
        List<DriftDifference> kept = authors(
                sorted.subList(0, Math.min(sorted.size(), MOST_KEPT)),
                before.map(DriftReport::differences).orElse(List.of()),
                now);
        DriftState state = DriftPolicy.state(kept, problem);
        DriftState known =
                state == DriftState.UNKNOWN ? before.map(DriftReport::known).orElse(DriftState.IN_SYNC) : state;
        DriftReport compared = new DriftReport(
                target, state, known, now, problem, kept, Math.max(0, sorted.size() - MOST_KEPT), Set.of());
        DriftReport report = compared.withTold(DriftPolicy.told(before, compared));
        Transaction written = new Transaction().delete(found).put(DriftReport.key(target), stored, report);
        Optional<String> news = DriftPolicy.news(before, report);
        if (news.isPresent()) {
            written = written.and(told(target, state, news.get(), now));
        }
        outbox.commit(written);
    }

    /** Who changed what, as far as CloudTrail knows; what it does not tell is left out, and no drift fails for it. */
    private List<DriftDifference> authors(
            List<DriftDifference> differences, List<DriftDifference> before, Instant now) {
        Map<String, Optional<DriftDifference.Change>> asked = new HashMap<>();
        return differences.stream()
                .map(difference -> {
                    String id = difference.physicalId();
                    Optional<DriftDifference.Change> earlier = before.stream()
                            .filter(difference::isSame)
                            .findFirst()
                            .map(DriftDifference::changedBy);
                    if (earlier.isPresent()) {
                        return difference.changedBy(earlier.get());
                    }
                    if (!difference.isDrift() || id == null || !asked.containsKey(id) && asked.size() == MOST_LOOKUPS) {
                        return difference;
                    }
                    return asked.computeIfAbsent(id, resource -> author(resource, now))
                            .map(difference::changedBy)
                            .orElse(difference);
                })
                .toList();
    }

    private Optional<DriftDifference.Change> author(String resource, Instant now) {
        try {
            return lookups.changes(resource, now.minus(REMEMBERED)).stream()
                    .filter(change -> !ownSessions.contains(change.who())) // what Slipway deploys is no drift
                    .findFirst()
                    .map(change -> new DriftDifference.Change(change.at(), change.who(), change.call()));
        } catch (SdkException e) {
            LOG.infof("resource=%s: CloudTrail did not tell who changed it: %s", resource, e.getMessage());
            return Optional.empty();
        }
    }

    private Transaction told(Target target, DriftState state, String sentence, Instant at) {
        Transaction entry = new Transaction()
                .entry(LedgerEntry.of(
                        ids.next(),
                        target,
                        state == DriftState.DRIFTED ? EventType.DRIFTED : EventType.DRIFT_ENDED,
                        LedgerEntry.SLIPWAY,
                        sentence,
                        at));
        @Nullable
        String topic = target instanceof ServiceId id
                ? services.get(id).declared().rollout().notifyTopic()
                : null;
        return topic == null
                ? entry
                : entry.notification(new Notification(
                        ids.next(),
                        target,
                        topic,
                        "%s: drift - %s".formatted(target.key(), sentence),
                        JsonNodeFactory.instance
                                .objectNode()
                                .put("type", state.name())
                                .put("service", target.key())
                                .put("at", at.toString())
                                .put("message", sentence)
                                .toString(),
                        at));
    }
}
