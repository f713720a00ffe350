package dev.slipway.simulated.elb;

import dev.slipway.simulated.aws.SimulatedAws;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.*;

/** Target groups and the health of their targets. */
public final class ElbTargetGroups {
    private final SimulatedAws aws;
    private final Map<String, ElbTargetGroup> groups = new LinkedHashMap<>();
    private ElbProbe probe = ElbProbe.ALWAYS_ANSWERS;
    private ElbChangeListener journal = ElbChangeListener.NONE;

    ElbTargetGroups(SimulatedAws aws) {
        this.aws = aws;
    }

    public void probe(ElbProbe probe) {
        this.probe = probe;
    }

    public void journal(ElbChangeListener journal) {
        this.journal = journal;
    }

    public ElbTargetGroup require(String arn) {
        ElbTargetGroup group = groups.get(arn);
        if (group == null) {
            throw ElbErrors.noTargetGroup(arn);
        }
        return group;
    }

    @Nullable
    public ElbTargetGroup find(String arn) {
        return groups.get(arn);
    }

    TargetGroup create(CreateTargetGroupRequest request) {
        String arn = aws.arn("elasticloadbalancing", "targetgroup/" + request.name() + "/" + aws.hex(16));
        // CreateTargetGroup: interval 30 s (35 s for Lambda), timeout 5 s, healthy threshold 5, unhealthy threshold 2.
        TargetGroup settings = TargetGroup.builder()
                .targetGroupArn(arn)
                .targetGroupName(request.name())
                .protocol(request.protocol())
                .protocolVersion(or(request.protocolVersion(), "HTTP1"))
                .port(request.port())
                .vpcId(request.vpcId())
                .targetType(or(request.targetType(), TargetTypeEnum.INSTANCE))
                .ipAddressType(TargetGroupIpAddressTypeEnum.IPV4)
                .healthCheckEnabled(or(request.healthCheckEnabled(), true))
                .healthCheckProtocol(or(request.healthCheckProtocol(), ProtocolEnum.HTTP))
                .healthCheckPort(or(request.healthCheckPort(), "traffic-port"))
                .healthCheckPath(or(request.healthCheckPath(), "/"))
                .healthCheckIntervalSeconds(or(request.healthCheckIntervalSeconds(), 30))
                .healthCheckTimeoutSeconds(or(request.healthCheckTimeoutSeconds(), 5))
                .healthyThresholdCount(or(request.healthyThresholdCount(), 5))
                .unhealthyThresholdCount(or(request.unhealthyThresholdCount(), 2))
                .matcher(or(request.matcher(), Matcher.builder().httpCode("200").build()))
                .build();
        checkTimes(settings);
        for (ElbTargetGroup existing : groups.values()) {
            if (existing.settings.targetGroupName().equals(request.name())) {
                // CreateTargetGroup: with the same settings "each call succeeds".
                if (existing.settings.toBuilder().targetGroupArn(arn).build().equals(settings)) {
                    return existing.settings;
                }
                throw ElbErrors.duplicateTargetGroup(request.name());
            }
        }
        groups.put(arn, new ElbTargetGroup(settings));
        return settings;
    }

    TargetGroup modify(ModifyTargetGroupRequest request) {
        ElbTargetGroup group = require(request.targetGroupArn());
        TargetGroup old = group.settings;
        TargetGroup settings = old.toBuilder()
                .healthCheckEnabled(or(request.healthCheckEnabled(), old.healthCheckEnabled()))
                .healthCheckProtocol(or(request.healthCheckProtocol(), old.healthCheckProtocol()))
                .healthCheckPort(or(request.healthCheckPort(), old.healthCheckPort()))
                .healthCheckPath(or(request.healthCheckPath(), old.healthCheckPath()))
                .healthCheckIntervalSeconds(or(request.healthCheckIntervalSeconds(), old.healthCheckIntervalSeconds()))
                .healthCheckTimeoutSeconds(or(request.healthCheckTimeoutSeconds(), old.healthCheckTimeoutSeconds()))
                .healthyThresholdCount(or(request.healthyThresholdCount(), old.healthyThresholdCount()))
                .unhealthyThresholdCount(or(request.unhealthyThresholdCount(), old.unhealthyThresholdCount()))
                .matcher(or(request.matcher(), old.matcher()))
                .build();
        checkTimes(settings);
        group.settings = settings;
        return settings;
    }

    void delete(String arn) {
        groups.remove(arn);
    }

    /** Registers a target: it is in use from its first healthy verdict on. */
    public void register(String arn, TargetDescription description) {
        ElbTargetGroup group = require(arn);
        TargetDescription complete = description.toBuilder()
                .port(or(description.port(), group.settings.port()))
                .build();
        ElbTargetGroup.Target target = new ElbTargetGroup.Target(complete);
        group.targets.put(key(complete), target);
        journal.targetsChanged(group);
        plan(group, target);
    }

    /** Deregisters a target: no new requests, and it shows as draining until the deregistration delay is over. */
    public void deregister(String arn, TargetDescription description) {
        ElbTargetGroup group = require(arn);
        String key = key(description.toBuilder()
                .port(or(description.port(), group.settings.port()))
                .build());
        ElbTargetGroup.Target target = group.targets.get(key);
        if (target == null || target.state == TargetHealthStateEnum.DRAINING) {
            return;
        }
        target.check++;
        target.state = TargetHealthStateEnum.DRAINING;
        journal.targetsChanged(group);
        aws.clock().after(group.deregistrationDelay(), () -> group.targets.remove(key, target));
    }

    private void plan(ElbTargetGroup group, ElbTargetGroup.Target target) {
        boolean answers = probe.answers(target.description.id());
        int check = ++target.check;
        String ip = target.description.id();
        (answers ? probe.failsIn(ip) : probe.answersIn(ip))
                .ifPresent(delay -> aws.clock().after(delay, () -> {
                    if (target.check == check) {
                        plan(group, target);
                    }
                }));
        aws.clock().after(answers ? group.timeToHealthy() : group.timeToUnhealthy(), () -> {
            if (target.check != check) {
                return;
            }
            TargetHealthStateEnum state = answers ? TargetHealthStateEnum.HEALTHY : TargetHealthStateEnum.UNHEALTHY;
            target.failure = answers ? null : probe.failure(target.description.id());
            if (target.state != state) {
                target.state = state;
                journal.targetsChanged(group);
                probe.healthChanged(group.arn(), target.description.id(), state);
            }
        });
    }

    List<TargetHealthDescription> health(ElbTargetGroup group, boolean inUse) {
        return group.targets.values().stream()
                .map(target -> TargetHealthDescription.builder()
                        .target(target.description)
                        .healthCheckPort(String.valueOf(target.description.port()))
                        .targetHealth(inUse ? verdict(target) : unused())
                        .build())
                .toList();
    }

    private static TargetHealth unused() {
        return TargetHealth.builder()
                .state(TargetHealthStateEnum.UNUSED)
                .reason(TargetHealthReasonEnum.TARGET_NOT_IN_USE)
                .description("Target group is not configured to receive traffic from the load balancer")
                .build();
    }

    private static TargetHealth verdict(ElbTargetGroup.Target target) {
        TargetHealthStateEnum state = target.state;
        if (state == TargetHealthStateEnum.UNHEALTHY && target.failure != null) {
            return target.failure;
        }
        TargetHealth.Builder health = TargetHealth.builder().state(state);
        return switch (state) {
            case INITIAL ->
                health.reason(TargetHealthReasonEnum.ELB_INITIAL_HEALTH_CHECKING)
                        .description("Initial health checks in progress")
                        .build();
            case UNHEALTHY ->
                health.reason(TargetHealthReasonEnum.TARGET_FAILED_HEALTH_CHECKS)
                        .description("Health checks failed")
                        .build();
            case DRAINING ->
                health.reason(TargetHealthReasonEnum.TARGET_DEREGISTRATION_IN_PROGRESS)
                        .description("Target deregistration is in progress")
                        .build();
            default -> health.build();
        };
    }

    static String key(TargetDescription target) {
        return target.id() + ":" + target.port();
    }

    private static void checkTimes(TargetGroup settings) {
        if (settings.healthCheckTimeoutSeconds() >= settings.healthCheckIntervalSeconds()) {
            throw ElbErrors.invalid("Health check timeout '%d' must be smaller than the interval '%d'"
                    .formatted(settings.healthCheckTimeoutSeconds(), settings.healthCheckIntervalSeconds()));
        }
    }

    private static <T> T or(@Nullable T value, T otherwise) {
        return value == null ? otherwise : value;
    }

    List<TargetGroup> describe(DescribeTargetGroupsRequest request, Function<String, List<String>> loadBalancersOf) {
        request.targetGroupArns().forEach(this::require);
        List<TargetGroup> found = groups.values().stream()
                .filter(group -> request.targetGroupArns().isEmpty()
                        || request.targetGroupArns().contains(group.arn()))
                .filter(group ->
                        request.names().isEmpty() || request.names().contains(group.settings.targetGroupName()))
                .map(group -> group.settings.toBuilder()
                        .loadBalancerArns(loadBalancersOf.apply(group.arn()))
                        .build())
                .filter(group -> request.loadBalancerArn() == null
                        || group.loadBalancerArns().contains(request.loadBalancerArn()))
                .toList();
        if (found.isEmpty() && !request.names().isEmpty()) {
            throw ElbErrors.noTargetGroup(Objects.toString(request.names()));
        }
        return found;
    }
}
