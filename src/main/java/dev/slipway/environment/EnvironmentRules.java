package dev.slipway.environment;

import dev.slipway.problem.Problem.FieldError;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What an environment's spec must keep towards the account, the other environments and its own past. */
public final class EnvironmentRules {
    private static final Cidr SUGGESTED_FROM = Cidr.parse("172.16.0.0/12");

    private EnvironmentRules() {}

    /**
     * @param home where the control plane runs
     * @param others the ranges of all other environments, by their names
     * @return what is wrong; empty when nothing is
     */
    public static List<FieldError> check(EnvironmentSpec spec, AwsLocation home, Map<String, Cidr> others) {
        List<FieldError> errors = new ArrayList<>();
        place(spec, home, errors);
        certificate(spec, errors);
        Cidr cidr = spec.network().cidr();
        new TreeMap<>(others).forEach((name, range) -> {
            if (cidr.overlaps(range)) {
                String free = free(cidr, others.values())
                        .map(suggestion -> "; " + suggestion + " is free")
                        .orElse("");
                errors.add(FieldError.of(
                        "/network/cidr",
                        cidr,
                        "overlaps " + range + " of the environment " + name + ", so the two could never be connected"
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
        if (spec.network().zones() < existing.network().zones()) {
            errors.add(new FieldError(
                    "/network/zones",
                    String.valueOf(spec.network().zones()),
                    "cannot become fewer: tasks and the load balancer are at work in all "
                            + existing.network().zones() + " zones"));
        }
        if (existing.tls() && !spec.tls()) {
            errors.add(new FieldError(
                    "/domain",
                    null,
                    "cannot lose its certificate: clients that have learnt HTTPS would be cut off, and the rest would go"
                            + " on in the clear; keep domain.hostedZoneId or certificateArn"));
        }
        return errors;
    }

    private static void place(EnvironmentSpec spec, AwsLocation home, List<FieldError> errors) {
        if (!spec.account().equals(home.account())) {
            errors.add(FieldError.of(
                    "/account",
                    spec.account(),
                    "must be the control plane's own, " + home.account()
                            + ": there is no bootstrap stack (events, hook function, role) in another account yet"));
        }
        if (!spec.region().equals(home.region())) {
            errors.add(FieldError.of(
                    "/region",
                    spec.region(),
                    "must be the control plane's own, " + home.region()
                            + ": there is no bootstrap stack (events, hook function, role) in another region yet"));
        }
    }

    private static void certificate(EnvironmentSpec spec, List<FieldError> errors) {
        String arn = spec.certificateArn();
        if (arn == null) {
            return;
        }
        AwsLocation location = AwsLocation.of(arn);
        if (!location.equals(new AwsLocation(spec.account(), spec.region()))) {
            errors.add(FieldError.of(
                    "/certificateArn",
                    arn,
                    "is in " + location + "; a load balancer takes only certificates of its"
                            + " own region and account, " + spec.region() + " of " + spec.account()));
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
