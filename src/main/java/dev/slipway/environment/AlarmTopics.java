package dev.slipway.environment;

import dev.slipway.id.EnvironmentId;
import dev.slipway.problem.Problem.FieldError;
import java.util.ArrayList;
import java.util.List;

/**
 * Which topic an environment's alarms may tell: one of its own by its name, or one that is shared. Those who may declare dev wake
 * nobody up who listens to prod.
 */
final class AlarmTopics {
    private AlarmTopics() {}

    /** What is wrong with the topic that a spec names; empty when all is right. */
    static List<FieldError> refusals(EnvironmentId id, EnvironmentSpec spec) {
        String arn = spec.alarms().topic();
        if (arn == null) {
            return List.of();
        }
        List<FieldError> errors = new ArrayList<>();
        AwsLocation location = new AwsLocation(spec.account(), spec.region());
        String name = arn.split(":", 6)[5];
        String own = "slipway-" + id.environment() + "-";
        String shared = "slipway-" + EnvironmentId.SHARED + "-";
        if (!AwsLocation.of(arn).equals(location)) {
            errors.add(FieldError.of(
                    "/alarms/topic", arn, "is in %s; it has to be in %s".formatted(AwsLocation.of(arn), location)));
        } else if (!name.startsWith(own) && !name.startsWith(shared)) {
            errors.add(FieldError.of(
                    "/alarms/topic",
                    arn,
                    "is not of the environment %s: its name has to begin with %s, or with %s where all environments may name it"
                            .formatted(id.environment(), own, shared)));
        } else if (name.equals(own + "alarms")) {
            errors.add(FieldError.of(
                    "/alarms/topic", arn, "is the environment's own topic: leave the key out to have it told"));
        }
        return errors;
    }
}
