package dev.slipway.service;

import dev.slipway.deployment.RolloutSettings;
import dev.slipway.environment.AwsLocation;
import dev.slipway.environment.EnvironmentSpec;
import dev.slipway.environment.NamedResource;
import dev.slipway.id.ServiceId;
import dev.slipway.problem.Problem.FieldError;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which check function and which topic a service may name: one of its environment, by its name, or one that is shared. Those who
 * may declare services in dev have no function run that is prod's, and write to nobody who listens to prod.
 */
final class NamedResources {
    private NamedResources() {}

    /** What the settings name and must not; empty when all is right. Fields begin at the spec, or at the body of a request. */
    static List<FieldError> refusals(ServiceId service, RolloutSettings settings, EnvironmentSpec environment) {
        return Stream.of(
                        refusal("checkFunction", "slipway-check-", settings.checkFunction(), service, environment),
                        refusal("notifyTopic", "slipway-", settings.notifyTopic(), service, environment))
                .flatMap(Optional::stream)
                .toList();
    }

    private static Optional<FieldError> refusal(
            String setting, String prefix, @Nullable String arn, ServiceId service, EnvironmentSpec environment) {
        return arn == null
                ? Optional.empty()
                : NamedResource.refusal(
                        "/rollout/" + setting,
                        arn,
                        prefix,
                        service.environmentId(),
                        new AwsLocation(environment.account(), environment.region()));
    }
}
