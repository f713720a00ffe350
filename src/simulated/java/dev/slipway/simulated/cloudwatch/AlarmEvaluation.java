package dev.slipway.simulated.cloudwatch;

import java.util.List;
import software.amazon.awssdk.services.cloudwatch.model.StateValue;

/**
 * What an alarm makes of its data points: "Configuring how CloudWatch alarms treat missing data" and, in the same
 * guide, "How alarm state is evaluated when data is missing".
 */
final class AlarmEvaluation {
    /** What the data points of one evaluation came to. */
    enum Point {
        FINE,
        BREACHING,
        MISSING
    }

    private AlarmEvaluation() {}

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
        if (breaching >= needed) {
            return StateValue.ALARM;
        }
        boolean allBreach = breaching == real.size();
        return switch (missing) {
            case "breaching" -> breaching + filled >= needed ? StateValue.ALARM : StateValue.OK;
            case "notBreaching" -> StateValue.OK;
            case "ignore" -> allBreach ? current : StateValue.OK;
            default -> allBreach ? early(range, needed) : StateValue.OK;
        };
    }

    /** All that is there breaches: enough for ALARM when the oldest of it is as old as the data points that are needed. */
    private static StateValue early(List<Point> range, int needed) {
        int oldest = range.indexOf(Point.BREACHING);
        return oldest >= 0 && range.size() - oldest >= needed ? StateValue.ALARM : StateValue.INSUFFICIENT_DATA;
    }

    private static long breaching(List<Point> points) {
        return points.stream().filter(point -> point == Point.BREACHING).count();
    }
}
