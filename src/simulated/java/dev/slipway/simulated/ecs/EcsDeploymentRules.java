package dev.slipway.simulated.ecs;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ecs.model.*;

/** What ECS makes of the deployment configuration that it is given: defaults, what is kept, what is refused. */
final class EcsDeploymentRules {
    private static final int MOST_HOOKS = 10;
    private static final int LONGEST_BAKE = 1440;
    private static final Set<String> STAGES_WITH_HOOKS = Arrays.stream(EcsStage.values())
            .filter(EcsStage::hasHooks)
            .map(EcsStage::name)
            .collect(Collectors.toUnmodifiableSet());

    private EcsDeploymentRules() {}

    /** DeploymentConfiguration: 100 % minimum, 200 % maximum, no circuit breaker. */
    static DeploymentConfiguration defaults() {
        return DeploymentConfiguration.builder()
                .strategy(DeploymentStrategy.ROLLING)
                .minimumHealthyPercent(100)
                .maximumPercent(200)
                .bakeTimeInMinutes(0)
                .deploymentCircuitBreaker(breaker -> breaker.enable(false).rollback(false))
                .build();
    }

    /** Fields that are left out stay; the steps of another strategy do not. */
    static DeploymentConfiguration merged(DeploymentConfiguration old, @Nullable DeploymentConfiguration given) {
        if (given == null) {
            return old;
        }
        DeploymentStrategy strategy = or(given.strategy(), old.strategy());
        DeploymentConfiguration.Builder merged = old.toBuilder()
                .strategy(strategy)
                .minimumHealthyPercent(or(given.minimumHealthyPercent(), old.minimumHealthyPercent()))
                .maximumPercent(or(given.maximumPercent(), old.maximumPercent()))
                .bakeTimeInMinutes(or(given.bakeTimeInMinutes(), old.bakeTimeInMinutes()))
                .deploymentCircuitBreaker(or(given.deploymentCircuitBreaker(), old.deploymentCircuitBreaker()))
                .canaryConfiguration(
                        strategy == DeploymentStrategy.CANARY
                                ? either(given.canaryConfiguration(), old.canaryConfiguration())
                                : null)
                .linearConfiguration(
                        strategy == DeploymentStrategy.LINEAR
                                ? either(given.linearConfiguration(), old.linearConfiguration())
                                : null);
        if (given.alarms() != null) {
            merged.alarms(given.alarms());
        }
        if (given.hasLifecycleHooks()) {
            merged.lifecycleHooks(given.lifecycleHooks());
        }
        return merged.build();
    }

    /** Refuses what {@code given}, merged into {@code old}, may not be for a service with {@code balancers}. */
    static void check(
            DeploymentConfiguration old, @Nullable DeploymentConfiguration given, List<LoadBalancer> balancers) {
        DeploymentConfiguration merged = merged(old, given);
        if (given != null) {
            checkSteps(merged.strategy(), given);
            checkHooks(given.lifecycleHooks());
        }
        if (merged.strategy() != DeploymentStrategy.ROLLING) {
            balancers.forEach(balancer -> checkPair(merged.strategyAsString(), balancer));
        }
    }

    private static void checkSteps(DeploymentStrategy strategy, DeploymentConfiguration given) {
        if (strategy == DeploymentStrategy.UNKNOWN_TO_SDK_VERSION) {
            throw EcsErrors.invalid("Invalid deployment strategy.");
        }
        minutes("bakeTimeInMinutes", given.bakeTimeInMinutes());
        CanaryConfiguration canary = given.canaryConfiguration();
        if (canary != null) {
            only("canaryConfiguration", DeploymentStrategy.CANARY, strategy);
            percent("canaryPercent", canary.canaryPercent(), 0.1);
            minutes("canaryBakeTimeInMinutes", canary.canaryBakeTimeInMinutes());
        }
        LinearConfiguration linear = given.linearConfiguration();
        if (linear != null) {
            only("linearConfiguration", DeploymentStrategy.LINEAR, strategy);
            percent("stepPercent", linear.stepPercent(), 3);
            minutes("stepBakeTimeInMinutes", linear.stepBakeTimeInMinutes());
        }
    }

    private static void only(String name, DeploymentStrategy with, DeploymentStrategy strategy) {
        if (strategy != with) {
            throw EcsErrors.invalid("%s can only be specified with the %s deployment strategy.".formatted(name, with));
        }
    }

    private static void percent(String name, @Nullable Double value, double least) {
        if (value == null) {
            return;
        }
        if (value < least || value > 100) {
            throw EcsErrors.invalid("%s must be between %s and 100.0.".formatted(name, least));
        }
        if (Math.abs(value * 10 - Math.rint(value * 10)) > 1e-6) {
            throw EcsErrors.invalid("%s must be a multiple of 0.1.".formatted(name));
        }
    }

    private static void minutes(String name, @Nullable Integer value) {
        if (value != null && (value < 0 || value > LONGEST_BAKE)) {
            throw EcsErrors.invalid("%s must be between 0 and %d.".formatted(name, LONGEST_BAKE));
        }
    }

    private static void checkHooks(List<DeploymentLifecycleHook> hooks) {
        if (hooks.size() > MOST_HOOKS) {
            throw EcsErrors.invalid("lifecycleHooks cannot have more than %d elements.".formatted(MOST_HOOKS));
        }
        for (DeploymentLifecycleHook hook : hooks) {
            if (hook.hookTargetArn() == null || hook.roleArn() == null) {
                throw EcsErrors.invalid("hookTargetArn and roleArn are required for a lifecycle hook.");
            }
            if (hook.lifecycleStagesAsStrings().isEmpty()) {
                throw EcsErrors.invalid("lifecycleStages must not be empty.");
            }
            for (String stage : hook.lifecycleStagesAsStrings()) {
                if (!STAGES_WITH_HOOKS.contains(stage)) {
                    throw EcsErrors.invalid("%s is not a valid lifecycle stage for a hook.".formatted(stage));
                }
            }
            if (hook.hookDetails() != null && !hook.hookDetails().isMap()) {
                throw EcsErrors.invalid("hookDetails must be a JSON object.");
            }
        }
    }

    private static void checkPair(@Nullable String strategy, LoadBalancer balancer) {
        AdvancedConfiguration advanced = balancer.advancedConfiguration();
        if (advanced == null
                || advanced.alternateTargetGroupArn() == null
                || advanced.productionListenerRule() == null
                || advanced.roleArn() == null) {
            throw EcsErrors.invalid(("advancedConfiguration with alternateTargetGroupArn, productionListenerRule and "
                            + "roleArn is required for load balancers with the %s deployment strategy.")
                    .formatted(strategy));
        }
    }

    private static <T> @Nullable T either(@Nullable T value, @Nullable T otherwise) {
        return value == null ? otherwise : value;
    }

    private static <T> T or(@Nullable T value, T otherwise) {
        return Objects.requireNonNullElse(value, otherwise);
    }
}
