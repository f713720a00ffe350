package dev.slipway.preflight;

import dev.slipway.release.ContainerSettings;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The ARNs of a container's secrets, taken apart. */
public final class PreflightSecrets {
    /** An ARN has so many parts; what a container names behind them is a JSON key, a stage and a version. */
    private static final int PARTS = 7;

    private static final int SERVICE = 2;
    private static final int REGION = 3;
    private static final int ACCOUNT = 4;

    /** The stack's parameter that says which secrets tasks may read. */
    public static final String PARAMETER = "SecretArns";

    private PreflightSecrets() {}

    /** What the stack with these parameters lets tasks read. */
    public static Set<String> granted(Map<String, String> parameters) {
        return Arrays.stream(parameters.getOrDefault(PARAMETER, "").split(","))
                .filter(arn -> !arn.isEmpty())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    public static Set<String> secretArns(ContainerSettings container) {
        return container.secrets().values().stream()
                .map(arn -> Arrays.stream(arn.split(":", -1)).limit(PARTS).collect(Collectors.joining(":")))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    static List<String> of(String service, Set<String> plain) {
        return plain.stream().filter(arn -> part(arn, SERVICE).equals(service)).toList();
    }

    /** Those of the account and region of {@code like}, an ARN: only there do we have the right to look. */
    static Set<String> inSameAccountAndRegion(String like, Set<String> plain) {
        return plain.stream()
                .filter(arn -> part(arn, REGION).equals(part(like, REGION))
                        && part(arn, ACCOUNT).equals(part(like, ACCOUNT)))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /**
     * What a parameter with this ARN may be called: {@code …:parameter/a/b} is {@code /a/b}; {@code …:parameter/a} is
     * {@code a} or {@code /a}.
     */
    static List<String> names(String parameterArn) {
        String path = parameterArn.substring(parameterArn.indexOf("parameter/") + "parameter".length());
        return path.indexOf('/', 1) > 0
                ? List.of(path)
                : Stream.of(path.substring(1), path).toList();
    }

    private static String part(String arn, int index) {
        String[] parts = arn.split(":", -1);
        return index < parts.length ? parts[index] : "";
    }
}
