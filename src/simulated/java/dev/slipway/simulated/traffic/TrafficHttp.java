package dev.slipway.simulated.traffic;

import dev.slipway.simulated.aws.SimulatedAws;
import dev.slipway.simulated.ecr.ImageBehaviour;
import dev.slipway.simulated.ecs.EcsTask;
import dev.slipway.simulated.elb.SimulatedElb;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.Action;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.DescribeLoadBalancersRequest;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.Listener;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.LoadBalancer;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.ProtocolEnum;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.Rule;

/** Single requests through a load balancer: listener, rule, target group, target, and the counts of all that. */
public final class TrafficHttp {
    private static final Duration AT_ONCE = Duration.ofMillis(2);
    /** "HTTP 504: The load balancer failed to establish a connection to the target before the connection timeout expired (10 seconds)." */
    private static final Duration CONNECTION_TIMEOUT = Duration.ofSeconds(10);

    private final SimulatedAws aws;
    private final SimulatedElb elb;
    private final TrafficHistory journal;
    private final TrafficRates rates;
    private final TrafficGenerator generator;
    private final RequestFilter firewall;

    public TrafficHttp(
            SimulatedAws aws,
            SimulatedElb elb,
            TrafficHistory journal,
            TrafficRates rates,
            TrafficGenerator generator,
            RequestFilter firewall) {
        this.aws = aws;
        this.elb = elb;
        this.journal = journal;
        this.rates = rates;
        this.generator = generator;
        this.firewall = firewall;
    }

    public HttpAnswer send(HttpCall call) {
        LoadBalancer balancer = balancer(call);
        Listener listener = listener(balancer, call);
        if (!firewall.admits(balancer.loadBalancerArn(), call)) {
            return new HttpAnswer(403, "403 Forbidden", AT_ONCE);
        }
        Rule rule = elb.rules().describe(listener.listenerArn()).stream()
                .filter(candidate -> TrafficConditions.met(candidate, call))
                .findFirst()
                .orElseThrow(); // the default rule has no conditions
        Action action = rule.actions().getLast();
        return switch (action.type()) {
            case FIXED_RESPONSE ->
                new HttpAnswer(
                        Integer.parseInt(action.fixedResponseConfig().statusCode()),
                        Objects.requireNonNullElse(action.fixedResponseConfig().messageBody(), ""),
                        AT_ONCE);
            case REDIRECT ->
                new HttpAnswer(
                        action.redirectConfig().statusCodeAsString().equals("HTTP_301") ? 301 : 302, "", AT_ONCE);
            case FORWARD -> forward(rule);
            default -> new HttpAnswer(401, "", AT_ONCE); // authenticate-*: nobody is signed in
        };
    }

    /** By its DNS name, else by a rule that asks for the host. */
    private LoadBalancer balancer(HttpCall call) {
        List<LoadBalancer> all = elb.describeLoadBalancers(
                        DescribeLoadBalancersRequest.builder().build())
                .loadBalancers();
        Optional<LoadBalancer> named = all.stream()
                .filter(balancer -> balancer.dnsName().equalsIgnoreCase(call.host()))
                .findFirst();
        return named.or(() -> all.stream()
                        .filter(balancer -> elb.rules().listenersOf(balancer.loadBalancerArn()).stream()
                                .anyMatch(listener -> asksForHost(listener, call)))
                        .findFirst())
                .orElseThrow(() -> new UncheckedIOException(new UnknownHostException(call.host())));
    }

    private boolean asksForHost(Listener listener, HttpCall call) {
        return elb.rules().describe(listener.listenerArn()).stream()
                .anyMatch(rule ->
                        rule.conditions().stream().anyMatch(condition -> "host-header".equals(condition.field()))
                                && TrafficConditions.met(rule, call));
    }

    /** HTTPS where there is such a listener: the other one only redirects. */
    private Listener listener(LoadBalancer balancer, HttpCall call) {
        return elb.rules().listenersOf(balancer.loadBalancerArn()).stream()
                .max(Comparator.comparing((Listener listener) -> listener.protocol() == ProtocolEnum.HTTPS)
                        .thenComparing(Listener::port, Comparator.reverseOrder()))
                .orElseThrow(
                        () -> new UncheckedIOException(new ConnectException("connection refused: " + call.host())));
    }

    private HttpAnswer forward(Rule rule) {
        Map<String, Double> shares = TrafficHistory.shares(rule.actions());
        long now = aws.clock().instant().toEpochMilli();
        if (shares.isEmpty()) {
            return unavailable();
        }
        String group = choose(shares);
        ValueHistory<TrafficTargets> log = journal.targets(group);
        TrafficTargets targets = log == null ? null : log.at(now);
        List<TrafficTargets.Target> receiving = targets == null ? List.of() : targets.receiving();
        if (receiving.isEmpty()) {
            generator.sent(group, aws.region() + "a", now).unavailable++;
            return unavailable();
        }
        TrafficTargets.Target target = receiving.get(aws.random().nextInt(receiving.size()));
        TrafficCounts counts = generator.sent(group, target.zone(), now);
        counts.requests++;
        return switch (target.reach()) {
            case GONE -> {
                counts.timeouts++;
                yield new HttpAnswer(504, "504 Gateway Time-out", CONNECTION_TIMEOUT);
            }
            case REFUSES -> {
                counts.refused++;
                yield badGateway(counts);
            }
            case ANSWERS -> answer(rule, target, counts, generator.perMinute(group, now) / receiving.size());
        };
    }

    private String choose(Map<String, Double> shares) {
        double dice = aws.random().nextDouble();
        String chosen = "";
        for (Map.Entry<String, Double> share : shares.entrySet()) {
            chosen = share.getKey();
            dice -= share.getValue();
            if (dice < 0) {
                break;
            }
        }
        return chosen;
    }

    private HttpAnswer answer(Rule rule, TrafficTargets.Target target, TrafficCounts counts, double perTask) {
        ImageBehaviour image = target.behaviour();
        if (aws.random().nextDouble() < image.killedPercent() / 100) {
            return badGateway(counts);
        }
        Duration latency =
                TrafficLatency.one(image.slowness(perTask), aws.random().nextGaussian());
        TrafficLatency.add(counts.latencies(), latency);
        boolean production = !isTest(rule);
        double errors = image.errors(production, target.zone().equals(aws.region() + "a"));
        if (aws.random().nextDouble() < errors) {
            counts.answers[5]++;
            return new HttpAnswer(500, "Internal Server Error", latency);
        }
        counts.answers[2]++;
        return new HttpAnswer(200, body(Objects.requireNonNull(target.task(), "what answers is a task")), latency);
    }

    private boolean isTest(Rule rule) {
        ValueHistory<TrafficHistory.RuleState> log = journal.rule(rule.ruleArn());
        TrafficHistory.RuleState state = log == null ? null : log.last();
        return state != null && rates.isTest(rule.ruleArn(), state);
    }

    private static String body(EcsTask task) {
        String definition = task.definition.family() + ":" + task.definition.revision();
        return """
                Success!
                release: %s
                image: %s
                task: %s
                zone: %s
                """.formatted(definition, task.main().image(), task.id, task.zone);
    }

    private static HttpAnswer badGateway(TrafficCounts counts) {
        counts.badGateway++;
        return new HttpAnswer(502, "502 Bad Gateway", AT_ONCE);
    }

    private static HttpAnswer unavailable() {
        return new HttpAnswer(503, "503 Service Temporarily Unavailable", AT_ONCE);
    }
}
