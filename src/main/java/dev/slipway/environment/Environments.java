package dev.slipway.environment;

import dev.slipway.allowlist.AllowedDomains;
import dev.slipway.environment.EnvironmentSpec.AdditionalDomain;
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
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
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
        Collection<EnvironmentSpec.Domain> known = find(id).map(EnvironmentRecord::declared)
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
        find(id).ifPresent(record -> record.services()
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
                found.map(record -> record.weakenedBy(spec)).orElse(List.of()),
                found.map(record -> risks(record, spec)).orElse(List.of()));
    }

    private List<Risk> risks(EnvironmentRecord record, EnvironmentSpec spec) {
        List<Risk> risks = new ArrayList<>(EnvironmentRisks.of(record.declared(), spec, liveTasks.apply(record.id())));
        uncovered(record, spec).forEach(message -> risks.add(new Risk("domain", message, false)));
        return risks;
    }

    @Override
    protected Transaction ordered(
            EnvironmentRecord record, EnvironmentSpec spec, Order order, Request request, Instant now) {
        return weakening(record.id(), record.weakenedBy(spec), order.override(), request, now);
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
                    "Apply its spec with terminationProtection: false first.");
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

    /** What an environment's spec must keep towards the account, the other environments and its own past. */
    public static final class EnvironmentRules {
        private static final Cidr SUGGESTED_FROM = Cidr.parse("172.16.0.0/12");

        private static final Map<String, String> TAKEN = Map.of(
                EnvironmentId.RESERVED, "is taken: the stacks of pipelines are called slipway-pipeline-{name}",
                EnvironmentId.SHARED,
                        "is taken: topics slipway-shared-{name} and check functions slipway-check-shared-{name} are for all environments");

        /** What an environment that ends lives at the least: it takes minutes to be made. */
        private static final Duration SHORTEST = Duration.ofHours(1);

        private EnvironmentRules() {}

        /**
         * Whether a new environment may have a name. No name is the beginning of another one's, up to a hyphen: a policy for
         * {@code slipway-pr-*} would be one for {@code pr-1234}, too.
         *
         * @param others the names of all other environments
         * @return what is wrong; empty when nothing is
         */
        public static List<FieldError> name(EnvironmentId id, Set<String> others) {
            String taken = TAKEN.get(id.word());
            Optional<String> nested = others.stream()
                    .filter(other ->
                            other.startsWith(id.key() + "-") || id.key().startsWith(other + "-"))
                    .sorted()
                    .findFirst();
            return Stream.concat(
                            Optional.ofNullable(taken).stream(),
                            nested.stream()
                                    .map(other ->
                                            "cannot be beside %s: what a policy allows by names such as slipway-%s-* would be allowed in both; choose another word"
                                                    .formatted(
                                                            other,
                                                            other.length()
                                                                            < id.key()
                                                                                    .length()
                                                                    ? other
                                                                    : id.key())))
                    .map(message -> new FieldError("{environment} in the path", "\"" + id.key() + "\"", message))
                    .toList();
        }

        /**
         * @param awsLocation where the control plane runs
         * @param others the ranges of all other environments, by their names
         * @return what is wrong; empty when nothing is
         */
        public static List<FieldError> check(EnvironmentSpec spec, AwsLocation awsLocation, Map<String, Cidr> others) {
            List<FieldError> errors = new ArrayList<>();
            place(spec, awsLocation, errors);
            certificates(spec, errors);
            Cidr cidr = spec.network().cidr();
            new TreeMap<>(others).forEach((name, range) -> {
                if (cidr.overlaps(range)) {
                    String free = free(cidr, others.values())
                            .map(suggestion -> "; " + suggestion + " is free")
                            .orElse("");
                    errors.add(FieldError.of(
                            "/network/cidr",
                            cidr,
                            "overlaps the range of the environment " + name + ", so the two could never be connected"
                                    + free));
                }
            });
            return errors;
        }

        /**
         * What cannot become of an environment that exists; to be refused with the code {@code immutable}.
         *
         * @return what is wrong; empty when nothing is
         */
        public static List<FieldError> checkChange(EnvironmentSpec existing, EnvironmentSpec spec) {
            List<FieldError> errors = new ArrayList<>();
            fixed(
                    "/account",
                    existing.account(),
                    spec.account(),
                    "its resources cannot move to another account",
                    errors);
            fixed("/region", existing.region(), spec.region(), "its resources cannot move to another region", errors);
            fixed(
                    "/network/cidr",
                    existing.network().cidr(),
                    spec.network().cidr(),
                    "another range means another network, and every service in it would be made anew",
                    errors);
            swapped(existing, spec, errors);
            end(existing, spec, errors);
            if (spec.network().zones() < existing.network().zones()) {
                errors.add(new FieldError(
                        "/network/zones",
                        String.valueOf(spec.network().zones()),
                        "cannot become fewer: tasks and the load balancer are at work in all "
                                + existing.network().zones() + " zones"));
            }
            return errors;
        }

        /** An end that has passed, or nearly, when the environment is made. */
        static List<FieldError> end(EnvironmentSpec spec, Instant now) {
            Instant end = spec.end();
            return end == null || !end.isBefore(now.plus(SHORTEST))
                    ? List.of()
                    : List.of(FieldError.of(
                            "/expires", end, "must be at least an hour from now; it is %s".formatted(now)));
        }

        /** Who may only PUT must not be able to delete by a date. */
        private static void end(EnvironmentSpec existing, EnvironmentSpec spec, List<FieldError> errors) {
            Instant was = existing.end();
            Instant will = spec.end();
            if (will != null && was == null) {
                errors.add(
                        FieldError.of(
                                "/expires",
                                will,
                                "cannot come to an environment that is there: it would delete what is in it. Who may delete it does so"));
            } else if (will != null && will.isBefore(was)) {
                errors.add(FieldError.of(
                        "/expires",
                        will,
                        "can be put off, not brought forward: it is %s. Who may delete it sooner does so"
                                .formatted(was)));
            }
        }

        /** What is to be said of a host that no certificate of the environment is for. */
        public static Optional<String> uncovered(String host, EnvironmentSpec spec) {
            return spec.covers(host)
                    ? Optional.empty()
                    : Optional.of(
                            "is covered by no certificate: those of the environment are for %s, where * is one label, so clients refuse https://%s; use such a name, or give the environment a certificate for it in additionalDomains"
                                    .formatted(String.join(", ", spec.certifiedNames()), host));
        }

        private static void place(EnvironmentSpec spec, AwsLocation awsLocation, List<FieldError> errors) {
            place("account", spec.account(), awsLocation.account(), errors);
            place("region", spec.region(), awsLocation.region(), errors);
        }

        private static void place(String what, String wanted, String own, List<FieldError> errors) {
            if (!wanted.equals(own)) {
                errors.add(FieldError.of(
                        "/" + what,
                        wanted,
                        "must be the control plane's own, %s: there is no bootstrap stack (events, hook function, role) in another %s yet"
                                .formatted(own, what)));
            }
        }

        private static void certificates(EnvironmentSpec spec, List<FieldError> errors) {
            AwsLocation own = new AwsLocation(spec.account(), spec.region());
            spec.givenCertificates().forEach((field, arn) -> {
                AwsLocation location = AwsLocation.of(arn);
                if (!location.equals(own)) {
                    errors.add(FieldError.of(
                            field,
                            arn,
                            "is in " + location + "; a load balancer takes only certificates of its"
                                    + " own region and account, " + spec.region() + " of " + spec.account()));
                }
            });
        }

        /** CloudFormation would make the record that takes the name over before the one that has it is gone. */
        private static void swapped(EnvironmentSpec existing, EnvironmentSpec spec, List<FieldError> errors) {
            String was = existing.domain() == null ? null : existing.domain().name();
            String will = spec.domain() == null ? null : spec.domain().name();
            List<AdditionalDomain> now = spec.additionalDomains();
            for (int i = 0; i < now.size(); i++) {
                if (now.get(i).name().equals(was)) {
                    errors.add(
                            FieldError.of(
                                    "/additionalDomains/%d/name".formatted(i),
                                    now.get(i).name(),
                                    "is the environment's domain now; a name goes from one to the other in two applies: first without it"));
                }
            }
            if (existing.additionalDomains().stream()
                    .anyMatch(name -> name.name().equals(will))) {
                errors.add(
                        FieldError.of(
                                "/domain/name",
                                Objects.requireNonNull(will),
                                "is an additional domain now; a name goes from one to the other in two applies: first without it"));
            }
        }

        private static void fixed(String field, Object before, Object after, String why, List<FieldError> errors) {
            if (!before.equals(after)) {
                errors.add(FieldError.of(
                        field, after, "must stay " + before + ": " + why + "; make a new environment instead"));
            }
        }

        /** The first range of the same size from 172.17.0.0 on that nobody has. */
        private static Optional<Cidr> free(Cidr wanted, Collection<Cidr> taken) {
            Cidr candidate = Cidr.parse("172.17.0.0/" + wanted.prefix());
            while (SUGGESTED_FROM.contains(candidate)) {
                Cidr range = candidate;
                if (taken.stream().noneMatch(range::overlaps)) {
                    return Optional.of(range);
                }
                candidate = new Cidr(candidate.first() + candidate.size(), candidate.prefix());
            }
            return Optional.empty();
        }
    }
}
