package dev.slipway.simulated.ecs;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a deployment that shifts traffic is. A pass needs nothing else but this, the tasks and the rules.
 *
 * @param step index of the production step that is under way or next
 * @param since when the stage began
 * @param bakeSince when the stage's bake began, or null
 * @param hooks the stage's hooks; empty in stages without
 * @param testPercent 0–100 of the test traffic that was asked for on the target revision
 * @param productionPercent 0–100 of the production traffic that was asked for on the target revision
 * @param turnedAt the stage in which it turned back, or null on the way forward
 */
record EcsProgress(
        EcsStage stage,
        int step,
        Instant since,
        @Nullable Instant bakeSince,
        List<EcsHookRun> hooks,
        double testPercent,
        double productionPercent,
        @Nullable EcsStage turnedAt) {
    EcsProgress {
        hooks = List.copyOf(hooks);
    }

    static EcsProgress start(EcsStage stage, Instant now, List<EcsHookRun> hooks) {
        return new EcsProgress(stage, 0, now, null, hooks, 0, 0, null);
    }

    /** The first stage begins when the deployment does. */
    EcsProgress begin(Instant now) {
        return new EcsProgress(stage, step, now, bakeSince, hooks, testPercent, productionPercent, turnedAt);
    }

    EcsProgress enter(EcsStage next, int nextStep, Instant now, List<EcsHookRun> runs) {
        return new EcsProgress(next, nextStep, now, null, runs, testPercent, productionPercent, turnedAt);
    }

    EcsProgress withHooks(List<EcsHookRun> runs) {
        return new EcsProgress(stage, step, since, bakeSince, runs, testPercent, productionPercent, turnedAt);
    }

    EcsProgress baking(Instant now) {
        return new EcsProgress(stage, step, since, now, hooks, testPercent, productionPercent, turnedAt);
    }

    EcsProgress test(double percent) {
        return new EcsProgress(stage, step, since, bakeSince, hooks, percent, productionPercent, turnedAt);
    }

    EcsProgress production(double percent) {
        return new EcsProgress(stage, step, since, bakeSince, hooks, testPercent, percent, turnedAt);
    }

    EcsProgress turn() {
        return new EcsProgress(stage, step, since, bakeSince, hooks, testPercent, productionPercent, stage);
    }

    boolean back() {
        return turnedAt != null;
    }
}
