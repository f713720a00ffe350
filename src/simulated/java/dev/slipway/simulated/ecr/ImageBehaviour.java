package dev.slipway.simulated.ecr;

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
 * @param errorPercent 0–100: of all requests
 * @param productionErrorPercent 0–100: of production requests; those of a test rule are answered well
 * @param zoneErrorPercent 0–100: of the requests in the region's first zone
 * @param killedPercent 0–100: requests whose connection dies without an answer; only the load balancer sees them
 * @param slowFactor 1 is the usual response time
 * @param slowFactorUnderLoad the same for a task that gets more than {@link #BUSY_PER_MINUTE} requests a minute
 * @param fault what keeps its tasks from coming up
 */
public record ImageBehaviour(
        boolean crashesAtStart,
        @Nullable Duration crashAfter,
        boolean outOfMemory,
        boolean neverHealthy,
        double errorPercent,
        double productionErrorPercent,
        double zoneErrorPercent,
        double killedPercent,
        double slowFactor,
        double slowFactorUnderLoad,
        ImageFault fault) {
    public static final ImageBehaviour GOOD =
            new ImageBehaviour(false, null, false, false, 0, 0, 0, 0, 1, 1, ImageFault.NONE);

    /** Requests a minute, above which {@code slow-under-load} is slow. */
    public static final double BUSY_PER_MINUTE = 250;

    private static final Pattern CRASH_AFTER = word("crash-after-(\\d+)([smh])");
    private static final Pattern CRASH = word("crash(?!-after)");
    private static final Pattern NEVER_HEALTHY = word("never-healthy");
    private static final Pattern ERRORS = word("(?<!(?:prod|zone)-)errors-(\\d+(?:\\.\\d+)?)");
    private static final Pattern PRODUCTION_ERRORS = word("prod-errors-(\\d+(?:\\.\\d+)?)");
    private static final Pattern ZONE_ERRORS = word("zone-errors-(\\d+(?:\\.\\d+)?)");
    private static final Pattern KILLED = word("lb-crashes-(\\d+(?:\\.\\d+)?)");
    private static final Pattern SLOW = word("slow-(\\d+(?:\\.\\d+)?)");
    private static final Pattern SLOW_UNDER_LOAD = word("slow-under-load-(\\d+(?:\\.\\d+)?)");
    private static final Pattern LEAKS = word("leaks");
    private static final Pattern OUT_OF_MEMORY = word("out-of-memory");
    private static final Duration MEMORY_LASTS = Duration.ofMinutes(30);
    private static final Duration MEMORY_IS_GONE = Duration.ofSeconds(5);

    /** The behaviour that {@code tag} describes; {@code leaks} is a container that is killed for memory after 30 min. */
    public static ImageBehaviour ofTag(String tag) {
        boolean atOnce = OUT_OF_MEMORY.matcher(tag).find();
        boolean leaks = atOnce || LEAKS.matcher(tag).find();
        Duration crashAfter = crashAfter(tag);
        ImageFault fault = ImageFault.ofTag(tag);
        return new ImageBehaviour(
                CRASH.matcher(tag).find() || crashAfter == null && ImageFault.exits(tag),
                crashAfter == null && leaks ? atOnce ? MEMORY_IS_GONE : MEMORY_LASTS : crashAfter,
                crashAfter == null && leaks,
                NEVER_HEALTHY.matcher(tag).find() || fault.unhealthy() != null,
                percent(ERRORS, tag),
                percent(PRODUCTION_ERRORS, tag),
                percent(ZONE_ERRORS, tag),
                percent(KILLED, tag),
                number(SLOW, tag, 1),
                number(SLOW_UNDER_LOAD, tag, 1),
                fault);
    }

    /** 0–1: the fraction of answers that are a 5xx. */
    public double errors(boolean production, boolean firstZone) {
        double good = (1 - errorPercent / 100)
                * (production ? 1 - productionErrorPercent / 100 : 1)
                * (firstZone ? 1 - zoneErrorPercent / 100 : 1);
        return 1 - good;
    }

    /** How many times the usual response time a task needs that gets so many requests a minute. */
    public double slowness(double requestsPerMinute) {
        return slowFactor * (requestsPerMinute > BUSY_PER_MINUTE ? slowFactorUnderLoad : 1);
    }

    private static double percent(Pattern pattern, String tag) {
        return Math.min(100, number(pattern, tag, 0));
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
