package dev.slipway.rollout;

import dev.slipway.operation.Operation;
import java.time.Instant;
import java.util.Set;

/**
 * Drives a rollout through its phases, one act a pass:
 *
 * <pre>
 * look → register → mark → [task →] start → watch                 a later release
 *                                     └──→ first → scale → fill  the first release: the stack creates the ECS service
 *                                     └──→ open → start          the release listens on a port that is closed so far
 * </pre>
 */
public final class RolloutRunner {
    /** The first phase of every rollout. */
    public static final String LOOK = "look";

    /** The stack lets the release start: its port, its secrets. */
    public static final String OPEN = "open";

    static final String REGISTER = "register";
    static final String MARK = "mark";
    static final String TASK = "task";
    static final String START = "start";
    static final String FIRST = "first";
    static final String SCALE = "scale";
    static final String FILL = "fill";
    static final String WATCH = "watch";
    private static final Set<String> PHASES =
            Set.of(LOOK, REGISTER, MARK, TASK, START, OPEN, FIRST, SCALE, FILL, WATCH);

    private final Preparation preparation;
    private final Starting starting;
    private final RollingWatch rolling;
    private final ShiftWatch shifting;

    RolloutRunner(Preparation preparation, Starting starting, RollingWatch rolling, ShiftWatch shifting) {
        this.preparation = preparation;
        this.starting = starting;
        this.rolling = rolling;
        this.shifting = shifting;
    }

    /** Whether an operation is in one of a rollout's phases. */
    public static boolean isAt(Operation operation) {
        return PHASES.contains(operation.phase());
    }

    /** One pass. */
    public RolloutStep advance(Course course, Instant now) {
        return switch (course.operation().phase()) {
            case LOOK -> preparation.look(course, now);
            case REGISTER -> preparation.register(course, now);
            case MARK -> preparation.mark(course, now);
            case TASK -> preparation.task(course, now);
            case START -> starting.start(course, now);
            case OPEN -> starting.open(course, now);
            case FIRST -> starting.first(course, now);
            case SCALE -> starting.scale(course, now);
            case FILL -> starting.fill(course, now);
            case WATCH ->
                course.rollout().value().settings().isRolling()
                        ? rolling.watch(course, now)
                        : shifting.watch(course, now);
            default -> throw new IllegalStateException(course.operation().phase());
        };
    }
}
