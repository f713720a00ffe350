package dev.slipway.verdict;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.ArrayList;
import java.util.List;

/**
 * What has served in the hour before, minute by minute, as long as less than an hour of it is the old revision's own.
 *
 * @param minutes oldest first; empty once an hour is the old revision's own
 * @param own how many of them, at the end, are
 */
@RegisterForReflection
public record BaselineHistory(List<Sample> minutes, int own) {
    static final BaselineHistory COMPLETE = new BaselineHistory(List.of(), 60);
    private static final int HOUR = 60;

    public BaselineHistory {
        minutes = List.copyOf(minutes);
    }

    boolean isComplete() {
        return own >= HOUR;
    }

    BaselineHistory next(Sample minute) {
        List<Sample> next = new ArrayList<>(minutes);
        next.add(minute);
        return new BaselineHistory(next.subList(Math.max(0, next.size() - HOUR), next.size()), own + 1);
    }

    List<Sample> ownMinutes() {
        return minutes.subList(minutes.size() - own, minutes.size());
    }

    Variation variation(Signal signal) {
        Variation itself = Variation.of(signal, ownMinutes());
        return itself.assumed() ? itself.or(Variation.of(signal, minutes)) : itself;
    }
}
