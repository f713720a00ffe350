package dev.slipway.simulated.aws;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.Optional;
import java.util.PriorityQueue;

/**
 * The one clock of a simulated account and the queue of what is going to happen on it. Time stands still until somebody
 * advances it, so a history is the same at every run. Happenings due at the same instant run in the order they were
 * planned.
 */
public final class VirtualClock implements InstantSource {
    private record Happening(Instant at, long order, Runnable action) {}

    private final PriorityQueue<Happening> happenings =
            new PriorityQueue<>(Comparator.comparing(Happening::at).thenComparing(Happening::order));
    /** Read without the lock, so that who asks for the time while holding a lock of his own waits for nobody. */
    private volatile Instant now;

    private long planned;

    public VirtualClock(Instant start) {
        this.now = start;
    }

    @Override
    public Instant instant() {
        return now;
    }

    /** Plans {@code action} for {@code delay} from now; a delay of zero or less means as soon as time is next advanced. */
    public synchronized void after(Duration delay, Runnable action) {
        happenings.add(new Happening(now.plus(delay.isNegative() ? Duration.ZERO : delay), planned++, action));
    }

    /** When the next happening is due, if there is one. */
    public synchronized Optional<Instant> next() {
        return Optional.ofNullable(happenings.peek()).map(Happening::at);
    }

    /** Advances to the next happening and runs it. False when nothing is planned. */
    public synchronized boolean step() {
        Happening happening = happenings.poll();
        if (happening == null) {
            return false;
        }
        if (happening.at().isAfter(now)) {
            now = happening.at();
        }
        happening.action().run();
        return true;
    }

    /** Runs all that is due until {@code until}, in order, and leaves the clock there. */
    public synchronized void advanceTo(Instant until) {
        while (!happenings.isEmpty() && !happenings.peek().at().isAfter(until)) {
            step();
        }
        if (until.isAfter(now)) {
            now = until;
        }
    }

    /** {@link #advanceTo} from now on. */
    public synchronized void advance(Duration by) {
        advanceTo(now.plus(by));
    }
}
