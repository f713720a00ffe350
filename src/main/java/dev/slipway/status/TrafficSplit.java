package dev.slipway.status;

import dev.slipway.deployment.EcsDeployments;
import dev.slipway.deployment.TargetGroups;
import dev.slipway.rollout.Rollout;
import dev.slipway.status.StatusPolicy.Share;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ecs.model.Deployment;
import software.amazon.awssdk.services.ecs.model.Service;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetHealthDescription;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetHealthStateEnum;

/**
 * How production requests are divided between two releases while a rollout shifts them, as the worker saw it last: a minute or two ago.
 *
 * @param certain whether ECS still goes that way; while it goes back, nobody has told how far it is
 */
record TrafficSplit(Part live, Part candidate, boolean certain) {
    /**
     * A release that has some.
     *
     * @param group ARN of its target group
     * @param percent of production requests
     */
    record Part(int release, String group, double percent) {}

    /**
     * Empty where nothing is divided, or nobody knows how.
     *
     * @param isCandidate whether a task definition is the new release's
     */
    static Optional<TrafficSplit> of(Rollout rollout, Service service, Predicate<String> isCandidate) {
        TargetGroups groups = rollout.progress().targetGroups();
        Integer live = rollout.progress().previous();
        Integer candidate = rollout.release();
        if (!rollout.isRunning()
                || rollout.settings().isRolling()
                || groups == null
                || live == null // a first release goes out as a rolling one does
                || candidate == null
                || live.equals(candidate)
                || rollout.progress().calledAt() == null
                || EcsDeployments.isSteady(service)) {
            return Optional.empty();
        }
        Rollout.Stage stage = rollout.progress().stage();
        boolean forward = service.deployments().stream()
                .anyMatch(found -> isPrimary(found) && isCandidate.test(found.taskDefinition()));
        double percent = stage == null || !forward ? 0 : stage.percent();
        return Optional.of(new TrafficSplit(
                new Part(live, groups.live(), Math.round((100 - percent) * 10) / 10.0),
                new Part(candidate, groups.candidate(), percent),
                forward && (rollout.stop() == null || percent == 0)));
    }

    private static boolean isPrimary(Deployment deployment) {
        return "PRIMARY".equals(deployment.status());
    }

    /** The one with most of the requests. */
    Part most() {
        return candidate.percent() > 50 ? candidate : live;
    }

    /**
     * What becomes of the requests, from the tasks that run; empty where that is not known.
     *
     * @param isCandidate whether a task definition is the new release's
     */
    List<Share> byTasks(Service service, Predicate<String> isCandidate) {
        int all = 0;
        int ofCandidate = 0;
        for (Deployment deployment : service.deployments()) {
            int running = count(deployment.runningCount());
            all += running;
            ofCandidate += isCandidate.test(deployment.taskDefinition()) ? running : 0;
        }
        return shares(
                share(live, all > ofCandidate, "no task runs"),
                share(candidate, ofCandidate > 0, "no task runs"),
                lacksTasks(service));
    }

    /**
     * Likewise from what the load balancer says. A group with targets that are not to go serves a release that is to stay, whatever became
     * of them; an empty one may be left, since all requests have gone to the other one meanwhile.
     */
    List<Share> byTargets(Service service, Map<String, List<TargetHealthDescription>> targets) {
        boolean kept = Stream.of(live, candidate)
                .filter(part -> part.percent() > 0)
                .map(part -> registered(part, targets))
                .filter(found -> found.stream().noneMatch(TrafficSplit::isHealthy))
                .noneMatch(List::isEmpty);
        return shares(share(live, targets), share(candidate, targets), kept || lacksTasks(service));
    }

    private static Share share(Part part, Map<String, List<TargetHealthDescription>> targets) {
        List<TargetHealthDescription> registered = registered(part, targets);
        return share(
                part,
                registered.stream().anyMatch(TrafficSplit::isHealthy),
                "the load balancer finds no task healthy"
                        + StatusPolicy.reasons(registered.stream()
                                .map(target -> target.targetHealth().reasonAsString())));
    }

    private static List<TargetHealthDescription> registered(
            Part part, Map<String, List<TargetHealthDescription>> targets) {
        return targets.getOrDefault(part.group(), List.of()).stream()
                .filter(target -> target.targetHealth().state() != TargetHealthStateEnum.DRAINING)
                .toList();
    }

    private static boolean isHealthy(TargetHealthDescription target) {
        return target.targetHealth().state() == TargetHealthStateEnum.HEALTHY;
    }

    private static Share share(Part part, boolean served, String otherwise) {
        return new Share(part.release(), part.percent(), served || part.percent() == 0, otherwise);
    }

    private List<Share> shares(Share live, Share candidate, boolean kept) {
        return certain && (kept || live.served() && candidate.served()) ? List.of(live, candidate) : List.of();
    }

    /** Whether ECS asks for tasks of a release none of which runs: those of one that it takes away it does not ask for any more. */
    static boolean lacksTasks(Service service) {
        return service.currentServiceRevisions().stream()
                .anyMatch(found -> count(found.requestedTaskCount()) > 0 && count(found.runningTaskCount()) == 0);
    }

    private static int count(@Nullable Integer tasks) {
        return Objects.requireNonNullElse(tasks, 0);
    }
}
