package dev.slipway.preflight;

import dev.slipway.aws.AwsErrors;
import dev.slipway.aws.AwsLookups;
import dev.slipway.deployment.EcsDeployments;
import dev.slipway.deployment.RolloutSettings.VerdictRules.Metric;
import dev.slipway.deployment.TargetGroupMetrics;
import dev.slipway.deployment.TargetGroups;
import dev.slipway.preflight.Preflight.Input;
import dev.slipway.release.Images;
import dev.slipway.release.Manifest;
import dev.slipway.verdict.SampleSizeEstimate.Traffic;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.cloudwatch.model.AlarmType;
import software.amazon.awssdk.services.cloudwatch.model.CloudWatchException;
import software.amazon.awssdk.services.cloudwatch.model.DescribeAlarmsRequest;
import software.amazon.awssdk.services.cloudwatch.model.DescribeAlarmsResponse;
import software.amazon.awssdk.services.cloudwatch.model.MetricDataQuery;
import software.amazon.awssdk.services.elasticloadbalancingv2.ElasticLoadBalancingV2Client;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.DescribeRulesRequest;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.DescribeTargetHealthRequest;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.Rule;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.RuleNotFoundException;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetGroupTuple;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetHealthStateEnum;

/** The preflight's calls to AWS: one each, and none that cannot matter. */
final class PreflightReader {
    private final ElasticLoadBalancingV2Client elb;
    private final CloudWatchClient cloudWatch;
    private final AwsLookups lookups;
    private final Images images;
    private final EcsDeployments deployments;
    private final PreflightMetrics metrics;
    private final TargetGroupMetrics targetGroups;
    private final Preflight.History history;

    PreflightReader(
            ElasticLoadBalancingV2Client elb,
            CloudWatchClient cloudWatch,
            AwsLookups lookups,
            Images images,
            EcsDeployments deployments,
            TargetGroupMetrics metrics,
            Preflight.History history) {
        this.elb = elb;
        this.cloudWatch = cloudWatch;
        this.lookups = lookups;
        this.images = images;
        this.deployments = deployments;
        this.metrics = new PreflightMetrics(metrics);
        this.targetGroups = metrics;
        this.history = history;
    }

    /** How requests reach the service, with the weights of the production rule. */
    record Routing(TargetGroups groups, PreflightSnapshot.Traffic traffic) {}

    /** Null and a note where AWS refuses; what may succeed later is thrown. */
    static <T> @Nullable T read(String what, PreflightSnapshotBuilder seen, Supplier<@Nullable T> call) {
        try {
            return call.get();
        } catch (AwsServiceException e) {
            if (AwsErrors.isTransient(e)) {
                throw e;
            }
            seen.unreadable()
                    .add(new PreflightSnapshot.Unreadable(
                            what, Objects.requireNonNullElse(e.getMessage(), "AWS gives no reason")));
            return null;
        }
    }

    /** Null where the service has no listener rule yet, or none any more. */
    @Nullable
    Routing routing(Input input, PreflightSnapshotBuilder seen) {
        String a = input.outputs().get("TargetGroupA");
        String b = input.outputs().get("TargetGroupB");
        String production = input.outputs().get("ProductionRule");
        String test = input.outputs().get("TestRule");
        String balancer = input.environment().get("LoadBalancerArn");
        String address = input.environment().get("Address");
        String name = input.environment().get("LoadBalancerDnsName");
        if (a == null
                || b == null
                || production == null
                || test == null
                || balancer == null
                || address == null
                || name == null) {
            return null;
        }
        List<Rule> rules;
        try {
            rules =
                    elb
                            .describeRules(DescribeRulesRequest.builder()
                                    .ruleArns(production, test)
                                    .build())
                            .rules()
                            .stream()
                            .filter(rule -> production.equals(rule.ruleArn()))
                            .toList();
        } catch (RuleNotFoundException e) {
            seen.ruleMissing(true);
            seen.rulesMissing(isMissing(production) && isMissing(test));
            return null;
        }
        int weightB = weight(rules, b);
        String live = weightB > 0 ? b : a;
        String other = weightB > 0 ? a : b;
        String candidate = input.settings().isRolling() ? live : other;
        return new Routing(
                new TargetGroups(balancer, live, candidate, test, url(rules, address), name),
                new PreflightSnapshot.Traffic(
                        production,
                        new PreflightSnapshot.Group(a, weight(rules, a), null),
                        new PreflightSnapshot.Group(b, weightB, null)));
    }

    private boolean isMissing(String rule) {
        try {
            elb.describeRules(DescribeRulesRequest.builder().ruleArns(rule).build());
            return false;
        } catch (RuleNotFoundException e) {
            return true;
        }
    }

    private static int weight(List<Rule> rules, String group) {
        return rules.stream()
                .flatMap(found -> found.actions().stream())
                .filter(action -> action.forwardConfig() != null)
                .flatMap(action -> action.forwardConfig().targetGroups().stream())
                .filter(found -> group.equals(found.targetGroupArn()))
                .mapToInt(TargetGroupTuple::weight)
                .sum();
    }

    /** The service's first host, with a name in place of a wildcard; the load balancer's own where it has no hosts. */
    private static String url(List<Rule> rules, String address) {
        String scheme = address.substring(0, address.indexOf("://") + 3);
        return rules.stream()
                .flatMap(rule -> rule.conditions().stream())
                .filter(condition -> condition.hostHeaderConfig() != null)
                .flatMap(condition -> condition.hostHeaderConfig().values().stream())
                .findFirst()
                .map(host -> scheme + host.replace("*", "check").replace("?", "c"))
                .orElse(address);
    }

    /** The other group is looked at only where the one with the traffic has no healthy task. */
    void traffic(@Nullable Routing routing, PreflightSnapshotBuilder seen) {
        if (routing == null) {
            return;
        }
        PreflightSnapshot.Traffic traffic = routing.traffic();
        boolean onB = traffic.b().weight() > 0;
        PreflightSnapshot.Group live = healthy(onB ? traffic.b() : traffic.a(), seen);
        PreflightSnapshot.Group other = onB ? traffic.a() : traffic.b();
        if (live.hasNoHealthy()) {
            other = healthy(other, seen);
        }
        seen.traffic(new PreflightSnapshot.Traffic(traffic.rule(), onB ? other : live, onB ? live : other));
    }

    private PreflightSnapshot.Group healthy(PreflightSnapshot.Group group, PreflightSnapshotBuilder seen) {
        Integer healthy = read("The health of the tasks in " + group.arn(), seen, () -> (int) elb
                .describeTargetHealth(DescribeTargetHealthRequest.builder()
                        .targetGroupArn(group.arn())
                        .build())
                .targetHealthDescriptions()
                .stream()
                .filter(target -> target.targetHealth().state() == TargetHealthStateEnum.HEALTHY)
                .count());
        return new PreflightSnapshot.Group(group.arn(), group.weight(), healthy);
    }

    /** Whoever has just named the image has its manifest; an earlier release's may have been deleted since. */
    void image(Input input, PreflightSnapshotBuilder seen) {
        if (input.unresolved() != null) {
            return;
        }
        Manifest known = input.manifest();
        Optional<Manifest> manifest = known != null
                ? Optional.of(known)
                : read("The image", seen, () -> images.find(input.service(), digest(input.image())));
        if (manifest != null) {
            seen.imageMissing(manifest.isEmpty());
            seen.architectures(
                    manifest.map(found -> architectures(input, found, seen)).orElse(Set.of()));
        }
    }

    /** Of an index from its manifest; of a single image from its configuration, two more calls. */
    private Set<String> architectures(Input input, Manifest manifest, PreflightSnapshotBuilder seen) {
        Set<String> listed = manifest.architectures();
        Optional<String> configuration = manifest.configuration();
        if (!listed.isEmpty() || configuration.isEmpty() || input.rollback()) {
            return listed;
        }
        String address =
                read("The image's architecture", seen, () -> images.downloadUrl(input.service(), configuration.get()));
        return address == null
                ? Set.of()
                : lookups.download(address).map(Manifest::architecture).orElse(Set.of());
    }

    private static String digest(String image) {
        return image.substring(image.indexOf('@') + 1);
    }

    void serviceState(Input input, PreflightSnapshotBuilder seen) {
        seen.service(read(
                "The ECS service",
                seen,
                () -> deployments
                        .findActive(input.service())
                        .map(service -> new PreflightSnapshot.ServiceState(
                                service.desiredCount(),
                                service.deployments().size() != 1
                                        || !EcsDeployments.deploymentStates(service)
                                                .getFirst()
                                                .completed()))
                        .orElse(null)));
    }

    void alarms(Input input, PreflightSnapshotBuilder seen) {
        List<String> names = input.settings().alarms();
        if (names.isEmpty()) {
            return;
        }
        seen.alarms(read("The alarms", seen, () -> {
            DescribeAlarmsResponse found = cloudWatch.describeAlarms(DescribeAlarmsRequest.builder()
                    .alarmNames(names)
                    .alarmTypes(AlarmType.METRIC_ALARM, AlarmType.COMPOSITE_ALARM)
                    .maxRecords(100)
                    .build());
            Map<String, String> states = new HashMap<>();
            names.forEach(name -> states.put(name, ""));
            found.metricAlarms().forEach(alarm -> states.put(alarm.alarmName(), alarm.stateValueAsString()));
            found.compositeAlarms().forEach(alarm -> states.put(alarm.alarmName(), alarm.stateValueAsString()));
            return states;
        }));
    }

    /** Asks for the user's own metrics as the watch will; which of them is refused is found only where one is. */
    void ownMetrics(Input input, PreflightSnapshotBuilder seen, Instant now) {
        List<Metric> own = input.settings().isRolling()
                ? List.of()
                : input.settings().verdict().metrics();
        if (own.isEmpty() || refusal(own, now).isEmpty()) {
            return;
        }
        for (Metric metric : own) {
            refusal(List.of(metric), now)
                    .ifPresent(reason ->
                            seen.refusedMetrics().add(new PreflightSnapshot.Unreadable(metric.name(), reason)));
        }
    }

    /** Only what is wrong with the question: whether we may ask at all, other reads tell. */
    private Optional<String> refusal(List<Metric> own, Instant now) {
        List<MetricDataQuery> queries = IntStream.range(0, own.size())
                .mapToObj(i -> TargetGroupMetrics.customQuery("own" + i, own.get(i)))
                .toList();
        Instant to = now.truncatedTo(ChronoUnit.MINUTES);
        try {
            targetGroups.values(queries, to.minus(TargetGroupMetrics.LAG), to);
            return Optional.empty();
        } catch (CloudWatchException e) {
            if (AwsErrors.isTransient(e)) {
                throw e;
            }
            return AwsErrors.denied(e).isPresent()
                    ? Optional.empty()
                    : Optional.of(Objects.requireNonNullElse(e.getMessage(), "AWS gives no reason"));
        }
    }

    void subnets(Input input, PreflightSnapshotBuilder seen) {
        String subnets = input.environment().get("TaskSubnets");
        if (subnets != null && !subnets.isEmpty()) {
            seen.freeAddresses(read("The subnets", seen, () -> lookups.freeAddresses(List.of(subnets.split(",")))));
        }
    }

    /** The log group that every task writes to: ECS starts none without. */
    void logs(Input input, PreflightSnapshotBuilder seen) {
        String name = input.outputs().get("LogGroup");
        if (name != null
                && Boolean.FALSE.equals(read("The log group " + name, seen, () -> lookups.hasLogGroup(name)))) {
            seen.logGroupMissing(name);
        }
    }

    /** The roles that tasks run under. */
    void roles(Input input, PreflightSnapshotBuilder seen) {
        for (String output : List.of("ExecutionRoleArn", "TaskRoleArn")) {
            String arn = input.outputs().get(output);
            if (arn != null && Boolean.FALSE.equals(read("The role " + arn, seen, () -> lookups.hasRole(arn)))) {
                seen.missingRoles().add(arn);
            }
        }
    }

    /** The quota, and for what is compared the traffic; null when that was not asked for or not told. */
    @Nullable
    Traffic metrics(Input input, TargetGroups groups, PreflightSnapshotBuilder seen, Instant now) {
        boolean none = seen.service() != null && seen.service().desired() == 0;
        boolean compared = !input.first() && input.settings().steps().size() > 1;
        if (none && !compared) {
            return null;
        }
        Instant since = compared ? history.ownSince(input.service(), input.previous()) : null;
        PreflightMetrics.Result answer = read(
                "The quota and the traffic",
                seen,
                () -> metrics.read(groups, input.settings().verdict(), since, now));
        if (answer == null) {
            return null;
        }
        seen.quota(answer.quota());
        return answer.traffic();
    }
}
