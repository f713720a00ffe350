package dev.slipway.preflight;

import dev.slipway.stack.StackPhase;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a rollout will rest on, as it was seen. Null: not looked at, because it could not matter or was refused.
 *
 * @param ruleMissing whether a listener rule of the service is gone
 * @param rulesMissing whether both are, so that no load balancer sends anything to the service's target groups
 * @param logGroupMissing the name of the service's log group where that is gone; null where it is there
 * @param imageMissing whether the registry has no such image
 * @param architectures that the image is built for, as image manifests spell them; empty when it does not say
 * @param alarms state by name; an alarm that is not in it does not exist
 * @param freeAddresses addresses by subnet
 * @param missingRoles ARNs of roles that tasks need and that do not exist
 * @param secrets that tasks begin with and cannot or must not have
 * @param refusedMetrics metrics of the user's own that CloudWatch does not take, by their names, with its words
 * @param unreadable what AWS refused to show
 */
@RecordBuilder
record PreflightSnapshot(
        boolean ruleMissing,
        boolean rulesMissing,
        @Nullable String logGroupMissing,
        boolean imageMissing,
        Set<String> architectures,
        @Nullable Traffic traffic,
        @Nullable Map<String, String> alarms,
        @Nullable ServiceState service,
        @Nullable Stack stack,
        @Nullable Map<String, Integer> freeAddresses,
        @Nullable Quota quota,
        List<String> missingRoles,
        List<SecretAccess.Refusal> secrets,
        List<Unreadable> refusedMetrics,
        List<Unreadable> unreadable) {
    PreflightSnapshot {
        architectures = Set.copyOf(architectures);
        missingRoles = List.copyOf(missingRoles);
        secrets = List.copyOf(secrets);
        refusedMetrics = List.copyOf(refusedMetrics);
        unreadable = List.copyOf(unreadable);
    }

    /** The service's target groups, and the production rule that divides requests among them. */
    record Traffic(String rule, Group a, Group b) {}

    /** @param healthy tasks; null when that was not looked at */
    record Group(String arn, int weight, @Nullable Integer healthy) {
        boolean hasHealthy() {
            return healthy != null && healthy > 0;
        }

        boolean hasNoHealthy() {
            return healthy != null && healthy == 0;
        }
    }

    /**
     * The ECS service.
     *
     * @param deploying whether a deployment is under way
     */
    record ServiceState(int desired, boolean deploying) {}

    /**
     * The service's stack.
     *
     * @param status as CloudFormation spells it
     */
    record Stack(String name, String status, StackPhase phase) {}

    /** Fargate vCPUs on demand in the account. */
    record Quota(double used, double limit) {}

    /** @param reason in AWS's words */
    record Unreadable(String what, String reason) {}

    /** Nothing seen yet; filled in while one looks. */
    static PreflightSnapshotBuilder draft() {
        return PreflightSnapshotBuilder.builder()
                .architectures(Set.of())
                .missingRoles(new ArrayList<>())
                .secrets(List.of())
                .refusedMetrics(new ArrayList<>())
                .unreadable(new ArrayList<>());
    }
}
