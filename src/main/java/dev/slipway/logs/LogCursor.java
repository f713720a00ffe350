package dev.slipway.logs;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.slipway.problem.ProblemException;
import java.time.Duration;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * How far a log has been read. A log is read in sweeps by the time at which CloudWatch took its lines in: each sweep shows what
 * was taken in after {@code after} and not after {@code upTo}, so that every line belongs to one sweep, however late it came, and
 * is shown once. Within a sweep lines are in the order of their own times, and a sweep goes on behind the last line shown.
 * All times are milliseconds since 1970.
 *
 * @param request hash of what was asked for: a cursor goes on with the same request
 * @param since no line before it, as the first request was understood: {@code since=15m} means another time in each
 * @param until no line from it on; 0 when the first request had no end
 * @param from the sweep reads lines of this time and later
 * @param skip how many of the sweep's lines of exactly that time have been shown
 * @param after {@link #BEGINNING} in the first sweep
 * @param upTo 0 when the sweep has not begun
 * @param last time of the last line of the sweep that was looked at
 * @param lastCount how many of the sweep's lines have exactly that time, so far
 * @param token of AWS, where it has not looked through the whole time yet; AWS forgets it after 24 hours
 */
record LogCursor(
        String request,
        long since,
        long until,
        long from,
        int skip,
        long after,
        long upTo,
        long last,
        int lastCount,
        @Nullable String token) {
    static final long BEGINNING = -1;
    /** Lines are shown when they have been taken in for so long: then those taken in before them can be read, too. */
    static final Duration SETTLED = Duration.ofSeconds(5);
    /** A line that is taken in later than this after its own time is not seen by who follows. */
    static final Duration LATE = Duration.ofMinutes(1);

    private static final String SEPARATOR = "|";
    private static final int PARTS = 10;

    static LogCursor first(String request, long since, long until, long now) {
        return new LogCursor(request, since, until, since, 0, BEGINNING, now - SETTLED.toMillis(), since, 0, null);
    }

    /** The sweep that follows this one: not begun yet. */
    LogCursor next() {
        long start = Math.max(since, upTo - LATE.toMillis());
        return new LogCursor(request, since, until, start, 0, upTo, 0, start, 0, null);
    }

    /** Begins the sweep, unless it has begun. */
    LogCursor begun(long now) {
        return upTo != 0
                ? this
                : new LogCursor(
                        request,
                        since,
                        until,
                        from,
                        skip,
                        after,
                        Math.max(after, now - SETTLED.toMillis()),
                        last,
                        lastCount,
                        token);
    }

    /** The sweep goes on behind the last line that was looked at. */
    LogCursor behind(long time, int count) {
        return new LogCursor(request, since, until, time, count, after, upTo, time, count, null);
    }

    /** The sweep goes on where AWS has stopped to look. */
    LogCursor at(String next, int toSkip, long time, int count) {
        return new LogCursor(request, since, until, from, toSkip, after, upTo, time, count, next);
    }

    boolean holds(long takenIn) {
        return takenIn > after && takenIn <= upTo;
    }

    String text() {
        String plain = String.join(
                SEPARATOR,
                request,
                Long.toString(since),
                Long.toString(until),
                Long.toString(from),
                Integer.toString(skip),
                Long.toString(after),
                Long.toString(upTo),
                Long.toString(last),
                Integer.toString(lastCount),
                token == null ? "" : token);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(plain.getBytes(UTF_8));
    }

    /** Throws {@link ProblemException} 400 when it is none, or one of another request. */
    static LogCursor of(String text, String request) {
        try {
            String[] parts = new String(Base64.getUrlDecoder().decode(text), UTF_8).split("\\|", PARTS);
            if (parts.length != PARTS) {
                throw refused("cursor is not what the page before has given.");
            }
            if (!parts[0].equals(request)) {
                throw refused("cursor belongs to another request: the filters were others.");
            }
            return new LogCursor(
                    parts[0],
                    Long.parseLong(parts[1]),
                    Long.parseLong(parts[2]),
                    Long.parseLong(parts[3]),
                    Integer.parseInt(parts[4]),
                    Long.parseLong(parts[5]),
                    Long.parseLong(parts[6]),
                    Long.parseLong(parts[7]),
                    Integer.parseInt(parts[8]),
                    parts[9].isEmpty() ? null : parts[9]);
        } catch (IllegalArgumentException e) {
            throw refused("cursor is not what the page before has given.");
        }
    }

    static ProblemException refused(String detail) {
        return new ProblemException(400, "invalid-parameter", detail, "Leave it out to begin anew.");
    }
}
