package dev.slipway.pipeline;

import dev.slipway.pipeline.DeployJobs.DeployJob;
import dev.slipway.pipeline.DeployJobs.DeployJob.JobState;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What to answer to a deploy action of CodePipeline, and when.
 *
 * <p>The first job is answered at once with a continuation token, which proves that we are there and gives the console its
 * link. CodePipeline then comes back with a new job, and that one is held open: so that the worker can tell it how the
 * rollout ended in the moment it ends. A held job is renewed in time, because CodePipeline fails an action of which it has
 * not heard for 20 minutes.
 */
public final class PipelinePolicy {
    /** Silence that CodePipeline bears, less a quarter: the worker looks every minute or two, and may be late once. */
    static final Duration RENEW_AFTER = Duration.ofMinutes(15);

    /** CodePipeline gives up after 24 hours. Before it does we say why, and stop what nobody would wait for any more. */
    static final Duration GIVE_UP_AFTER = Duration.ofHours(24).minusMinutes(20);

    private PipelinePolicy() {}

    /** How a rollout stands. */
    public sealed interface RolloutProgress {
        /** @param waitsFor what it waits for, in words; null when it just runs */
        record Running(@Nullable String waitsFor) implements RolloutProgress {}

        record Succeeded() implements RolloutProgress {}

        /** @param cause one sentence */
        record Failed(String cause) implements RolloutProgress {}
    }

    /** What is known when a job or a look comes. */
    public record Snapshot(boolean granted, Optional<RolloutProgress> rollout, Optional<DeployJob> newerDeployment) {}

    /** What to do. */
    public sealed interface Decision {
        /** Start the rollout of the artifact's image, then tell CodePipeline to wait. */
        record Start(DeployJob job) implements Decision {}

        /** Keep the job; the worker answers it. */
        record Hold(DeployJob job) implements Decision {}

        /** Tell CodePipeline to go on waiting: PutJobSuccessResult with a token. */
        record Continue(DeployJob job, String token, String summary) implements Decision {}

        /** The end of the action: PutJobSuccessResult without a token. */
        record Succeed(DeployJob job, String summary) implements Decision {}

        /** The end of the action: PutJobFailureResult. @param stop whether the rollout is to be stopped */
        record Fail(DeployJob job, FailureType type, String message, boolean cancelRollout) implements Decision {}

        /** Stop the rollout; there is no job to answer. */
        record Stop(DeployJob job) implements Decision {}

        /** Nothing is open. */
        record Nothing() implements Decision {}
    }

    /** The types of a failure that we use, as CodePipeline names them. */
    public enum FailureType {
        JOB_FAILED("JobFailed"),
        CONFIGURATION("ConfigurationError"),
        PERMISSION("PermissionError");

        private final String type;

        FailureType(String type) {
            this.type = type;
        }

        public String type() {
            return type;
        }
    }

    /**
     * A job has come.
     *
     * @param known what is kept of this execution in this environment
     */
    public static Decision onJob(PipelineJob.Deploy job, Optional<DeployJob> known, Snapshot seen, Instant now) {
        if (known.isEmpty()) {
            return onFirstJob(job, seen, now);
        }
        DeployJob run = known.get();
        if (run.jobId().equals(job.jobId())) {
            return onRepeatedJob(run, seen, now);
        }
        if (run.previousJobIds().contains(job.jobId())) {
            return new Decision.Nothing(); // it comes once more, late; the newer one is what waits
        }
        if (job.token() == null && run.isDone()) {
            // The stage was retried: a new action of the same execution.
            return onFirstJob(job, seen, now);
        }
        return onPoll(run.withJob(job.jobId(), now), seen, now);
    }

    private static Decision onFirstJob(PipelineJob.Deploy job, Snapshot seen, Instant now) {
        DeployJob run = DeployJob.first(job.service(), job.execution(), job.jobId(), now);
        if (job.token() != null) {
            // Our record is gone, as after a restored table; the token says what was started.
            return onPoll(run.withRollout(job.token()), seen, now);
        }
        return rejection(run, seen).orElseGet(() -> new Decision.Start(run));
    }

    /** The same job twice: Lambda delivers events at least once, and CodePipeline's are events. */
    private static Decision onRepeatedJob(DeployJob run, Snapshot seen, Instant now) {
        if (run.state() != JobState.OPEN) {
            return new Decision.Nothing();
        }
        // Cut off between the record and the start: the start finds out by itself whether it has happened.
        return run.rollout() == null ? new Decision.Start(run) : onPoll(run, seen, now);
    }

    /** The worker looks, or a job has come that goes on with a known run. */
    public static Decision onPoll(DeployJob run, Snapshot seen, Instant now) {
        String rollout = run.rollout();
        if (run.state() != JobState.OPEN) {
            return betweenJobs(run, seen);
        }
        if (rollout == null) {
            return rejection(run, seen).orElseGet(() -> new Decision.Start(run));
        }
        if (seen.rollout().isEmpty()) {
            return failed(run, "There is no record of the rollout " + rollout + ".");
        }
        return switch (seen.rollout().get()) {
            case RolloutProgress.Succeeded _ ->
                new Decision.Succeed(run.answered(), "The release is live in " + in(run) + ".");
            case RolloutProgress.Failed(String cause) -> failed(run, cause);
            case RolloutProgress.Running(String waitsFor) -> running(run, rollout, waitsFor, now);
        };
    }

    /** Nobody can be told now, but of a stopped execution no job may ever come again. */
    private static Decision betweenJobs(DeployJob run, Snapshot seen) {
        boolean runs =
                seen.rollout().filter(RolloutProgress.Running.class::isInstance).isPresent();
        return run.state() == JobState.CONTINUED && run.stoppedAt() != null && runs
                ? new Decision.Stop(run.answered())
                : new Decision.Nothing();
    }

    private static Decision running(DeployJob run, String rollout, @Nullable String waitsFor, Instant now) {
        if (run.stoppedAt() != null) {
            return failedAndStopped(run, "The execution was stopped, and the rollout with it.");
        }
        if (!now.isBefore(run.startedAt().plus(GIVE_UP_AFTER))) {
            return failedAndStopped(
                    run, "The rollout did not end within the 24 hours that CodePipeline waits, and was stopped.");
        }
        boolean due = !now.isBefore(run.jobReceivedAt().plus(RENEW_AFTER));
        return due
                ? new Decision.Continue(
                        run.withState(JobState.CONTINUED),
                        rollout,
                        waitsFor == null ? "The rollout in " + in(run) + " is in progress." : waitsFor)
                : new Decision.Hold(run);
    }

    /** The rollout has been started: the first answer. */
    public static Decision onStarted(DeployJob run, String rollout) {
        return new Decision.Continue(
                run.withRollout(rollout).withState(JobState.CONTINUED),
                rollout,
                "The rollout in " + in(run) + " has begun.");
    }

    private static Optional<Decision> rejection(DeployJob run, Snapshot seen) {
        if (run.stoppedAt() != null) {
            return Optional.of(failed(run, "The execution was stopped before its rollout began."));
        }
        if (seen.newerDeployment().isPresent()) {
            return Optional.of(failed(
                    run,
                    "A newer execution, %s, has been deployed to %s already; this one would bring older code back."
                            .formatted(seen.newerDeployment().get().execution(), in(run))));
        }
        if (!seen.granted()) {
            return Optional.of(new Decision.Fail(
                    run.answered(),
                    FailureType.PERMISSION,
                    "This pipeline has no grant to deploy to %s: somebody who may change %s has to give it."
                            .formatted(in(run), in(run)),
                    false));
        }
        return Optional.empty();
    }

    private static Decision failed(DeployJob run, String cause) {
        return new Decision.Fail(run.answered(), FailureType.JOB_FAILED, cause, false);
    }

    private static Decision failedAndStopped(DeployJob run, String cause) {
        return new Decision.Fail(run.answered(), FailureType.JOB_FAILED, cause, true);
    }

    private static String in(DeployJob run) {
        return run.service().environment();
    }
}
