package dev.slipway.environment;

import dev.slipway.id.EnvironmentId;
import dev.slipway.problem.Problem.FieldError;
import java.util.List;
import java.util.Optional;

/**
 * Which topic an environment's alarms may tell: one of its own by its name, or one that is shared. Those who may declare dev wake
 * nobody up who listens to prod.
 */
final class AlarmTopics {
    private static final String FIELD = "/alarms/topic";

    private AlarmTopics() {}

    /** What is wrong with the topic that a spec names; empty when all is right. */
    static List<FieldError> refusals(EnvironmentId id, EnvironmentSpec spec) {
        String arn = spec.alarms().topic();
        if (arn == null) {
            return List.of();
        }
        AwsLocation location = new AwsLocation(spec.account(), spec.region());
        Optional<FieldError> refusal = NamedResource.refusal(FIELD, arn, "slipway-", id, location);
        boolean isOwn = NamedResource.name(arn).equals("slipway-%s-alarms".formatted(id.key()));
        return refusal.isEmpty() && isOwn
                ? List.of(
                        FieldError.of(FIELD, arn, "is the environment's own topic: leave the key out to have it told"))
                : refusal.stream().toList();
    }
}
