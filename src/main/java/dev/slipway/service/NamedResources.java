package dev.slipway.service;

import dev.slipway.deployment.RolloutSettings;
import dev.slipway.environment.AwsLocation;
import dev.slipway.environment.EnvironmentSpec;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.ServiceId;
import dev.slipway.problem.Problem.FieldError;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which check function and which topic a service may name: one of its environment, by its name, or one that is shared. Those who
 * may declare services in dev have no function run that is prod's, and write to nobody who listens to prod.
 */
final class NamedResources {
    private NamedResources() {}

    /** What the settings name and must not; empty when all is right. Fields begin at the spec, or at the body of a request. */
    static List<FieldError> refusals(ServiceId service, RolloutSettings settings, EnvironmentSpec environment) {
        AwsLocation location = new AwsLocation(environment.account(), environment.region());
        List<FieldError> errors = new ArrayList<>();
        check("checkFunction", "slipway-check-", settings.checkFunction(), service, location, errors);
        check("notifyTopic", "slipway-", settings.notifyTopic(), service, location, errors);
        return errors;
    }

    private static void check(
            String setting,
            String prefix,
            @Nullable String arn,
            ServiceId service,
            AwsLocation location,
            List<FieldError> errors) {
        if (arn == null) {
            return;
        }
        String field = "/rollout/" + setting;
        String name = arn.split(":", 6)[5].replaceFirst("^function:", "");
        String own = prefix + service.environment() + "-";
        String shared = prefix + EnvironmentId.SHARED + "-";
        if (!AwsLocation.of(arn).equals(location)) {
            errors.add(
                    FieldError.of(field, arn, "is in %s; it has to be in %s".formatted(AwsLocation.of(arn), location)));
        } else if (!name.startsWith(own) && !name.startsWith(shared)) {
            errors.add(FieldError.of(
                    field,
                    arn,
                    "is not of the environment %s: its name has to begin with %s, or with %s where all environments may name it"
                            .formatted(service.environment(), own, shared)));
        }
    }
}
