package dev.slipway.environment;

import dev.slipway.environment.EnvironmentSpec.AdditionalDomain;
import dev.slipway.id.EnvironmentId;
import dev.slipway.problem.Problem.FieldError;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What an environment's spec must keep towards the account, the other environments and its own past. */
public final class EnvironmentRules {
    private static final Cidr SUGGESTED_FROM = Cidr.parse("172.16.0.0/12");

    private static final Map<String, String> TAKEN = Map.of(
            EnvironmentId.RESERVED, "is taken: the stacks of pipelines are called slipway-pipeline-{name}",
            EnvironmentId.SHARED,
                    "is taken: topics slipway-shared-{name} and check functions slipway-check-shared-{name} are for all environments");

    /** What an environment that ends lives at the least: it takes minutes to be made. */
    private static final Duration SHORTEST = Duration.ofHours(1);

    private static final String IN_TWO_APPLIES = "a name goes from one to the other in two applies: first without it";

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
                .filter(other -> other.startsWith(id.key() + "-") || id.key().startsWith(other + "-"))
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
        fixed("/account", existing.account(), spec.account(), "its resources cannot move to another account", errors);
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
                : List.of(FieldError.of("/expires", end, "must be at least an hour from now; it is %s".formatted(now)));
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
                    "can be put off, not brought forward: it is %s. Who may delete it sooner does so".formatted(was)));
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
                errors.add(FieldError.of(
                        "/additionalDomains/%d/name".formatted(i),
                        now.get(i).name(),
                        "is the environment's domain now; " + IN_TWO_APPLIES));
            }
        }
        if (existing.additionalDomains().stream().anyMatch(name -> name.name().equals(will))) {
            errors.add(FieldError.of(
                    "/domain/name", Objects.requireNonNull(will), "is an additional domain now; " + IN_TWO_APPLIES));
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
