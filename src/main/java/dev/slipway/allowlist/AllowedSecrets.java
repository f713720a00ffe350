package dev.slipway.allowlist;

import java.util.List;

/**
 * Secrets and parameters that carry no tag of their environment and may be read all the same. The permission boundary in
 * template.yaml says the same of the roles that read them.
 *
 * @param patterns of ARNs; {@code *} and {@code ?} as in IAM, and {@code {environment}} for the name of the environment that asks
 */
public record AllowedSecrets(List<String> patterns) {
    /** The deployment's parameter. */
    public static final String PARAMETER = "AllowedSecrets";

    public AllowedSecrets {
        patterns = List.copyOf(patterns);
    }

    /** Whether a service of the environment may read what has this ARN and no tag. */
    public boolean allows(String arn, String environment) {
        return patterns.stream().anyMatch(pattern -> Glob.matches(pattern.replace("{environment}", environment), arn));
    }
}
