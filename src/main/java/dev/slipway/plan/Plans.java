package dev.slipway.plan;

import dev.slipway.problem.Problem;
import dev.slipway.problem.Refused;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import dev.slipway.target.Target;
import org.jspecify.annotations.Nullable;

/** Whether a plan can be run, and whether a caller has seen what is declared now. */
public final class Plans {
    private Plans() {}

    /** Throws {@link Refused} 404 when there is no such plan, or no longer. */
    public static Plan get(Store store, Target target, String id) {
        return store.get(Plan.key(target, id))
                .map(Stored::value)
                .orElseThrow(() -> new Refused(
                        404,
                        Problem.user(
                                "plan-not-found",
                                "%s has no plan %s.".formatted(target.key(), id),
                                "Plans are kept for %d days; make a new one: POST %s/plans"
                                        .formatted(Plan.KEPT.toDays(), target.path()))));
    }

    /**
     * A plan that can be run.
     *
     * @param revision of the declared spec now
     * @throws Refused 409 when it is not ready, or another spec was declared since
     */
    public static Plan runnable(Store store, Target target, String id, long revision) {
        Plan plan = get(store, target, id);
        if (plan.state() != Plan.State.READY) {
            throw new Refused(
                    409,
                    Problem.user(
                            "plan-not-ready",
                            "The plan %s is %s."
                                    .formatted(id, plan.state().name().toLowerCase(java.util.Locale.ROOT)),
                            plan.state() == Plan.State.COMPUTING ? "Wait until it is ready." : "Make a new plan."));
        }
        if (plan.revision() != revision) {
            throw new Refused(
                    409,
                    Problem.user(
                            "plan-overtaken",
                            "The plan was made for revision %d of %s; it is at revision %d now."
                                    .formatted(plan.revision(), target.key(), revision),
                            "Make a new plan and look at it."));
        }
        return plan;
    }

    /**
     * @param revision of the declared spec now, 0 when there is none
     * @param expected what the caller has seen, or null when any will do
     * @throws Refused 412 when they differ
     */
    public static void refuseStale(long revision, @Nullable Long expected) {
        if (expected != null && expected != revision) {
            throw new Refused(
                    412,
                    Problem.user(
                            "revision-overtaken",
                            "You expect revision %d; it is at revision %d now.".formatted(expected, revision),
                            "Read it again, look at what changed, and send your change with the new ETag."));
        }
    }
}
