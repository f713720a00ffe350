package dev.slipway.simulated.traffic;

import dev.slipway.simulated.ecs.EcsServiceRecord;
import dev.slipway.simulated.ecs.EcsState;
import java.util.LinkedHashMap;
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

    public TrafficRates(EcsState ecs) {
        this.ecs = ecs;
        otherwise.put(Long.MIN_VALUE, TrafficPattern.steady(USUAL));
    }

    void tell(@Nullable String target, TrafficPattern pattern) {
        long now = ecs.aws.clock().instant().toEpochMilli();
        (target == null ? otherwise : told.computeIfAbsent(target, key -> new ValueHistory<>())).put(now, pattern);
    }

    /** Requests a minute that reach a rule at a time. */
    double at(String rule, TrafficHistory.RuleState state, long time) {
        TrafficPattern pattern = null;
        if (!told.isEmpty()) {
            pattern = pattern(told.get(rule), time);
            EcsServiceRecord service = pattern == null ? ecs.servicesByRule.get(rule) : null;
            if (service != null) {
                pattern = pattern(told.get(service.arn), time);
                pattern = pattern == null ? pattern(told.get(service.name), time) : pattern;
            }
        }
        if (pattern == null && !isTest(rule, state)) {
            pattern = otherwise.at(time);
        }
        return pattern == null ? 0 : pattern.at(time);
    }

    /** Tells every time between at which somebody changed what a rule gets. */
    void changes(long from, long to, LongConsumer each) {
        otherwise.changes(from, to, each);
        told.values().forEach(log -> log.changes(from, to, each));
    }

    /** Only requests that somebody sends on purpose reach a test rule: one with a header, or one that a service names. */
    boolean isTest(String rule, TrafficHistory.RuleState state) {
        return state.testHeader() || ecs.testRules.contains(rule);
    }

    private static @Nullable TrafficPattern pattern(@Nullable ValueHistory<TrafficPattern> log, long time) {
        return log == null ? null : log.at(time);
    }
}
