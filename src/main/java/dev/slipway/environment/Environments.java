package dev.slipway.environment;

import dev.slipway.allowlist.AllowedDomains;
import dev.slipway.cost.Cost;
import dev.slipway.id.EnvironmentId;
import dev.slipway.operation.Acceptance.Request;
import dev.slipway.operation.Transaction;
import dev.slipway.plan.Declarations;
import dev.slipway.problem.Problem.FieldError;
import dev.slipway.problem.ProblemException;
import dev.slipway.stack.Risk;
import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import dev.slipway.store.Stored;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Accepts what callers want of environments. */
public final class Environments extends Declarations<EnvironmentId, EnvironmentSpec, EnvironmentRecord> {
    private final AwsLocation awsLocation;
    private final AllowedDomains domains;

    private final Certificates certificates;
    private final HostedZones zones;
    private final Function<EnvironmentId, Map<String, Integer>> liveTasks;

    /** @param liveTasks how many tasks the services of an environment have that have a live release, by their names */
    public Environments(
            Base base,
            AwsLocation awsLocation,
            AllowedDomains domains,
            Certificates certificates,
            HostedZones zones,
            Function<EnvironmentId, Map<String, Integer>> liveTasks) {
        super(base, "environment", EnvironmentSpec.class);
        this.awsLocation = awsLocation;
        this.domains = domains;
        this.certificates = certificates;
        this.zones = zones;
        this.liveTasks = liveTasks;
    }

    /** The names of all environments, in alphabetical order. */
    public List<String> names() {
        return base.store()
                .get(EnvironmentIndex.KEY)
                .map(found -> List.copyOf(found.value().networks().keySet()))
                .orElse(List.of());
    }

    @Override
    protected Key<EnvironmentRecord> key(EnvironmentId id) {
        return EnvironmentRecord.key(id);
    }

    @Override
    protected EnvironmentRecord created(EnvironmentId id, EnvironmentSpec spec, Instant now) {
        return new EnvironmentRecord(id, spec, null, 1, Map.of(), Map.of(), false, now, now);
    }

    /**
     * A certificate that was made elsewhere has to be there, and the hosts of all services are held against its names; one that is to
     * be made needs a zone that the world knows.
     */
    @Override
    protected List<Risk> inspect(EnvironmentId id, EnvironmentSpec spec) {
        Optional<EnvironmentRecord> found = find(id);
        Collection<EnvironmentSpec.Domain> known = found.map(EnvironmentRecord::declared)
                .map(declared -> declared.certifiedDomains().values())
                .orElse(List.of());
        List<FieldError> errors = new ArrayList<>();
        // What the deployment does not allow is refused without a look.
        spec.certifiedDomains().forEach((field, domain) -> {
            if (!known.contains(domain) && allowed(field, id, domain).isEmpty()) {
                zones.refusal(field, domain).ifPresent(errors::add);
            }
        });
        ProblemException.throwIfAny("invalid-spec", "The environment's spec does not fit here.", errors);
        // Of another account or region it is refused without a look.
        if (spec.givenCertificates().values().stream()
                .anyMatch(arn -> !AwsLocation.of(arn).equals(awsLocation))) {
            return List.of();
        }
        ProblemException.throwIfAny(
                "invalid-spec", "The environment's spec does not fit here.", certificates.refusals(spec));
        Map<String, String> hosts = new TreeMap<>();
        found.ifPresent(record -> record.services()
                .forEach((name, claim) ->
                        claim.hosts().forEach(host -> hosts.put("The host %s of %s".formatted(host, name), host))));
        return certificates.uncovered(spec, hosts);
    }

    /** A new environment joins the others together with its record, so that two never have the same network. */
    @Override
    protected Admission admit(EnvironmentId id, EnvironmentSpec spec, Optional<EnvironmentRecord> found) {
        Optional<Stored<EnvironmentIndex>> stored = base.store().get(EnvironmentIndex.KEY);
        EnvironmentIndex index = stored.map(Stored::value).orElse(new EnvironmentIndex(Map.of()));
        if (found.isEmpty()) {
            ProblemException.throwIfAny(
                    "invalid-name",
                    "No environment can be called %s.".formatted(id.key()),
                    EnvironmentRules.name(id, index.networks().keySet()));
        }
        Map<String, Cidr> others = new HashMap<>(index.networks());
        others.remove(id.key());
        ProblemException.throwIfAny(
                "invalid-spec",
                "The environment's spec does not fit here.",
                Stream.concat(
                                EnvironmentRules.check(spec, awsLocation, others).stream(),
                                AlarmTopics.refusals(id, spec).stream())
                        .toList());
        List<FieldError> notAllowed = new ArrayList<>();
        spec.zonedDomains()
                .forEach((field, domain) -> allowed(field, id, domain).ifPresent(notAllowed::add));
        ProblemException.throwIfAny(
                "invalid-spec", "The deployment allows %s no such name.".formatted(id.key()), notAllowed);
        found.ifPresent(existing -> ProblemException.throwIfAny(
                "immutable",
                "This cannot be changed in an environment that exists.",
                EnvironmentRules.checkChange(existing.declared(), spec)));
        ProblemException.throwIfAny(
                "invalid-spec",
                "The environment's spec does not fit here.",
                found.isPresent()
                        ? List.of()
                        : EnvironmentRules.end(spec, base.clock().instant()));
        Transaction beside = new Transaction();
        if (found.isEmpty()) {
            beside = beside.put(
                    EnvironmentIndex.KEY, stored, index.with(id, spec.network().cidr()));
        }
        Optional<Stored<Expiry>> expiry =
                spec.end() == null ? Optional.empty() : base.store().get(Expiry.key(id));
        if (spec.end() != null && (found.isEmpty() || expiry.isEmpty())) {
            beside = beside.put(Expiry.key(id), expiry, new Expiry(id, null, null));
        }
        List<String> warnings =
                new ArrayList<>(found.map(existing -> uncovered(existing, spec)).orElse(List.of()));
        Expiry.describe(id, spec).ifPresent(warnings::add);
        return new Admission(beside, warnings);
    }

    private Optional<FieldError> allowed(String field, EnvironmentId id, EnvironmentSpec.Domain domain) {
        String zone = Objects.requireNonNull(domain.hostedZoneId(), "a zoned domain has a zone");
        return domains.refusal(field, id.key(), zone, domain.name());
    }

    /** Hosts of services that the environment's certificates will not be for. */
    private static List<String> uncovered(EnvironmentRecord existing, EnvironmentSpec spec) {
        List<String> warnings = new ArrayList<>();
        new TreeMap<>(existing.services())
                .forEach((name, claim) -> claim.hosts()
                        .forEach(host -> EnvironmentRules.uncovered(host, spec)
                                .ifPresent(message ->
                                        warnings.add("The host %s of %s %s.".formatted(host, name, message)))));
        return warnings;
    }

    @Override
    protected Basis basis(EnvironmentId id, EnvironmentSpec spec, Optional<EnvironmentRecord> found) {
        return new Basis(
                null,
                Map.of(),
                weakened(id, spec, found),
                found.map(record -> risks(record, spec)).orElse(List.of()));
    }

    /** With the addresses that its services' tasks have where there is no NAT gateway: it decides on those. */
    @Override
    protected Cost cost(EnvironmentId id, EnvironmentSpec spec) {
        int tasks = liveTasks.apply(id).values().stream()
                .mapToInt(Integer::intValue)
                .sum();
        return EnvironmentCost.of(spec, tasks, base.prices());
    }

    private List<Risk> risks(EnvironmentRecord record, EnvironmentSpec spec) {
        List<Risk> risks = new ArrayList<>(EnvironmentRisks.of(record.declared(), spec, liveTasks.apply(record.id())));
        uncovered(record, spec).forEach(message -> risks.add(new Risk("domain", message, false)));
        return risks;
    }

    @Override
    protected String overridePath(EnvironmentId id) {
        return id.overridePath();
    }

    @Override
    protected String removes(EnvironmentRecord record, Deletion order) {
        return "It removes the stack %s: network, load balancer and cluster."
                .formatted(record.id().stackName());
    }

    /** It must have no services and no termination protection. */
    @Override
    protected Transaction deleting(Stored<EnvironmentRecord> found, Deletion order, Request request, Instant now) {
        EnvironmentRecord record = found.value();
        EnvironmentId id = record.id();
        if (!record.services().isEmpty()) {
            throw new ProblemException(
                    409,
                    "environment-has-services",
                    "%s still has services: %s."
                            .formatted(
                                    id.key(),
                                    String.join(", ", record.services().keySet())),
                    "Delete them first: DELETE " + id.path() + "/services/{service}");
        }
        if (record.declared().terminationProtection()) {
            throw new ProblemException(
                    409,
                    "termination-protected",
                    "%s is protected against deletion.".formatted(id.key()),
                    "Apply its spec with terminationProtection: false first: PUT %s?reason=…"
                            .formatted(id.overridePath()));
        }
        return new Transaction().update(found, record.withDeleting(true));
    }

    /**
     * All environments, by name, with the network each has taken: one item, written together with an environment's creation
     * and end, so that two environments never overlap.
     */
    @RegisterForReflection
    record EnvironmentIndex(Map<String, Cidr> networks) {
        static final Key<EnvironmentIndex> KEY =
                new Key<>("environments", "environments", new ItemType<>("environments", EnvironmentIndex.class, 1));

        EnvironmentIndex {
            networks = Collections.unmodifiableMap(new TreeMap<>(networks));
        }

        EnvironmentIndex with(EnvironmentId id, Cidr network) {
            Map<String, Cidr> more = new TreeMap<>(networks);
            more.put(id.key(), network);
            return new EnvironmentIndex(more);
        }

        EnvironmentIndex without(EnvironmentId id) {
            Map<String, Cidr> fewer = new TreeMap<>(networks);
            fewer.remove(id.key());
            return new EnvironmentIndex(fewer);
        }
    }

    /**
     * Says that an environment has an end date, or had one, so that all that have one are found. When it ends its spec says.
     *
     * @param warnedOf the end that people were told of; null before
     * @param warnedAt when they were
     */
    @RegisterForReflection
    public record Expiry(
            EnvironmentId environment,
            @Nullable Instant warnedOf,
            @Nullable Instant warnedAt) {
        public static final String PARTITION = "expiry";
        public static final ItemType<Expiry> ITEM_TYPE = new ItemType<>("expiry", Expiry.class, 1);

        public static Key<Expiry> key(EnvironmentId id) {
            return new Key<>(PARTITION, id.key(), ITEM_TYPE);
        }

        /** What is to be said of an environment that ends; empty where it does not. */
        public static Optional<String> describe(EnvironmentId id, EnvironmentSpec spec) {
            return Optional.ofNullable(spec.end())
                    .map(end -> "%s removes itself with all its services, their images and logs from %s on."
                            .formatted(id.key(), end));
        }
    }
}
