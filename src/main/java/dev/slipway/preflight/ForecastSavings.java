package dev.slipway.preflight;

import dev.slipway.deployment.RolloutSettings;
import dev.slipway.deployment.RolloutSettings.Canary;
import dev.slipway.deployment.RolloutSettings.Linear;
import dev.slipway.preflight.Forecast.Saving;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Which settings could be shorter. What is proposed is still sound; what it costs is said. */
final class ForecastSavings {
    private static final int MAX_SAVINGS = 2;
    /** A shorter bake can hardly be judged: metrics come minutes late. */
    private static final int JUDGED_MINUTES = 10;

    private static final int SHORTEST_MINUTES = 5;
    private static final int QUICK_INTERVAL = 5;
    private static final int QUICK_DRAINING = 5;
    private static final double LARGEST_SHARE = 50;

    private ForecastSavings() {}

    static List<Saving> of(ForecastPolicy.Input basis) {
        List<Saving> all = new ArrayList<>();
        if (basis.first()) {
            return all;
        }
        if (!basis.settings().isRolling()) {
            bakes(basis, all);
            shares(basis, all);
        }
        timing(basis.timing(), all);
        return all.stream()
                .filter(saving -> saving.seconds() > 0)
                .sorted(Comparator.comparingInt(Saving::seconds).reversed())
                .limit(MAX_SAVINGS)
                .toList();
    }

    private static void bakes(ForecastPolicy.Input basis, List<Saving> all) {
        RolloutSettings settings = basis.settings();
        int last = settings.bakeMinutes();
        bake(basis, "rollout.bakeMinutes", last, shorter(last), settings.withBakeMinutes(shorter(last)), all);
        switch (settings.strategy()) {
            case ROLLING, BLUE_GREEN -> {}
            case CANARY -> {
                int minutes = settings.canary().bakeMinutes();
                Canary less = new Canary(settings.canary().percent(), shorter(minutes));
                bake(basis, "rollout.canary.bakeMinutes", minutes, less.bakeMinutes(), settings.withCanary(less), all);
            }
            case LINEAR -> {
                int minutes = settings.linear().bakeMinutes();
                Linear less = new Linear(settings.linear().stepPercent(), shorter(minutes));
                bake(basis, "rollout.linear.bakeMinutes", minutes, less.bakeMinutes(), settings.withLinear(less), all);
            }
        }
    }

    private static void bake(
            ForecastPolicy.Input basis, String setting, int from, int to, RolloutSettings shorter, List<Saving> all) {
        String price = to < JUDGED_MINUTES
                ? "Metrics come up to four minutes late: so short a bake can hardly be judged."
                : "What goes wrong slowly is seen later, or by nobody.";
        all.add(saving(basis, setting, from + " min", to + " min", shorter, price));
    }

    private static int shorter(int minutes) {
        return minutes > JUDGED_MINUTES ? JUDGED_MINUTES : Math.min(minutes, SHORTEST_MINUTES);
    }

    private static void shares(ForecastPolicy.Input basis, List<Saving> all) {
        RolloutSettings settings = basis.settings();
        String price = "A bad release reaches more users before it is caught.";
        switch (settings.strategy()) {
            case ROLLING, BLUE_GREEN -> {}
            case CANARY -> {
                double percent = settings.canary().percent();
                Canary larger = new Canary(larger(percent), settings.canary().bakeMinutes());
                all.add(saving(
                        basis,
                        "rollout.canary.percent",
                        percent(percent),
                        percent(larger.percent()),
                        settings.withCanary(larger),
                        price));
            }
            case LINEAR -> {
                double percent = settings.linear().stepPercent();
                Linear larger = new Linear(larger(percent), settings.linear().bakeMinutes());
                all.add(saving(
                        basis,
                        "rollout.linear.stepPercent",
                        percent(percent),
                        percent(larger.stepPercent()),
                        settings.withLinear(larger),
                        price));
            }
        }
    }

    private static double larger(double percent) {
        return percent >= LARGEST_SHARE ? percent : Math.min(LARGEST_SHARE, percent * 2);
    }

    private static String percent(double percent) {
        return RolloutSettings.plain(percent) + " %";
    }

    private static Saving saving(
            ForecastPolicy.Input basis, String setting, String from, String to, RolloutSettings other, String price) {
        int seconds = ForecastPolicy.seconds(basis) - ForecastPolicy.seconds(basis.withSettings(other));
        return new Saving(setting, from, to, seconds, price);
    }

    private static void timing(ForecastPolicy.Timing timing, List<Saving> all) {
        int interval = timing.intervalSeconds();
        all.add(new Saving(
                "routing.healthCheck.intervalSeconds",
                interval + " s",
                QUICK_INTERVAL + " s",
                (interval - QUICK_INTERVAL) * timing.threshold(),
                "Each task answers more health checks."));
        int draining = timing.drainingSeconds();
        all.add(new Saving(
                "routing.drainingSeconds",
                draining + " s",
                QUICK_DRAINING + " s",
                draining - QUICK_DRAINING,
                "Requests that take longer than that are cut off when their task leaves."));
    }
}
