package dev.slipway.simulated.traffic;

import java.util.Map;
import java.util.TreeMap;

/** The requests of one target group in one minute, by zone. */
public final class TrafficMinute {
    static final TrafficMinute NOTHING = new TrafficMinute();

    private final Map<String, TrafficCounts> zones = new TreeMap<>();

    TrafficCounts zone(String zone) {
        return zones.computeIfAbsent(zone, key -> new TrafficCounts());
    }

    public Map<String, TrafficCounts> zones() {
        return zones;
    }

    public TrafficCounts whole() {
        TrafficCounts whole = new TrafficCounts();
        zones.values().forEach(whole::add);
        return whole;
    }
}
