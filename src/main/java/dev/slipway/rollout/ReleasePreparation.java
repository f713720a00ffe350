package dev.slipway.rollout;

import dev.slipway.deployment.RolloutSettings;
import dev.slipway.ledger.LedgerEntry;
import dev.slipway.operation.Phase;
import dev.slipway.operation.Transaction;
import dev.slipway.preflight.Finding;
import dev.slipway.preflight.Preflight;
import dev.slipway.problem.Problem;
import dev.slipway.release.Images;
import dev.slipway.release.Release;
import dev.slipway.release.TaskDefinitions;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** What comes before ECS is told to deploy: looking, registering, marking the image, and the one-off task. */
record ReleasePreparation(
        Store store,
        Images images,
        TaskDefinitions taskDefinitions,
        Preflight preflight,
        OneOffTasks tasks,
        RolloutEventRecorder events,
        RolloutCompletion completion,
        String region) {
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
                Problem.user(first.code(), first.detail(), first.remedy()));
    }

    RolloutReconcileResult register(RolloutContext context, Instant now) {
        Rollout rollout = context.rollout().value();
        if (rollout.stop() != null) {
            return completion.cancelledBeforeStart(context, rollout.stop(), now);
        }
        if (rollout.release() != null) { // an earlier release rolled back to
            return knownRelease(context, rollout, Phase.START, now);
        }
        var content = new TaskDefinitions.Content(
                rollout.service(),
                rollout.request().image(),
                rollout.request().container(),
                context.output("ExecutionRoleArn"),
                context.output("TaskRoleArn"),
                region);
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
                null,
                false,
                List.of());
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
        int number = Objects.requireNonNull(rollout.release());
        Stored<Release> release =
                store.get(Release.key(rollout.service(), number)).orElseThrow();
        if (taskDefinitions.isActive(release.value().taskDefinition())) {
            return context.transitionTo(next, now, rollout);
        }
        String arn = taskDefinitions.register(
                TaskDefinitions.Content.of(rollout.service(), release.value(), context.outputs(), region));
        return context.withNote("Release %d had been deregistered outside Slipway and was registered anew: %s."
                        .formatted(number, arn))
                .transitionTo(
                        next,
                        now,
                        rollout,
                        new Transaction().update(release, release.value().registeredAs(arn)));
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
        Instant since = context.operation().phaseSince();
        RolloutSettings.Before before = rollout.settings().before();
        if (before == null) {
            return context.transitionTo(Phase.START, now, rollout);
        }
        Rollout.Task task = rollout.progress().task();
        if (task == null) {
            if (rollout.stop() != null) {
                return completion.cancelledBeforeStart(context, rollout.stop(), now);
            }
            String arn = tasks.run(context, completion.release(context), before);
            Rollout running = rollout.progressed(progress -> progress.task(new Rollout.Task(arn, now, null)));
            return context.requeue(running, OneOffTasks.POLL_INTERVAL);
        }
        boolean overdue = since.plusSeconds(before.timeoutSeconds()).isBefore(now);
        return switch (tasks.status(rollout.service(), task)) {
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
                                .formatted(context.output("LogGroup"), OneOffTasks.logStream(failed.service(), task))));
    }
}
