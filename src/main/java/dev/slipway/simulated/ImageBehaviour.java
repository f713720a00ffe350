package dev.slipway.simulated;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How a container made of an image behaves, read from the words in the image's tag: {@code v7-errors-2-slow-3} answers
 * 2 % of requests with a 5xx and is three times as slow. A tag without such words is good.
 *
 * @param crashesAtStart exits before it serves anything
 * @param crashAfter exits that long after its start, or null when it never does
 * @param outOfMemory the exit is the kernel's, for memory (exit code 137)
 * @param neverHealthy runs, but fails every health check
 * @param errorPercent 0–100
 * @param slowFactor 1 is the usual response time
 */
public record ImageBehaviour(
        boolean crashesAtStart,
        @Nullable Duration crashAfter,
        boolean outOfMemory,
        boolean neverHealthy,
        double errorPercent,
        double slowFactor) {
    public static final ImageBehaviour GOOD = new ImageBehaviour(false, null, false, false, 0, 1);

    private static final Pattern CRASH_AFTER = word("crash-after-(\\d+)([smh])");
    private static final Pattern CRASH = word("crash(?!-after)");
    private static final Pattern NEVER_HEALTHY = word("never-healthy");
    private static final Pattern ERRORS = word("errors-(\\d+(?:\\.\\d+)?)");
    private static final Pattern SLOW = word("slow-(\\d+(?:\\.\\d+)?)");
    private static final Pattern LEAKS = word("leaks");
    private static final Duration MEMORY_LASTS = Duration.ofMinutes(30);

    /** The behaviour that {@code tag} describes; {@code leaks} is a container that is killed for memory after 30 min. */
    public static ImageBehaviour ofTag(String tag) {
        boolean leaks = LEAKS.matcher(tag).find();
        Duration crashAfter = crashAfter(tag);
        return new ImageBehaviour(
                CRASH.matcher(tag).find(),
                crashAfter == null && leaks ? MEMORY_LASTS : crashAfter,
                crashAfter == null && leaks,
                NEVER_HEALTHY.matcher(tag).find(),
                number(ERRORS, tag, 0),
                number(SLOW, tag, 1));
    }

    private static @Nullable Duration crashAfter(String tag) {
        Matcher found = CRASH_AFTER.matcher(tag);
        if (!found.find()) {
            return null;
        }
        long amount = Long.parseLong(found.group(1));
        return switch (found.group(2)) {
            case "h" -> Duration.ofHours(amount);
            case "m" -> Duration.ofMinutes(amount);
            default -> Duration.ofSeconds(amount);
        };
    }

    private static double number(Pattern pattern, String tag, double otherwise) {
        Matcher found = pattern.matcher(tag);
        return found.find() ? Double.parseDouble(found.group(1)) : otherwise;
    }

    private static Pattern word(String expression) {
        return Pattern.compile("(?:^|-)" + expression + "(?=-|$)");
    }
}
