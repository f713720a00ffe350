package dev.slipway.simulated.elb;

import static dev.slipway.simulated.aws.SimulatedErrors.fill;

import software.amazon.awssdk.services.elasticloadbalancingv2.model.DuplicateListenerException;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.DuplicateLoadBalancerNameException;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.DuplicateTargetGroupNameException;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.ElasticLoadBalancingV2Exception;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.ListenerNotFoundException;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.LoadBalancerNotFoundException;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.OperationNotPermittedException;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.PriorityInUseException;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.ResourceInUseException;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.RuleNotFoundException;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetGroupNotFoundException;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TooManyRulesException;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TooManyUniqueTargetGroupsPerLoadBalancerException;

/** The errors of Elastic Load Balancing, with the codes of its API model (which lack the word Exception). */
final class ElbErrors {
    private static final String ELB = "ElasticLoadBalancingV2";

    private ElbErrors() {}

    static RuntimeException noLoadBalancer(String arn) {
        return fill(
                        LoadBalancerNotFoundException.builder(),
                        ELB,
                        "LoadBalancerNotFound",
                        "Load balancer '%s' not found".formatted(arn))
                .build();
    }

    static RuntimeException noTargetGroup(String arn) {
        return fill(
                        TargetGroupNotFoundException.builder(),
                        ELB,
                        "TargetGroupNotFound",
                        "Target group '%s' not found".formatted(arn))
                .build();
    }

    static RuntimeException noListener(String arn) {
        return fill(
                        ListenerNotFoundException.builder(),
                        ELB,
                        "ListenerNotFound",
                        "Listener '%s' not found".formatted(arn))
                .build();
    }

    static RuntimeException noRule(String arn) {
        return fill(RuleNotFoundException.builder(), ELB, "RuleNotFound", "Rule '%s' not found".formatted(arn))
                .build();
    }

    static RuntimeException duplicateLoadBalancer(String name) {
        String message = "A load balancer with the same name '%s' exists, but with different settings".formatted(name);
        return fill(DuplicateLoadBalancerNameException.builder(), ELB, "DuplicateLoadBalancerName", message)
                .build();
    }

    static RuntimeException duplicateTargetGroup(String name) {
        String message = "A target group with the same name '%s' exists, but with different settings".formatted(name);
        return fill(DuplicateTargetGroupNameException.builder(), ELB, "DuplicateTargetGroupName", message)
                .build();
    }

    static RuntimeException duplicateListener() {
        String message = "A listener already exists on this port for this load balancer";
        return fill(DuplicateListenerException.builder(), ELB, "DuplicateListener", message)
                .build();
    }

    static RuntimeException priorityInUse(int priority) {
        return fill(
                        PriorityInUseException.builder(),
                        ELB,
                        "PriorityInUse",
                        "Priority '%d' is currently in use".formatted(priority))
                .build();
    }

    static RuntimeException targetGroupInUse(String arn) {
        String message = "Target group '%s' is currently in use by a listener or a rule".formatted(arn);
        return fill(ResourceInUseException.builder(), ELB, "ResourceInUse", message)
                .build();
    }

    static RuntimeException tooManyRules() {
        String message = "The maximum number of rules on this load balancer has been reached";
        return fill(TooManyRulesException.builder(), ELB, "TooManyRules", message)
                .build();
    }

    static RuntimeException tooManyTargetGroups() {
        return fill(
                        TooManyUniqueTargetGroupsPerLoadBalancerException.builder(),
                        ELB,
                        "TooManyUniqueTargetGroupsPerLoadBalancer",
                        "You've reached the limit on the number of unique target groups per load balancer")
                .build();
    }

    static RuntimeException notPermitted(String message) {
        return fill(OperationNotPermittedException.builder(), ELB, "OperationNotPermitted", message)
                .build();
    }

    static RuntimeException invalid(String message) {
        ElasticLoadBalancingV2Exception.Builder builder =
                (ElasticLoadBalancingV2Exception.Builder) ElasticLoadBalancingV2Exception.builder();
        return (RuntimeException) fill(builder, ELB, "ValidationError", message).build();
    }
}
