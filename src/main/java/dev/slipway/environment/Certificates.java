package dev.slipway.environment;

import dev.slipway.aws.AwsErrors;
import dev.slipway.aws.AwsLookups;
import dev.slipway.aws.AwsLookups.Certificate;
import dev.slipway.problem.Problem;
import dev.slipway.problem.Problem.FieldError;
import dev.slipway.stack.Risk;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What certificates that were made elsewhere are for: {@code certificateArn} in an environment's spec. */
public final class Certificates {
    private static final String FIELD = "/certificateArn";

    private final AwsLookups lookups;

    public Certificates(AwsLookups lookups) {
        this.lookups = lookups;
    }

    /** Why no load balancer takes the certificate; empty when one does, when there is none, or when we may not know. */
    public Optional<FieldError> refusal(EnvironmentSpec environment) {
        String arn = environment.certificateArn();
        if (arn == null) {
            return Optional.empty();
        }
        return switch (look(arn)) {
            case Seen.Unknown _ -> Optional.empty();
            case Seen.None _ -> Optional.of(FieldError.of(FIELD, arn, "is no certificate of this account and region"));
            case Seen.Found(Certificate found) ->
                found.status().equals("ISSUED")
                        ? Optional.empty()
                        : Optional.of(FieldError.of(
                                FIELD,
                                arn,
                                "is %s; a load balancer takes it once it is ISSUED".formatted(found.status())));
        };
    }

    /**
     * Hosts that the certificate is not for, with what that means, or that this is not known. One call to AWS where there is such
     * a certificate and any host.
     *
     * @param hosts by what is to be said of them, such as {@code /routing/hosts/0}
     */
    public List<Risk> uncovered(EnvironmentSpec environment, Map<String, String> hosts) {
        String arn = environment.certificateArn();
        if (arn == null || hosts.isEmpty()) {
            return List.of();
        }
        return switch (look(arn)) {
            case Seen.None _ -> List.of(); // its stack cannot be applied, and says why
            case Seen.Unknown(String why) ->
                List.of(new Risk(
                        "certificateArn",
                        "certificateArn could not be looked up (%s): whether the certificate is for %s is not known."
                                .formatted(why, String.join(", ", new TreeMap<>(hosts).values())),
                        false));
            case Seen.Found(Certificate found) -> {
                List<Risk> risks = new ArrayList<>();
                new TreeMap<>(hosts).forEach((field, host) -> {
                    if (!covers(found.names(), host)) {
                        risks.add(new Risk(
                                field,
                                "%s is covered by no certificate: that of the environment is for %s, where * is one label, so clients refuse https://%s; use such a name, or give the environment another certificateArn"
                                        .formatted(field, String.join(", ", found.names()), host),
                                false));
                    }
                });
                yield risks;
            }
        };
    }

    /** Whether one of the names is for the host. A wildcard stands for one label (RFC 6125). */
    static boolean covers(Collection<String> names, String host) {
        String wanted = host.toLowerCase(Locale.ROOT);
        return names.stream().map(name -> name.toLowerCase(Locale.ROOT)).anyMatch(name -> {
            if (!name.startsWith("*.")) {
                return name.equals(wanted);
            }
            String below = name.substring(1);
            return wanted.endsWith(below)
                    && wanted.indexOf('.') == wanted.length() - below.length()
                    && wanted.length() > below.length();
        });
    }

    /** What there is of a certificate. */
    private sealed interface Seen {
        record Found(Certificate certificate) implements Seen {}

        record None() implements Seen {}

        /** @param why in AWS's words */
        record Unknown(String why) implements Seen {}
    }

    /** Not to be allowed to know is no reason to refuse; what passes by itself is thrown, and the caller asks again. */
    private Seen look(String arn) {
        try {
            return lookups.certificate(arn).<Seen>map(Seen.Found::new).orElseGet(Seen.None::new);
        } catch (RuntimeException e) {
            return new Seen.Unknown(AwsErrors.denied(e).map(Problem::code).orElseThrow(() -> e));
        }
    }
}
