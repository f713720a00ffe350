package dev.slipway.rollout;

import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;

/** A forecast in a sentence or two. */
final class ForecastSummary {
    private ForecastSummary() {}

    static String message(
            ForecastPolicy.Input basis, int seconds, Forecast.Extra extra, List<Forecast.Saving> savings) {
        StringBuilder text = new StringBuilder("About %s".formatted(time(seconds)));
        long approvals = basis.settings().totalApprovalTimeout().toMinutes();
        if (!basis.first() && approvals > 0) {
            text.append(", and at most %d min more for people to approve".formatted(approvals));
        }
        if (extra.tasks() > 0) {
            text.append(String.format(
                    Locale.ROOT,
                    "; %d more %s meanwhile, about $%.2f",
                    extra.tasks(),
                    extra.tasks() == 1 ? "task" : "tasks",
                    extra.dollars()));
        }
        text.append('.');
        for (Forecast.Saving saving : savings) {
            text.append(" %s %s instead of %s would save %s."
                    .formatted(saving.setting(), saving.to(), saving.from(), time(saving.seconds())));
        }
        return text.toString();
    }

    private static String time(int seconds) {
        return seconds < 120 ? seconds + " s" : Math.round(seconds / 60.0) + " min";
    }

    static String number(double value) {
        return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
    }
}
