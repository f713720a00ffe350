package dev.slipway.allowlist;

import dev.slipway.problem.Problem.FieldError;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Where environments may make DNS records and certificates. A name can lie in one domain and its zone be another's, so an
 * environment needs both in one entry.
 *
 * @param entries such as {@code dev=Z0123/dev.example.com}: the environment, the zone, and the domain that its name is or lies
 *     under; {@code *}, which template.yaml does not take, for all
 */
public record AllowedDomains(List<String> entries) {
    /** The deployment's parameter. */
    public static final String PARAMETER = "AllowedDomains";

    public AllowedDomains {
        entries = List.copyOf(entries);
    }

    /**
     * Why an environment must not have the name in the zone; empty when it may.
     *
     * @param field that names the zone
     */
    public Optional<FieldError> refusal(String field, String environment, String zone, String name) {
        String own = environment + "=" + zone + "/";
        boolean allowed = entries.stream()
                .anyMatch(entry ->
                        entry.equals("*") || entry.startsWith(own) && isWithin(name, entry.substring(own.length())));
        if (allowed) {
            return Optional.empty();
        }
        String wanted = Stream.concat(entries.stream(), Stream.of(own + name)).collect(Collectors.joining(","));
        return Optional.of(FieldError.of(
                field,
                zone,
                "is not a zone in which %s may have the name %s; to allow it, deploy Slipway with %s=%s"
                        .formatted(environment, name, PARAMETER, wanted)));
    }

    private static boolean isWithin(String name, String domain) {
        return name.equals(domain) || name.endsWith("." + domain);
    }
}
