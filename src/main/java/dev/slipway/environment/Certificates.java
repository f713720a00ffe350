package dev.slipway.environment;

import dev.slipway.aws.AwsErrors;
import dev.slipway.aws.AwsLookups;
import dev.slipway.aws.AwsLookups.Certificate;
import dev.slipway.operation.Operation;
import dev.slipway.problem.Problem;
import dev.slipway.problem.Problem.FieldError;
import dev.slipway.stack.Progress;
import dev.slipway.stack.Risk;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** What certificates that were made elsewhere are for: the {@code certificateArn}s of an environment's spec. */
public final class Certificates {
    private static final String TYPE = "AWS::CertificateManager::Certificate";
    /** ACM needs minutes for a domain whose records are found. */
    private static final Duration TAKES = Duration.ofMinutes(5);

    private final AwsLookups lookups;

    public Certificates(AwsLookups lookups) {
        this.lookups = lookups;
    }

    /** A certificate that the operation waits for longer than ACM takes where it finds the proof. */
    public static Optional<Progress.Event> waiting(Operation operation, Instant now) {
        Progress progress = operation.progress();
        return progress == null
                ? Optional.empty()
                : progress.recent().stream()
                        .filter(event -> event.type().equals(TYPE))
                        .findFirst()
                        .filter(event -> event.status().endsWith("_IN_PROGRESS")
                                && event.at().plus(TAKES).isBefore(now));
    }

    /** What is to be said of a certificate that is waited for. */
    public static String sentence(Progress.Event waiting) {
        return "%s (%s) waits: it is PENDING_VALIDATION as long as its proof is not found"
                .formatted(waiting.logicalId(), waiting.type());
    }

    /** Why no load balancer takes the certificates; of those that are missing, and of those that we may not see, nothing is said. */
    public List<FieldError> refusals(EnvironmentSpec environment) {
        List<FieldError> errors = new ArrayList<>();
        environment.givenCertificates().forEach((field, arn) -> {
            switch (look(arn)) {
                case Seen.Unknown _ -> {}
                case Seen.None _ ->
                    errors.add(FieldError.of(field, arn, "is no certificate of this account and region"));
                case Seen.Found(Certificate found) -> {
                    if (!found.status().equals("ISSUED")) {
                        errors.add(FieldError.of(
                                field,
                                arn,
                                "is %s; a load balancer takes it once it is ISSUED".formatted(found.status())));
                    }
                }
            }
        });
        return errors;
    }

    /**
     * Hosts that no certificate is for, with what that means, or that this is not known. One call to AWS for each certificate that
     * was made elsewhere, where there is a host that those made here are not for.
     *
     * @param hosts by what is to be said of them, such as {@code /routing/hosts/0}
     */
    public List<Risk> uncovered(EnvironmentSpec environment, Map<String, String> hosts) {
        Map<String, String> given = environment.givenCertificates();
        Set<String> names = new LinkedHashSet<>(environment.certifiedNames());
        Map<String, String> open = new TreeMap<>(hosts);
        open.values().removeIf(host -> covers(names, host));
        if (given.isEmpty() || open.isEmpty()) {
            return List.of();
        }
        for (Map.Entry<String, String> certificate : given.entrySet()) {
            switch (look(certificate.getValue())) {
                case Seen.None _ -> {
                    return List.of(); // its stack cannot be applied, and says why
                }
                case Seen.Unknown(String why) -> {
                    String field = certificate.getKey().substring(1).replace('/', '.');
                    return List.of(new Risk(
                            field,
                            "%s could not be looked up (%s): whether the certificate is for %s is not known."
                                    .formatted(field, why, String.join(", ", open.values())),
                            false));
                }
                case Seen.Found(Certificate found) -> names.addAll(found.names());
            }
        }
        open.values().removeIf(host -> covers(names, host));
        return open.entrySet().stream()
                .map(host -> new Risk(
                        host.getKey(),
                        "%s is covered by no certificate: those of the environment are for %s, where * is one label, so clients refuse https://%s; use such a name, or give the environment another certificate"
                                .formatted(host.getKey(), String.join(", ", names), host.getValue()),
                        false))
                .toList();
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
