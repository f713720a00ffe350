package dev.slipway.preflight;

import dev.slipway.environment.AwsLocation;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a variable of a container's secrets names.
 *
 * @param id a secret's ARN without JSON key, stage and version; a parameter's ARN or name as it stands in the spec
 * @param location of what is named by an ARN; null for the task's own
 */
record SecretReference(Store store, String id, @Nullable AwsLocation location) {
    /** An ARN has so many parts; what a container names behind them is a JSON key, a stage and a version. */
    private static final int PARTS = 7;

    private static final String PARAMETER = ":parameter/";

    /** Where it is kept, in words. */
    enum Store {
        SECRETS_MANAGER("secret"),
        PARAMETER_STORE("parameter");

        private final String noun;

        Store(String noun) {
            this.noun = noun;
        }

        String noun() {
            return noun;
        }
    }

    static SecretReference of(String value) {
        if (!value.startsWith("arn:")) {
            return new SecretReference(Store.PARAMETER_STORE, value, null);
        }
        String arn = Arrays.stream(value.split(":", -1)).limit(PARTS).collect(Collectors.joining(":"));
        Store store = arn.contains(":ssm:") ? Store.PARAMETER_STORE : Store.SECRETS_MANAGER;
        return new SecretReference(store, arn, AwsLocation.of(arn));
    }

    /** What a parameter may be called: the ARN {@code …:parameter/a/b} is that of {@code /a/b}; {@code …:parameter/a} of {@code a} or {@code /a}. */
    List<String> parameterNames() {
        int at = id.indexOf(PARAMETER);
        if (at < 0) {
            return List.of(id);
        }
        String path = id.substring(at + PARAMETER.length() - 1);
        return path.indexOf('/', 1) > 0 ? List.of(path) : List.of(path.substring(1), path);
    }
}
