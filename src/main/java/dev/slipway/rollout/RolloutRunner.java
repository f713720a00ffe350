package dev.slipway.rollout;

import dev.slipway.aws.AwsErrors;
import dev.slipway.operation.Operation;
import dev.slipway.problem.Problem;
import dev.slipway.release.Images;
import dev.slipway.release.Release;
import dev.slipway.release.TaskDefinitions;
import dev.slipway.stack.Progress;
import dev.slipway.stack.StackChange;
import dev.slipway.stack.Stacks;
import dev.slipway.stack.Step;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import dev.slipway.store.Write;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ecs.EcsClient;
import software.amazon.awssdk.services.ecs.model.ClientException;
import software.amazon.awssdk.services.ecs.model.Service;
import software.amazon.awssdk.services.ecs.model.ServiceDeployment;

/**
 * Drives a rollout through its phases, one act a pass:
 *
 * <pre>
 * register → mark → start → watch                 a later release
 *                      └──→ first → scale → fill  the first release: the stack creates the ECS service
 *                      └──→ open → start          the release listens on a port that is closed to the load balancer
 * </pre>
 */
public final class RolloutRunner {
    /** The first phase of every rollout. */
    public static final String REGISTER = "register";

    private static final String MARK = "mark";
    private static final String START = "start";
    private static final String OPEN = "open";
    private static final String FIRST = "first";
    private static final String SCALE = "scale";
    private static final String FILL = "fill";
    private static final String WATCH = "watch";
    private static final Set<String> PHASES = Set.of(REGISTER, MARK, START, OPEN, FIRST, SCALE, FILL, WATCH);
    private static final Duration LOOK = Duration.ofMinutes(4); // the event of its end wakes us earlier
    private static final Duration SOON = Duration.ofSeconds(30);

    private final Store store;
    private final Images images;
    private final TaskDefinitions taskDefinitions;
    private final EcsDeployments deployments;
    private final Stacks stacks;
    private final String region;

    public RolloutRunner(
            Store store, Images images, TaskDefinitions taskDefinitions, EcsClient ecs, Stacks stacks, String region) {
        this.store = store;
        this.images = images;
        this.taskDefinitions = taskDefinitions;
        this.deployments = new EcsDeployments(ecs);
        this.stacks = stacks;
        this.region = region;
    }

    /** Whether an operation is in one of a rollout's phases. */
    public static boolean isAt(Operation operation) {
        return PHASES.contains(operation.phase());
    }

    /** One pass. */
    public RolloutStep advance(Course course, Instant now) {
        return switch (course.operation().phase()) {
            case REGISTER -> register(course, now);
            case MARK -> mark(course, now);
            case START -> start(course, now);
            case OPEN -> open(course, now);
            case FIRST -> first(course, now);
            case SCALE -> scale(course, now);
            case FILL -> fill(course, now);
            case WATCH -> watch(course, now);
            default -> throw new IllegalStateException(course.operation().phase());
        };
    }

    private RolloutStep register(Course course, Instant now) {
        Rollout rollout = course.rollout().value();
        if (rollout.cancelledBy() != null) {
            return cancelledBeforeAnything(course, now);
        }
        if (rollout.release() != null) { // an earlier release called back
            return next(course, START, now, rollout);
        }
        var content = new TaskDefinitions.Content(
                rollout.service(),
                rollout.image(),
                rollout.container(),
                course.output("ExecutionRoleArn"),
                course.output("TaskRoleArn"),
                region);
        Optional<Integer> known = store.get(Release.ByContent.key(rollout.service(), content.hash()))
                .map(found -> found.value().number());
        if (known.isPresent()) {
            return next(course, START, now, rollout.releasing(known.get()));
        }
        Release release = new Release(
                newest(rollout) + 1,
                rollout.image(),
                rollout.tag(),
                rollout.container(),
                content.hash(),
                taskDefinitions.register(content),
                now,
                rollout.startedBy(),
                rollout.commit(),
                null);
        return next(
                course,
                MARK,
                now,
                rollout.releasing(release.number()),
                new Write.Create<>(Release.key(rollout.service(), release.number()), release),
                new Write.Create<>(
                        Release.ByContent.key(rollout.service(), content.hash()),
                        new Release.ByContent(release.number())));
    }

    private int newest(Rollout rollout) {
        return store
                .list(Operation.partition(rollout.service()), Release.SORT, Release.kind(), true, 1, null)
                .items()
                .stream()
                .map(found -> found.value().number())
                .findFirst()
                .orElse(0);
    }

    private RolloutStep mark(Course course, Instant now) {
        Rollout rollout = course.rollout().value();
        if (rollout.manifest() != null) {
            images.keep(rollout.service(), rollout.manifest(), number(rollout));
        }
        return next(course, START, now, rollout.marked());
    }

    private RolloutStep start(Course course, Instant now) {
        Rollout rollout = course.rollout().value();
        if (rollout.cancelledBy() != null) {
            return cancelledBeforeAnything(course, now);
        }
        Release release = release(rollout);
        Optional<Service> service = deployments.active(rollout.service());
        var decision = DeploymentPolicy.start(
                service.isPresent(),
                service.map(EcsDeployments::current).orElse(List.of()),
                release.taskDefinition(),
                course.operation().phaseSince());
        return switch (decision) {
            case DeploymentPolicy.Start.First first -> next(course, FIRST, now, rollout);
            case DeploymentPolicy.Start.AlreadyLive live ->
                end(
                        course,
                        Rollout.State.SUCCEEDED,
                        now,
                        "Release %d was live already.".formatted(release.number()),
                        null);
            case DeploymentPolicy.Start.HasHappened happened -> watching(course);
            case DeploymentPolicy.Start.Wait wait -> waiting(course, now);
            case DeploymentPolicy.Start.Deploy deploy -> deploy(course, release, service.orElseThrow(), now);
        };
    }

    private RolloutStep deploy(Course course, Release release, Service service, Instant now) {
        Rollout rollout = course.rollout().value();
        int port = release.container().port();
        boolean sameport = EcsDeployments.port(service) == port;
        if (!sameport && !isOpen(rollout, port)) {
            return next(course, OPEN, now, rollout);
        }
        if (!deployments
                .since(rollout.service(), course.operation().phaseSince())
                .isEmpty()) {
            // An attempt before this one called UpdateService and was cut off; ECS may have taken the release back
            // since,
            // so that the service alone looks as if nothing had happened.
            return watching(course);
        }
        deployments.deploy(
                rollout.service(),
                release.taskDefinition(),
                sameport ? null : EcsDeployments.loadBalancer(rollout.service(), port, course.outputs()));
        return watching(course);
    }

    private boolean isOpen(Rollout rollout, int port) {
        String wanted = Integer.toString(port);
        return stacks.observe(rollout.service().stackName())
                .map(live -> wanted.equals(live.parameters().get("ContainerPort"))
                        || wanted.equals(live.parameters().get("LiveContainerPort")))
                .orElse(false);
    }

    private RolloutStep open(Course course, Instant now) {
        Rollout rollout = course.rollout().value();
        String port = Integer.toString(release(rollout).container().port());
        Step step = stacks.apply(progress(course, now), change(course, "open", Map.of("ContainerPort", port)), now);
        return switch (step) {
            case Step.Again again -> again(course, again);
            case Step.Done done -> next(course, START, now, rollout);
            case Step.Failed failed -> failed(course, failed, now);
            case Step.Planned planned -> throw new IllegalStateException("not a plan");
            case Step.Deleted deleted -> throw new IllegalStateException("not a deletion");
        };
    }

    private RolloutStep first(Course course, Instant now) {
        Rollout rollout = course.rollout().value();
        Release release = release(rollout);
        String port = Integer.toString(release.container().port());
        Step step = stacks.apply(
                progress(course, now),
                change(
                        course,
                        "first",
                        Map.of(
                                "TaskDefinition",
                                release.taskDefinition(),
                                "LiveContainerPort",
                                port,
                                "ContainerPort",
                                port)),
                now);
        return switch (step) {
            case Step.Again again -> again(course, again);
            case Step.Done done -> next(course, SCALE, now, rollout);
            case Step.Failed failed -> failed(course, failed, now);
            case Step.Planned planned -> throw new IllegalStateException("not a plan");
            case Step.Deleted deleted -> throw new IllegalStateException("not a deletion");
        };
    }

    private RolloutStep scale(Course course, Instant now) {
        Rollout rollout = course.rollout().value();
        if (course.count() != 1) { // CloudFormation starts a service without a count with one task
            deployments.scale(rollout.service(), course.count());
        }
        return next(course, FILL, now, rollout);
    }

    /** The first task serves already; the rollout is over when the others run, too, or have had their time. */
    private RolloutStep fill(Course course, Instant now) {
        Rollout rollout = course.rollout().value();
        Optional<Service> service = deployments.active(rollout.service());
        int running = service.map(Service::runningCount).orElse(0);
        int desired = service.map(Service::desiredCount).orElse(0);
        Instant limit =
                course.operation().phaseSince().plusSeconds(rollout.settings().timeLimitSeconds());
        if (running < desired && now.isBefore(limit)) {
            return again(course, rollout, SOON);
        }
        return end(
                course,
                Rollout.State.SUCCEEDED,
                now,
                "Release %d is live, the service's first, with %d of %d tasks."
                        .formatted(number(rollout), running, desired),
                null);
    }

    private RolloutStep watch(Course course, Instant now) {
        Rollout rollout = course.rollout().value();
        Instant intended = course.operation().phaseSince();
        boolean overdue =
                intended.plusSeconds(rollout.settings().timeLimitSeconds()).isBefore(now);
        boolean stop = overdue || rollout.cancelledBy() != null;
        List<DeploymentPolicy.Current> current = deployments
                .active(rollout.service())
                .map(EcsDeployments::current)
                .orElse(List.of());
        switch (DeploymentPolicy.glance(current, release(rollout).taskDefinition(), intended)) {
            case LIVE -> {
                return succeeded(course, now);
            }
            case GOING -> {
                if (!stop) {
                    return again(course, rollout, LOOK);
                }
            }
            case UNCLEAR -> {}
        }
        var decision = DeploymentPolicy.watch(
                deployments.since(rollout.service(), intended), rollout.deployment(), stop, intended, now);
        return switch (decision) {
            case DeploymentPolicy.Watch.NotYet notYet -> again(course, rollout, LOOK);
            case DeploymentPolicy.Watch.Going going -> again(course, rollout.deployedBy(going.arn()), LOOK);
            case DeploymentPolicy.Watch.Stop halt -> stop(course, halt.arn());
            case DeploymentPolicy.Watch.Live live -> superseded(course, live.arn(), now);
            case DeploymentPolicy.Watch.TakenBack back -> takenBack(course, back.arn(), back.reason(), now);
            case DeploymentPolicy.Watch.Stopped stopped -> stopped(course, stopped.arn(), stopped.reason(), now);
            case DeploymentPolicy.Watch.Stuck stuck -> stuck(course, stuck.arn(), stuck.reason(), now);
            case DeploymentPolicy.Watch.Never never -> never(course, now);
        };
    }

    private RolloutStep stop(Course course, String arn) {
        try {
            deployments.stop(arn);
        } catch (ClientException e) {
            // It ended, or a stop was asked for, between our look and our call: the next look tells.
            if (AwsErrors.denied(e).isPresent() || AwsErrors.isTransient(e)) {
                throw e;
            }
        }
        return again(course, course.rollout().value().deployedBy(arn), LOOK);
    }

    private RolloutStep succeeded(Course course, Instant now) {
        int release = number(course.rollout().value());
        return end(course, Rollout.State.SUCCEEDED, now, "Release %d is live.".formatted(release), null);
    }

    /** A deployment since we meant to deploy has succeeded, but it is not our release that is live. */
    private RolloutStep superseded(Course course, String arn, Instant now) {
        return stopped(course, arn, "Another deployment took its place.", now);
    }

    private RolloutStep takenBack(Course course, String arn, @Nullable String reason, Instant now) {
        Rollout rollout = course.rollout().value().deployedBy(arn);
        if (rollout.cancelledBy() != null) {
            return end(
                    course,
                    rollout,
                    Rollout.State.CANCELLED,
                    now,
                    "Cancelled by %s; the release before is live again.".formatted(rollout.cancelledBy()),
                    null);
        }
        String why = why(arn, reason);
        return end(
                course,
                rollout,
                Rollout.State.ROLLED_BACK,
                now,
                "Release %d was rolled back: %s".formatted(number(rollout), why),
                Problem.user(
                        "rolled-back",
                        "ECS rolled release %d back: %s".formatted(number(rollout), why),
                        "Look at the stopped tasks and their logs, mend the image or the configuration, and roll out"
                                + " anew."));
    }

    private String why(String arn, @Nullable String reason) {
        return deployments
                .describe(arn)
                .map(ServiceDeployment::rollback)
                .map(rollback -> rollback.reason())
                .filter(text -> !text.isBlank())
                .orElse(reason == null ? "ECS gives no reason." : reason);
    }

    private RolloutStep stopped(Course course, String arn, @Nullable String reason, Instant now) {
        Rollout rollout = course.rollout().value().deployedBy(arn);
        String live = deployments
                .active(rollout.service())
                .map(service -> "The service now runs %s.".formatted(service.taskDefinition()))
                .orElse("The service is gone.");
        return end(
                course,
                rollout,
                Rollout.State.CANCELLED,
                now,
                "The deployment was stopped: %s %s".formatted(reason == null ? "ECS gives no reason." : reason, live),
                Problem.user(
                        "deployment-stopped",
                        "The deployment was stopped past the control plane, or another one took its place. " + live,
                        "Find out who did it (CloudTrail: StopServiceDeployment, UpdateService) and roll out anew."));
    }

    private RolloutStep stuck(Course course, String arn, @Nullable String reason, Instant now) {
        Rollout rollout = course.rollout().value().deployedBy(arn);
        return end(
                course,
                rollout,
                Rollout.State.FAILED,
                now,
                "Release %d failed, and so did its rollback.".formatted(number(rollout)),
                Problem.dependency(
                        "rollback-failed",
                        "ECS could not roll back: " + why(arn, reason),
                        "The service may be without healthy tasks. Roll out a release that you know to be good: POST "
                                + rollout.service().path() + "/rollback"));
    }

    private RolloutStep never(Course course, Instant now) {
        Rollout rollout = course.rollout().value();
        Release release = release(rollout);
        boolean live = deployments
                .active(rollout.service())
                .filter(service -> service.taskDefinition().equals(release.taskDefinition()))
                .isPresent();
        return live
                ? end(course, Rollout.State.SUCCEEDED, now, "Release %d is live.".formatted(release.number()), null)
                : end(
                        course,
                        Rollout.State.FAILED,
                        now,
                        "ECS shows no deployment of release %d.".formatted(release.number()),
                        Problem.dependency(
                                "deployment-missing",
                                "ECS accepted the update but shows no deployment of it.",
                                "Roll out again; if it recurs, ask AWS support with the service's ARN."));
    }

    private RolloutStep waiting(Course course, Instant now) {
        Rollout rollout = course.rollout().value();
        Instant until = rollout.startedAt().plusSeconds(rollout.settings().timeLimitSeconds());
        if (now.isBefore(until)) {
            return again(course, rollout, LOOK);
        }
        return end(
                course,
                Rollout.State.FAILED,
                now,
                "Another deployment of the service did not end in time.",
                Problem.user(
                        "deployment-in-progress",
                        "A deployment that was started past the control plane is still under way; nothing was changed.",
                        "Stop it or let it end, then roll out anew."));
    }

    private RolloutStep cancelledBeforeAnything(Course course, Instant now) {
        return end(
                course,
                Rollout.State.CANCELLED,
                now,
                "Cancelled by %s before anything was deployed."
                        .formatted(course.rollout().value().cancelledBy()),
                null);
    }

    private static Progress progress(Course course, Instant now) {
        Progress progress = course.operation().progress();
        return progress == null ? Progress.start(now) : progress;
    }

    /** An update of the stack's parameters on the template that it has; what is not named stays as it is. */
    private static StackChange change(Course course, String what, Map<String, String> values) {
        Map<String, StackChange.Parameter> parameters = new java.util.HashMap<>();
        values.forEach((name, value) -> parameters.put(name, StackChange.Parameter.of(value)));
        return new StackChange(
                course.rollout().value().service().stackName(),
                null,
                parameters,
                Map.of(),
                false,
                Set.of(),
                null,
                what + "-" + course.operation().id());
    }

    private Release release(Rollout rollout) {
        return store.get(Release.key(rollout.service(), number(rollout)))
                .orElseThrow()
                .value();
    }

    private static int number(Rollout rollout) {
        Integer number = rollout.release();
        if (number == null) {
            throw new IllegalStateException("rollout " + rollout.id() + " has no release yet");
        }
        return number;
    }

    private static RolloutStep again(Course course, Step.Again again) {
        return new RolloutStep.Again(course.operation().progressed(again.progress()), List.of(), again.lookAgain());
    }

    private static RolloutStep again(Course course, Rollout rollout, Duration lookAgain) {
        return new RolloutStep.Again(course.operation(), changed(course, rollout), lookAgain);
    }

    /** From the moment that we meant to deploy, which is when the phase {@code start} was recorded. */
    private static RolloutStep watching(Course course) {
        Operation operation = course.operation().in(WATCH, course.operation().phaseSince());
        return new RolloutStep.Again(operation, List.of(), LOOK);
    }

    private static RolloutStep next(Course course, String phase, Instant now, Rollout rollout, Write... more) {
        List<Write> writes = new java.util.ArrayList<>(changed(course, rollout));
        writes.addAll(List.of(more));
        return new RolloutStep.Again(course.operation().in(phase, now), writes, Duration.ZERO);
    }

    private static List<Write> changed(Course course, Rollout rollout) {
        return rollout.equals(course.rollout().value())
                ? List.of()
                : List.of(new Write.Update<>(course.rollout(), rollout));
    }

    private RolloutStep failed(Course course, Step.Failed failed, Instant now) {
        Course at = new Course(
                course.operation().progressed(failed.progress()), course.rollout(), course.outputs(), course.count());
        return end(at, Rollout.State.FAILED, now, failed.cause().detail(), failed.cause());
    }

    private RolloutStep end(
            Course course, Rollout.State state, Instant now, String sentence, @Nullable Problem failure) {
        return end(course, course.rollout().value(), state, now, sentence, failure);
    }

    private RolloutStep end(
            Course course,
            Rollout rollout,
            Rollout.State state,
            Instant now,
            String sentence,
            @Nullable Problem failure) {
        Rollout ended = rollout.ended(state, now, sentence, failure);
        List<Write> writes = new java.util.ArrayList<>(changed(course, ended));
        verdictOnRelease(ended).ifPresent(writes::add);
        return new RolloutStep.Ended(course.operation(), writes, ended);
    }

    /** A release that was taken back is marked; one that went live after all is good again. */
    private Optional<Write> verdictOnRelease(Rollout ended) {
        if (ended.release() == null || ended.state() == Rollout.State.CANCELLED) {
            return Optional.empty();
        }
        Stored<Release> release =
                store.get(Release.key(ended.service(), ended.release())).orElseThrow();
        String reason = ended.state() == Rollout.State.SUCCEEDED ? null : ended.detail();
        return java.util.Objects.equals(reason, release.value().rolledBack())
                ? Optional.empty()
                : Optional.of(new Write.Update<>(release, release.value().takenBack(reason)));
    }
}
