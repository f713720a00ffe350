package dev.slipway.rollout;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.slipway.deployment.RolloutSettings;
import dev.slipway.deployment.TargetGroups;
import dev.slipway.deployment.WeakeningPolicy.Weakening;
import dev.slipway.diagnosis.Diagnosis;
import dev.slipway.id.ServiceId;
import dev.slipway.operation.ControlOverride;
import dev.slipway.preflight.PreflightReport;
import dev.slipway.problem.Problem;
import dev.slipway.release.ContainerSettings;
import dev.slipway.release.Manifest;
import dev.slipway.release.Release;
import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import dev.slipway.verdict.Verdict;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Making a release the live one, and what became of it.
 *
 * @param preflight what was looked at beforehand; null before that
 * @param stop why it is being rolled back; written down before ECS is told
 * @param outcome null until it has ended
 */
@RegisterForReflection
@RecordBuilder
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Rollout(
        String id,
        ServiceId service,
        State state,
        Request request,
        @Nullable PreflightReport preflight,
        Progress progress,
        @Nullable Stop stop,
        @Nullable Outcome outcome)
        implements RolloutBuilder.With {
    public static final ItemType<Rollout> ITEM_TYPE = new ItemType<>("rollout", Rollout.class, 1);
    /** The prefix of the sort keys of rollouts. */
    public static final String SORT = "rollout#";

    /**
     * What was asked for.
     *
     * @param actor who asked
     * @param image by digest
     * @param tag by which the image was asked for
     * @param container the configuration that makes a release together with the image
     * @param settings the strategy and what belongs to it
     * @param override the order to override controls, when somebody gave one
     * @param adjusted whether the caller named settings; others are those of the spec when it starts
     * @param weakened what of the declared controls it weakens, by that order
     * @param onBehalfOf ARN of who had the actor ask, or {@link dev.slipway.operation.Principal#UNKNOWN}; null: nobody
     * @param grant that it rests on beside the actor's own right; null: on none
     * @param committedAt when its commit was pushed: when the first execution of a pipeline with it was seen to begin, by AWS's events,
     *     never by a caller's word. It stays with the rollout, since executions are forgotten; null: not known
     * @param revertOf id of the rollout whose release did not stay up, which this goes back from; null: somebody asked for it
     */
    @RecordBuilder
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Request(
            Reason reason,
            String actor,
            String image,
            @Nullable String tag,
            @Nullable String commit,
            ContainerSettings container,
            RolloutSettings settings,
            @Nullable ControlOverride override,
            boolean adjusted,
            List<Weakening> weakened,
            @Nullable String onBehalfOf,
            @Nullable Grant grant,
            @Nullable Instant committedAt,
            @Nullable String revertOf)
            implements RolloutRequestBuilder.With {
        public Request {
            weakened = weakened == null ? List.of() : List.copyOf(weakened); // absent in JSON when there is none
        }

        /** One with the settings of the spec. */
        public Request(
                Reason reason,
                String actor,
                String image,
                @Nullable String tag,
                @Nullable String commit,
                ContainerSettings container,
                RolloutSettings settings,
                @Nullable ControlOverride override) {
            this(
                    reason, actor, image, tag, commit, container, settings, override, false, List.of(), null, null,
                    null, null);
        }

        /** What makes a release, once more. */
        public static Request ofRelease(Reason reason, Release release, String actor, RolloutSettings settings) {
            return new Request(
                            reason,
                            actor,
                            release.image(),
                            release.tag(),
                            release.commit(),
                            release.container(),
                            settings,
                            null)
                    .withCommittedAt(release.committedAt());
        }

        /** All who may not approve it where others have to. */
        Stream<String> starters() {
            return Stream.of(Optional.of(actor), Optional.ofNullable(onBehalfOf))
                    .flatMap(Optional::stream);
        }
    }

    /**
     * What an environment has allowed, and may withdraw before a rollout that waits begins: that a pipeline deploys to it, or that
     * another one is given what is live in it.
     *
     * @param pipeline that asked; null: none
     * @param promotedFrom the environment whose release it is; null: none
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Grant(@Nullable String pipeline, @Nullable String promotedFrom) {
        public static Grant ofPipeline(String pipeline) {
            return new Grant(pipeline, null);
        }

        public static Grant ofPromotion(String environment) {
            return new Grant(null, environment);
        }
    }

    /**
     * How far it is.
     *
     * @param startedAt while it waits, when it was asked for
     * @param operation the operation that it is or belongs to; null until it starts
     * @param waitsFor what keeps it from starting or from going on, in a sentence; null when nothing does
     * @param previous the release that was live before; null at the first
     * @param manifest of the image, until its release is marked in the registry
     * @param release its number, once it is known
     * @param task the one-off task that runs before it
     * @param targetGroups target groups of the release that serves and of the new one, once known
     * @param deployment ARN of the ECS service deployment, once it runs
     * @param calledAt when ECS was told to deploy, or was seen to have been; null before
     * @param unsureSince since when ECS may have been told to deploy: written down before UpdateService; null before
     * @param deployedAt when ECS was seen to have deployed it, from when on its tasks must stay up; null before
     * @param rollbackAt when ECS began to go back without our telling it, as it says; null where it did not, or does not say
     * @param stage how far ECS has come, as last seen
     * @param verdict on the release, as last judged; null before the first
     */
    @RecordBuilder
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Progress(
            Instant startedAt,
            @Nullable String operation,
            @Nullable String waitsFor,
            @Nullable Integer previous,
            @Nullable Manifest manifest,
            @Nullable Integer release,
            @Nullable Task task,
            @Nullable TargetGroups targetGroups,
            @Nullable String deployment,
            @Nullable Instant calledAt,
            @Nullable Instant unsureSince,
            @Nullable Instant deployedAt,
            @Nullable Instant rollbackAt,
            @Nullable Stage stage,
            @Nullable Verdict verdict)
            implements RolloutProgressBuilder.With {}

    /**
     * How it ended.
     *
     * @param detail in a sentence
     * @param diagnosis what was seen when it failed; null where it did not, or before anything was started
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Outcome(
            Instant endedAt,
            String detail,
            @Nullable Problem failure,
            @Nullable Diagnosis diagnosis) {}

    /** Why a rollout was started. */
    public enum Reason {
        /** An image was to go live. */
        DEPLOY,
        /** The container's configuration changed in the spec. */
        CONFIGURATION,
        /** The same was to start anew, with new tasks. */
        RESTART,
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
        /** It ended without success and without a rollback that we know of: {@link Outcome#failure} says what is to be done. */
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
            TIME_LIMIT,
            /** Its tasks did not stay up after it had been deployed. */
            UNSTABLE
        }
    }

    public static Key<Rollout> key(ServiceId service, String id) {
        return new Key<>(service.partition(), SORT + id, ITEM_TYPE);
    }

    /**
     * A rollout as it is asked for.
     *
     * @param previous the release that is live
     */
    public static Rollout requested(
            String id, ServiceId service, Request request, @Nullable Integer previous, Instant now) {
        Progress progress = RolloutProgressBuilder.builder()
                .startedAt(now)
                .previous(previous)
                .build();
        return new Rollout(id, service, State.RUNNING, request, null, progress, null, null);
    }

    public RolloutSettings settings() {
        return request.settings();
    }

    /** The number of its release, once it is known. */
    public @Nullable Integer release() {
        return progress.release();
    }

    /** How it ended; an error while it goes on. */
    public Outcome requireOutcome() {
        return Objects.requireNonNull(outcome, "a rollout that goes on has no outcome");
    }

    @JsonIgnore
    public boolean isRunning() {
        return state == State.RUNNING;
    }

    /** Whether it has begun by itself, to take a bad release away. */
    @JsonIgnore
    public boolean isAutomaticRollback() {
        return request.revertOf() != null;
    }

    /** Not ended. */
    @JsonIgnore
    public boolean isOpen() {
        return state == State.RUNNING || state == State.QUEUED;
    }

    /**
     * Whether its release is the live one at its end: also where ECS had deployed it, it did not stay up or was to go, and nothing could
     * take its place.
     */
    @JsonIgnore
    public boolean isLiveAtItsEnd() {
        return state == State.SUCCEEDED || state == State.FAILED && progress.deployedAt() != null;
    }

    /** The target group in which the service's tasks are at its end; null before that is known. */
    public @Nullable String targetGroupAtItsEnd() {
        TargetGroups groups = progress.targetGroups();
        if (groups == null) {
            return null;
        }
        // A first release goes out as a rolling one does, in the same group; what was live already moves nothing.
        boolean moves = !settings().isRolling() && progress.previous() != null && progress.calledAt() != null;
        return moves && isLiveAtItsEnd() ? groups.candidate() : groups.live();
    }

    /** Whether ECS was to roll the release back and could not, so that both may have requests. */
    @JsonIgnore
    public boolean isRollbackFailed() {
        return outcome != null
                && outcome.failure() != null
                && outcome.failure().code().equals(RolloutCompletion.ROLLBACK_FAILED);
    }

    /** Whether it was somebody's will to end it, rather than a fault of the release. */
    @JsonIgnore
    public boolean isCancelled() {
        return stop != null && (stop.cause() == Stop.Cause.CANCELLED || stop.cause() == Stop.Cause.REPLACED);
    }

    /**
     * Whether it went back to a release that was live still: it changed nothing, and at most stopped another rollout. What was wanted
     * before is still not so, which is told as if it had been cancelled; an image that is live already is wanted instead of it.
     */
    @JsonIgnore
    public boolean isNeedlessRollback() {
        return request.reason() == Reason.ROLLBACK && foundItsReleaseLive();
    }

    /** Whether its release was live already, so that it changed nothing. */
    boolean foundItsReleaseLive() {
        return state == State.SUCCEEDED
                && progress.release() != null
                && progress.release().equals(progress.previous())
                && progress.calledAt() == null;
    }

    /** The ids of those rollouts that are {@link #isNeedlessRollback needless}. */
    public static Set<String> needless(List<Rollout> rollouts) {
        return rollouts.stream()
                .filter(Rollout::isNeedlessRollback)
                .map(Rollout::id)
                .collect(Collectors.toSet());
    }

    /** It has come further. */
    public Rollout progressed(Consumer<RolloutProgressBuilder> changes) {
        return withProgress(progress.with(changes));
    }

    /** The service has no tasks, so that it can be neither checked nor judged. */
    Rollout forStopped() {
        return withRequest(request.withSettings(settings().forStopped()))
                .withPreflight(preflight == null ? null : preflight.stopped());
    }

    public Rollout queued(String waitsFor) {
        return withState(State.QUEUED).progressed(progress -> progress.waitsFor(waitsFor));
    }

    /** It begins, as an operation. */
    public Rollout started(String operation, @Nullable Integer previous, Instant now) {
        return withState(State.RUNNING)
                .progressed(progress -> progress.startedAt(now)
                        .operation(operation)
                        .waitsFor(null)
                        .previous(previous));
    }

    /** It is to be rolled back; the first reason for that stays. */
    public Rollout stopping(Stop why) {
        return stop == null ? withStop(why) : this;
    }

    /**
     * It ends without having started.
     *
     * @param by who decided
     */
    public Rollout cancelledBeforeStart(Stop.Cause cause, String by, Instant at, String sentence) {
        return stopping(new Stop(cause, by, sentence, at)).ended(State.CANCELLED, at, sentence, null, null);
    }

    /**
     * The control plane gave up on it; what AWS is doing goes on.
     *
     * @param diagnosis of the problem's words; null where they name no known cause
     */
    public Rollout abandoned(Instant at, Problem why, @Nullable Diagnosis diagnosis) {
        return ended(
                State.FAILED,
                at,
                RolloutCompletion.explained("The control plane gave up watching: " + why.detail(), diagnosis),
                RolloutCompletion.explained(why, diagnosis),
                diagnosis);
    }

    Rollout ended(State end, Instant at, String sentence, @Nullable Problem why, @Nullable Diagnosis diagnosis) {
        return progressed(progress -> progress.manifest(null).waitsFor(null))
                .withState(end)
                .withOutcome(new Outcome(at, sentence, why, diagnosis));
    }
}
