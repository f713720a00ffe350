package dev.slipway.simulation;

import dev.slipway.aws.CallBudget;
import dev.slipway.id.ServiceId;
import dev.slipway.operation.Operation;
import dev.slipway.release.Release;
import dev.slipway.rollout.Rollout;
import dev.slipway.service.ServiceRecord;
import dev.slipway.store.Stored;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.services.applicationautoscaling.model.DescribeScalableTargetsRequest;
import software.amazon.awssdk.services.applicationautoscaling.model.DescribeScalingActivitiesRequest;
import software.amazon.awssdk.services.applicationautoscaling.model.ScalableTarget;
import software.amazon.awssdk.services.ecs.model.ClusterNotFoundException;
import software.amazon.awssdk.services.ecs.model.DescribeServicesRequest;
import software.amazon.awssdk.services.ecs.model.ListServiceDeploymentsRequest;
import software.amazon.awssdk.services.ecs.model.Service;
import software.amazon.awssdk.services.ecs.model.ServiceDeployment;
import software.amazon.awssdk.services.ecs.model.UpdateServiceRequest;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.DescribeRulesRequest;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.RuleNotFoundException;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetGroupTuple;

/**
 * Holds what happens to services against the three promises, after every step: traffic moves, deployments start and
 * counts change only where somebody asked for it by a rollout, a console or the spec's count. Who asks is seen at the
 * control plane's calls; whatever else changes was done by CloudFormation on our behalf. Besides, ECS is told of a cancel
 * within 15 s, and the calls stay within what is ours of AWS's limits.
 */
final class Monitor implements Chaos.Watcher {
    /** A service as ECS has it; a service that was made anew under its name is another one. */
    private static final class Seen {
        final String identity;
        int count;
        int deployments = 1;

        /** Deployments that may come on top: a stack update that was on its way puts back what it was told. */
        int pardoned;

        @Nullable
        String taskDefinition;

        final Set<Integer> counts = new HashSet<>();

        Seen(String identity, int count) {
            this.identity = identity;
            this.count = count;
        }
    }

    private static final Set<Rollout.Stop.Cause> ORDERED =
            Set.of(Rollout.Stop.Cause.CANCELLED, Rollout.Stop.Cause.REPLACED);
    /** Looked at by the next pass, which begins at once, or when the one at work has ended: every five seconds. */
    private static final Duration TOLD_WITHIN = Duration.ofSeconds(15);

    /** Of six passes that follow each other at once, with five calls to load balancing each; no time passes in them here. */
    private static final Duration CALLS_TAKE = Duration.ofSeconds(1);

    private final World world;
    private final CallBudget budget;
    private final Map<ServiceId, Seen> seen = new HashMap<>();
    private final Map<String, List<Integer>> weights = new HashMap<>();
    private final Map<String, Integer> deploys = new HashMap<>();
    /** Deployments that may come because something was deleted beneath a service's stack, also before there was an ECS service. */
    private final Map<ServiceId, Integer> beneath = new HashMap<>();

    private final Set<ServiceId> serving = new HashSet<>();

    Monitor(World world) {
        this.world = world;
        this.budget = new CallBudget(1, world.timeline);
    }

    /** From now on every request to the service is answered. */
    void serves(ServiceId id) {
        serving.add(id);
    }

    /** A user did what may break it. */
    void mayBreak(ServiceId id) {
        serving.remove(id);
    }

    boolean isServing(ServiceId id) {
        return serving.contains(id);
    }

    void scaledByHand(ServiceId id, int count) {
        active(id).ifPresent(service -> seen(id, service).counts.add(count));
    }

    /**
     * What belongs to the stack was deleted by hand: nobody may be served, and putting it right deploys once more; an attempt that
     * fails deploys there and back, twice at the most.
     */
    void deletedByHand(ServiceId id) {
        mayBreak(id);
        beneath.merge(id, 5, Integer::sum);
    }

    /** Somebody other than the control plane does something that may start a deployment. */
    void deployedByHand(ServiceId id, Runnable act) {
        int before = deployments(id);
        act.run();
        active(id).ifPresent(service -> {
            seen(id, service).deployments += deployments(id) - before;
            seen(id, service).pardoned += running(id) == null ? 0 : 1;
        });
    }

    /** Whether what ran was deregistered by hand: then the stack was handed it under a new ARN, whatever followed since. */
    private boolean isRegisteredAnew(ServiceId id, @Nullable String before) {
        return before != null
                && world.store.stream(id.partition(), Release.SORT, Release.ITEM_TYPE, true)
                        .map(Stored::value)
                        .anyMatch(release ->
                                release.isTaskDefinition(before) && !before.equals(release.taskDefinition()));
    }

    void weighedByHand(String rule) {
        weights.remove(rule);
    }

    @Override
    public Runnable before(String operation, SdkRequest request) {
        budget.spend(operation.substring(0, 1).toUpperCase(Locale.ROOT) + operation.substring(1));
        if (budget.startsAt(null).isAfter(world.timeline.instant().plus(CALLS_TAKE))) {
            violated("more calls than are ours of AWS's limits; the last is " + operation);
        }
        if (!operation.equals("updateService") || !(request instanceof UpdateServiceRequest update)) {
            return () -> {};
        }
        ServiceId id = new ServiceId(update.cluster().replace("slipway-", ""), update.service());
        Operation current = running(id);
        if (update.desiredCount() != null) {
            count(id, update, current);
        }
        int before = deployments(id);
        return () -> {
            int more = deployments(id) - before;
            if (more == 0) {
                return;
            }
            active(id).ifPresent(service -> seen(id, service).deployments += more);
            if (current == null || current.rollout() == null || update.taskDefinition() == null) {
                violated("a deployment of %s outside a rollout".formatted(id.key()));
            } else if (deploys.merge(current.rollout(), more, Integer::sum) > 1) {
                violated("the rollout %s started a second deployment".formatted(current.rollout()));
            }
        };
    }

    private @Nullable Operation running(ServiceId id) {
        Operation[] found = new Operation[1];
        world.chaos.apart(
                () -> found[0] = world.plane.operations().findRunning(id).orElse(null));
        return found[0];
    }

    private void count(ServiceId id, UpdateServiceRequest update, @Nullable Operation current) {
        ServiceRecord[] record = new ServiceRecord[1];
        world.chaos.apart(() -> record[0] = world.record(id));
        boolean first = record[0].live() == null;
        boolean changed = record[0].count() == null
                || !record[0].count().equals(record[0].declared().count());
        if (update.taskDefinition() != null || !(first || changed) || current == null) {
            violated("the count of %s was set to %d though the spec's is the same"
                    .formatted(id.key(), update.desiredCount()));
        }
        active(id).ifPresent(service -> seen(id, service).counts.add(update.desiredCount()));
    }

    void look(Iterable<ServiceId> services) {
        for (ServiceId id : services) {
            told(id);
            Optional<Service> service = active(id);
            if (service.isEmpty()) {
                seen.remove(id);
                continue;
            }
            look(id, seen(id, service.get()), service.get());
            if (serving.contains(id) && !served(id)) {
                violated("requests to %s are not served: %s".formatted(id.key(), world.traffic(id)));
                serving.remove(id);
            }
        }
    }

    /** Of a cancel ECS is told at once, unless something has gone wrong lately. */
    private void told(ServiceId id) {
        Operation current = running(id);
        if (current == null || current.rollout() == null) {
            return;
        }
        Rollout rollout = world.store
                .get(Rollout.key(id, current.rollout()))
                .map(Stored::value)
                .orElse(null);
        Rollout.Stop stop = rollout == null ? null : rollout.stop();
        if (stop == null
                || !rollout.isRunning()
                || rollout.progress().deployment() == null
                || !ORDERED.contains(stop.cause())
                || !stop.at().plus(TOLD_WITHIN).isBefore(world.timeline.instant())
                || !world.chaos.untroubledSince(stop.at())) {
            return;
        }
        if (goesOn(rollout.progress().deployment())) {
            violated("ECS still goes on with what was cancelled at %s: %s".formatted(stop.at(), rollout.id()));
        }
    }

    private boolean goesOn(String deployment) {
        ServiceDeployment[] found = new ServiceDeployment[1];
        world.chaos.apart(() -> found[0] = world.account
                .ecs()
                .describeServiceDeployments(request -> request.serviceDeploymentArns(deployment))
                .serviceDeployments()
                .getFirst());
        return Set.of("PENDING", "IN_PROGRESS").contains(found[0].statusAsString());
    }

    private boolean served(ServiceId id) {
        return world.traffic(id).allServed();
    }

    private void look(ServiceId id, Seen at, Service service) {
        ScalableTarget limits = limits(id);
        if (limits != null
                && (service.desiredCount() < limits.minCapacity() || service.desiredCount() > limits.maxCapacity())) {
            violated("%s has %d tasks, and its limits are %d and %d"
                    .formatted(id.key(), service.desiredCount(), limits.minCapacity(), limits.maxCapacity()));
        }
        if (at.count != service.desiredCount()) {
            if (limits != null && isScaledTo(id, service.desiredCount())) {
                at.counts.add(service.desiredCount());
            }
            if (!at.counts.contains(service.desiredCount())) {
                violated("%s went from %d to %d tasks and nobody asked for it"
                        .formatted(id.key(), at.count, service.desiredCount()));
            }
            at.count = service.desiredCount();
            at.counts.clear();
        }
        if (!service.taskDefinition().equals(at.taskDefinition)) {
            int known = deployments(id);
            if (known > at.deployments && isRegisteredAnew(id, at.taskDefinition)) {
                at.deployments++;
            }
            at.taskDefinition = service.taskDefinition();
            if (known > at.deployments && at.pardoned > 0) {
                at.pardoned--;
                at.deployments++;
            }
            while (known > at.deployments && beneath.getOrDefault(id, 0) > 0) {
                beneath.merge(id, -1, Integer::sum);
                at.deployments++;
            }
            if (known > at.deployments) {
                violated("a deployment of %s to %s that nobody asked for".formatted(id.key(), at.taskDefinition));
                at.deployments = known;
            }
        }
    }

    private @Nullable ScalableTarget limits(ServiceId id) {
        return world
                .account
                .rawScaling()
                .describeScalableTargets(DescribeScalableTargetsRequest.builder()
                        .resourceIds(resource(id))
                        .build())
                .scalableTargets()
                .stream()
                .findFirst()
                .orElse(null);
    }

    /** Whether Application Auto Scaling has set that number lately. */
    private boolean isScaledTo(ServiceId id, int count) {
        return world
                .account
                .rawScaling()
                .describeScalingActivities(DescribeScalingActivitiesRequest.builder()
                        .resourceId(resource(id))
                        .build())
                .scalingActivities()
                .stream()
                .anyMatch(activity -> activity.description().equals("Setting desired count to %d.".formatted(count)));
    }

    private static String resource(ServiceId id) {
        return "service/%s/%s".formatted(id.environmentId().cluster(), id.service());
    }

    /** Weights change by nobody's hand but a user's, as long as all deployments are rolling ones. */
    void weigh(Iterable<ServiceId> services) {
        for (ServiceId id : services) {
            String rule = world.plane
                    .services()
                    .find(id)
                    .map(record -> record.outputs().get("ProductionRule"))
                    .orElse(null);
            if (rule == null) {
                continue;
            }
            List<Integer> now = weights(rule);
            List<Integer> before = weights.putIfAbsent(rule, now);
            if (before != null && !before.equals(now) && !now.isEmpty()) {
                violated("the weights of %s went from %s to %s".formatted(id.key(), before, now));
                weights.put(rule, now);
            }
        }
    }

    private List<Integer> weights(String rule) {
        try {
            return world
                    .account
                    .elb()
                    .describeRules(DescribeRulesRequest.builder().ruleArns(rule).build())
                    .rules()
                    .getFirst()
                    .actions()
                    .getFirst()
                    .forwardConfig()
                    .targetGroups()
                    .stream()
                    .map(TargetGroupTuple::weight)
                    .toList();
        } catch (RuleNotFoundException e) {
            return List.of();
        }
    }

    private Seen seen(ServiceId id, Service service) {
        String identity = service.serviceArn() + service.createdAt();
        Seen at = seen.get(id);
        if (at == null || !at.identity.equals(identity)) {
            at = new Seen(identity, service.desiredCount());
            seen.put(id, at);
        }
        return at;
    }

    Optional<Service> active(ServiceId id) {
        Service[] found = new Service[1];
        world.chaos.apart(() -> found[0] = describe(id));
        return Optional.ofNullable(found[0]);
    }

    private @Nullable Service describe(ServiceId id) {
        try {
            return world
                    .account
                    .ecs()
                    .describeServices(DescribeServicesRequest.builder()
                            .cluster(id.environmentId().cluster())
                            .services(id.service())
                            .build())
                    .services()
                    .stream()
                    .filter(service -> "ACTIVE".equals(service.status()))
                    .findFirst()
                    .orElse(null);
        } catch (ClusterNotFoundException e) {
            return null;
        }
    }

    private int deployments(ServiceId id) {
        if (active(id).isEmpty()) {
            return 0;
        }
        int[] number = new int[1];
        world.chaos.apart(() -> number[0] = world.account
                .ecs()
                .listServiceDeployments(ListServiceDeploymentsRequest.builder()
                        .cluster(id.environmentId().cluster())
                        .service(id.service())
                        .build())
                .serviceDeployments()
                .size());
        return number[0];
    }

    private void violated(String what) {
        world.chaos.violations.add(world.timeline.instant() + " " + what);
    }
}
