package dev.slipway.environment;

import dev.slipway.aws.AwsErrors;
import dev.slipway.aws.AwsLookups;
import dev.slipway.aws.AwsLookups.HostedZone;
import dev.slipway.problem.Problem.FieldError;
import java.util.Collections;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Whether the hosted zone of a domain is one in which its name can be proven. ACM waits for the name in the public DNS, and
 * CloudFormation with it, for hours: acm/latest/userguide/dns-validation.html.
 */
public final class HostedZones {
    private final AwsLookups lookups;

    public HostedZones(AwsLookups lookups) {
        this.lookups = lookups;
    }

    /**
     * Why no certificate would ever be issued for the domain; empty where one can be, or where we may not know.
     *
     * @param field that names the zone
     */
    Optional<FieldError> refusal(String field, EnvironmentSpec.Domain domain) {
        String id = domain.hostedZoneId();
        if (id == null) {
            return Optional.empty();
        }
        Optional<HostedZone> zone;
        try {
            zone = lookups.hostedZone(id);
        } catch (RuntimeException e) {
            if (AwsErrors.denied(e).isPresent()) {
                return Optional.empty();
            }
            throw e;
        }
        return zone.map(found -> refusal(domain.name(), found))
                .orElse(Optional.of("is no hosted zone of this account"))
                .map(why -> FieldError.of(field, id, why));
    }

    private Optional<String> refusal(String domain, HostedZone zone) {
        String name = zone.name().toLowerCase(Locale.ROOT);
        if (zone.isPrivate()) {
            return Optional.of(
                    "is a private zone: neither users nor those who issue certificates see what is in it; name a public one");
        }
        if (!domain.equals(name) && !domain.endsWith("." + name)) {
            return Optional.of("is the zone of %s, in which there can be no %s".formatted(name, domain));
        }
        return lookups.nameServers(name)
                .filter(known -> Collections.disjoint(known, zone.nameServers()))
                .map(known ->
                        "is not delegated: for %s the public DNS names %s, so a certificate would be waited for in vain. Where %s is registered, or in the zone above it, name %s as its name servers; if that was done just now, try again when the old answer has expired"
                                .formatted(
                                        name,
                                        known.isEmpty() ? "no name server" : list(known),
                                        name,
                                        list(zone.nameServers())));
    }

    private static String list(Set<String> names) {
        return String.join(", ", new TreeSet<>(names));
    }
}
