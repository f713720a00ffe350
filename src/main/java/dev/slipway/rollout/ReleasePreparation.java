package dev.slipway.rollout;

import dev.slipway.deployment.RolloutSettings;
import dev.slipway.ledger.LedgerEntry;
import dev.slipway.logs.LogStreamName;
import dev.slipway.operation.Phase;
import dev.slipway.operation.Transaction;
import dev.slipway.preflight.Finding;
import dev.slipway.preflight.Preflight;
import dev.slipway.problem.Problem;
import dev.slipway.release.Images;
import dev.slipway.release.Release;
import dev.slipway.release.TaskDefinitions;
import dev.slipway.store.Key;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/** What comes before ECS is told to deploy: looking, registering, marking the image, and the one-off task. */
record ReleasePreparation(
        Store store,
        Images images,
        TaskDefinitions taskDefinitions,
        Registrations registrations,
        Preflight preflight,
        OneOffTasks tasks,
        RolloutEventRecorder events,
        RolloutCompletion completion,
        String region) {
    /** An answer wakes the rollout; this is for the end of the time to answer. */
    private static final Duration APPROVAL_POLL_INTERVAL = Duration.ofMinutes(1);

    RolloutReconcileResult runPreflight(RolloutContext context, Instant now) {
        Rollout rollout = context.rollout().value();
        if (rollout.stop() != null) {
            return completion.cancelledBeforeStart(context, rollout.stop(), now);
        }
        Preflight.Result found = preflight.run(context.preflightInput(), now);
        Rollout looked =
                rollout.withPreflight(found.report()).progressed(progress -> progress.targetGroups(found.groups()));
        List<Finding> blocking =
                found.report().findings().stream().filter(Finding::blocks).toList();
        if (blocking.isEmpty()) {
            return context.transitionTo(Phase.REGISTER, now, looked);
        }
        Finding first = blocking.getFirst();
        return completion.end(
                context,
                looked,
                Rollout.State.FAILED,
                now,
                "Nothing was changed: " + first.detail(),
                Problem.user(first.code(), first.detail(), first.action()));
    }

    RolloutReconcileResult register(RolloutContext context, Instant now) {
        Rollout rollout = context.rollout().value();
        if (rollout.stop() != null) {
            return completion.cancelledBeforeStart(context, rollout.stop(), now);
        }
        if (rollout.release() != null) { // an earlier release rolled back to
            return knownRelease(context, rollout, Phase.START, now);
        }
        String restart = rollout.request().reason() == Rollout.Reason.RESTART ? rollout.id() : null;
        var content = new TaskDefinitions.Content(
                rollout.service(),
                rollout.request().image(),
                rollout.request().container(),
                context.output("ExecutionRoleArn"),
                context.output("TaskRoleArn"),
                region,
                restart);
        Optional<Integer> known = store.get(Release.ContentIndex.key(rollout.service(), content.hash()))
                .map(found -> found.value().number());
        if (known.isPresent()) {
            return knownRelease(
                    context, rollout.progressed(progress -> progress.release(known.get())), after(rollout), now);
        }
        Release release = new Release(
                newestReleaseNumber(rollout) + 1,
                rollout.request().image(),
                rollout.request().tag(),
                rollout.request().container(),
                content.hash(),
                taskDefinitions.register(content),
                now,
                rollout.request().actor(),
                rollout.request().commit(),
                rollout.request().committedAt(),
                null,
                null,
                false,
                List.of(),
                restart);
        return context.transitionTo(
                Phase.TAG_IMAGE,
                now,
                rollout.progressed(progress -> progress.release(release.number())),
                new Transaction()
                        .create(Release.key(rollout.service(), release.number()), release)
                        .create(
                                Release.ContentIndex.key(rollout.service(), content.hash()),
                                new Release.ContentIndex(release.number())));
    }

    /** A release keeps its number when its task definition was deregistered by others: it is registered anew. */
    private RolloutReconcileResult knownRelease(RolloutContext context, Rollout rollout, Phase next, Instant now) {
        return registrations
                .anew(context, Objects.requireNonNull(rollout.release()))
                .map(anew -> anew.context().transitionTo(next, now, rollout, anew.record()))
                .orElseGet(() -> context.transitionTo(next, now, rollout));
    }

    private int newestReleaseNumber(Rollout rollout) {
        return store
                .list(rollout.service().partition(), Release.SORT, Release.ITEM_TYPE, true, 1, null)
                .items()
                .stream()
                .map(found -> found.value().number())
                .findFirst()
                .orElse(0);
    }

    RolloutReconcileResult tagImage(RolloutContext context, Instant now) {
        Rollout rollout = context.rollout().value();
        if (rollout.progress().manifest() != null) {
            images.retain(
                    rollout.service(),
                    completion.release(context).digest(),
                    rollout.progress().manifest(),
                    context.release());
        }
        return context.transitionTo(after(rollout), now, rollout.progressed(progress -> progress.manifest(null)));
    }

    private static Phase after(Rollout rollout) {
        return rollout.settings().before() == null ? Phase.START : Phase.TASK;
    }

    /** The one-off task: started, then looked at until it has ended. */
    RolloutReconcileResult task(RolloutContext context, Instant now) {
        Rollout rollout = context.rollout().value();
        RolloutSettings.Before before = rollout.settings().before();
        if (before == null) {
            return context.transitionTo(Phase.START, now, rollout);
        }
        Rollout.Task task = rollout.progress().task();
        if (task == null) {
            if (rollout.stop() != null) {
                return completion.cancelledBeforeStart(context, rollout.stop(), now);
            }
            return beforeTask(context, before, now);
        }
        // People may have been asked before it started.
        Instant since = Objects.requireNonNull(task.startedAt(), "a task that has an ARN has started");
        boolean overdue = since.plusSeconds(before.timeoutSeconds()).isBefore(now);
        return switch (tasks.status(rollout.service(), task, now)) {
            case OneOffTasks.Status.Running runs -> {
                if (overdue || rollout.stop() != null) {
                    tasks.stop(rollout.service(), task, overdue ? "It ran out of time." : "The rollout was cancelled.");
                }
                boolean lost = since.plusSeconds(before.timeoutSeconds())
                        .plus(OneOffTasks.STOPS_WITHIN)
                        .isBefore(now);
                yield lost
                        ? taskFailed(
                                context, task, "It did not end within %d s.".formatted(before.timeoutSeconds()), now)
                        : context.requeue(rollout, OneOffTasks.POLL_INTERVAL);
            }
            case OneOffTasks.Status.Succeeded succeeded -> {
                Rollout done = rollout.progressed(
                        progress -> progress.task(new Rollout.Task(task.arn(), task.startedAt(), 0)));
                yield context.transitionTo(
                        Phase.START,
                        now,
                        done,
                        events.record(
                                done,
                                LedgerEntry.EventType.TASK_RUN,
                                LedgerEntry.SLIPWAY,
                                "The one-off task succeeded.",
                                now));
            }
            case OneOffTasks.Status.Failed failed -> {
                if (rollout.stop() != null) {
                    yield completion.cancelledBeforeStart(context, rollout.stop(), now);
                }
                Rollout.Task ended = new Rollout.Task(task.arn(), task.startedAt(), failed.exitCode());
                yield taskFailed(context, ended, overdue ? "It ran out of time." : failed.reason(), now);
            }
        };
    }

    /** The task is started once people have approved it, where they are asked; like every act it may come twice. */
    private RolloutReconcileResult beforeTask(RolloutContext context, RolloutSettings.Before before, Instant now) {
        return approved(
                context,
                GateRecord.BEFORE_TASK,
                now,
                passed -> registrations.start(context, () -> {
                    String arn = tasks.run(context, completion.release(context), before);
                    Rollout running = context.rollout()
                            .value()
                            .progressed(progress -> progress.task(new Rollout.Task(arn, now, null)));
                    return context.requeue(running, OneOffTasks.POLL_INTERVAL, passed);
                }));
    }

    /** Before a release that has all traffic at once, and of which ECS does not ask the gate. */
    RolloutReconcileResult approval(RolloutContext context, Instant now) {
        Rollout rollout = context.rollout().value();
        return rollout.stop() != null
                ? completion.cancelledBeforeStart(context, rollout.stop(), now)
                : approved(
                        context,
                        GateRecord.BEFORE_FIRST_RELEASE,
                        now,
                        passed -> context.transitionTo(Phase.START, now, rollout, passed));
    }

    /** @param next with what records that people have approved it */
    private RolloutReconcileResult approved(
            RolloutContext context, String stage, Instant now, Function<Transaction, RolloutReconcileResult> next) {
        Rollout rollout = context.rollout().value();
        Key<GateRecord> key = GateRecord.key(rollout.service(), rollout.id());
        Optional<Stored<GateRecord>> known = store.get(key);
        GateRecord record = known.map(Stored::value).orElseGet(() -> new GateRecord(rollout.id(), null, List.of()));
        GateRecord.Checkpoint checkpoint =
                record.find(stage, 0).orElseGet(() -> GateRecord.Checkpoint.entered(stage, 0, now));
        GatePolicy.Decision decision = GatePolicy.beforeStart(
                new GatePolicy.Snapshot(null, 0, checkpoint, rollout.settings(), null, null, now));
        return switch (decision) {
            case GatePolicy.Decision.Proceed _ ->
                next.apply(
                        rollout.settings().isApproved()
                                ? Approvals.byTimeout(events, rollout, checkpoint, now)
                                        .put(key, known, record.with(checkpoint.passed(now)))
                                : new Transaction());
            case GatePolicy.Decision.AskForApproval _ -> {
                Approvals.Question question = Approvals.question(rollout, checkpoint, null, now);
                yield context.requeue(
                        rollout,
                        APPROVAL_POLL_INTERVAL,
                        events.record(
                                        rollout,
                                        LedgerEntry.EventType.APPROVAL_REQUESTED,
                                        LedgerEntry.SLIPWAY,
                                        question.sentence(),
                                        now)
                                .put(key, known, record.with(question.checkpoint())));
            }
            case GatePolicy.Decision.Fail fail -> {
                Rollout.Stop stop = new Rollout.Stop(fail.cause(), LedgerEntry.SLIPWAY, fail.message(), now);
                RolloutReconcileResult.Ended ended =
                        completion.cancelledBeforeStart(context, rollout.stopping(stop), now);
                yield new RolloutReconcileResult.Ended(
                        ended.operation(),
                        ended.also().put(key, known, record.with(checkpoint.failed(fail.message()))),
                        ended.rollout());
            }
            case GatePolicy.Decision.Hold _ -> context.requeue(rollout, APPROVAL_POLL_INTERVAL);
            case GatePolicy.Decision.Check _,
                    GatePolicy.Decision.AskFunction _,
                    GatePolicy.Decision.Probe _,
                    GatePolicy.Decision.RecordNoEvidence _ ->
                throw new IllegalStateException("nothing is checked before the start: " + decision);
        };
    }

    /** Where the awslogs driver writes, as the release's task definition says. */
    private LogStreamName logStream(RolloutContext context, Rollout.Task task) {
        String arn = Objects.requireNonNull(task.arn(), "a task that has not started has no log");
        return new LogStreamName(
                taskDefinitions
                        .logPrefix(completion.release(context).taskDefinition())
                        .orElse(LogStreamName.SHARED),
                context.rollout().value().service().service(),
                arn.substring(arn.lastIndexOf('/') + 1));
    }

    private RolloutReconcileResult taskFailed(RolloutContext context, Rollout.Task task, String why, Instant now) {
        Rollout failed = context.rollout().value().progressed(progress -> progress.task(task));
        return completion.end(
                context,
                failed,
                Rollout.State.FAILED,
                now,
                "The one-off task failed, and nothing was deployed: " + why,
                Problem.user(
                        "task-failed",
                        "The one-off task before the rollout failed: " + why,
                        "Look at its log: group %s, stream %s."
                                .formatted(context.output("LogGroup"), logStream(context, task))));
    }
}
