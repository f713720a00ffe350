package dev.slipway.service;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.slipway.deployment.WeakeningPolicy.Weakening;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.ServiceId;
import dev.slipway.plan.Declarations.Declared;
import dev.slipway.release.ContainerSettings;
import dev.slipway.scaling.ScalingSettings;
import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What we keep of a service.
 *
 * @param declared the spec that was accepted last, unless it was refused when it was to be applied
 * @param fallback the spec that holds again when the declared one is refused; null when that has been applied
 * @param revision of the declared spec: 1 when the service was created, one more with each accepted spec
 * @param outputs of its stack, as of the last change that succeeded; empty before the first
 * @param environmentDigest what it had of its environment then, see {@link EnvironmentDigest}; null when that is not known
 * @param attempted the container settings that the last rollout of a spec's settings was started for; declared settings
 *     that differ go out with the next apply, equal ones do not, however that rollout ended
 * @param count the declared number of tasks that was set last; another number in ECS was set by somebody on purpose
 * @param scaled the scaling whose limits were set last; null when the service does not scale
 * @param live number of the release that the last successful rollout made live; null before the first
 * @param previous the one before it
 */
@RegisterForReflection
@RecordBuilder
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ServiceRecord(
        ServiceId id,
        ServiceSpec declared,
        @Nullable ServiceSpec fallback,
        long revision,
        Map<String, String> outputs,
        @Nullable String environmentDigest,
        @Nullable ContainerSettings attempted,
        @Nullable Integer count,
        @Nullable ScalingSettings scaled,
        @Nullable Integer live,
        @Nullable Integer previous,
        Instant createdAt,
        Instant updatedAt)
        implements Declared<ServiceSpec, ServiceRecord>, ServiceRecordBuilder.With {
    static final ItemType<ServiceRecord> ITEM_TYPE = new ItemType<>("service", ServiceRecord.class, 1);
    static final String SORT = "service#";

    public ServiceRecord {
        outputs = Map.copyOf(outputs);
    }

    static String partition(EnvironmentId environment) {
        return "environment#" + environment.key();
    }

    public static Key<ServiceRecord> key(ServiceId id) {
        return new Key<>(partition(id.environmentId()), SORT + id.service(), ITEM_TYPE);
    }

    /** An output that the stack has once it has been applied. */
    String output(String name) {
        String value = outputs.get(name);
        if (value == null) {
            throw new IllegalStateException("the stack of " + id.key() + " has no output " + name);
        }
        return value;
    }

    /** A service as it is created. */
    static ServiceRecord created(ServiceId id, ServiceSpec spec, Instant now) {
        return new ServiceRecord(id, spec, null, 1, Map.of(), null, null, null, null, null, null, now, now);
    }

    @Override
    public ServiceRecord withSpec(ServiceSpec spec, Instant now) {
        return with(next -> next.declared(spec)
                .fallback(fallback != null || outputs.isEmpty() ? fallback : declared)
                .revision(revision + 1)
                .updatedAt(now));
    }

    @Override
    public ServiceRecord withoutFallback() {
        return withFallback(null);
    }

    @Override
    public List<Weakening> weakenedBy(ServiceSpec spec) {
        return Stream.concat(FormerControls.weakened(declared, spec).stream(), stopped(spec).stream())
                .toList();
    }

    /** What is rolled out of a service without tasks is judged by nothing, and has all requests when it has tasks again. */
    private Optional<Weakening> stopped(ServiceSpec spec) {
        if (declared.rollout().isRolling() || declared.mayBeEmpty() || !spec.mayBeEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                spec.scaling() == null
                        ? new Weakening("count", "at least 1", "0")
                        : new Weakening("scaling.schedules", "at least 1 task", "none at times"));
    }

    /** Another release has become the live one. */
    ServiceRecord releasing(int release) {
        return live != null && live == release
                ? this
                : with(next -> next.live(release).previous(live));
    }
}
