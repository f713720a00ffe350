package dev.slipway.deployment;

import java.util.List;
import software.amazon.awssdk.services.elasticloadbalancingv2.ElasticLoadBalancingV2Client;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.DescribeTargetHealthRequest;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetGroupNotFoundException;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetHealthDescription;

/** Asks the load balancer what it thinks of the tasks in a target group, in one call. */
public record TargetHealthReader(ElasticLoadBalancingV2Client elb) {
    /** None where somebody has deleted the target group. */
    public List<TargetHealthDescription> of(String targetGroup) {
        try {
            return elb.describeTargetHealth(DescribeTargetHealthRequest.builder()
                            .targetGroupArn(targetGroup)
                            .build())
                    .targetHealthDescriptions();
        } catch (TargetGroupNotFoundException e) {
            return List.of();
        }
    }
}
