package dev.slipway.environment;

import dev.slipway.deployment.WeakeningPolicy;
import dev.slipway.deployment.WeakeningPolicy.Weakening;
import dev.slipway.firewall.FirewallPolicy;
import dev.slipway.id.EnvironmentId;
import dev.slipway.plan.Declarations.Declared;
import dev.slipway.routing.RouteClaim;
import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What we keep of an environment.
 *
 * @param declared the spec that was accepted last, unless it was refused when it was to be applied
 * @param revision of the declared spec: 1 when the environment was created, one more with each accepted spec
 * @param fallback the spec that holds again when the declared one is refused; null when that has been applied
 * @param outputs of its stack, as of the last change that succeeded; empty before the first
 * @param services what each service, by name, has taken of the listener: written together with the service, so that two
 *     services never get the same path or priority
 * @param deleting whether a deletion was accepted; no service can be created from then on
 */
@RegisterForReflection
@RecordBuilder
public record EnvironmentRecord(
        EnvironmentId id,
        EnvironmentSpec declared,
        @Nullable EnvironmentSpec fallback,
        long revision,
        Map<String, String> outputs,
        Map<String, RouteClaim> services,
        boolean deleting,
        Instant createdAt,
        Instant updatedAt)
        implements Declared<EnvironmentSpec, EnvironmentRecord>, EnvironmentRecordBuilder.With {
    private static final ItemType<EnvironmentRecord> ITEM_TYPE =
            new ItemType<>("environment", EnvironmentRecord.class, 1);

    public EnvironmentRecord {
        outputs = Map.copyOf(outputs);
        services = Collections.unmodifiableMap(new TreeMap<>(services));
    }

    public static Key<EnvironmentRecord> key(EnvironmentId id) {
        return new Key<>("environment#" + id.key(), "environment", ITEM_TYPE);
    }

    @Override
    public EnvironmentRecord withSpec(EnvironmentSpec spec, Instant now) {
        return with(copy -> copy.declared(spec)
                .fallback(fallback != null || outputs.isEmpty() ? fallback : declared)
                .revision(revision + 1)
                .updatedAt(now));
    }

    @Override
    public EnvironmentRecord withoutFallback() {
        return withFallback(null);
    }

    @Override
    public List<Weakening> weakenedBy(EnvironmentSpec spec) {
        List<Weakening> weakened = new ArrayList<>(WeakeningPolicy.freezes(declared.freezes(), spec.freezes()));
        if (declared.terminationProtection() && !spec.terminationProtection()) {
            weakened.add(new Weakening("terminationProtection", "true", "false"));
        }
        if (declared.tls() && !spec.tls()) {
            String setting = declared.certificateArn() == null ? "domain.hostedZoneId" : "certificateArn";
            weakened.add(new Weakening(setting, "https", "http"));
        }
        logs("accessLogs", declared.accessLogs(), spec.accessLogs()).ifPresent(weakened::add);
        logs("flowLogs", declared.flowLogs(), spec.flowLogs()).ifPresent(weakened::add);
        weakened.addAll(FirewallPolicy.weakened(declared.firewall(), spec.firewall()));
        if (!declared.promoteTo().containsAll(spec.promoteTo())) {
            weakened.add(new Weakening("promoteTo", list(declared.promoteTo()), list(spec.promoteTo())));
        }
        return weakened;
    }

    /** Logs that would end, or be kept for fewer days. */
    private static Optional<Weakening> logs(String setting, EnvironmentSpec.Logs are, EnvironmentSpec.Logs will) {
        if (!are.enabled()) {
            return Optional.empty();
        }
        if (!will.enabled()) {
            return Optional.of(new Weakening(setting + ".enabled", "true", "false"));
        }
        return will.retentionDays() >= are.retentionDays()
                ? Optional.empty()
                : Optional.of(new Weakening(
                        setting + ".retentionDays",
                        String.valueOf(are.retentionDays()),
                        String.valueOf(will.retentionDays())));
    }

    private static String list(List<String> names) {
        return names.isEmpty() ? "none" : String.join(", ", names);
    }

    /** A service takes its part of the listener, or another part than before. */
    public EnvironmentRecord withRoute(String service, RouteClaim claim) {
        Map<String, RouteClaim> claims = new TreeMap<>(services);
        claims.put(service, claim);
        return withServices(claims);
    }

    /** A service is gone. */
    public EnvironmentRecord withoutRoute(String service) {
        Map<String, RouteClaim> claims = new TreeMap<>(services);
        claims.remove(service);
        return withServices(claims);
    }
}
