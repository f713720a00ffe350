package dev.slipway.service;

import dev.slipway.cost.WastePolicy;
import dev.slipway.cost.WastePolicy.Gateway;
import dev.slipway.cost.WastePolicy.Load;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.ServiceId;
import dev.slipway.release.Images;
import dev.slipway.stack.StackReconciler;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.cloudwatch.model.Dimension;
import software.amazon.awssdk.services.cloudwatch.model.GetMetricDataRequest;
import software.amazon.awssdk.services.cloudwatch.model.Metric;
import software.amazon.awssdk.services.cloudwatch.model.MetricDataQuery;
import software.amazon.awssdk.services.cloudwatch.model.MetricDataResult;
import software.amazon.awssdk.services.cloudwatch.model.MetricStat;
import software.amazon.awssdk.services.cloudwatch.model.StatusCode;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.cloudwatchlogs.model.DescribeLogGroupsRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.LogGroup;
import software.amazon.awssdk.services.cloudwatchlogs.paginators.DescribeLogGroupsIterable;

/**
 * What was used in the last two weeks of what is paid for: three calls to AWS, and one more for every 50 log groups beyond the first.
 * What AWS does not tell is named and left out.
 */
final class UsageReader {
    /** GetMetricData: "A single GetMetricData call can include up to 500 MetricDataQuery structures". */
    private static final int MOST_QUERIES = 500;

    private static final int DAY = (int) Duration.ofDays(1).toSeconds();
    private static final List<String> OF_A_SERVICE = List.of("cpu", "highest", "memory");

    private final StackReconciler stacks;
    private final CloudWatchClient cloudWatch;
    private final CloudWatchLogsClient logs;
    private final Images images;

    UsageReader(StackReconciler stacks, CloudWatchClient cloudWatch, CloudWatchLogsClient logs, Images images) {
        this.stacks = stacks;
        this.cloudWatch = cloudWatch;
        this.logs = logs;
        this.images = images;
    }

    /**
     * What was seen.
     *
     * @param gateways by the ids of NAT gateways
     * @param loads by service
     * @param groups log groups by name
     * @param unused images; null when it was not asked for or told
     * @param unseen what could not be looked at, and why
     */
    record Usage(
            Map<String, Gateway> gateways,
            Map<ServiceId, Load> loads,
            Map<String, LogGroup> groups,
            Images.@Nullable Unused unused,
            List<String> unseen) {}

    /** Of an environment and its services. */
    Usage environment(EnvironmentId id, Collection<ServiceId> services, Instant now) {
        List<String> unseen = new ArrayList<>();
        List<String> gateways =
                read("The NAT gateways", unseen, () -> gateways(id)).orElse(List.of());
        Map<String, Map<Instant, Double>> values = metrics(gateways, services, now, unseen);
        Map<String, LogGroup> groups = groups("/slipway/" + id.environment() + "/", unseen);
        return new Usage(through(gateways, values), loads(List.copyOf(services), values), groups, null, unseen);
    }

    /** Of one service. */
    Usage service(ServiceId id, Instant now) {
        List<String> unseen = new ArrayList<>();
        Map<String, Map<Instant, Double>> values = metrics(List.of(), List.of(id), now, unseen);
        Map<String, LogGroup> groups = groups(id.logGroup(), unseen);
        Images.Unused unused =
                read("The images", unseen, () -> images.unused(id)).orElse(null);
        return new Usage(Map.of(), loads(List.of(id), values), groups, unused, unseen);
    }

    private static <T> Optional<T> read(String what, List<String> unseen, Supplier<T> call) {
        try {
            return Optional.of(call.get());
        } catch (SdkException e) {
            unseen.add("%s could not be looked at: %s".formatted(what, e.getMessage()));
            return Optional.empty();
        }
    }

    /** Physical ids of a stack's NAT gateways: nothing else in it begins like that. */
    private List<String> gateways(EnvironmentId id) {
        return stacks.resources(id.stackName()).values().stream()
                .filter(physical -> physical.startsWith("nat-"))
                .sorted()
                .toList();
    }

    private Map<String, LogGroup> groups(String prefix, List<String> unseen) {
        return read(
                        "The logs",
                        unseen,
                        () -> new DescribeLogGroupsIterable(
                                        logs,
                                        DescribeLogGroupsRequest.builder()
                                                .logGroupNamePrefix(prefix)
                                                .build())
                                .logGroups().stream().toList())
                .orElse(List.of())
                .stream()
                .collect(Collectors.toMap(LogGroup::logGroupName, group -> group));
    }

    private Map<String, Map<Instant, Double>> metrics(
            List<String> gateways, Collection<ServiceId> services, Instant now, List<String> unseen) {
        List<MetricDataQuery> queries = new ArrayList<>();
        for (int i = 0; i < gateways.size(); i++) {
            queries.add(query(
                    "gateway" + i,
                    "AWS/NATGateway",
                    "BytesOutToDestination",
                    "Sum",
                    Map.of("NatGatewayId", gateways.get(i))));
        }
        int i = 0;
        for (ServiceId service : services) {
            Map<String, String> dimensions =
                    Map.of("ClusterName", service.environmentId().cluster(), "ServiceName", service.service());
            queries.add(query("cpu" + i, "AWS/ECS", "CPUUtilization", "Average", dimensions));
            queries.add(query("highest" + i, "AWS/ECS", "CPUUtilization", "Maximum", dimensions));
            queries.add(query("memory" + i, "AWS/ECS", "MemoryUtilization", "Maximum", dimensions));
            i++;
        }
        Map<String, Map<Instant, Double>> values = new HashMap<>();
        if (queries.isEmpty()) {
            return values;
        }
        Instant to = now.truncatedTo(ChronoUnit.DAYS);
        if (queries.size() > MOST_QUERIES) {
            unseen.add("The load of some services was not looked at: there are too many for one call.");
        }
        GetMetricDataRequest request = GetMetricDataRequest.builder()
                .metricDataQueries(queries.stream().limit(MOST_QUERIES).toList())
                .startTime(to.minus(WastePolicy.SPAN))
                .endTime(to)
                .build();
        read("The metrics", unseen, () -> cloudWatch.getMetricData(request).metricDataResults())
                .orElse(List.of())
                .forEach(result -> keep(result, values, unseen));
        return values;
    }

    private static void keep(MetricDataResult result, Map<String, Map<Instant, Double>> values, List<String> unseen) {
        if (result.statusCode() == StatusCode.FORBIDDEN || result.statusCode() == StatusCode.INTERNAL_ERROR) {
            String why = result.messages().stream()
                    .map(message -> Objects.requireNonNullElse(message.value(), ""))
                    .collect(Collectors.joining(" "));
            unseen.add("A metric could not be looked at: " + (why.isEmpty() ? result.statusCodeAsString() : why));
            return;
        }
        Map<Instant, Double> series = values.computeIfAbsent(result.id(), _ -> new HashMap<>());
        for (int i = 0; i < result.timestamps().size(); i++) {
            series.put(result.timestamps().get(i), result.values().get(i));
        }
    }

    private static MetricDataQuery query(
            String id, String namespace, String name, String statistic, Map<String, String> dimensions) {
        return MetricDataQuery.builder()
                .id(id)
                .metricStat(MetricStat.builder()
                        .metric(Metric.builder()
                                .namespace(namespace)
                                .metricName(name)
                                .dimensions(dimensions.entrySet().stream()
                                        .map(entry -> Dimension.builder()
                                                .name(entry.getKey())
                                                .value(entry.getValue())
                                                .build())
                                        .toList())
                                .build())
                        .period(DAY)
                        .stat(statistic)
                        .build())
                .build();
    }

    private static Map<String, Gateway> through(List<String> gateways, Map<String, Map<Instant, Double>> values) {
        Map<String, Gateway> through = new HashMap<>();
        for (int i = 0; i < gateways.size(); i++) {
            Map<Instant, Double> days = values.getOrDefault("gateway" + i, Map.of());
            double bytes =
                    days.values().stream().mapToDouble(Double::doubleValue).sum();
            through.put(gateways.get(i), new Gateway(bytes, days.size()));
        }
        return through;
    }

    private static Map<ServiceId, Load> loads(List<ServiceId> services, Map<String, Map<Instant, Double>> values) {
        Map<ServiceId, Load> loads = new HashMap<>();
        for (int i = 0; i < services.size(); i++) {
            int at = i;
            List<Map<Instant, Double>> series = OF_A_SERVICE.stream()
                    .map(name -> values.getOrDefault(name + at, Map.of()))
                    .toList();
            int days = series.stream().mapToInt(Map::size).min().orElse(0);
            if (days > 0) {
                loads.put(
                        services.get(i),
                        new Load(
                                series.get(0).values().stream()
                                        .mapToDouble(Double::doubleValue)
                                        .average()
                                        .orElseThrow(),
                                highest(series.get(1)),
                                highest(series.get(2)),
                                days));
            }
        }
        return loads;
    }

    private static double highest(Map<Instant, Double> days) {
        return days.values().stream().mapToDouble(Double::doubleValue).max().orElseThrow();
    }
}
