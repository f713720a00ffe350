package dev.slipway.service;

import dev.slipway.deployment.RolloutSettings;
import dev.slipway.deployment.RolloutSettings.VerdictRules.Metric;
import dev.slipway.environment.AwsLocation;
import dev.slipway.environment.EnvironmentSpec;
import dev.slipway.environment.NamedResource;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.ServiceId;
import dev.slipway.problem.Problem.FieldError;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which check function, topic, alarms and metrics a service may name: those of its environment, by their names, or shared ones. Those
 * who may declare services in dev have no function run that is prod's, write to nobody who listens to prod, and read none of its figures.
 */
final class NamedResources {
    private NamedResources() {}

    /** What the settings name and must not; empty when all is right. Fields begin at the spec, or at the body of a request. */
    static List<FieldError> refusals(ServiceId service, RolloutSettings settings, EnvironmentSpec environment) {
        List<FieldError> errors = new ArrayList<>();
        refusal("checkFunction", "slipway-check-", settings.checkFunction(), service, environment)
                .ifPresent(errors::add);
        refusal("notifyTopic", "slipway-", settings.notifyTopic(), service, environment)
                .ifPresent(errors::add);
        EnvironmentId own = service.environmentId();
        for (int i = 0; i < settings.alarms().size(); i++) {
            NamedResource.refusal("/rollout/alarms/" + i, settings.alarms().get(i), own)
                    .ifPresent(errors::add);
        }
        List<Metric> metrics = settings.verdict().metrics();
        for (int i = 0; i < metrics.size(); i++) {
            String field = "/rollout/verdict/metrics/%d/dimensions/".formatted(i);
            metrics.get(i)
                    .dimensions()
                    .forEach((name, value) -> NamedResource.refusal(
                                    field + name.replace("~", "~0").replace("/", "~1"), value, own)
                            .ifPresent(errors::add));
        }
        return errors;
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
