package dev.slipway.rollout;

import dev.slipway.stack.Phase;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a rollout will rest on, as it was seen. Null: not looked at, because it could not matter or was refused.
 *
 * @param ruleMissing whether the service's listener rule is gone
 * @param imageMissing whether the registry has no such image
 * @param architectures that the image is built for, as image manifests spell them; empty when it does not say
 * @param alarms state by name; an alarm that is not in it does not exist
 * @param free addresses by subnet
 * @param gone roles, secrets and parameters that tasks need and that do not exist
 * @param unseen what AWS refused to show
 */
record PreflightSeen(
        boolean ruleMissing,
        boolean imageMissing,
        Set<String> architectures,
        @Nullable Traffic traffic,
        @Nullable Map<String, String> alarms,
        @Nullable Running running,
        @Nullable Stack stack,
        @Nullable Map<String, Integer> free,
        @Nullable Quota quota,
        List<Gone> gone,
        List<Unseen> unseen) {
    PreflightSeen {
        architectures = Set.copyOf(architectures);
        gone = List.copyOf(gone);
        unseen = List.copyOf(unseen);
    }

    /** The service's target groups, and the production rule that divides requests among them. */
    record Traffic(String rule, Group a, Group b) {}

    /** @param healthy tasks; null when that was not looked at */
    record Group(String arn, int weight, @Nullable Integer healthy) {
        boolean hasHealthy() {
            return healthy != null && healthy > 0;
        }

        boolean hasNone() {
            return healthy != null && healthy == 0;
        }
    }

    /**
     * The ECS service.
     *
     * @param deploying whether a deployment is under way
     */
    record Running(int desired, boolean deploying) {}

    /**
     * The service's stack.
     *
     * @param status as CloudFormation spells it
     * @param secrets plain ARNs that it lets the tasks read
     */
    record Stack(String name, String status, Phase phase, Set<String> secrets) {}

    /** Fargate vCPUs on demand in the account. */
    record Quota(double used, double limit) {}

    /**
     * Something that tasks need.
     *
     * @param kind role, secret or parameter
     */
    record Gone(String kind, String name) {}

    /** @param why in AWS's words */
    record Unseen(String what, String why) {}

    static PreflightSeen of(Consumer<Draft> changes) {
        Draft draft = new Draft();
        changes.accept(draft);
        return draft.build();
    }

    /** Filled in while one looks. */
    static final class Draft {
        boolean ruleMissing;
        boolean imageMissing;
        Set<String> architectures = Set.of();

        @Nullable
        Traffic traffic;

        @Nullable
        Map<String, String> alarms;

        @Nullable
        Running running;

        @Nullable
        Stack stack;

        @Nullable
        Map<String, Integer> free;

        @Nullable
        Quota quota;

        final List<Gone> gone = new ArrayList<>();
        final List<Unseen> unseen = new ArrayList<>();

        PreflightSeen build() {
            return new PreflightSeen(
                    ruleMissing,
                    imageMissing,
                    architectures,
                    traffic,
                    alarms,
                    running,
                    stack,
                    free,
                    quota,
                    gone,
                    unseen);
        }
    }
}
