package dev.slipway.simulated.traffic;

import dev.slipway.simulated.ecs.SimulatedEcsFixture;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.TreeMap;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.cloudwatch.model.Dimension;
import software.amazon.awssdk.services.cloudwatch.model.Metric;
import software.amazon.awssdk.services.cloudwatch.model.MetricDataQuery;
import software.amazon.awssdk.services.cloudwatch.model.MetricDataResult;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.ActionTypeEnum;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetGroupTuple;

/** An account with a service on target group A, to which people send requests, and CloudWatch to look at them. */
public final class TrafficFixture {
    static final Duration LATEST = Duration.ofMinutes(3);

    public final SimulatedEcsFixture base;
    public final CloudWatchClient cloudWatch;

    public TrafficFixture() {
        this(7);
    }

    TrafficFixture(long seed) {
        base = new SimulatedEcsFixture(seed);
        cloudWatch = base.account.cloudWatch();
    }

    /** Two healthy tasks of an image behind target group A; the clock is at the start of a minute. */
    public TrafficFixture running(String tag) {
        base.running(tag, 2);
        return this;
    }

    /** Two healthy tasks of another image behind target group B, in a service of its own. */
    TrafficFixture alsoRunning(String tag) {
        base.ecs.createService(base.service(base.definition(tag), 2)
                .serviceName("other")
                .loadBalancers(balancer -> balancer.targetGroupArn(base.groupB)
                        .containerName(SimulatedEcsFixture.SERVICE)
                        .containerPort(8080))
                .build());
        base.advance(SimulatedEcsFixture.LONG_ENOUGH);
        return this;
    }

    void weights(int a, int b) {
        base.elb.modifyRule(request -> request.ruleArn(base.productionRule)
                .actions(action -> action.type(ActionTypeEnum.FORWARD)
                        .forwardConfig(forward -> forward.targetGroups(
                                TargetGroupTuple.builder()
                                        .targetGroupArn(base.groupA)
                                        .weight(a)
                                        .build(),
                                TargetGroupTuple.builder()
                                        .targetGroupArn(base.groupB)
                                        .weight(b)
                                        .build()))));
    }

    /** Lets that many whole minutes pass and then all their data points arrive; answers when they began. */
    public Instant minutes(int count) {
        Instant start = base.timeline.instant().plusSeconds(59).truncatedTo(ChronoUnit.MINUTES);
        base.timeline.advanceTo(start);
        base.advance(Duration.ofMinutes(count).plus(LATEST));
        return start;
    }

    public Dimension loadBalancer() {
        String rule = base.productionRule;
        return dimension("LoadBalancer", TrafficHistory.loadBalancer(rule));
    }

    public static Dimension targetGroup(String arn) {
        return dimension("TargetGroup", arn.substring(arn.indexOf("targetgroup/")));
    }

    public static Dimension dimension(String name, String value) {
        return Dimension.builder().name(name).value(value).build();
    }

    public Metric ofGroup(String name, String group) {
        return metric(name, targetGroup(group), loadBalancer());
    }

    Metric ofLoadBalancer(String name) {
        return metric(name, loadBalancer());
    }

    static Metric metric(String name, Dimension... dimensions) {
        return Metric.builder()
                .namespace("AWS/ApplicationELB")
                .metricName(name)
                .dimensions(dimensions)
                .build();
    }

    public static MetricDataQuery query(String id, Metric metric, String stat, int period) {
        return MetricDataQuery.builder()
                .id(id)
                .metricStat(of -> of.metric(metric).stat(stat).period(period))
                .build();
    }

    /** One data point a minute: {@code count} minutes from {@code start} on. */
    Map<Instant, Double> series(Metric metric, String stat, Instant start, int count) {
        MetricDataResult result = cloudWatch
                .getMetricData(request -> request.startTime(start)
                        .endTime(start.plusSeconds(60L * count))
                        .metricDataQueries(query("m", metric, stat, 60)))
                .metricDataResults()
                .getFirst();
        Map<Instant, Double> series = new TreeMap<>();
        for (int i = 0; i < result.timestamps().size(); i++) {
            series.put(result.timestamps().get(i), result.values().get(i));
        }
        return series;
    }

    /** The sum over {@code count} minutes from {@code start} on; 0 when there is no data point. */
    double sum(Metric metric, Instant start, int count) {
        return series(metric, "Sum", start, count).values().stream()
                .mapToDouble(Double::doubleValue)
                .sum();
    }

    double sum(String name, String group, Instant start, int count) {
        return sum(ofGroup(name, group), start, count);
    }
}
