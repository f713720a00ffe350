package dev.slipway.simulated.ecs;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ecs.model.CanaryConfiguration;
import software.amazon.awssdk.services.ecs.model.DeploymentConfiguration;
import software.amazon.awssdk.services.ecs.model.LinearConfiguration;

/**
 * In which steps production traffic moves.
 *
 * @param percents 0–100 on the new revision after each step; the last is 100. Linear with 30 %: 30, 60, 90, 100
 * @param stepBake after every step but the last
 * @param bake after the last
 */
record EcsSteps(List<Double> percents, Duration stepBake, Duration bake) {
    // CanaryConfiguration and LinearConfiguration: "The default value is 5.0", 10 minutes; 10.0, 6 minutes.
    private static final double CANARY_PERCENT = 5;
    private static final int CANARY_BAKE = 10;
    private static final double STEP_PERCENT = 10;
    private static final int STEP_BAKE = 6;

    static EcsSteps of(DeploymentConfiguration configuration) {
        Duration bake = Duration.ofMinutes(or(configuration.bakeTimeInMinutes(), 0));
        return switch (configuration.strategy()) {
            case CANARY -> {
                CanaryConfiguration canary = or(
                        configuration.canaryConfiguration(),
                        CanaryConfiguration.builder().build());
                yield new EcsSteps(
                        List.of(or(canary.canaryPercent(), CANARY_PERCENT), 100.0),
                        Duration.ofMinutes(or(canary.canaryBakeTimeInMinutes(), CANARY_BAKE)),
                        bake);
            }
            case LINEAR -> {
                LinearConfiguration linear = or(
                        configuration.linearConfiguration(),
                        LinearConfiguration.builder().build());
                yield new EcsSteps(
                        linear(or(linear.stepPercent(), STEP_PERCENT)),
                        Duration.ofMinutes(or(linear.stepBakeTimeInMinutes(), STEP_BAKE)),
                        bake);
            }
            default -> new EcsSteps(List.of(100.0), Duration.ZERO, bake);
        };
    }

    /** In tenths of a percent, so that 33.3 gives 33.3, 66.6, 99.9, 100. */
    private static List<Double> linear(double stepPercent) {
        int tenths = (int) Math.round(stepPercent * 10);
        return IntStream.rangeClosed(1, Math.ceilDiv(1000, tenths))
                .mapToObj(step -> Math.min(1000, step * tenths) / 10.0)
                .toList();
    }

    boolean last(int step) {
        return step == percents.size() - 1;
    }

    private static <T> T or(@Nullable T value, T otherwise) {
        return Objects.requireNonNullElse(value, otherwise);
    }
}
