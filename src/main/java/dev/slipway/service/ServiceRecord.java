package dev.slipway.service;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.ServiceId;
import dev.slipway.release.ContainerSettings;
import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What we keep of a service.
 *
 * @param declared the spec that was accepted last, whether or not it could be applied
 * @param revision of the declared spec: 1 when the service was created, one more with each accepted spec
 * @param outputs of its stack, as of the last change that succeeded; empty before the first
 * @param environmentDigest what it had of its environment then, see {@link EnvironmentDigest}; null when that is not known
 * @param attempted the container settings that the last rollout of a spec's settings was started for; declared settings
 *     that differ go out with the next apply, equal ones do not, however that rollout ended
 * @param count the declared number of tasks that was set last; another number in ECS was set by somebody on purpose
 * @param live number of the release that the last successful rollout made live; null before the first
 * @param previous the one before it
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ServiceRecord(
        ServiceId id,
        ServiceSpec declared,
        long revision,
        Map<String, String> outputs,
        @Nullable String environmentDigest,
        @Nullable ContainerSettings attempted,
        @Nullable Integer count,
        @Nullable Integer live,
        @Nullable Integer previous,
        Instant createdAt,
        Instant updatedAt) {
    private static final ItemType<ServiceRecord> ITEM_TYPE = new ItemType<>("service", ServiceRecord.class, 1);
    static final String SORT = "service#";

    public ServiceRecord {
        outputs = Map.copyOf(outputs);
    }

    static ItemType<ServiceRecord> itemType() {
        return ITEM_TYPE;
    }

    static String partition(EnvironmentId environment) {
        return "environment#" + environment.key();
    }

    public static Key<ServiceRecord> key(ServiceId id) {
        return new Key<>(partition(id.environmentId()), SORT + id.service(), ITEM_TYPE);
    }

    /** A service as it is created. */
    static ServiceRecord created(ServiceId id, ServiceSpec spec, Instant now) {
        return new ServiceRecord(id, spec, 1, Map.of(), null, null, null, null, null, now, now);
    }

    ServiceRecord declaring(ServiceSpec spec, Instant now) {
        return new ServiceRecord(
                id, spec, revision + 1, outputs, environmentDigest, attempted, count, live, previous, createdAt, now);
    }

    /** @param around null when it is as it was */
    ServiceRecord applied(Map<String, String> current, @Nullable String around) {
        return copy(current, around == null ? environmentDigest : around, attempted, count, live, previous);
    }

    ServiceRecord attempting(ContainerSettings settings) {
        return copy(outputs, environmentDigest, settings, count, live, previous);
    }

    ServiceRecord scaledTo(int tasks) {
        return copy(outputs, environmentDigest, attempted, tasks, live, previous);
    }

    /** Nothing runs any more: the number of tasks has to be set anew. */
    ServiceRecord unscaled() {
        return copy(outputs, environmentDigest, attempted, null, live, previous);
    }

    /** Another release has become the live one. */
    ServiceRecord releasing(int release) {
        Integer before = live != null && live == release ? previous : live;
        return copy(outputs, environmentDigest, attempted, count, release, before);
    }

    private ServiceRecord copy(
            Map<String, String> outputs,
            @Nullable String surroundings,
            @Nullable ContainerSettings attempted,
            @Nullable Integer count,
            @Nullable Integer live,
            @Nullable Integer previous) {
        return new ServiceRecord(
                id, declared, revision, outputs, surroundings, attempted, count, live, previous, createdAt, updatedAt);
    }
}
