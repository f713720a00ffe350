package dev.slipway.preflight;

import dev.slipway.deployment.RolloutSettings;
import dev.slipway.deployment.RolloutSettings.Approval;
import dev.slipway.deployment.RolloutSettings.Canary;
import dev.slipway.deployment.RolloutSettings.Linear;
import dev.slipway.deployment.RolloutSettings.Strategy;
import dev.slipway.deployment.RolloutSettings.VerdictRules;
import dev.slipway.deployment.RolloutSettings.VerdictRules.OnNoEvidence;
import dev.slipway.id.ServiceId;
import dev.slipway.release.ContainerSettings;
import dev.slipway.release.ContainerSettings.Architecture;
import dev.slipway.stack.StackPhase;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** What rollouts meet, with the defaults of the spec where a test says nothing else. */
public final class PreflightFixture {
    static final ServiceId WEB = new ServiceId("prod", "web");

    private PreflightFixture() {}

    static RolloutSettings settings(Strategy strategy) {
        return settings(strategy, OnNoEvidence.ROLLBACK, Approval.When.NONE, null);
    }

    static RolloutSettings settings(
            Strategy strategy, OnNoEvidence onNoEvidence, Approval.When approval, RolloutSettings.Before before) {
        return new RolloutSettings(
                strategy,
                900,
                10,
                3,
                new Canary(10, 15),
                new Linear(20, 10),
                List.of(),
                null,
                new Approval(approval, Approval.By.OTHERS, 240, Approval.OnTimeout.REJECT),
                new VerdictRules(100, null, 100, 1.5, 0.5, 60, 4, false, 60, onNoEvidence, List.of()),
                List.of(),
                before,
                null);
    }

    public static ContainerSettings container(Architecture architecture, Map<String, String> secrets) {
        return container(architecture, secrets, 1024);
    }

    static ContainerSettings container(Architecture architecture, Map<String, String> secrets, int cpu) {
        return new ContainerSettings(
                8000,
                cpu,
                2048,
                architecture,
                List.of(),
                List.of(),
                Map.of(),
                secrets,
                null,
                false,
                null,
                null,
                false,
                30,
                null);
    }

    static Preflight.Input question(RolloutSettings settings) {
        return question(settings, false, false, Map.of());
    }

    static Preflight.Input question(
            RolloutSettings settings, boolean rollback, boolean first, Map<String, String> secrets) {
        return new Preflight.Input(
                WEB,
                rollback,
                "r@sha256:1",
                null,
                null,
                container(Architecture.X86_64, secrets),
                settings,
                first ? null : 1,
                4,
                Map.of(),
                Map.of());
    }

    /** All is well, but for what the test changes. */
    static PreflightSnapshot seen(Consumer<PreflightSnapshotBuilder> changes) {
        PreflightSnapshotBuilder draft = PreflightSnapshot.draft();
        draft.architectures(Set.of("amd64", "arm64"));
        draft.traffic(traffic(1, 4, 0, 0));
        draft.service(new PreflightSnapshot.ServiceState(4, false));
        draft.stack(stack("UPDATE_COMPLETE", StackPhase.STABLE));
        draft.freeAddresses(Map.of("subnet-a", 100, "subnet-b", 100));
        draft.quota(new PreflightSnapshot.Quota(10, 100));
        changes.accept(draft);
        return draft.build();
    }

    static PreflightSnapshot.Stack stack(String status, StackPhase phase) {
        return new PreflightSnapshot.Stack("slipway-prod-web", status, phase);
    }

    static PreflightSnapshot.Traffic traffic(int weightA, int healthyA, int weightB, int healthyB) {
        return new PreflightSnapshot.Traffic(
                "rule",
                new PreflightSnapshot.Group("a", weightA, healthyA),
                new PreflightSnapshot.Group("b", weightB, healthyB));
    }
}
