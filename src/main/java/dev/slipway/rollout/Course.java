package dev.slipway.rollout;

import dev.slipway.operation.Operation;
import dev.slipway.stack.Progress;
import dev.slipway.stack.Step;
import dev.slipway.store.Stored;
import dev.slipway.store.Write;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What a pass at a rollout needs to know.
 *
 * @param outputs of the service's stack
 * @param environment outputs of the environment's stack
 * @param count tasks that the first release starts with
 */
public record Course(
        Operation operation,
        Stored<Rollout> rollout,
        Map<String, String> outputs,
        Map<String, String> environment,
        int count) {
    public Course {
        outputs = Map.copyOf(outputs);
        environment = Map.copyOf(environment);
    }

    /** An output of the service's stack. */
    String output(String name) {
        return required(outputs, name);
    }

    /** An output of the environment's stack. */
    String environmentOutput(String name) {
        return required(environment, name);
    }

    private String required(Map<String, String> values, String name) {
        String value = values.get(name);
        if (value == null) {
            throw new IllegalStateException(
                    "no stack of " + rollout.value().service().key() + " has an output " + name);
        }
        return value;
    }

    /** The number of the rollout's release, which is known from registering on. */
    int release() {
        Integer number = rollout.value().release();
        if (number == null) {
            throw new IllegalStateException("rollout " + rollout.value().id() + " has no release yet");
        }
        return number;
    }

    Progress progress(Instant now) {
        Progress progress = operation.progress();
        return progress == null ? Progress.start(now) : progress;
    }

    /** A stack change goes on. */
    RolloutStep again(Step.Again again) {
        return new RolloutStep.Again(operation.progressed(again.progress()), List.of(), again.lookAgain());
    }

    RolloutStep again(Rollout next, Duration lookAgain, Write... more) {
        return new RolloutStep.Again(operation, changed(next, more), lookAgain);
    }

    RolloutStep next(String phase, Instant now, Rollout next, Write... more) {
        return new RolloutStep.Again(operation.in(phase, now), changed(next, more), Duration.ZERO);
    }

    /** The writes that record a rollout as it now is, and more. */
    List<Write> changed(Rollout next, Write... more) {
        List<Write> writes = new ArrayList<>();
        if (!next.equals(rollout.value())) {
            writes.add(new Write.Update<>(rollout, next));
        }
        writes.addAll(List.of(more));
        return writes;
    }
}
