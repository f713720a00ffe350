package dev.slipway.simulated;

import java.util.List;
import software.amazon.awssdk.services.cloudwatch.model.StateValue;

/**
 * What an alarm makes of its data points: "Configuring how CloudWatch alarms treat missing data" and, in the same
 * guide, "How alarm state is evaluated when data is missing".
 */
final class CwVerdict {
    /** What the data points of one evaluation came to. */
    enum Point {
        FINE,
        BREACHING,
        MISSING
    }

    private CwVerdict() {}

    /**
     * @param range the evaluation range, the oldest first: some periods more than {@code periods}
     * @param periods N of "M out of N"
     * @param needed M of "M out of N"
     * @param missing missing, ignore, breaching or notBreaching
     * @param current the state until now, which ignore keeps
     */
    static StateValue of(List<Point> range, int periods, int needed, String missing, StateValue current) {
        List<Point> real =
                range.stream().filter(point -> point != Point.MISSING).toList();
        if (real.size() >= periods) {
            // Enough real ones, "including the necessary extra data points from farther back".
            return breaching(real.subList(real.size() - periods, real.size())) >= needed
                    ? StateValue.ALARM
                    : StateValue.OK;
        }
        int filled = periods - real.size();
        long breaching = breaching(real);
        return switch (missing) {
            case "breaching" -> breaching + filled >= needed ? StateValue.ALARM : StateValue.OK;
            case "notBreaching" -> breaching >= needed ? StateValue.ALARM : StateValue.OK;
            case "ignore" -> {
                if (breaching >= needed) {
                    yield StateValue.ALARM;
                }
                yield breaching + filled < needed ? StateValue.OK : current;
            }
            default -> missing(range, real, breaching, needed);
        };
    }

    /** "Premature" ALARM: all that is there breaches, and the oldest is as old as the data points that are needed. */
    private static StateValue missing(List<Point> range, List<Point> real, long breaching, int needed) {
        if (real.isEmpty()) {
            return StateValue.INSUFFICIENT_DATA;
        }
        int age = range.size() - range.indexOf(Point.BREACHING);
        boolean allBreach = breaching == real.size() && age >= needed;
        return breaching >= needed || allBreach ? StateValue.ALARM : StateValue.OK;
    }

    private static long breaching(List<Point> points) {
        return points.stream().filter(point -> point == Point.BREACHING).count();
    }
}
