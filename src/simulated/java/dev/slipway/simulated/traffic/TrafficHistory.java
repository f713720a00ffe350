package dev.slipway.simulated.traffic;

import dev.slipway.simulated.ecr.ImageBehaviour;
import dev.slipway.simulated.ecs.EcsState;
import dev.slipway.simulated.ecs.EcsTask;
import dev.slipway.simulated.elb.ElbChangeListener;
import dev.slipway.simulated.elb.ElbTargetGroup;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ecs.model.TaskStopCode;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.Action;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.Rule;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetGroupTuple;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetHealthStateEnum;

/** Writes down how rules and targets change, so that a minute's requests can be told when somebody asks for them. */
public final class TrafficHistory implements ElbChangeListener {
    /**
     * @param shares 0–1 by target group ARN, those without a share left out
     */
    record RuleState(Map<String, Double> shares, boolean testHeader) {
        RuleState {
            shares = Map.copyOf(shares);
        }
    }

    /** A task ended by itself while it was getting {@code share} (0–1) of a group's requests. */
    record Crash(long at, String zone, double share) {}

    private final EcsState ecs;
    private final Map<String, ValueHistory<TrafficTargets>> groups = new LinkedHashMap<>();
    private final Map<String, ValueHistory<RuleState>> rules = new LinkedHashMap<>();
    private final Map<String, Map<String, ValueHistory<RuleState>>> rulesOfGroups = new HashMap<>();
    private final Map<String, List<Crash>> crashes = new LinkedHashMap<>();
    private final Map<String, Map<String, ValueHistory<RuleState>>> rulesOfLoadBalancers = new HashMap<>();
    private final Map<String, Set<String>> groupsOfLoadBalancers = new LinkedHashMap<>();

    public TrafficHistory(EcsState ecs) {
        this.ecs = ecs;
    }

    @Nullable
    public ValueHistory<TrafficTargets> targets(String group) {
        return groups.get(group);
    }

    /** How many target groups there have been. */
    int groups() {
        return groups.size();
    }

    @Nullable
    ValueHistory<RuleState> rule(String arn) {
        return rules.get(arn);
    }

    /** By ARN, the rules that ever forwarded to a target group. */
    Map<String, ValueHistory<RuleState>> rules(String group) {
        return rulesOfGroups.getOrDefault(group, Map.of());
    }

    /** By ARN, the rules that a load balancer ({@code app/name/id}) has ever had. */
    Map<String, ValueHistory<RuleState>> rulesOf(String loadBalancer) {
        return rulesOfLoadBalancers.getOrDefault(loadBalancer, Map.of());
    }

    List<Crash> crashes(String group) {
        return crashes.getOrDefault(group, List.of());
    }

    /** Every target group that a load balancer ({@code app/name/id}) has sent requests to. */
    public Set<String> groupsOf(String loadBalancer) {
        return groupsOfLoadBalancers.getOrDefault(loadBalancer, Set.of());
    }

    @Override
    public void targetsChanged(ElbTargetGroup group) {
        ValueHistory<TrafficTargets> log = groups.computeIfAbsent(group.arn(), arn -> new ValueHistory<>());
        List<TrafficTargets.Target> targets = new ArrayList<>();
        for (ElbTargetGroup.Target target : group.targets.values()) {
            if (target.state != TargetHealthStateEnum.DRAINING) {
                targets.add(target(target));
            }
        }
        TrafficTargets before = log.last();
        TrafficTargets after = new TrafficTargets(targets);
        if (before != null) {
            before.receiving().stream()
                    .filter(target -> target.task() != null && hasCrashed(target.task()))
                    .filter(target -> after.all().stream().noneMatch(still -> still.task() == target.task()))
                    .forEach(target -> crashes.computeIfAbsent(group.arn(), arn -> new ArrayList<>())
                            .add(new Crash(
                                    now(),
                                    target.zone(),
                                    1.0 / before.receiving().size())));
        }
        log.put(now(), after);
    }

    private static boolean hasCrashed(EcsTask task) {
        return task.stopCode == TaskStopCode.ESSENTIAL_CONTAINER_EXITED;
    }

    private TrafficTargets.Target target(ElbTargetGroup.Target target) {
        EcsTask task = ecs.tasksByIp.get(target.description.id());
        TrafficTargets.Health health = switch (target.state) {
            case HEALTHY -> TrafficTargets.Health.HEALTHY;
            case INITIAL -> TrafficTargets.Health.INITIAL;
            default -> TrafficTargets.Health.UNHEALTHY;
        };
        if (task == null) {
            return new TrafficTargets.Target(
                    ecs.aws.region() + "a", ImageBehaviour.GOOD, TrafficTargets.Reach.GONE, health, null);
        }
        return new TrafficTargets.Target(
                task.zone,
                task.behaviour,
                task.behaviour.neverHealthy() ? TrafficTargets.Reach.REFUSES : TrafficTargets.Reach.ANSWERS,
                health,
                task);
    }

    @Override
    public void ruleChanged(String arn, @Nullable Rule rule) {
        String loadBalancer = loadBalancer(arn);
        Map<String, Double> shares = rule == null ? Map.of() : shares(rule.actions());
        boolean testHeader = rule != null
                && rule.conditions().stream().anyMatch(condition -> "http-header".equals(condition.field()));
        ValueHistory<RuleState> history = rules.computeIfAbsent(arn, key -> new ValueHistory<>());
        history.put(now(), new RuleState(shares, testHeader));
        rulesOfLoadBalancers
                .computeIfAbsent(loadBalancer, key -> new LinkedHashMap<>())
                .put(arn, history);
        shares.keySet()
                .forEach(group -> rulesOfGroups
                        .computeIfAbsent(group, key -> new LinkedHashMap<>())
                        .put(arn, history));
        groupsOfLoadBalancers
                .computeIfAbsent(loadBalancer, key -> new LinkedHashSet<>())
                .addAll(shares.keySet());
    }

    /** 0–1 by target group ARN; when all weights are 0, nobody has a share. */
    static Map<String, Double> shares(List<Action> actions) {
        List<TargetGroupTuple> tuples = actions.stream()
                .filter(action -> action.forwardConfig() != null)
                .flatMap(action -> action.forwardConfig().targetGroups().stream())
                .filter(tuple -> weight(tuple) > 0)
                .toList();
        double total = tuples.stream().mapToDouble(TrafficHistory::weight).sum();
        Map<String, Double> shares = new LinkedHashMap<>();
        tuples.forEach(tuple -> shares.merge(tuple.targetGroupArn(), weight(tuple) / total, Double::sum));
        return shares;
    }

    private static double weight(TargetGroupTuple tuple) {
        return tuple.weight() == null ? 1 : tuple.weight();
    }

    /** {@code app/name/id} of a listener's or rule's ARN. */
    static String loadBalancer(String arn) {
        String[] parts = arn.substring(arn.indexOf('/') + 1).split("/");
        return String.join("/", parts[0], parts[1], parts[2]);
    }

    private long now() {
        return ecs.aws.clock().instant().toEpochMilli();
    }
}
