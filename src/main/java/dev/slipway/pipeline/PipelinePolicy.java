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
 * <p>The first job is answered with a continuation token before anything starts: that CodePipeline takes the answer proves that
 * the job is one of its own and still waits. CodePipeline then comes back with a new job, and that one is held open: so that the worker can tell it how the
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
        /** Tell CodePipeline to wait; if it takes that, start the rollout of the artifact's image. */
        record Start(DeployJob job) implements Decision {}

        /** Keep the job; the worker answers it. */
        record Hold(DeployJob job) implements Decision {}

        /** Tell CodePipeline to go on waiting: PutJobSuccessResult with a token. */
        record Continue(DeployJob job, String token, String summary) implements Decision {}

        /** The end of the action: PutJobSuccessResult without a token. */
        record Succeed(DeployJob job, String summary) implements Decision {}

        /** The end of the action: PutJobFailureResult. @param cancelRollout whether the rollout is to be stopped */
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
        DeployJob deployJob = known.get();
        if (deployJob.jobId().equals(job.jobId())) {
            return onRepeatedJob(deployJob, seen, now);
        }
        if (deployJob.previousJobIds().contains(job.jobId())) {
            return new Decision.Nothing(); // it comes once more, late; the newer one is what waits
        }
        if (job.token() == null && deployJob.isDone()) { // one with a token goes on with an action that we have left
            // The stage was retried: a new action of the same execution.
            return onFirstJob(job, seen, now);
        }
        return onPoll(deployJob.withJob(job.jobId(), now), seen, now);
    }

    private static Decision onFirstJob(PipelineJob.Deploy job, Snapshot seen, Instant now) {
        DeployJob deployJob = DeployJob.first(job.service(), job.execution(), job.jobId(), now);
        if (job.startedRollout() != null) {
            // Our record is gone, as after a restored table; the token says what was started.
            return onPoll(deployJob.withRollout(job.startedRollout()), seen, now);
        }
        return rejection(deployJob, seen).orElseGet(() -> new Decision.Start(deployJob));
    }

    /** The same job twice: Lambda delivers events at least once, and CodePipeline's are events. */
    private static Decision onRepeatedJob(DeployJob deployJob, Snapshot seen, Instant now) {
        if (deployJob.state() != JobState.OPEN) {
            return new Decision.Nothing();
        }
        // Cut off between the record and the start: the start finds out by itself whether it has happened.
        return deployJob.rollout() == null ? new Decision.Start(deployJob) : onPoll(deployJob, seen, now);
    }

    /** The worker looks, or a job has come that goes on with a known job. */
    public static Decision onPoll(DeployJob deployJob, Snapshot seen, Instant now) {
        String rollout = deployJob.rollout();
        if (deployJob.state() != JobState.OPEN) {
            return betweenJobs(deployJob, seen);
        }
        if (rollout == null && deployJob.refusal() != null) {
            return new Decision.Fail(deployJob.answered(), FailureType.CONFIGURATION, deployJob.refusal(), false);
        }
        if (rollout == null) {
            return rejection(deployJob, seen).orElseGet(() -> new Decision.Start(deployJob));
        }
        if (seen.rollout().isEmpty()) {
            return failed(deployJob, "There is no record of the rollout " + rollout + ".");
        }
        return switch (seen.rollout().get()) {
            case RolloutProgress.Succeeded _ ->
                new Decision.Succeed(deployJob.answered(), "The release is live in " + in(deployJob) + ".");
            case RolloutProgress.Failed(String cause) -> failed(deployJob, cause);
            case RolloutProgress.Running(String waitsFor) -> running(deployJob, rollout, waitsFor, now);
        };
    }

    /** Nobody can be told now, but of a stopped execution no job may ever come again. */
    private static Decision betweenJobs(DeployJob deployJob, Snapshot seen) {
        boolean runs =
                seen.rollout().filter(RolloutProgress.Running.class::isInstance).isPresent();
        return deployJob.state() == JobState.CONTINUED && deployJob.stoppedAt() != null && runs
                ? new Decision.Stop(deployJob.answered())
                : new Decision.Nothing();
    }

    private static Decision running(DeployJob deployJob, String rollout, @Nullable String waitsFor, Instant now) {
        if (deployJob.stoppedAt() != null) {
            return failedAndStopped(deployJob, "The execution was stopped, and the rollout with it.");
        }
        if (!now.isBefore(deployJob.startedAt().plus(GIVE_UP_AFTER))) {
            return failedAndStopped(
                    deployJob, "The rollout did not end within the 24 hours that CodePipeline waits, and was stopped.");
        }
        boolean due = !now.isBefore(deployJob.jobReceivedAt().plus(RENEW_AFTER));
        return due
                ? new Decision.Continue(
                        deployJob.withState(JobState.CONTINUED),
                        rollout,
                        waitsFor == null ? "The rollout in " + in(deployJob) + " is in progress." : waitsFor)
                : new Decision.Hold(deployJob);
    }

    private static Optional<Decision> rejection(DeployJob deployJob, Snapshot seen) {
        if (deployJob.stoppedAt() != null) {
            return Optional.of(failed(deployJob, "The execution was stopped before its rollout began."));
        }
        if (seen.newerDeployment().isPresent()) {
            return Optional.of(failed(
                    deployJob,
                    "A newer execution, %s, has been deployed to %s already; this one would bring older code back."
                            .formatted(seen.newerDeployment().get().execution(), in(deployJob))));
        }
        if (!seen.granted()) {
            return Optional.of(new Decision.Fail(
                    deployJob.answered(),
                    FailureType.PERMISSION,
                    "This pipeline has no grant to deploy to %s as it is declared now: somebody who may change %s has to give it."
                            .formatted(in(deployJob), in(deployJob)),
                    false));
        }
        return Optional.empty();
    }

    private static Decision failed(DeployJob deployJob, String cause) {
        return new Decision.Fail(deployJob.answered(), FailureType.JOB_FAILED, cause, false);
    }

    private static Decision failedAndStopped(DeployJob deployJob, String cause) {
        return new Decision.Fail(deployJob.answered(), FailureType.JOB_FAILED, cause, true);
    }

    private static String in(DeployJob deployJob) {
        return deployJob.service().environment();
    }
}
