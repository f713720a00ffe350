package dev.slipway.preflight;

import dev.slipway.allowlist.AllowedSecrets;
import dev.slipway.id.ServiceId;
import dev.slipway.preflight.SecretReference.Store;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Whether the tasks of a service may read a secret or a parameter: the tag says whose it is, and the deployment's allow-list
 * speaks for what has none. The permission boundary in template.yaml decides the same, whatever is found here.
 */
final class SecretPolicy {
    static final String ENVIRONMENT = "slipway:environment";
    static final String SERVICE = "slipway:service";

    private SecretPolicy() {}

    /**
     * What is wrong, to be read after what it is called; empty when nothing is.
     *
     * @param arn its own
     */
    static Optional<String> refusal(String arn, Map<String, String> tags, ServiceId service, AllowedSecrets allowed) {
        List<String> environments = values(tags, ENVIRONMENT);
        List<String> services = values(tags, SERVICE);
        if (environments.size() > 1 || services.size() > 1) {
            return Optional.of("has the tag %s more than once, in upper and lower case, and IAM knows no difference"
                    .formatted(environments.size() > 1 ? ENVIRONMENT : SERVICE));
        }
        if (environments.isEmpty() && !allowed.allows(arn, service.environment())) {
            return Optional.of("has no tag %s, and is not on the deployment's list %s"
                    .formatted(ENVIRONMENT, AllowedSecrets.PARAMETER));
        }
        if (!environments.isEmpty() && !environments.getFirst().equals(service.environment())) {
            return Optional.of("is another environment's: its tag %s is %s and not %s"
                    .formatted(ENVIRONMENT, environments.getFirst(), service.environment()));
        }
        return services.isEmpty() || services.getFirst().equals(service.service())
                ? Optional.empty()
                : Optional.of("is another service's: its tag %s is %s and not %s"
                        .formatted(SERVICE, services.getFirst(), service.service()));
    }

    /** The command that makes it the environment's. */
    static String tagging(SecretReference reference, String environment) {
        return reference.store() == Store.SECRETS_MANAGER
                ? "aws secretsmanager tag-resource --secret-id '%s' --tags Key=%s,Value=%s"
                        .formatted(reference.id(), ENVIRONMENT, environment)
                : "aws ssm add-tags-to-resource --resource-type Parameter --resource-id '%s' --tags Key=%s,Value=%s"
                        .formatted(reference.parameterNames().getLast(), ENVIRONMENT, environment);
    }

    /** IAM compares the names of tags without case, and the two stores keep several that differ by it. */
    private static List<String> values(Map<String, String> tags, String key) {
        return tags.entrySet().stream()
                .filter(tag -> tag.getKey().equalsIgnoreCase(key))
                .map(Map.Entry::getValue)
                .toList();
    }
}
