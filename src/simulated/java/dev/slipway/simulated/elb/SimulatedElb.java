package dev.slipway.simulated.elb;

import dev.slipway.simulated.aws.SimulatedAws;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.services.elasticloadbalancingv2.ElasticLoadBalancingV2Client;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.*;

/** Elastic Load Balancing in memory: one Application Load Balancer per environment, its rules and its targets. */
public final class SimulatedElb implements ElasticLoadBalancingV2Client {
    private final ElbLoadBalancers balancers;
    private final ElbTargetGroups targetGroups;
    private final ElbRules rules;

    public SimulatedElb(SimulatedAws aws) {
        this.balancers = new ElbLoadBalancers(aws);
        this.targetGroups = new ElbTargetGroups(aws);
        this.rules = new ElbRules(aws, targetGroups);
    }

    public ElbTargetGroups targetGroups() {
        return targetGroups;
    }

    public ElbRules rules() {
        return rules;
    }

    @Override
    public String serviceName() {
        return SERVICE_NAME;
    }

    @Override
    public void close() {}

    @Override
    public CreateLoadBalancerResponse createLoadBalancer(CreateLoadBalancerRequest request) {
        LoadBalancer balancer = balancers.create(request);
        return CreateLoadBalancerResponse.builder().loadBalancers(balancer).build();
    }

    @Override
    public DescribeLoadBalancersResponse describeLoadBalancers(DescribeLoadBalancersRequest request) {
        return DescribeLoadBalancersResponse.builder()
                .loadBalancers(balancers.describe(request))
                .build();
    }

    /** DeleteLoadBalancer: its listeners go with it; deleting what does not exist succeeds. */
    @Override
    public DeleteLoadBalancerResponse deleteLoadBalancer(DeleteLoadBalancerRequest request) {
        if (balancers.exists(request.loadBalancerArn())) {
            balancers.delete(request.loadBalancerArn());
            rules.deleteListenersOf(request.loadBalancerArn());
        }
        return DeleteLoadBalancerResponse.builder().build();
    }

    @Override
    public ModifyLoadBalancerAttributesResponse modifyLoadBalancerAttributes(
            ModifyLoadBalancerAttributesRequest request) {
        Map<String, String> attributes = balancers.attributes(request.loadBalancerArn());
        request.attributes().forEach(attribute -> attributes.put(attribute.key(), attribute.value()));
        return ModifyLoadBalancerAttributesResponse.builder()
                .attributes(balancerAttributes(attributes))
                .build();
    }

    private static List<LoadBalancerAttribute> balancerAttributes(Map<String, String> attributes) {
        return attributes.entrySet().stream()
                .map(entry -> LoadBalancerAttribute.builder()
                        .key(entry.getKey())
                        .value(entry.getValue())
                        .build())
                .toList();
    }

    @Override
    public SetSecurityGroupsResponse setSecurityGroups(SetSecurityGroupsRequest request) {
        balancers.securityGroups(request.loadBalancerArn(), request.securityGroups());
        return SetSecurityGroupsResponse.builder()
                .securityGroupIds(request.securityGroups())
                .build();
    }

    @Override
    public SetSubnetsResponse setSubnets(SetSubnetsRequest request) {
        return SetSubnetsResponse.builder()
                .availabilityZones(balancers.subnets(request.loadBalancerArn(), request.subnets()))
                .build();
    }

    @Override
    public CreateTargetGroupResponse createTargetGroup(CreateTargetGroupRequest request) {
        TargetGroup group = targetGroups.create(request);
        return CreateTargetGroupResponse.builder().targetGroups(group).build();
    }

    @Override
    public DescribeTargetGroupsResponse describeTargetGroups(DescribeTargetGroupsRequest request) {
        return DescribeTargetGroupsResponse.builder()
                .targetGroups(targetGroups.describe(request, rules::loadBalancersOf))
                .build();
    }

    @Override
    public ModifyTargetGroupResponse modifyTargetGroup(ModifyTargetGroupRequest request) {
        return ModifyTargetGroupResponse.builder()
                .targetGroups(targetGroups.modify(request))
                .build();
    }

    /** DeleteTargetGroup: refused while a listener or rule names it. */
    @Override
    public DeleteTargetGroupResponse deleteTargetGroup(DeleteTargetGroupRequest request) {
        if (!rules.loadBalancersOf(request.targetGroupArn()).isEmpty()) {
            throw ElbErrors.targetGroupInUse(request.targetGroupArn());
        }
        targetGroups.delete(request.targetGroupArn());
        return DeleteTargetGroupResponse.builder().build();
    }

    @Override
    public ModifyTargetGroupAttributesResponse modifyTargetGroupAttributes(ModifyTargetGroupAttributesRequest request) {
        ElbTargetGroup group = targetGroups.require(request.targetGroupArn());
        request.attributes().forEach(attribute -> group.attributes.put(attribute.key(), attribute.value()));
        return ModifyTargetGroupAttributesResponse.builder()
                .attributes(groupAttributes(group))
                .build();
    }

    private static List<TargetGroupAttribute> groupAttributes(ElbTargetGroup group) {
        return group.attributes.entrySet().stream()
                .map(entry -> TargetGroupAttribute.builder()
                        .key(entry.getKey())
                        .value(entry.getValue())
                        .build())
                .toList();
    }

    @Override
    public RegisterTargetsResponse registerTargets(RegisterTargetsRequest request) {
        request.targets().forEach(target -> targetGroups.register(request.targetGroupArn(), target));
        return RegisterTargetsResponse.builder().build();
    }

    @Override
    public DeregisterTargetsResponse deregisterTargets(DeregisterTargetsRequest request) {
        request.targets().forEach(target -> targetGroups.deregister(request.targetGroupArn(), target));
        return DeregisterTargetsResponse.builder().build();
    }

    @Override
    public DescribeTargetHealthResponse describeTargetHealth(DescribeTargetHealthRequest request) {
        ElbTargetGroup group = targetGroups.require(request.targetGroupArn());
        boolean inUse = !rules.loadBalancersOf(group.arn()).isEmpty();
        List<String> asked =
                request.targets().stream().map(TargetDescription::id).toList();
        return DescribeTargetHealthResponse.builder()
                .targetHealthDescriptions(targetGroups.health(group, inUse).stream()
                        .filter(health -> asked.isEmpty()
                                || asked.contains(health.target().id()))
                        .toList())
                .build();
    }

    @Override
    public CreateListenerResponse createListener(CreateListenerRequest request) {
        balancers.require(request.loadBalancerArn());
        Listener listener = rules.createListener(request);
        return CreateListenerResponse.builder().listeners(listener).build();
    }

    @Override
    public ModifyListenerResponse modifyListener(ModifyListenerRequest request) {
        return ModifyListenerResponse.builder()
                .listeners(rules.modifyListener(request))
                .build();
    }

    @Override
    public DescribeListenersResponse describeListeners(DescribeListenersRequest request) {
        List<Listener> found = request.loadBalancerArn() != null
                ? rules.listenersOf(balancers.require(request.loadBalancerArn()).loadBalancerArn())
                : request.listenerArns().stream().map(rules::requireListener).toList();
        return DescribeListenersResponse.builder().listeners(found).build();
    }

    @Override
    public DeleteListenerResponse deleteListener(DeleteListenerRequest request) {
        rules.deleteListener(request.listenerArn());
        return DeleteListenerResponse.builder().build();
    }

    @Override
    public CreateRuleResponse createRule(CreateRuleRequest request) {
        Rule rule = rules.createRule(request);
        return CreateRuleResponse.builder().rules(rule).build();
    }

    @Override
    public ModifyRuleResponse modifyRule(ModifyRuleRequest request) {
        return ModifyRuleResponse.builder().rules(rules.modifyRule(request)).build();
    }

    @Override
    public DescribeRulesResponse describeRules(DescribeRulesRequest request) {
        List<Rule> found = request.listenerArn() != null
                ? rules.describe(request.listenerArn())
                : request.ruleArns().stream().map(rules::require).toList();
        return DescribeRulesResponse.builder().rules(found).build();
    }

    @Override
    public SetRulePrioritiesResponse setRulePriorities(SetRulePrioritiesRequest request) {
        return SetRulePrioritiesResponse.builder()
                .rules(rules.setPriorities(request.rulePriorities()))
                .build();
    }

    @Override
    public DeleteRuleResponse deleteRule(DeleteRuleRequest request) {
        rules.deleteRule(request.ruleArn());
        return DeleteRuleResponse.builder().build();
    }

    @Override
    public AddTagsResponse addTags(AddTagsRequest request) {
        return AddTagsResponse.builder().build();
    }

    @Override
    public RemoveTagsResponse removeTags(RemoveTagsRequest request) {
        return RemoveTagsResponse.builder().build();
    }
}
