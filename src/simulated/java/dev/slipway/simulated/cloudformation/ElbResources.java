package dev.slipway.simulated.cloudformation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.services.elasticloadbalancingv2.ElasticLoadBalancingV2Client;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.CreateListenerRequest;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.CreateLoadBalancerRequest;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.CreateRuleRequest;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.CreateTargetGroupRequest;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.ListenerAttribute;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.LoadBalancer;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.LoadBalancerAttribute;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.LoadBalancerStateEnum;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.ModifyListenerRequest;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.ModifyRuleRequest;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.ModifyTargetGroupRequest;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.Tag;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetGroup;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetGroupAttribute;

/**
 * Load balancer, listener, target group and listener rule, on the account's own load balancing. An update of a rule
 * sends the weights that the template declares, so it can move traffic that somebody else has shifted since.
 */
final class ElbResources implements ResourceProvider {
    private static final Set<String> TARGET_GROUP_FIXED = Set.of(
            "Name",
            "Port",
            "Protocol",
            "ProtocolVersion",
            "VpcId",
            "TargetType",
            "IpAddressType",
            "Tags",
            "TargetGroupAttributes",
            "Targets");

    private final ElasticLoadBalancingV2Client elb;
    private final Consumer<String> written;

    /** {@code written} is told of each bucket that a load balancer writes to. */
    ElbResources(ElasticLoadBalancingV2Client elb, Consumer<String> written) {
        this.elb = elb;
        this.written = written;
    }

    private static String kind(Target target) {
        return target.type().substring(target.type().lastIndexOf(':') + 1);
    }

    @Override
    public Created create(Target target) {
        return switch (kind(target)) {
            case "LoadBalancer" -> createLoadBalancer(target);
            case "TargetGroup" -> createTargetGroup(target);
            case "Listener" -> createListener(target);
            default -> createRule(target);
        };
    }

    private Created createLoadBalancer(Target target) {
        CreateLoadBalancerRequest.Builder request =
                CreateLoadBalancerRequest.builder().name(target.suggestedName());
        LoadBalancer made = elb.createLoadBalancer(
                        SdkRequests.fill(request, target.properties(), Set.of("LoadBalancerAttributes"))
                                .build())
                .loadBalancers()
                .getFirst();
        loadBalancerAttributes(made.loadBalancerArn(), target.properties());
        Map<String, JsonNode> attributes = new LinkedHashMap<>();
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        attributes.put("LoadBalancerArn", nodes.textNode(made.loadBalancerArn()));
        attributes.put("LoadBalancerName", nodes.textNode(made.loadBalancerName()));
        attributes.put("LoadBalancerFullName", nodes.textNode(after(made.loadBalancerArn(), ":loadbalancer/")));
        attributes.put("DNSName", nodes.textNode(made.dnsName()));
        String zone = made.canonicalHostedZoneId();
        attributes.put("CanonicalHostedZoneID", nodes.textNode(zone == null ? "Z35SXDOTRQ7X7K" : zone));
        attributes.put("SecurityGroups", target.properties().path("SecurityGroups"));
        return new Created(made.loadBalancerArn(), attributes);
    }

    private Created createTargetGroup(Target target) {
        CreateTargetGroupRequest.Builder request =
                CreateTargetGroupRequest.builder().name(target.suggestedName());
        TargetGroup made = elb.createTargetGroup(
                        SdkRequests.fill(request, target.properties(), Set.of("TargetGroupAttributes", "Targets"))
                                .build())
                .targetGroups()
                .getFirst();
        targetGroupAttributes(made.targetGroupArn(), target.properties());
        Map<String, JsonNode> attributes = new LinkedHashMap<>();
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        attributes.put("TargetGroupArn", nodes.textNode(made.targetGroupArn()));
        attributes.put("TargetGroupName", nodes.textNode(made.targetGroupName()));
        attributes.put(
                "TargetGroupFullName", nodes.textNode("targetgroup/" + after(made.targetGroupArn(), ":targetgroup/")));
        attributes.put("LoadBalancerArns", nodes.arrayNode());
        return new Created(made.targetGroupArn(), attributes);
    }

    private Created createListener(Target target) {
        String arn = elb.createListener(SdkRequests.fill(
                                CreateListenerRequest.builder(), target.properties(), Set.of("ListenerAttributes"))
                        .build())
                .listeners()
                .getFirst()
                .listenerArn();
        listenerAttributes(arn, target.properties());
        return new Created(arn, Map.of("ListenerArn", JsonNodeFactory.instance.textNode(arn)));
    }

    private Created createRule(Target target) {
        String arn = elb.createRule(SdkRequests.fill(CreateRuleRequest.builder(), target.properties(), Set.of())
                        .build())
                .rules()
                .getFirst()
                .ruleArn();
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        return new Created(arn, Map.of("RuleArn", nodes.textNode(arn), "IsDefault", nodes.textNode("false")));
    }

    private static String after(String arn, String marker) {
        return arn.substring(arn.indexOf(marker) + marker.length());
    }

    @Override
    public Created update(Target target, ObjectNode before) {
        ObjectNode properties = target.properties();
        String arn = target.physicalId();
        switch (kind(target)) {
            case "LoadBalancer" -> updateLoadBalancer(arn, properties, before);
            case "TargetGroup" -> {
                elb.modifyTargetGroup(SdkRequests.fill(
                                ModifyTargetGroupRequest.builder().targetGroupArn(arn), properties, TARGET_GROUP_FIXED)
                        .build());
                targetGroupAttributes(arn, properties);
            }
            case "Listener" -> {
                elb.modifyListener(SdkRequests.fill(
                                ModifyListenerRequest.builder().listenerArn(arn),
                                properties,
                                Set.of("LoadBalancerArn", "ListenerAttributes", "Tags"))
                        .build());
                listenerAttributes(arn, properties);
            }
            default -> updateRule(arn, properties, before);
        }
        tag(arn, properties, before);
        return new Created(arn, Map.of());
    }

    private void updateRule(String arn, ObjectNode properties, ObjectNode before) {
        elb.modifyRule(SdkRequests.fill(
                        ModifyRuleRequest.builder().ruleArn(arn), properties, Set.of("ListenerArn", "Priority", "Tags"))
                .build());
        if (!before.path("Priority").equals(properties.path("Priority"))) {
            elb.setRulePriorities(request -> request.rulePriorities(priority ->
                    priority.ruleArn(arn).priority(properties.path("Priority").asInt())));
        }
    }

    private void updateLoadBalancer(String arn, ObjectNode properties, ObjectNode before) {
        if (!before.path("SecurityGroups").equals(properties.path("SecurityGroups"))) {
            elb.setSecurityGroups(
                    request -> request.loadBalancerArn(arn).securityGroups(texts(properties.path("SecurityGroups"))));
        }
        if (!before.path("Subnets").equals(properties.path("Subnets"))) {
            elb.setSubnets(request -> request.loadBalancerArn(arn).subnets(texts(properties.path("Subnets"))));
        }
        loadBalancerAttributes(arn, properties);
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(item -> texts.add(item.asText()));
        return texts;
    }

    private void loadBalancerAttributes(String arn, ObjectNode properties) {
        List<LoadBalancerAttribute> attributes = new ArrayList<>();
        properties
                .path("LoadBalancerAttributes")
                .forEach(attribute -> attributes.add(LoadBalancerAttribute.builder()
                        .key(attribute.path("Key").asText())
                        .value(attribute.path("Value").asText())
                        .build()));
        if (!attributes.isEmpty()) {
            elb.modifyLoadBalancerAttributes(
                    request -> request.loadBalancerArn(arn).attributes(attributes));
        }
        // elasticloadbalancing/latest/application/enable-access-logging.html: a test file is written at once.
        attributes.stream()
                .filter(attribute -> attribute.key().equals("access_logs.s3.bucket"))
                .forEach(attribute -> written.accept(attribute.value()));
    }

    private void targetGroupAttributes(String arn, ObjectNode properties) {
        List<TargetGroupAttribute> attributes = new ArrayList<>();
        properties
                .path("TargetGroupAttributes")
                .forEach(attribute -> attributes.add(TargetGroupAttribute.builder()
                        .key(attribute.path("Key").asText())
                        .value(attribute.path("Value").asText())
                        .build()));
        if (!attributes.isEmpty()) {
            elb.modifyTargetGroupAttributes(
                    request -> request.targetGroupArn(arn).attributes(attributes));
        }
    }

    private void listenerAttributes(String arn, ObjectNode properties) {
        List<ListenerAttribute> attributes = new ArrayList<>();
        properties
                .path("ListenerAttributes")
                .forEach(attribute -> attributes.add(ListenerAttribute.builder()
                        .key(attribute.path("Key").asText())
                        .value(attribute.path("Value").asText())
                        .build()));
        if (!attributes.isEmpty()) {
            elb.modifyListenerAttributes(request -> request.listenerArn(arn).attributes(attributes));
        }
    }

    private void tag(String arn, ObjectNode properties, ObjectNode before) {
        if (before.path("Tags").equals(properties.path("Tags"))) {
            return;
        }
        List<Tag> tags = ResourceTags.of(properties).entrySet().stream()
                .map(tag ->
                        Tag.builder().key(tag.getKey()).value(tag.getValue()).build())
                .toList();
        if (!tags.isEmpty()) {
            elb.addTags(request -> request.resourceArns(arn).tags(tags));
        }
        List<String> gone = ResourceTags.removed(before, properties);
        if (!gone.isEmpty()) {
            elb.removeTags(request -> request.resourceArns(arn).tagKeys(gone));
        }
    }

    @Override
    public void delete(Target target) {
        String arn = target.physicalId();
        switch (kind(target)) {
            case "LoadBalancer" -> elb.deleteLoadBalancer(request -> request.loadBalancerArn(arn));
            case "TargetGroup" -> elb.deleteTargetGroup(request -> request.targetGroupArn(arn));
            case "Listener" -> elb.deleteListener(request -> request.listenerArn(arn));
            default -> elb.deleteRule(request -> request.ruleArn(arn));
        }
    }

    @Override
    public Optional<JsonNode> actual(Target target) {
        String arn = target.physicalId();
        List<? extends SdkPojo> found = switch (kind(target)) {
            case "LoadBalancer" ->
                elb.describeLoadBalancers(request -> request.loadBalancerArns(arn))
                        .loadBalancers();
            case "TargetGroup" ->
                elb.describeTargetGroups(request -> request.targetGroupArns(arn))
                        .targetGroups();
            case "Listener" ->
                elb.describeListeners(request -> request.listenerArns(arn)).listeners();
            default -> elb.describeRules(request -> request.ruleArns(arn)).rules();
        };
        return found.stream().findFirst().map(SdkRequests::json);
    }

    @Override
    public Progress progress(Target target) {
        if (!kind(target).equals("LoadBalancer")) {
            return new Progress.Done();
        }
        LoadBalancerStateEnum state = elb.describeLoadBalancers(
                        request -> request.loadBalancerArns(target.physicalId()))
                .loadBalancers()
                .getFirst()
                .state()
                .code();
        return state == LoadBalancerStateEnum.PROVISIONING ? new Progress.Waiting() : new Progress.Done();
    }
}
