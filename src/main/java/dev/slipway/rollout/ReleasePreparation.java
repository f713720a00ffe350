package dev.slipway.rollout;

import dev.slipway.ledger.LedgerEntry;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Transaction;
import dev.slipway.problem.Problem;
import dev.slipway.release.Images;
import dev.slipway.release.Release;
import dev.slipway.release.TaskDefinitions;
import dev.slipway.store.Store;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What comes before ECS is told to deploy: looking, registering, marking the image, and the one-off task. */
final class ReleasePreparation {
    private final Store store;
    private final Images images;
    private final TaskDefinitions taskDefinitions;
    private final Preflight preflight;
    private final OneOffTasks tasks;
    private final RolloutEventRecorder events;
    private final RolloutCompletion completion;
    private final String region;

    ReleasePreparation(
            Store store,
            Images images,
            TaskDefinitions taskDefinitions,
            Preflight preflight,
            OneOffTasks tasks,
            RolloutEventRecorder chronicle,
            RolloutCompletion endings,
            String region) {
        this.store = store;
        this.images = images;
        this.taskDefinitions = taskDefinitions;
        this.preflight = preflight;
        this.tasks = tasks;
        this.events = chronicle;
        this.completion = endings;
        this.region = region;
    }

    RolloutReconcileResult runPreflight(RolloutContext course, Instant now) {
        Rollout rollout = course.rollout().value();
        if (rollout.stop() != null) {
            return completion.cancelledBeforeStart(course, rollout.stop(), now);
        }
        Preflight.Report report = preflight.run(Preflight.Input.of(course), now);
        Rollout looked = rollout.with(draft -> {
            draft.findings = report.findings();
            draft.forecast = report.forecast();
            draft.targetGroups = report.groups();
        });
        List<Finding> blocking =
                report.findings().stream().filter(Finding::blocks).toList();
        if (blocking.isEmpty()) {
            return course.transitionTo(RolloutWorkflow.REGISTER, now, looked);
        }
        Finding first = blocking.getFirst();
        return completion.end(
                course,
                looked,
                Rollout.State.FAILED,
                now,
                "Nothing was changed: " + first.detail(),
                Problem.user(first.code(), first.detail(), first.remedy()));
    }

    RolloutReconcileResult register(RolloutContext course, Instant now) {
        Rollout rollout = course.rollout().value();
        if (rollout.stop() != null) {
            return completion.cancelledBeforeStart(course, rollout.stop(), now);
        }
        if (rollout.release() != null) { // an earlier release rolled back to
            return course.transitionTo(RolloutWorkflow.START, now, rollout);
        }
        var content = new TaskDefinitions.Content(
                rollout.service(),
                rollout.image(),
                rollout.container(),
                course.output("ExecutionRoleArn"),
                course.output("TaskRoleArn"),
                region);
        Optional<Integer> known = store.get(Release.ContentIndex.key(rollout.service(), content.hash()))
                .map(found -> found.value().number());
        if (known.isPresent()) {
            return course.transitionTo(after(rollout), now, rollout.with(draft -> draft.release = known.get()));
        }
        Release release = new Release(
                newestReleaseNumber(rollout) + 1,
                rollout.image(),
                rollout.tag(),
                rollout.container(),
                content.hash(),
                taskDefinitions.register(content),
                now,
                rollout.startedBy(),
                rollout.commit(),
                null,
                false);
        return course.transitionTo(
                RolloutWorkflow.TAG_IMAGE,
                now,
                rollout.with(draft -> draft.release = release.number()),
                new Transaction()
                        .create(Release.key(rollout.service(), release.number()), release)
                        .create(
                                Release.ContentIndex.key(rollout.service(), content.hash()),
                                new Release.ContentIndex(release.number())));
    }

    private int newestReleaseNumber(Rollout rollout) {
        return store
                .list(Operation.partition(rollout.service()), Release.SORT, Release.itemType(), true, 1, null)
                .items()
                .stream()
                .map(found -> found.value().number())
                .findFirst()
                .orElse(0);
    }

    RolloutReconcileResult tagImage(RolloutContext course, Instant now) {
        Rollout rollout = course.rollout().value();
        if (rollout.manifest() != null) {
            images.retain(rollout.service(), rollout.manifest(), course.release());
        }
        return course.transitionTo(after(rollout), now, rollout.with(draft -> draft.manifest = null));
    }

    private static String after(Rollout rollout) {
        return rollout.settings().before() == null ? RolloutWorkflow.START : RolloutWorkflow.TASK;
    }

    /** The one-off task: started, then looked at until it has ended. */
    RolloutReconcileResult task(RolloutContext course, Instant now) {
        Rollout rollout = course.rollout().value();
        Instant since = course.operation().phaseSince();
        RolloutSettings.Before before = rollout.settings().before();
        if (before == null) {
            return course.transitionTo(RolloutWorkflow.START, now, rollout);
        }
        Rollout.Task task = rollout.task();
        if (task == null) {
            if (rollout.stop() != null) {
                return completion.cancelledBeforeStart(course, rollout.stop(), now);
            }
            String arn = tasks.run(course, completion.release(course), before);
            Rollout running = rollout.with(draft -> draft.task = new Rollout.Task(arn, now, null));
            return course.requeue(running, OneOffTasks.POLL_INTERVAL);
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
                                course, task, "It did not end within %d s.".formatted(before.timeoutSeconds()), now)
                        : course.requeue(rollout, OneOffTasks.POLL_INTERVAL);
            }
            case OneOffTasks.Status.Succeeded succeeded -> {
                Rollout done = rollout.with(draft -> draft.task = new Rollout.Task(task.arn(), task.startedAt(), 0));
                yield course.transitionTo(
                        RolloutWorkflow.START,
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
                    yield completion.cancelledBeforeStart(course, rollout.stop(), now);
                }
                Rollout.Task ended = new Rollout.Task(task.arn(), task.startedAt(), failed.exitCode());
                yield taskFailed(course, ended, overdue ? "It ran out of time." : failed.reason(), now);
            }
        };
    }

    private RolloutReconcileResult taskFailed(RolloutContext course, Rollout.Task task, String why, Instant now) {
        Rollout failed = course.rollout().value().with(draft -> draft.task = task);
        return completion.end(
                course,
                failed,
                Rollout.State.FAILED,
                now,
                "The one-off task failed, and nothing was deployed: " + why,
                Problem.user(
                        "task-failed",
                        "The one-off task before the rollout failed: " + why,
                        "Look at its log: group %s, stream %s."
                                .formatted(course.output("LogGroup"), OneOffTasks.logStream(failed.service(), task))));
    }
}
