package dev.slipway.scaling;

import dev.slipway.scaling.ScalableTargets.Activity;
import dev.slipway.scaling.ScalingSettings.Limits;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a service that scales stands.
 *
 * @param limits that hold now; null when AWS did not tell
 * @param atLimit the limit that its number of tasks has reached; null when it may go either way
 * @param summary the same and what happened last, in sentences
 */
@RegisterForReflection
public record ScalingState(
        @Nullable Limits limits, @Nullable Bound atLimit, String summary) {
    /** Where more load, or less, changes nothing. */
    public enum Bound {
        MINIMUM,
        MAXIMUM,
        /** Both are the same number. */
        FIXED
    }

    /** @param activities the newest first */
    public static ScalingState of(int desired, Limits limits, List<Activity> activities) {
        Bound bound = bound(desired, limits);
        return new ScalingState(limits, bound, now(desired, limits, bound) + " " + last(activities));
    }

    /** Of a service that is shown without. */
    public static ScalingState unknown(String reason) {
        return new ScalingState(null, null, reason);
    }

    private static @Nullable Bound bound(int desired, Limits limits) {
        if (limits.isFixed()) {
            return Bound.FIXED;
        }
        if (desired >= limits.max()) {
            return Bound.MAXIMUM;
        }
        return desired <= limits.min() ? Bound.MINIMUM : null;
    }

    private static String now(int desired, Limits limits, @Nullable Bound bound) {
        String range = "%d of %d to %d tasks".formatted(desired, limits.min(), limits.max());
        return switch (bound) {
            case null -> range + ".";
            case MINIMUM -> range + ": it is at its minimum.";
            case MAXIMUM -> range + ": it is at its maximum, and more load finds no more tasks.";
            case FIXED -> "%d tasks, which are minimum and maximum now.".formatted(limits.min());
        };
    }

    private static String last(List<Activity> activities) {
        if (activities.isEmpty()) {
            return "Nothing has been scaled yet.";
        }
        Activity newest = activities.getFirst();
        String more = activities.size() == 1
                ? ""
                : " Before that: %s (%s)."
                        .formatted(
                                trimmed(activities.get(1).message()),
                                activities.get(1).at());
        return "Last at %s: %s%s.%s"
                .formatted(
                        newest.at(),
                        trimmed(newest.message()),
                        "Successful".equals(newest.status()) ? "" : " (" + newest.status() + ")",
                        more);
    }

    private static String trimmed(String sentence) {
        return sentence.endsWith(".") ? sentence.substring(0, sentence.length() - 1) : sentence;
    }
}
