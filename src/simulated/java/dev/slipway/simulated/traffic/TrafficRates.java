package dev.slipway.simulated.traffic;

import dev.slipway.simulated.ecs.EcsServiceRecord;
import dev.slipway.simulated.ecs.EcsState;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** How many requests each listener rule gets, as it was told, at every time. */
public final class TrafficRates {
    static final double USUAL = 600;

    private final EcsState ecs;
    private final ValueHistory<TrafficPattern> otherwise = new ValueHistory<>();
    /** By rule ARN, service ARN or service name. */
    private final Map<String, ValueHistory<TrafficPattern>> told = new LinkedHashMap<>();
    /** Likewise; people where nothing else was told. */
    private final Map<String, ValueHistory<List<Senders>>> senders = new LinkedHashMap<>();

    public TrafficRates(EcsState ecs) {
        this.ecs = ecs;
        otherwise.put(Long.MIN_VALUE, TrafficPattern.steady(USUAL));
    }

    void tell(@Nullable String target, TrafficPattern pattern) {
        long now = ecs.aws.clock().instant().toEpochMilli();
        (target == null ? otherwise : told.computeIfAbsent(target, key -> new ValueHistory<>())).put(now, pattern);
    }

    void tell(String target, List<Senders> parts) {
        double sum = parts.stream().mapToDouble(Senders::share).sum();
        if (Math.abs(sum - 1) > 1e-9) {
            throw new IllegalArgumentException("the shares of all senders are 1 together, and not " + sum);
        }
        senders.computeIfAbsent(target, key -> new ValueHistory<>())
                .put(ecs.aws.clock().instant().toEpochMilli(), List.copyOf(parts));
    }

    /** Who sends what a rule gets. */
    List<Senders> senders(String rule, long time) {
        List<Senders> found = senders.isEmpty() ? null : of(senders, rule, time);
        return found == null ? Senders.PEOPLE : found;
    }

    /** Requests a minute that reach a rule at a time, as long as no firewall refuses them. */
    double at(String rule, TrafficHistory.RuleState state, long time) {
        TrafficPattern pattern = told.isEmpty() ? null : of(told, rule, time);
        if (pattern == null && !isTest(rule, state)) {
            pattern = otherwise.at(time);
        }
        return pattern == null ? 0 : pattern.at(time);
    }

    /** Tells every time between at which somebody changed what a rule gets. */
    void changes(long from, long to, LongConsumer each) {
        otherwise.changes(from, to, each);
        told.values().forEach(log -> log.changes(from, to, each));
        senders.values().forEach(log -> log.changes(from, to, each));
    }

    /** Only requests that somebody sends on purpose reach a test rule: one with a header, or one that a service names. */
    boolean isTest(String rule, TrafficHistory.RuleState state) {
        return state.testHeader() || ecs.testRules.contains(rule);
    }

    /** What was told of a rule, or of its service by ARN or name. */
    private <T> @Nullable T of(Map<String, ValueHistory<T>> told, String rule, long time) {
        T found = at(told.get(rule), time);
        EcsServiceRecord service = found == null ? ecs.servicesByRule.get(rule) : null;
        if (service != null) {
            found = at(told.get(service.arn), time);
            found = found == null ? at(told.get(service.name), time) : found;
        }
        return found;
    }

    private static <T> @Nullable T at(@Nullable ValueHistory<T> log, long time) {
        return log == null ? null : log.at(time);
    }
}
