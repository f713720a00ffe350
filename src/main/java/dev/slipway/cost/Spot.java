package dev.slipway.cost;

/**
 * How tasks are shared out among Fargate's capacity.
 *
 * @param percent of the tasks beyond the base that run on Fargate Spot
 * @param base tasks that run on demand before the share begins to count
 */
public record Spot(int percent, int base) {
    public static final Spot NONE = new Spot(0, 0);

    /** How many of the tasks run on Fargate Spot, in the mean. */
    public double of(int tasks) {
        return Math.max(0, tasks - base) * percent / 100.0;
    }
}
