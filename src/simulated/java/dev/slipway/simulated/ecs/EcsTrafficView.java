package dev.slipway.simulated.ecs;

import dev.slipway.simulated.elb.ElbTargetGroup;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.Action;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetGroupTuple;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetHealthStateEnum;

/** Computes {@link EcsTraffic} from rules, weights, target health and tasks. */
final class EcsTrafficView {
    private final EcsState state;

    EcsTrafficView(EcsState state) {
        this.state = state;
    }

    EcsTraffic of(String rule) {
        Map<EcsRevision, Double> fractions = new LinkedHashMap<>();
        Map<EcsRevision, Boolean> healthy = new LinkedHashMap<>();
        List<EcsTraffic.Group> groups = new ArrayList<>();
        List<TargetGroupTuple> forwards = forwards(rule);
        double unserved = forwards.isEmpty() ? 1 : 0;
        for (TargetGroupTuple tuple : forwards) {
            List<ElbTargetGroup.Target> targets =
                    receiving(state.elb.targetGroups().require(tuple.targetGroupArn()));
            double weight = tuple.weight() == null ? 1 : tuple.weight();
            double share = weight / total(forwards);
            double each = share / Math.max(1, targets.size());
            List<EcsTraffic.Receiver> receivers = new ArrayList<>();
            if (targets.isEmpty()) {
                unserved += each;
            }
            for (ElbTargetGroup.Target target : targets) {
                EcsTask task = state.tasksByIp.get(target.description.id());
                if (task == null || task.entry == null || task.status.compareTo(EcsTask.Status.DEPROVISIONING) >= 0) {
                    unserved += each;
                    continue;
                }
                boolean good = target.state == TargetHealthStateEnum.HEALTHY;
                fractions.merge(task.entry.revision, each, Double::sum);
                healthy.merge(task.entry.revision, good, Boolean::logicalAnd);
                receivers.add(new EcsTraffic.Receiver(
                        task.arn, task.definition.taskDefinitionArn(), task.zone, each, good, task.behaviour));
            }
            groups.add(new EcsTraffic.Group(tuple.targetGroupArn(), share, receivers));
        }
        List<EcsTraffic.Share> shares = new ArrayList<>();
        fractions.forEach((revision, fraction) -> shares.add(new EcsTraffic.Share(
                revision.arn(), revision.taskDefinition(), fraction, Boolean.TRUE.equals(healthy.get(revision)))));
        return new EcsTraffic(shares, unserved, groups);
    }

    /** Forwards with a weight; a group with weight 0 gets nothing, and of a rule that was deleted there are none. */
    private List<TargetGroupTuple> forwards(String rule) {
        return state.elb.rules().find(rule).stream()
                .flatMap(found -> found.actions().stream())
                .map(Action::forwardConfig)
                .filter(Objects::nonNull)
                .flatMap(config -> config.targetGroups().stream())
                .filter(tuple -> tuple.weight() == null || tuple.weight() > 0)
                .toList();
    }

    private static double total(List<TargetGroupTuple> tuples) {
        return tuples.stream()
                .mapToDouble(tuple -> tuple.weight() == null ? 1 : tuple.weight())
                .sum();
    }

    /**
     * "Health checks for your target groups": healthy targets get the requests; when there is none, all registered ones
     * do (fail open).
     */
    private static List<ElbTargetGroup.Target> receiving(ElbTargetGroup group) {
        List<ElbTargetGroup.Target> healthy = group.targets.values().stream()
                .filter(target -> target.state == TargetHealthStateEnum.HEALTHY)
                .toList();
        return !healthy.isEmpty()
                ? healthy
                : group.targets.values().stream()
                        .filter(target -> target.state != TargetHealthStateEnum.DRAINING)
                        .toList();
    }
}
