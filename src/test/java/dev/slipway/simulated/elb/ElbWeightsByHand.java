package dev.slipway.simulated.elb;

import dev.slipway.simulated.ecs.SimulatedEcsFixture;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.ActionTypeEnum;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetGroupTuple;

/** Somebody who sets a rule's weights past ECS. */
public record ElbWeightsByHand(SimulatedEcsFixture account) {
    public void set(String rule, int weightA, int weightB) {
        account.elb.modifyRule(request -> request.ruleArn(rule)
                .actions(action -> action.type(ActionTypeEnum.FORWARD)
                        .forwardConfig(forward -> forward.targetGroups(
                                TargetGroupTuple.builder()
                                        .targetGroupArn(account.groupA)
                                        .weight(weightA)
                                        .build(),
                                TargetGroupTuple.builder()
                                        .targetGroupArn(account.groupB)
                                        .weight(weightB)
                                        .build()))));
    }
}
