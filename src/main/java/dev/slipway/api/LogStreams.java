package dev.slipway.api;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import org.eclipse.microprofile.config.Config;
import org.jspecify.annotations.Nullable;

/**
 * Streams of a log's pages that are held open. Each takes a thread, so there are {@code slipway.log-streams} at once: some on a laptop,
 * and none in Lambda, where an answer is handed over when it is whole. Whoever finds no place has one page and the end, and comes again.
 */
@Singleton
class LogStreams {
    /** By then a stream ends, and its reader comes again with the last cursor. */
    private static final Duration LONGEST = Duration.ofMinutes(10);

    /** Of one that can be read at once: a service that writes without end must not have the log read without end. */
    private static final Duration LEAST_PAUSE = Duration.ofMillis(500);

    private final Semaphore free;
    private final Duration longest;
    private final Duration leastPause;

    @Inject
    LogStreams(Config config) {
        this(config.getOptionalValue("slipway.log-streams", Integer.class).orElse(0), LONGEST, LEAST_PAUSE);
    }

    LogStreams(int most, Duration longest, Duration leastPause) {
        this.free = new Semaphore(most);
        this.longest = longest;
        this.leastPause = leastPause;
    }

    /**
     * What is written next.
     *
     * @param text events, as they go over the wire
     * @param cursor of what follows; null when nothing can
     * @param pause until it is worth asking for that
     */
    record Part(String text, @Nullable String cursor, Duration pause) {}

    /** Reads what follows a cursor; empty when the stream is to end. */
    @FunctionalInterface
    interface Source {
        @Nullable
        Part after(String cursor);
    }

    boolean areHeld() {
        return free.availablePermits() > 0;
    }

    /**
     * Writes a part and, as long as there is a place for it, all that follows, until the reader goes away.
     *
     * @param gone whether it has: what is written to it then may be dropped in silence
     */
    void write(Part first, Source source, OutputStream out, BooleanSupplier gone) throws IOException {
        send(first, out);
        if (!free.tryAcquire()) {
            return;
        }
        try {
            long end = System.nanoTime() + longest.toNanos();
            @Nullable Part part = first;
            while (part != null && part.cursor() != null && System.nanoTime() < end) {
                Thread.sleep(part.pause().compareTo(leastPause) < 0 ? leastPause : part.pause());
                part = gone.getAsBoolean() ? null : source.after(part.cursor());
                if (part != null) {
                    send(part, out);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the server ends
        } finally {
            free.release();
        }
    }

    private static void send(Part part, OutputStream out) throws IOException {
        out.write(part.text().getBytes(StandardCharsets.UTF_8));
        out.flush();
    }
}
