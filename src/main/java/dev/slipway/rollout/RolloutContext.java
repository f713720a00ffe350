package dev.slipway.rollout;

import dev.slipway.deployment.RolloutSettings;
import dev.slipway.diagnosis.Evidence;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Phase;
import dev.slipway.operation.Transaction;
import dev.slipway.operation.Workflow.ReconcileResult;
import dev.slipway.preflight.Preflight;
import dev.slipway.stack.Leftover;
import dev.slipway.stack.StackResult;
import dev.slipway.store.Stored;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What a pass at a rollout needs to know.
 *
 * @param outputs of the service's stack
 * @param environmentOutputs outputs of the environment's stack
 * @param desiredCount tasks that the first release starts with
 * @param mostTasks that there may ever be: what limits of time are made for
 * @param drainingSeconds that a task which leaves may finish its requests
 * @param healthCheck the load balancer's, of each task
 */
public record RolloutContext(
        Operation operation,
        Stored<Rollout> rollout,
        Map<String, String> outputs,
        Map<String, String> environmentOutputs,
        int desiredCount,
        int mostTasks,
        int drainingSeconds,
        Evidence.HealthCheck healthCheck) {
    public RolloutContext {
        outputs = Map.copyOf(outputs);
        environmentOutputs = Map.copyOf(environmentOutputs);
    }

    /** An output of the service's stack. */
    String output(String name) {
        return requiredOutput(outputs, name);
    }

    /** An output of the environment's stack. */
    String environmentOutput(String name) {
        return requiredOutput(environmentOutputs, name);
    }

    /** After so long something is wrong with the deployment as a whole. */
    Duration maxDuration() {
        return rollout.value().settings().maxDuration(mostTasks, drainingSeconds);
    }

    /** How long tasks may take until they run, and those that they replace until they have left. */
    Duration tasksLimit() {
        return rollout.value().settings().startLimit(mostTasks).plus(RolloutSettings.leaveLimit(drainingSeconds));
    }

    /** When ECS was told to deploy; before that, when we meant to. */
    Instant calledAt() {
        Instant called = rollout.value().progress().calledAt();
        return called == null ? operation.phaseSince() : called;
    }

    private String requiredOutput(Map<String, String> values, String name) {
        String value = values.get(name);
        if (value == null) {
            throw new IllegalStateException(
                    "no stack of " + rollout.value().service().key() + " has an output " + name);
        }
        return value;
    }

    RolloutContext withNote(String note) {
        return with(operation.withNote(note));
    }

    /** Something is left that should have gone. */
    RolloutContext leaving(List<Leftover> left) {
        return with(operation.leaving(left));
    }

    private RolloutContext with(Operation next) {
        return new RolloutContext(
                next, rollout, outputs, environmentOutputs, desiredCount, mostTasks, drainingSeconds, healthCheck);
    }

    RolloutContext withNoteOnce(String note) {
        return operation.notes().contains(note) ? this : withNote(note);
    }

    /** The change of the stack that the phase makes is made once more, as another one. */
    RolloutContext beginningAnew() {
        return with(operation.withoutProgress());
    }

    /** What the preflight looks at. */
    Preflight.Input preflightInput() {
        Rollout value = rollout.value();
        return new Preflight.Input(
                value.service(),
                value.request().reason() == Rollout.Reason.ROLLBACK,
                value.request().image(),
                value.progress().manifest(),
                null,
                value.request().container(),
                value.settings(),
                value.progress().previous(),
                desiredCount,
                outputs,
                environmentOutputs);
    }

    /** The number of the rollout's release, which is known from registering on. */
    int release() {
        Integer number = rollout.value().release();
        if (number == null) {
            throw new IllegalStateException("rollout " + rollout.value().id() + " has no release yet");
        }
        return number;
    }

    /** A stack change goes on. */
    RolloutReconcileResult requeue(StackResult.InProgress again) {
        return new RolloutReconcileResult.Requeue(ReconcileResult.requeue(operation, again));
    }

    RolloutReconcileResult requeue(Rollout next, Duration lookAgain) {
        return requeue(next, lookAgain, new Transaction());
    }

    RolloutReconcileResult requeue(Rollout next, Duration lookAgain, Transaction also) {
        return new RolloutReconcileResult.Requeue(
                new ReconcileResult(operation, also.updateIfChanged(rollout, next), lookAgain));
    }

    RolloutReconcileResult transitionTo(Phase phase, Instant now, Rollout next) {
        return transitionTo(phase, now, next, new Transaction());
    }

    RolloutReconcileResult transitionTo(Phase phase, Instant now, Rollout next, Transaction also) {
        return new RolloutReconcileResult.Requeue(
                ReconcileResult.proceed(operation.enterPhase(phase, now), also.updateIfChanged(rollout, next)));
    }
}
