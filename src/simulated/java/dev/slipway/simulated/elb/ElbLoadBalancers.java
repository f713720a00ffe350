package dev.slipway.simulated.elb;

import dev.slipway.simulated.aws.SimulatedAws;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.*;

/** Application load balancers, their state and their attributes. */
final class ElbLoadBalancers {
    /** Assumed (docs/assumptions.md): provisioning takes two minutes. */
    private static final Duration PROVISIONING = Duration.ofMinutes(2);

    private final SimulatedAws aws;
    private final Map<String, LoadBalancer> balancers = new LinkedHashMap<>();
    private final Map<String, Map<String, String>> attributes = new LinkedHashMap<>();

    ElbLoadBalancers(SimulatedAws aws) {
        this.aws = aws;
    }

    LoadBalancer create(CreateLoadBalancerRequest request) {
        String id = aws.hex(16);
        String arn = aws.arn("elasticloadbalancing", "loadbalancer/app/" + request.name() + "/" + id);
        LoadBalancer balancer = LoadBalancer.builder()
                .loadBalancerArn(arn)
                .loadBalancerName(request.name())
                .dnsName(dnsName(request.name()))
                .canonicalHostedZoneId("Z215JYRZR1TBD5")
                .createdTime(aws.clock().instant())
                .scheme(request.scheme() == null ? LoadBalancerSchemeEnum.INTERNET_FACING : request.scheme())
                .type(request.type() == null ? LoadBalancerTypeEnum.APPLICATION : request.type())
                .ipAddressType(request.ipAddressType() == null ? IpAddressType.IPV4 : request.ipAddressType())
                .securityGroups(request.securityGroups())
                .availabilityZones(zones(request.subnets()))
                .build();
        for (LoadBalancer existing : balancers.values()) {
            if (existing.loadBalancerName().equals(request.name())) {
                // CreateLoadBalancer: with the same settings "each call succeeds".
                if (sameSettings(existing, balancer)) {
                    return view(existing);
                }
                throw ElbErrors.duplicateLoadBalancer(request.name());
            }
        }
        balancers.put(arn, balancer);
        Map<String, String> defaults = new LinkedHashMap<>();
        // "Edit attributes for your Application Load Balancer"
        defaults.put("idle_timeout.timeout_seconds", "60");
        defaults.put("deletion_protection.enabled", "false");
        defaults.put("access_logs.s3.enabled", "false");
        defaults.put("access_logs.s3.bucket", "");
        defaults.put("access_logs.s3.prefix", "");
        defaults.put("routing.http.drop_invalid_header_fields.enabled", "false");
        defaults.put("routing.http2.enabled", "true");
        attributes.put(arn, defaults);
        return view(balancer);
    }

    /** {@code name-1234567890.region.elb.amazonaws.com}: decimal digits, unlike the ids in ARNs. */
    private String dnsName(String name) {
        int number = aws.random().nextInt(1_000_000_000, Integer.MAX_VALUE);
        return "%s-%d.%s.elb.amazonaws.com".formatted(name, number, aws.region());
    }

    private static boolean sameSettings(LoadBalancer one, LoadBalancer other) {
        return one.scheme() == other.scheme()
                && one.type() == other.type()
                && one.ipAddressType() == other.ipAddressType()
                && one.securityGroups().equals(other.securityGroups())
                && one.availabilityZones().equals(other.availabilityZones());
    }

    List<LoadBalancer> describe(DescribeLoadBalancersRequest request) {
        request.loadBalancerArns().forEach(this::require);
        List<LoadBalancer> found = balancers.values().stream()
                .filter(balancer -> request.loadBalancerArns().isEmpty()
                        || request.loadBalancerArns().contains(balancer.loadBalancerArn()))
                .filter(balancer -> request.names().isEmpty() || request.names().contains(balancer.loadBalancerName()))
                .map(this::view)
                .toList();
        if (found.isEmpty() && !request.names().isEmpty()) {
            throw ElbErrors.noLoadBalancer(request.names().toString());
        }
        return found;
    }

    boolean exists(String arn) {
        return balancers.containsKey(arn);
    }

    LoadBalancer require(String arn) {
        LoadBalancer balancer = balancers.get(arn);
        if (balancer == null) {
            throw ElbErrors.noLoadBalancer(arn);
        }
        return balancer;
    }

    void delete(String arn) {
        if ("true".equals(attributes.getOrDefault(arn, Map.of()).get("deletion_protection.enabled"))) {
            throw ElbErrors.notPermitted(
                    "Load balancer '%s' cannot be deleted because deletion protection is enabled".formatted(arn));
        }
        balancers.remove(arn);
        attributes.remove(arn);
    }

    void securityGroups(String arn, List<String> groups) {
        balancers.put(arn, require(arn).toBuilder().securityGroups(groups).build());
    }

    List<AvailabilityZone> subnets(String arn, List<String> subnets) {
        balancers.put(
                arn, require(arn).toBuilder().availabilityZones(zones(subnets)).build());
        return require(arn).availabilityZones();
    }

    Map<String, String> attributes(String arn) {
        require(arn);
        return attributes.computeIfAbsent(arn, key -> new LinkedHashMap<>());
    }

    private LoadBalancer view(LoadBalancer balancer) {
        boolean active = !aws.clock().instant().isBefore(balancer.createdTime().plus(PROVISIONING));
        return balancer.toBuilder()
                .state(state -> state.code(active ? LoadBalancerStateEnum.ACTIVE : LoadBalancerStateEnum.PROVISIONING))
                .build();
    }

    private List<AvailabilityZone> zones(List<String> subnets) {
        return IntStream.range(0, subnets.size())
                .mapToObj(i -> AvailabilityZone.builder()
                        .subnetId(subnets.get(i))
                        .zoneName(aws.region() + (char) ('a' + i))
                        .build())
                .toList();
    }
}
