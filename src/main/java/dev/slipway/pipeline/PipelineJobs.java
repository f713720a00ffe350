package dev.slipway.pipeline;

import dev.slipway.aws.AwsLookups;
import dev.slipway.id.PipelineId;
import dev.slipway.id.ServiceId;
import dev.slipway.operation.Acceptance.Request;
import dev.slipway.operation.WorkQueue;
import dev.slipway.pipeline.Artifacts.Buildspecs;
import dev.slipway.pipeline.Artifacts.ImageDefinitions;
import dev.slipway.pipeline.DeployJobs.DeployJob;
import dev.slipway.pipeline.DeployJobs.DeployJob.JobState;
import dev.slipway.pipeline.PipelinePolicy.Decision;
import dev.slipway.pipeline.PipelinePolicy.FailureType;
import dev.slipway.pipeline.Pipelines.PipelineRules;
import dev.slipway.problem.Problem;
import dev.slipway.problem.ProblemException;
import dev.slipway.release.Images;
import dev.slipway.rollout.Rollout;
import dev.slipway.service.RolloutRequest;
import dev.slipway.service.RolloutRequest.ConcurrencyPolicy;
import dev.slipway.service.Rollouts;
import dev.slipway.service.Services;
import dev.slipway.store.Store;
import dev.slipway.store.Store.WriteConflictException;
import dev.slipway.store.Stored;
import dev.slipway.store.Write;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.codepipeline.CodePipelineClient;

/**
 * Does what the jobs of pipelines ask, and tells CodePipeline how it ended. The function comes in with a job, the worker with
 * a look; both read, decide by {@link PipelinePolicy}, act, record, and begin anew when somebody else has recorded first.
 * Every act can be repeated: a rollout is accepted once for a job, and a job takes one answer.
 */
public final class PipelineJobs {
    /** A start whose function died has been given up by CodePipeline by then. */
    private static final Duration START_TIMEOUT = Duration.ofMinutes(30);

    private static final int MAX_ATTEMPTS = 5;

    /** What a job waits out. */
    private static final Set<String> BUSY = Set.of("operation-in-progress", "rollback-in-progress");

    /** Half a minute each, for what CodePipeline lists to catch up with the jobs that it sends. */
    private static final int MAX_WAITS = 6;

    private static final Logger LOG = Logger.getLogger(PipelineJobs.class);

    private final Store store;
    private final WorkQueue queue;
    private final Services services;
    private final Rollouts rollouts;
    private final RolloutProgressReader progressReader;
    private final Artifacts artifacts;
    private final JobResults results;
    private final JobProof proof;
    private final ExecutionStarters starters;
    private final InstantSource clock;
    private final String apiUrl;

    PipelineJobs(
            Store store,
            WorkQueue queue,
            Services services,
            Rollouts rollouts,
            RolloutProgressReader progressReader,
            CodePipelineClient codePipeline,
            AwsLookups lookups,
            InstantSource clock,
            String apiUrl) {
        this.store = store;
        this.queue = queue;
        this.services = services;
        this.rollouts = rollouts;
        this.progressReader = progressReader;
        this.artifacts = new Artifacts(lookups);
        this.results = new JobResults(codePipeline);
        this.proof = new JobProof(store, codePipeline);
        this.starters = new ExecutionStarters(codePipeline);
        this.clock = clock;
        this.apiUrl = apiUrl;
    }

    /** The message to the worker that has the open jobs of a service looked at. */
    static String message(ServiceId service) {
        return WorkQueue.message("pipeline", service.key());
    }

    /** Takes a job. What it throws passes by itself, and CodePipeline cannot be told to come again: Lambda does. */
    public void receive(PipelineJob job) {
        switch (job) {
            case PipelineJob.Malformed malformed ->
                results.fail(malformed.jobId(), FailureType.CONFIGURATION, message(malformed.problem()), null);
            case PipelineJob.SelectBuildspec look -> selectBuildspec(look);
            case PipelineJob.Deploy deploy -> deployOrContinue(deploy);
        }
    }

    /** The fault may last longer than Lambda's two retries, but must not end the action: CodePipeline comes again. */
    private void deployOrContinue(PipelineJob.Deploy job) {
        try {
            retryOnConflict(() -> deploy(job));
        } catch (RuntimeException e) {
            LOG.errorf(e, "service=%s execution=%s fault", job.service().key(), job.execution());
            String token = job.token();
            results.continueWith(
                    job.jobId(), token == null ? PipelineJob.LATER : token, "Slipway has failed and will retry.");
        }
    }

    private void selectBuildspec(PipelineJob.SelectBuildspec look) {
        Optional<Instant> begun =
                proven(look.jobId(), look.token(), proof.of(look.pipeline(), JobProof.Claim.of(look)));
        if (begun.isEmpty()) {
            return;
        }
        try {
            String buildspec = artifacts.read(look.source(), zip -> Buildspecs.choose(zip, look.path()));
            results.succeed(look.jobId(), Map.of(Buildspecs.VARIABLE, buildspec));
        } catch (Artifacts.UnreadableException e) {
            results.fail(look.jobId(), FailureType.CONFIGURATION, message(e.problem()), null);
        } catch (IOException e) {
            results.fail(
                    look.jobId(),
                    FailureType.JOB_FAILED,
                    "The source cannot be read: " + Objects.requireNonNullElse(e.getMessage(), "no reason given") + ".",
                    null);
        }
    }

    private void deploy(PipelineJob.Deploy job) {
        Optional<Stored<DeployJobs>> found = store.get(DeployJobs.key(job.service()));
        Optional<DeployJob> known = found.flatMap(jobs -> jobs.value().find(job.execution()));
        if (known.isPresent() && known.get().isUnderWay()) {
            proceed(job, found.orElseThrow(), Instant.MAX);
            return;
        }
        // Something may start by this job.
        proven(job.jobId(), job.token(), proof.of(new PipelineId(job.service().service()), JobProof.Claim.of(job)))
                .ifPresent(begun -> proceed(job, jobs(job.service()), begun));
    }

    /**
     * Says no to a job that is not what it says, and "come again" to one that CodePipeline does not know of yet: what it lists may
     * come late. Neither is written down.
     *
     * @return when the action of the job has begun; empty when nothing may be done
     */
    private Optional<Instant> proven(String job, @Nullable String token, JobProof.Result result) {
        return switch (result) {
            case JobProof.Result.Proven(Instant begun) -> Optional.of(begun);
            case JobProof.Result.Refused(Problem problem) -> {
                LOG.warnf("job=%s refused: %s", job, problem.detail());
                results.fail(job, FailureType.CONFIGURATION, message(problem), null);
                yield Optional.empty();
            }
            case JobProof.Result.Unknown(Problem problem) -> {
                int waited = PipelineJob.waited(token);
                LOG.warnf("job=%s not proven, waited=%d: %s", job, waited, problem.detail());
                if (waited < MAX_WAITS) {
                    results.continueWith(job, PipelineJob.waitedAgain(token), problem.detail());
                } else {
                    results.fail(job, FailureType.CONFIGURATION, message(problem), null);
                }
                yield Optional.empty();
            }
        };
    }

    /** @param begun when the job's action has begun, where a rollout may start by it */
    private void proceed(PipelineJob.Deploy job, Stored<DeployJobs> jobs, Instant begun) {
        if (isIntruder(job, jobs)) {
            return;
        }
        Decision decision = PipelinePolicy.onJob(
                job,
                jobs.value().find(job.execution()),
                progressReader.snapshot(jobs.value(), job.execution(), job.startedRollout()),
                clock.instant());
        log(job.service(), job.execution(), decision);
        if (decision instanceof Decision.Start(DeployJob run)) {
            start(job, jobs, run, begun);
            return;
        }
        Stored<DeployJobs> after = act(jobs, decision);
        if (decision instanceof Decision.Hold) {
            queue.send(message(job.service()), PipelinePolicy.RENEW_AFTER);
            reconcile(after, job.execution()); // it may have ended before the job was held
        }
    }

    /**
     * CodePipeline sends no second job of an action while it waits for the answer to the first. So when one comes while a job is
     * held, one of the two is made up: the held one is answered "come again", and if that is taken, it is the newcomer.
     */
    private boolean isIntruder(PipelineJob.Deploy job, Stored<DeployJobs> jobs) {
        Optional<DeployJob> held = jobs.value()
                .find(job.execution())
                .filter(run -> run.state() == JobState.OPEN && run.rollout() != null && !run.knows(job.jobId()));
        if (held.isEmpty()) {
            return false;
        }
        DeployJob run = held.get();
        boolean genuine =
                results.continueWith(run.jobId(), Objects.requireNonNull(run.rollout()), "The rollout is in progress.");
        if (genuine) {
            LOG.warnf("job=%s is none of execution %s, which waits for another", job.jobId(), job.execution());
            record(jobs, run.withState(JobState.CONTINUED));
        }
        return genuine;
    }

    /**
     * Nothing starts before CodePipeline has taken an answer to the job. The run is then recorded without a rollout: when this is cut
     * off, CodePipeline comes back with the next job of the action, which starts the same rollout.
     */
    private void start(PipelineJob.Deploy job, Stored<DeployJobs> jobs, DeployJob run, Instant begun) {
        Optional<Problem> tooLong = tooLong(job.service());
        if (tooLong.isPresent()) {
            act(jobs, rejected(run, tooLong.get()));
            return;
        }
        ImageDefinitions.Result.Found image;
        try {
            switch (image(job)) {
                case ImageDefinitions.Result.Invalid(Problem problem) -> {
                    act(jobs, rejected(run, problem));
                    return;
                }
                case ImageDefinitions.Result.Found found -> image = found;
            }
        } catch (Artifacts.UnreadableException e) {
            act(jobs, rejected(run, e.problem()));
            return;
        }
        Optional<String> starter = starters.starter(new PipelineId(job.service().service()), job.execution());
        if (!results.continueWith(
                job.jobId(),
                PipelineJob.LATER,
                "The rollout in " + job.service().environment() + " begins.")) {
            LOG.warnf("job=%s starts nothing: CodePipeline does not wait for it", job.jobId());
            return;
        }
        DeployJob answered = run.withState(JobState.CONTINUED);
        Stored<DeployJobs> recorded = record(jobs, answered);
        Optional<Instant> stopped =
                progressReader.stopped(new PipelineId(job.service().service()), job.execution(), begun);
        if (stopped.isPresent()) { // before it was recorded, so that nobody has told it
            record(recorded, answered.withStop(stopped.get()));
            return;
        }
        DeployJob next;
        try {
            next = answered.withRollout(rollOut(job, run, image, starter));
        } catch (ProblemException e) {
            LOG.infof("service=%s execution=%s: %s", job.service().key(), job.execution(), e.getMessage());
            // The registry may be late with what the build has just pushed.
            boolean late = e.problem().code().equals(Images.NOT_FOUND)
                    && clock.instant().isBefore(run.startedAt().plus(Images.SHOWN_WITHIN));
            boolean waits = late || BUSY.contains(e.problem().code());
            next = waits ? answered : answered.withRefusal(message(e.problem()));
        }
        reconcile(record(recorded, next), job.execution()); // it may have been stopped meanwhile
    }

    /** The pipeline's spec was held against this when it was accepted, and the service's may have changed since. */
    private Optional<Problem> tooLong(ServiceId service) {
        return services.find(service)
                .flatMap(found -> PipelineRules.tooLong(Pipelines.waits(found.declared())))
                .map(why -> Problem.user(
                        "rollout-too-long",
                        "A rollout of %s %s.".formatted(service.key(), why),
                        "Shorten the approvals or bakes in the spec of the service."));
    }

    private ImageDefinitions.Result image(PipelineJob.Deploy job) throws Artifacts.UnreadableException {
        try {
            return artifacts.read(
                    job.artifact(),
                    zip -> ImageDefinitions.read(zip, job.service().service(), job.registry()));
        } catch (IOException e) {
            throw new UncheckedIOException("the artifact broke off", e); // Lambda delivers the job again
        }
    }

    /** Once for an action, whichever of its jobs gets so far: all of them have its beginning. */
    private String rollOut(
            PipelineJob.Deploy job, DeployJob run, ImageDefinitions.Result.Found image, Optional<String> starter) {
        String commit = image.commit() == null ? job.commit() : image.commit();
        Request request = new Request(
                actor(job.service()),
                job.execution() + "/" + run.startedAt(),
                job.service().key());
        RolloutRequest wanted = new RolloutRequest(
                image.named(),
                commit,
                null,
                ConcurrencyPolicy.QUEUE,
                null,
                starter.orElse(null),
                Rollout.Grant.ofPipeline(job.service().service()),
                progressReader
                        .executions(new PipelineId(job.service().service()))
                        .pushedAt(job.execution(), commit)
                        .orElse(null));
        return rollouts.rollOut(job.service(), wanted, request).id();
    }

    private static Decision rejected(DeployJob run, Problem problem) {
        return new Decision.Fail(run.answered(), FailureType.CONFIGURATION, message(problem), false);
    }

    /** Looks at all that is open at a service. */
    void reconcile(ServiceId service) {
        retryOnConflict(() -> {
            Optional<Stored<DeployJobs>> found = store.get(DeployJobs.key(service));
            found.ifPresent(jobs -> {
                Stored<DeployJobs> now = jobs;
                for (DeployJob run : jobs.value().openJobs()) {
                    now = reconcile(now, run.execution());
                }
            });
        });
    }

    private Stored<DeployJobs> reconcile(Stored<DeployJobs> jobs, String execution) {
        Optional<DeployJob> found = jobs.value().find(execution);
        if (found.isEmpty()) {
            return jobs;
        }
        DeployJob run = found.get();
        Instant now = clock.instant();
        Decision decision = PipelinePolicy.onPoll(run, progressReader.snapshot(jobs.value(), execution, null), now);
        if (decision instanceof Decision.Start) {
            // Only the function can: it has the job's credentials.
            return run.jobReceivedAt().plus(START_TIMEOUT).isBefore(now) ? record(jobs, run.answered()) : jobs;
        }
        if (!(decision instanceof Decision.Hold || decision instanceof Decision.Nothing)) {
            log(run.service(), execution, decision);
        }
        return act(jobs, decision);
    }

    /** An execution was stopped by somebody. Throws {@link WriteConflictException} never: it is tried again. */
    void onExecutionStopped(ServiceId service, String execution, Instant at) {
        retryOnConflict(() -> {
            Optional<Stored<DeployJobs>> jobs = store.get(DeployJobs.key(service));
            Optional<DeployJob> run = jobs.flatMap(found -> found.value().find(execution));
            if (jobs.isPresent() && run.isPresent() && !run.get().isDone()) {
                reconcile(record(jobs.get(), run.get().withStop(at)), execution);
            }
        });
    }

    /**
     * Does what was decided, then records it: an answer that is given twice is none. A job that is not recorded yet and takes no
     * answer is none of CodePipeline's, or of no more use to it, and is not recorded.
     */
    private Stored<DeployJobs> act(Stored<DeployJobs> jobs, Decision decision) {
        switch (decision) {
            case Decision.Start _, Decision.Nothing _ -> {
                return jobs;
            }
            case Decision.Hold(DeployJob run) -> {
                return record(jobs, run);
            }
            case Decision.Continue(DeployJob run, String token, String summary) -> {
                return record(jobs, run, results.continueWith(run.jobId(), token, summary));
            }
            case Decision.Succeed(DeployJob run, String summary) -> {
                return record(jobs, run, results.succeed(run.jobId(), summary, run.rollout()));
            }
            case Decision.Fail(DeployJob run, FailureType kind, String message, boolean stop) -> {
                if (stop) {
                    cancelRollout(run);
                }
                String told = JobResults.message(message, link(run));
                return record(jobs, run, results.fail(run.jobId(), kind, told, run.rollout()));
            }
            case Decision.Stop(DeployJob run) -> {
                cancelRollout(run);
                return record(jobs, run);
            }
        }
    }

    private void cancelRollout(DeployJob run) {
        String rollout = run.rollout();
        if (rollout == null) {
            return;
        }
        try {
            rollouts.cancel(run.service(), rollout, new Request(actor(run.service()), null, ""));
        } catch (ProblemException e) {
            LOG.infof("service=%s rollout=%s is not stopped: %s", run.service().key(), rollout, e.getMessage());
        }
    }

    /** Those of a service; where there are none yet, none are written before there is one to be kept. */
    private Stored<DeployJobs> jobs(ServiceId service) {
        return store.get(DeployJobs.key(service))
                .orElseGet(() -> new Stored<>(DeployJobs.key(service), new DeployJobs(service, List.of()), 0));
    }

    private Stored<DeployJobs> record(Stored<DeployJobs> jobs, DeployJob run, boolean taken) {
        boolean known = jobs.value()
                .find(run.execution())
                .filter(found -> found.knows(run.jobId()))
                .isPresent();
        if (!taken && !known) {
            LOG.warnf("job=%s is not recorded: CodePipeline does not wait for it", run.jobId());
            return jobs;
        }
        return record(jobs, run);
    }

    private Stored<DeployJobs> record(Stored<DeployJobs> jobs, DeployJob run) {
        DeployJobs next = jobs.value().withJob(run);
        if (next.equals(jobs.value())) {
            return jobs;
        }
        store.write(jobs.version() == 0 ? new Write.Create<>(jobs.key(), next) : new Write.Update<>(jobs, next));
        return new Stored<>(jobs.key(), next, jobs.version() + 1);
    }

    private static void retryOnConflict(Runnable work) {
        for (int attempt = 1; ; attempt++) {
            try {
                work.run();
                return;
            } catch (WriteConflictException e) {
                if (attempt == MAX_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private String link(DeployJob run) {
        @Nullable String rollout = run.rollout();
        return apiUrl + run.service().path() + (rollout == null ? "" : "/rollouts/" + rollout);
    }

    private static String message(Problem problem) {
        return problem.action() == null ? problem.detail() : problem.detail() + " " + problem.action();
    }

    /** Who starts rollouts for a pipeline; no caller of the API can have this name. */
    static String actor(ServiceId service) {
        return "pipeline/" + service.service();
    }

    private static void log(ServiceId service, String execution, Decision decision) {
        LOG.infof(
                "pipeline=%s service=%s execution=%s decided=%s",
                service.service(),
                service.key(),
                execution,
                decision instanceof Decision.Fail fail
                        ? "Fail why=" + fail.message()
                        : decision.getClass().getSimpleName());
    }
}
