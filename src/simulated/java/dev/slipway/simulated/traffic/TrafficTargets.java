package dev.slipway.simulated.traffic;

import dev.slipway.simulated.ecr.ImageBehaviour;
import dev.slipway.simulated.ecs.EcsTask;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The targets of a group at some time, those that drain left out. */
public record TrafficTargets(List<Target> all) {
    /** What becomes of a connection to a target. */
    enum Reach {
        ANSWERS,
        /** It runs, but nothing listens. */
        REFUSES,
        /** Nothing is at the address. */
        GONE
    }

    /** @param task null when nothing is at the address */
    record Target(
            String zone,
            ImageBehaviour behaviour,
            Reach reach,
            Health health,
            @Nullable EcsTask task) {}

    public enum Health {
        INITIAL,
        HEALTHY,
        UNHEALTHY
    }

    static final TrafficTargets NONE = new TrafficTargets(List.of());

    public TrafficTargets {
        all = List.copyOf(all);
    }

    /**
     * "Health checks for your target groups": healthy targets get the requests; when there is none, all registered ones
     * do (fail open).
     */
    public List<Target> receiving() {
        List<Target> healthy =
                all.stream().filter(target -> target.health() == Health.HEALTHY).toList();
        return healthy.isEmpty() ? all : healthy;
    }

    public long count(Health health, @Nullable String zone) {
        return all.stream()
                .filter(target -> target.health() == health)
                .filter(target -> zone == null || zone.equals(target.zone()))
                .count();
    }
}
