package dev.slipway.rollout;

/** Settings in a few words. */
final class SettingsSummary {
    private SettingsSummary() {}

    static String of(RolloutSettings settings) {
        return switch (settings.strategy()) {
            case ROLLING -> "rolling";
            case BLUE_GREEN -> "blue/green, %d min bake".formatted(settings.bakeMinutes());
            case CANARY ->
                "canary, %s %% for %d min, %d min bake"
                        .formatted(
                                percent(settings.canary().percent()),
                                settings.canary().bakeMinutes(),
                                settings.bakeMinutes());
            case LINEAR ->
                "linear, %s %% every %d min, %d min bake"
                        .formatted(
                                percent(settings.linear().stepPercent()),
                                settings.linear().bakeMinutes(),
                                settings.bakeMinutes());
        };
    }

    /** 10 for 10.0, 0.5 for 0.5. */
    static String percent(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }
}
