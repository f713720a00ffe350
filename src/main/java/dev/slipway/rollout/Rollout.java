package dev.slipway.rollout;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.slipway.freeze.FreezeOverride;
import dev.slipway.id.ServiceId;
import dev.slipway.operation.Operation;
import dev.slipway.problem.Problem;
import dev.slipway.release.ContainerSettings;
import dev.slipway.release.Manifest;
import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import dev.slipway.verdict.Verdict;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Making a release the live one, and what became of it.
 *
 * @param reason why it was started
 * @param image by digest
 * @param tag by which the image was asked for
 * @param container the configuration that makes a release together with the image
 * @param manifest of the image, until its release is marked in the registry
 * @param release its number, once it is known
 * @param previous the release that was live before; null at the first
 * @param settings the strategy and what belongs to it
 * @param override of a freeze window, when somebody ordered one
 * @param operation the operation that it is or belongs to; null until it starts
 * @param waitsFor what keeps it from starting or from going on, in a sentence; null when nothing does
 * @param findings what was looked at beforehand
 * @param forecast what it was expected to take; null before it was looked at
 * @param task the one-off task that runs before it
 * @param targetGroups target groups of the release that serves and of the new one, once known
 * @param deployment ARN of the ECS service deployment, once it runs
 * @param stage how far ECS has come, as last seen
 * @param verdict on the release, as last judged; null before the first
 * @param stop why it is being rolled back; written down before ECS is told
 * @param detail how it ended, in a sentence
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Rollout(
        String id,
        ServiceId service,
        Reason reason,
        State state,
        String image,
        @Nullable String tag,
        ContainerSettings container,
        @Nullable String commit,
        @Nullable Manifest manifest,
        @Nullable Integer release,
        @Nullable Integer previous,
        RolloutSettings settings,
        @Nullable FreezeOverride override,
        @Nullable String operation,
        @Nullable String waitsFor,
        String startedBy,
        Instant startedAt,
        @Nullable Instant endedAt,
        List<Finding> findings,
        @Nullable Forecast forecast,
        @Nullable Task task,
        @Nullable TargetGroups targetGroups,
        @Nullable String deployment,
        @Nullable Stage stage,
        @Nullable Verdict verdict,
        @Nullable Stop stop,
        @Nullable String detail,
        @Nullable Problem failure) {
    private static final ItemType<Rollout> ITEM_TYPE = new ItemType<>("rollout", Rollout.class, 1);
    /** The prefix of the sort keys of rollouts. */
    public static final String SORT = "rollout#";

    public Rollout {
        findings = findings == null ? List.of() : List.copyOf(findings);
    }

    /** Why a rollout was started. */
    public enum Reason {
        /** An image was to go live. */
        DEPLOY,
        /** The container's configuration changed in the spec. */
        CONFIGURATION,
        /** An earlier release was rolled back to. */
        ROLLBACK
    }

    /** How it stands or ended. */
    public enum State {
        /** Accepted, and waiting for what is under way at the service. */
        QUEUED,
        RUNNING,
        /** The release is the live one. */
        SUCCEEDED,
        /** The release was bad, and the one before is live again. */
        ROLLED_BACK,
        /** It ended without success and without a rollback that we know of: {@link #failure} says what is to be done. */
        FAILED,
        /** Somebody stopped it, and the release before is live again. */
        CANCELLED
    }

    /** @param arn of the ECS task; null until it was started */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Task(
            @Nullable String arn,
            @Nullable Instant startedAt,
            @Nullable Integer exitCode) {}

    /**
     * How requests reach the releases.
     *
     * @param loadBalancer ARN
     * @param live ARN of the target group that gets production traffic when the rollout begins
     * @param candidate ARN of the one that the new release gets; the same as {@code live} when rolling
     * @param testRule ARN of the listener rule for test requests
     * @param url that the service answers at, without a path
     */
    public record TargetGroups(String loadBalancer, String live, String candidate, String testRule, String url) {}

    /**
     * How far ECS has come.
     *
     * @param name of the lifecycle stage as AWS spells it, such as {@code BAKE_TIME}
     * @param percent of the production traffic that the new release has
     * @param since when we first saw it so
     */
    public record Stage(String name, double percent, Instant since) {}

    /**
     * Why a rollout is being rolled back.
     *
     * @param by who decided
     */
    public record Stop(Cause cause, String by, String message, Instant at) {
        /** What decided. */
        public enum Cause {
            CANCELLED,
            REPLACED,
            REJECTED,
            CHECKS_FAILED,
            UNHEALTHY,
            NO_EVIDENCE,
            FAILED_TASKS,
            TIME_LIMIT
        }
    }

    public static ItemType<Rollout> itemType() {
        return ITEM_TYPE;
    }

    public static Key<Rollout> key(ServiceId service, String id) {
        return new Key<>(Operation.partition(service), SORT + id, ITEM_TYPE);
    }

    @JsonIgnore
    public boolean isRunning() {
        return state == State.RUNNING;
    }

    /** Not ended. */
    @JsonIgnore
    public boolean isOpen() {
        return state == State.RUNNING || state == State.QUEUED;
    }

    /** Whether ECS was to roll the release back and could not, so that both may have requests. */
    @JsonIgnore
    public boolean isRollbackFailed() {
        return failure != null && failure.code().equals(RolloutCompletion.ROLLBACK_FAILED);
    }

    /** Whether it was somebody's will to end it, rather than a fault of the release. */
    @JsonIgnore
    public boolean isCancelled() {
        return stop != null && (stop.cause() == Stop.Cause.CANCELLED || stop.cause() == Stop.Cause.REPLACED);
    }

    /** A rollout as it is asked for. */
    public static Rollout requested(
            String id,
            ServiceId service,
            Reason reason,
            String image,
            @Nullable String tag,
            ContainerSettings container,
            @Nullable String commit,
            @Nullable Manifest manifest,
            @Nullable Integer release,
            @Nullable Integer previous,
            RolloutSettings settings,
            @Nullable String operation,
            String startedBy,
            Instant startedAt) {
        return new Rollout(
                id,
                service,
                reason,
                State.RUNNING,
                image,
                tag,
                container,
                commit,
                manifest,
                release,
                previous,
                settings,
                null,
                operation,
                null,
                startedBy,
                startedAt,
                null,
                List.of(),
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null);
    }

    /** The control plane gave up on it; what AWS is doing goes on. */
    public Rollout abandoned(Instant at, Problem why) {
        return ended(State.FAILED, at, "The control plane gave up watching: " + why.detail(), why);
    }

    public Rollout stopping(Stop why) {
        return stop == null ? with(draft -> draft.stop = why) : this;
    }

    /**
     * It ends without having started.
     *
     * @param by who decided
     */
    public Rollout cancelledBeforeStart(Stop.Cause cause, String by, Instant at, String sentence) {
        return stopping(new Stop(cause, by, sentence, at)).ended(State.CANCELLED, at, sentence, null);
    }

    Rollout ended(State end, Instant at, String sentence, @Nullable Problem why) {
        return with(draft -> {
            draft.state = end;
            draft.manifest = null;
            draft.waitsFor = null;
            draft.endedAt = at;
            draft.detail = sentence;
            draft.failure = why;
        });
    }

    /** A copy with changes. */
    public Rollout with(Consumer<Draft> changes) {
        Draft draft = new Draft(this);
        changes.accept(draft);
        return draft.build(this);
    }

    /** What of a rollout changes in its life. */
    public static final class Draft {
        public State state;
        public ContainerSettings container;
        public @Nullable String operation;
        public @Nullable String waitsFor;
        public Instant startedAt;
        public @Nullable Integer previous;
        public @Nullable FreezeOverride override;
        public @Nullable Manifest manifest;
        public @Nullable Integer release;
        public @Nullable Instant endedAt;
        public List<Finding> findings;
        public @Nullable Forecast forecast;
        public @Nullable Task task;
        public @Nullable TargetGroups targetGroups;
        public @Nullable String deployment;
        public @Nullable Stage stage;
        public @Nullable Verdict verdict;
        public @Nullable Stop stop;
        public @Nullable String detail;
        public @Nullable Problem failure;

        private Draft(Rollout from) {
            state = from.state;
            container = from.container;
            operation = from.operation;
            waitsFor = from.waitsFor;
            startedAt = from.startedAt;
            previous = from.previous;
            override = from.override;
            manifest = from.manifest;
            release = from.release;
            endedAt = from.endedAt;
            findings = from.findings;
            forecast = from.forecast;
            task = from.task;
            targetGroups = from.targetGroups;
            deployment = from.deployment;
            stage = from.stage;
            verdict = from.verdict;
            stop = from.stop;
            detail = from.detail;
            failure = from.failure;
        }

        private Rollout build(Rollout from) {
            return new Rollout(
                    from.id,
                    from.service,
                    from.reason,
                    state,
                    from.image,
                    from.tag,
                    container,
                    from.commit,
                    manifest,
                    release,
                    previous,
                    from.settings,
                    override,
                    operation,
                    waitsFor,
                    from.startedBy,
                    startedAt,
                    endedAt,
                    findings,
                    forecast,
                    task,
                    targetGroups,
                    deployment,
                    stage,
                    verdict,
                    stop,
                    detail,
                    failure);
        }
    }
}
