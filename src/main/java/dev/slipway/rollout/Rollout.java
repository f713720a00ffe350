package dev.slipway.rollout;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.slipway.operation.Operation;
import dev.slipway.problem.Problem;
import dev.slipway.release.ContainerSettings;
import dev.slipway.release.Manifest;
import dev.slipway.store.Key;
import dev.slipway.store.Kind;
import dev.slipway.target.ServiceId;
import java.time.Instant;
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
 * @param settings the strategy
 * @param operation the operation that it is or belongs to
 * @param deployment ARN of the ECS service deployment, once it runs
 * @param cancelledBy who asked to cancel it, when somebody did
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
        String operation,
        String startedBy,
        Instant startedAt,
        @Nullable Instant endedAt,
        @Nullable String deployment,
        @Nullable String cancelledBy,
        @Nullable String detail,
        @Nullable Problem failure) {
    /** Why a rollout was started. */
    public enum Reason {
        /** An image was to go live. */
        DEPLOY,
        /** The container's configuration changed in the spec. */
        CONFIGURATION,
        /** An earlier release was called back. */
        ROLLBACK
    }

    /** How it stands or ended. */
    public enum State {
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

    private static final Kind<Rollout> KIND = new Kind<>("rollout", Rollout.class, 1);
    /** The prefix of the sort keys of rollouts. */
    public static final String SORT = "rollout#";

    public static Kind<Rollout> kind() {
        return KIND;
    }

    public static Key<Rollout> key(ServiceId service, String id) {
        return new Key<>(Operation.partition(service), SORT + id, KIND);
    }

    @JsonIgnore
    public boolean isRunning() {
        return state == State.RUNNING;
    }

    /** The release that it makes live is known. */
    public Rollout releasing(int number) {
        return copy(state, manifest, number, endedAt, deployment, cancelledBy, detail, failure);
    }

    Rollout marked() {
        return copy(state, null, release, endedAt, deployment, cancelledBy, detail, failure);
    }

    Rollout deployedBy(String arn) {
        return copy(state, manifest, release, endedAt, arn, cancelledBy, detail, failure);
    }

    public Rollout cancelledBy(String actor) {
        return copy(state, manifest, release, endedAt, deployment, actor, detail, failure);
    }

    /** The control plane gave up on it; what AWS is doing goes on. */
    public Rollout abandoned(Instant at, Problem why) {
        return ended(State.FAILED, at, "The control plane gave up watching: " + why.detail(), why);
    }

    Rollout ended(State end, Instant at, String sentence, @Nullable Problem why) {
        return copy(end, null, release, at, deployment, cancelledBy, sentence, why);
    }

    private Rollout copy(
            State state,
            @Nullable Manifest manifest,
            @Nullable Integer release,
            @Nullable Instant endedAt,
            @Nullable String deployment,
            @Nullable String cancelledBy,
            @Nullable String detail,
            @Nullable Problem failure) {
        return new Rollout(
                id,
                service,
                reason,
                state,
                image,
                tag,
                container,
                commit,
                manifest,
                release,
                previous,
                settings,
                operation,
                startedBy,
                startedAt,
                endedAt,
                deployment,
                cancelledBy,
                detail,
                failure);
    }
}
