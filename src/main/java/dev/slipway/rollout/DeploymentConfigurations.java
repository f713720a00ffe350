package dev.slipway.rollout;

import dev.slipway.deployment.RolloutSettings;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.document.Document;
import software.amazon.awssdk.services.ecs.model.CanaryConfiguration;
import software.amazon.awssdk.services.ecs.model.DeploymentAlarms;
import software.amazon.awssdk.services.ecs.model.DeploymentCircuitBreaker;
import software.amazon.awssdk.services.ecs.model.DeploymentConfiguration;
import software.amazon.awssdk.services.ecs.model.DeploymentLifecycleHook;
import software.amazon.awssdk.services.ecs.model.DeploymentStrategy;
import software.amazon.awssdk.services.ecs.model.LinearConfiguration;

/**
 * Our settings in ECS's words, always complete: what UpdateService is not told stays as the last rollout left it.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
 */
final class DeploymentConfigurations {
    /** Under this key the hook's details name the rollout that a deployment belongs to. */
    static final String ROLLOUT = "rollout";

    private DeploymentConfigurations() {}

    /**
     * @param hookFunction ARN of our gate
     * @param hookRole ARN of the role that ECS calls it with
     */
    static DeploymentConfiguration of(Rollout rollout, String hookFunction, @Nullable String hookRole) {
        RolloutSettings settings = rollout.settings();
        boolean rolling = settings.isRolling();
        var configuration = DeploymentConfiguration.builder()
                .minimumHealthyPercent(100)
                .maximumPercent(200)
                .alarms(alarms(settings.alarms()))
                .deploymentCircuitBreaker(DeploymentCircuitBreaker.builder()
                        .enable(rolling)
                        .rollback(rolling)
                        .build())
                .lifecycleHooks(rolling ? List.of() : List.of(gate(rollout, hookFunction, hookRole)))
                .bakeTimeInMinutes(settings.finalBakeMinutes());
        return switch (settings.strategy()) {
            case ROLLING -> configuration.strategy(DeploymentStrategy.ROLLING).build();
            case BLUE_GREEN ->
                configuration.strategy(DeploymentStrategy.BLUE_GREEN).build();
            case CANARY ->
                configuration
                        .strategy(DeploymentStrategy.CANARY)
                        .canaryConfiguration(CanaryConfiguration.builder()
                                .canaryPercent(settings.canary().percent())
                                .canaryBakeTimeInMinutes(settings.canary().bakeMinutes())
                                .build())
                        .build();
            case LINEAR ->
                configuration
                        .strategy(DeploymentStrategy.LINEAR)
                        .linearConfiguration(LinearConfiguration.builder()
                                .stepPercent(settings.linear().stepPercent())
                                .stepBakeTimeInMinutes(settings.linear().bakeMinutes())
                                .build())
                        .build();
        };
    }

    private static DeploymentAlarms alarms(List<String> names) {
        return DeploymentAlarms.builder()
                .alarmNames(names)
                .enable(!names.isEmpty())
                .rollback(!names.isEmpty())
                .build();
    }

    private static DeploymentLifecycleHook gate(Rollout rollout, String function, @Nullable String role) {
        return DeploymentLifecycleHook.builder()
                .hookTargetArn(function)
                .roleArn(role)
                .lifecycleStagesWithStrings(
                        GateStage.POST_TEST_TRAFFIC_SHIFT.name(), GateStage.PRE_PRODUCTION_TRAFFIC_SHIFT.name())
                .hookDetails(Document.mapBuilder()
                        .putString(ROLLOUT, reference(rollout))
                        .build())
                .build();
    }

    /** {@code prod/web/<id>}. */
    static String reference(Rollout rollout) {
        return rollout.service().key() + "/" + rollout.id();
    }
}
