package dev.slipway.logs;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.slipway.problem.ProblemException;
import java.time.Duration;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * How far a log has been read. A log is read in sweeps by the time at which CloudWatch took its lines in: each sweep shows what
 * was taken in after the one before and up to its own {@code upTo}, so that every line belongs to one sweep and is shown once. A line
 * is late when it was taken in more than {@link #LATE} after it was written. Those that are not are in every sweep, which therefore
 * reads a little further back than the one before ended; late ones are in wide sweeps alone, which read much further back and are
 * rare. Whether a line is late is to be seen from the line, so that nothing that was shown has to be remembered.
 *
 * <p>Within a sweep lines are in the order of their own times, and a sweep goes on behind the last line shown. All times are
 * milliseconds since 1970. A cursor is in the caller's hands: it moves within one log, whose name is none of its parts.
 *
 * @param request hash of what was asked for: a cursor goes on with the same request
 * @param since no line before it, as the first request was understood: {@code since=15m} means another time in each
 * @param until no line from it on; 0 when the first request had no end
 * @param from the sweep reads lines of this time and later
 * @param skip how many of the sweep's lines of exactly that time have been shown
 * @param after {@link #BEGINNING} in the first sweep
 * @param lateAfter up to when late lines have been shown; {@link #BEGINNING} in the first sweep
 * @param wide whether late lines are in this sweep
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
        long lateAfter,
        boolean wide,
        long upTo,
        long last,
        int lastCount,
        @Nullable String token) {
    static final long BEGINNING = -1;
    /** Lines are shown when they have been taken in for so long: then those taken in before them can be read, too. */
    static final Duration SETTLED = Duration.ofSeconds(5);
    /** What is taken in later than this after its own time is late. */
    static final Duration LATE = Duration.ofMinutes(1);
    /** A line that is taken in later than this after its own time is not seen by who follows. */
    static final Duration TOO_LATE = Duration.ofMinutes(15);
    /** Between two wide sweeps: then they add three minutes of the log to each minute, to some twenty of the others. */
    static final Duration WIDE_EVERY = Duration.ofMinutes(5);

    private static final String SEPARATOR = "|";
    private static final int PARTS = 12;
    /** The year 2286, or what nobody has to go beyond; also of counts. */
    private static final long MOST = 9_999_999_999_999L;

    private static final int MOST_OF_A_TIME = 1_000_000;

    LogCursor {
        if (!isTime(since)
                || !isTime(until)
                || !isTime(from)
                || from < since
                || !isCount(skip)
                || !isTime(after + 1)
                || !isTime(lateAfter + 1)
                || lateAfter > after
                || !isTime(upTo)
                || !isTime(last)
                || !isCount(lastCount)) {
            throw new IllegalArgumentException("no cursor");
        }
    }

    private static boolean isTime(long millis) {
        return millis >= 0 && millis <= MOST;
    }

    private static boolean isCount(int count) {
        return count >= 0 && count <= MOST_OF_A_TIME;
    }

    /** @param since not before 1970 */
    static LogCursor first(String request, long since, long until, long now) {
        return new LogCursor(
                request, since, until, since, 0, BEGINNING, BEGINNING, true, now - SETTLED.toMillis(), since, 0, null);
    }

    /** The sweep that follows this one: not begun yet. */
    LogCursor next() {
        return new LogCursor(request, since, until, since, 0, upTo, wide ? upTo : lateAfter, false, 0, since, 0, null);
    }

    /**
     * Begins the sweep, unless it has begun.
     *
     * @param closing from when on a sweep is the last one, and so wide
     */
    LogCursor begun(long now, long closing) {
        if (upTo != 0) {
            return this;
        }
        long end = Math.max(after, now - SETTLED.toMillis());
        boolean isWide = end - lateAfter >= WIDE_EVERY.toMillis() || end >= closing;
        long start = Math.max(since, isWide ? lateAfter - TOO_LATE.toMillis() : after - LATE.toMillis());
        return new LogCursor(request, since, until, start, 0, after, lateAfter, isWide, end, start, 0, null);
    }

    /** The sweep goes on behind the last line that was looked at. */
    LogCursor behind(long time, int count) {
        return new LogCursor(request, since, until, time, count, after, lateAfter, wide, upTo, time, count, null);
    }

    /** The sweep goes on where AWS has stopped to look. */
    LogCursor at(String next, int toSkip, long time, int count) {
        return new LogCursor(request, since, until, from, toSkip, after, lateAfter, wide, upTo, time, count, next);
    }

    /** @param at when the line was written */
    boolean holds(long takenIn, long at) {
        boolean late = takenIn - at > LATE.toMillis();
        return takenIn <= upTo && (late ? wide && takenIn > lateAfter : takenIn > after);
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
                Long.toString(lateAfter),
                wide ? "1" : "0",
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
                    parts[7].equals("1"),
                    Long.parseLong(parts[8]),
                    Long.parseLong(parts[9]),
                    Integer.parseInt(parts[10]),
                    parts[11].isEmpty() ? null : parts[11]);
        } catch (IllegalArgumentException e) {
            throw refused("cursor is not what the page before has given.");
        }
    }

    static ProblemException refused(String detail) {
        return new ProblemException(400, "invalid-parameter", detail, "Leave it out to begin anew.");
    }
}
