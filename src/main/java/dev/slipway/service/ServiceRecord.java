package dev.slipway.service;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.slipway.release.ContainerSettings;
import dev.slipway.store.Key;
import dev.slipway.store.Kind;
import dev.slipway.target.EnvironmentId;
import dev.slipway.target.ServiceId;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What we keep of a service.
 *
 * @param declared the spec that was accepted last, whether or not it could be applied
 * @param revision of the declared spec: 1 when the service was created, one more with each accepted spec
 * @param outputs of its stack, as of the last change that succeeded; empty before the first
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
        @Nullable ContainerSettings attempted,
        @Nullable Integer count,
        @Nullable Integer live,
        @Nullable Integer previous,
        Instant createdAt,
        Instant updatedAt) {
    private static final Kind<ServiceRecord> KIND = new Kind<>("service", ServiceRecord.class, 1);
    static final String SORT = "service#";

    public ServiceRecord {
        outputs = Map.copyOf(outputs);
    }

    static Kind<ServiceRecord> kind() {
        return KIND;
    }

    static String partition(EnvironmentId environment) {
        return "environment#" + environment.key();
    }

    public static Key<ServiceRecord> key(ServiceId id) {
        return new Key<>(partition(id.environmentId()), SORT + id.service(), KIND);
    }

    ServiceRecord declaring(ServiceSpec spec, Instant now) {
        return new ServiceRecord(id, spec, revision + 1, outputs, attempted, count, live, previous, createdAt, now);
    }

    ServiceRecord withOutputs(Map<String, String> current) {
        return new ServiceRecord(
                id, declared, revision, current, attempted, count, live, previous, createdAt, updatedAt);
    }

    ServiceRecord attempting(ContainerSettings settings) {
        return new ServiceRecord(
                id, declared, revision, outputs, settings, count, live, previous, createdAt, updatedAt);
    }

    ServiceRecord scaledTo(int tasks) {
        return new ServiceRecord(
                id, declared, revision, outputs, attempted, tasks, live, previous, createdAt, updatedAt);
    }

    /** Nothing runs any more: the number of tasks has to be set anew. */
    ServiceRecord unscaled() {
        return new ServiceRecord(
                id, declared, revision, outputs, attempted, null, live, previous, createdAt, updatedAt);
    }

    /** Another release has become the live one. */
    ServiceRecord releasing(int release) {
        Integer before = live != null && live == release ? previous : live;
        return new ServiceRecord(
                id, declared, revision, outputs, attempted, count, release, before, createdAt, updatedAt);
    }
}
