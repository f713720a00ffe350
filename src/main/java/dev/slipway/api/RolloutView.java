package dev.slipway.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.slipway.deployment.RolloutSettings;
import dev.slipway.freeze.FreezeOverride;
import dev.slipway.preflight.Finding;
import dev.slipway.preflight.Forecast;
import dev.slipway.preflight.PreflightReport;
import dev.slipway.problem.Problem;
import dev.slipway.release.ContainerSettings;
import dev.slipway.rollout.GateRecord;
import dev.slipway.rollout.Rollout;
import dev.slipway.verdict.Verdict;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A rollout as the API shows it.
 *
 * @param release number of the release that it makes live, once it is known
 * @param previous number of the release that was live before
 * @param operation path of the operation that it is or belongs to, once it has started
 * @param deployment ARN of the ECS service deployment
 * @param stage how far ECS has come, and the production traffic that the new release has
 * @param waitsFor what it waits for: its turn, a freeze's end, a deployment outside Slipway, or what its gate waits for
 * @param verdict on the release so far
 * @param stop why it is or was rolled back
 * @param gate what was checked and who approved
 * @param findings of the preflight
 * @param forecast what it was expected to take
 * @param detail how it ended, in a sentence
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_EMPTY)
record RolloutView(
        String id,
        String self,
        Rollout.Reason reason,
        Rollout.State state,
        @Nullable String detail,
        String image,
        @Nullable String tag,
        @Nullable String commit,
        @Nullable Integer release,
        @Nullable Integer previous,
        ContainerSettings container,
        RolloutSettings strategy,
        @Nullable FreezeOverride override,
        @Nullable String operation,
        @Nullable String deployment,
        Rollout.@Nullable Stage stage,
        @Nullable String waitsFor,
        @Nullable Verdict verdict,
        List<GateRecord.Checkpoint> gate,
        List<Finding> findings,
        @Nullable Forecast forecast,
        Rollout.@Nullable Task task,
        Rollout.@Nullable Stop stop,
        String startedBy,
        Instant startedAt,
        @Nullable Instant endedAt,
        @Nullable String cancelledBy,
        @Nullable Problem failure) {
    static RolloutView of(Rollout rollout) {
        return of(rollout, Optional.empty());
    }

    static RolloutView of(Rollout rollout, Optional<GateRecord> gate) {
        String service = rollout.service().path();
        Rollout.Request request = rollout.request();
        Rollout.Progress progress = rollout.progress();
        PreflightReport preflight = rollout.preflight();
        Rollout.Outcome outcome = rollout.outcome();
        Rollout.Stop stop = rollout.stop();
        return new RolloutView(
                rollout.id(),
                service + "/rollouts/" + rollout.id(),
                request.reason(),
                rollout.state(),
                outcome == null ? null : outcome.detail(),
                request.image(),
                request.tag(),
                request.commit(),
                rollout.release(),
                progress.previous(),
                request.container(),
                rollout.settings(),
                request.override(),
                progress.operation() == null ? null : service + "/operations/" + progress.operation(),
                progress.deployment(),
                progress.stage(),
                progress.waitsFor() != null || !rollout.isRunning()
                        ? progress.waitsFor()
                        : gate.flatMap(RolloutView::waitsFor).orElse(null),
                progress.verdict(),
                gate.map(GateRecord::checkpoints).orElse(List.of()),
                preflight == null ? List.of() : preflight.findings(),
                preflight == null ? null : preflight.forecast(),
                progress.task(),
                stop,
                request.actor(),
                progress.startedAt(),
                outcome == null ? null : outcome.endedAt(),
                stop != null && rollout.isCancelled() ? stop.by() : null,
                outcome == null ? null : outcome.failure());
    }

    private static Optional<String> waitsFor(GateRecord gate) {
        return gate.checkpoints().stream()
                .map(GateRecord.Checkpoint::waitsFor)
                .flatMap(Stream::ofNullable)
                .reduce((a, b) -> b);
    }
}
