package dev.slipway.preflight;

import static dev.slipway.preflight.PreflightFixture.container;
import static dev.slipway.preflight.PreflightFixture.question;
import static dev.slipway.preflight.PreflightFixture.seen;
import static dev.slipway.preflight.PreflightFixture.settings;
import static dev.slipway.preflight.PreflightFixture.stack;
import static dev.slipway.preflight.PreflightFixture.traffic;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.slipway.deployment.RolloutSettings;
import dev.slipway.deployment.RolloutSettings.Strategy;
import dev.slipway.preflight.SecretAccess.Reason;
import dev.slipway.release.ContainerSettings.Architecture;
import dev.slipway.stack.StackPhase;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What blocks a rollout, what is only told, and what is no matter. */
class PreflightPolicyTest {
    private static final String SECRET = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:db-AbCdEf";

    private static Arguments row(String finding, Consumer<PreflightSnapshotBuilder> changes) {
        return arguments(finding, changes);
    }

    static Stream<Arguments> sights() {
        return Stream.of(
                row("", draft -> {}),
                row("image-expired!", draft -> draft.imageMissing(true)),
                row("log-group-missing!", draft -> draft.logGroupMissing("/slipway/prod/web")),
                row("image-architecture!", draft -> draft.architectures(Set.of("arm64"))),
                row("", draft -> draft.architectures(Set.of())),
                row("listener-rule-missing!", draft -> {
                    draft.ruleMissing(true);
                    draft.traffic(null);
                }),
                row("traffic-misrouted!", draft -> draft.traffic(traffic(1, 0, 0, 4))),
                row("traffic-misrouted!", draft -> draft.traffic(traffic(0, 4, 1, 0))),
                row("", draft -> draft.traffic(traffic(0, 0, 1, 4))),
                row("no-healthy-tasks", draft -> draft.traffic(traffic(1, 0, 0, 0))),
                row("traffic-split", draft -> draft.traffic(traffic(90, 4, 10, 4))),
                row("deployment-running", draft -> {
                    draft.traffic(traffic(90, 4, 10, 4));
                    draft.service(new PreflightSnapshot.ServiceState(4, true));
                }),
                row("alarm-firing!", draft -> draft.alarms(Map.of("a", "ALARM", "b", "OK"))),
                row("alarm-missing", draft -> draft.alarms(Map.of("a", ""))),
                row("", draft -> draft.alarms(Map.of("a", "INSUFFICIENT_DATA"))),
                row("stack-changing!", draft -> draft.stack(stack("UPDATE_IN_PROGRESS", StackPhase.IN_PROGRESS))),
                row("", draft -> draft.stack(stack("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", StackPhase.IN_PROGRESS))),
                row("stack-stuck", draft -> draft.stack(stack("UPDATE_ROLLBACK_FAILED", StackPhase.ROLLBACK_FAILED))),
                row("", draft -> draft.stack(stack("UPDATE_ROLLBACK_COMPLETE", StackPhase.ROLLED_BACK))),
                row("role-missing!", draft -> draft.missingRoles().add("r")),
                row("secret-missing!", draft -> draft.secrets(refused(Reason.MISSING))),
                row("secret-not-allowed!", draft -> draft.secrets(refused(Reason.NOT_ALLOWED))),
                row("secret-unreadable!", draft -> draft.secrets(refused(Reason.UNREADABLE))),
                row(
                        "check-skipped",
                        draft -> draft.unreadable().add(new PreflightSnapshot.Unreadable("The subnets", "denied"))));
    }

    private static List<SecretAccess.Refusal> refused(Reason reason) {
        return List.of(new SecretAccess.Refusal("DB", "secret", SECRET, reason, "cannot be had", "Look."));
    }

    @ParameterizedTest
    @MethodSource("sights")
    void saysWhatIsInTheWay(String finding, Consumer<PreflightSnapshotBuilder> changes) {
        assertThat(told(question(settings(Strategy.CANARY)), seen(changes))).isEqualTo(finding);
    }

    /** Codes, with an exclamation mark when they block. */
    private static String told(Preflight.Input question, PreflightSnapshot seen) {
        List<Finding> findings = PreflightPolicy.findings(question, seen);
        assertThat(findings).allSatisfy(finding -> {
            assertThat(finding.detail()).endsWithIgnoringCase(finding.code().equals("check-skipped") ? "denied" : ".");
            assertThat(finding.action()).isNotBlank();
        });
        return findings.stream()
                .map(finding -> finding.code() + (finding.blocks() ? "!" : ""))
                .reduce("", (a, b) -> a.isEmpty() ? b : a + " " + b);
    }

    @ParameterizedTest
    @MethodSource("sights")
    void aRollbackIsBlockedByTheImpossibleOnly(String finding, Consumer<PreflightSnapshotBuilder> changes) {
        RolloutSettings fast = settings(Strategy.CANARY).forRollback();

        String told = told(question(fast, true, false, Map.of()), seen(changes));

        boolean impossible = Set.of(
                        "image-expired!",
                        "log-group-missing!",
                        "listener-rule-missing!",
                        "secret-missing!",
                        "secret-not-allowed!")
                .contains(finding);
        assertThat(told.endsWith("!")).isEqualTo(impossible);
    }

    @Test
    void aRollingRollbackNeedsNoListenerRule() {
        RolloutSettings fast = settings(Strategy.ROLLING).forRollback();

        assertThat(told(question(fast, true, false, Map.of()), seen(draft -> draft.ruleMissing(true))))
                .isEqualTo("listener-rule-missing");
    }

    @ParameterizedTest
    @CsvSource({
        // strategy, free in a, free in b, told
        "CANARY, 2, 2, ''",
        "CANARY, 2, 1, insufficient-addresses!",
        "CANARY, 4, 0, subnet-addresses-low",
        "ROLLING, 2, 1, insufficient-addresses",
        "ROLLING, 1, 0, insufficient-addresses",
        "ROLLING, 0, 0, insufficient-addresses!",
    })
    void eachNewTaskNeedsAnAddress(Strategy strategy, int a, int b, String finding) {
        assertThat(told(
                        question(settings(strategy)),
                        seen(draft -> draft.freeAddresses(Map.of("subnet-a", a, "subnet-b", b)))))
                .isEqualTo(finding);
    }

    @ParameterizedTest
    @CsvSource({
        // strategy, vCPUs used of 100, told; four new tasks of one vCPU
        "CANARY, 96, ''",
        "CANARY, 96.5, insufficient-quota!",
        "ROLLING, 96.5, insufficient-quota",
        "ROLLING, 99, insufficient-quota",
        "ROLLING, 99.5, insufficient-quota!",
    })
    void newTasksCountAgainstTheQuota(Strategy strategy, double used, String finding) {
        assertThat(told(
                        question(settings(strategy)),
                        seen(draft -> draft.quota(new PreflightSnapshot.Quota(used, 100)))))
                .isEqualTo(finding);
    }

    @ParameterizedTest
    @CsvSource({
        // strategy, vCPUs used of 100, told; four new tasks of half a vCPU, one of them at a time where it rolls
        "CANARY, 98, ''",
        "CANARY, 98.5, insufficient-quota!",
        "ROLLING, 98.5, insufficient-quota",
        "ROLLING, 99.5, insufficient-quota",
        "ROLLING, 99.75, insufficient-quota!",
    })
    void tasksOfHalfAvCpuTakeHalfAsMuch(Strategy strategy, double used, String finding) {
        assertThat(told(half(strategy), seen(draft -> draft.quota(new PreflightSnapshot.Quota(used, 100)))))
                .isEqualTo(finding);
    }

    private static Preflight.Input half(Strategy strategy) {
        Preflight.Input input = question(settings(strategy));
        return new Preflight.Input(
                input.service(),
                input.rollback(),
                input.image(),
                input.manifest(),
                input.unresolved(),
                container(Architecture.X86_64, Map.of(), 512),
                input.settings(),
                input.previous(),
                input.count(),
                input.outputs(),
                input.environment());
    }

    private static Finding only(Preflight.Input input, Consumer<PreflightSnapshotBuilder> changes) {
        List<Finding> findings = PreflightPolicy.findings(input, seen(changes));
        assertThat(findings).hasSize(1);
        return findings.getFirst();
    }

    @Test
    void saysHowMuchRoomThereIsAndHowMuchIsWanted() {
        Preflight.Input canary = question(settings(Strategy.CANARY));

        assertThat(only(half(Strategy.CANARY), draft -> draft.quota(new PreflightSnapshot.Quota(98.5, 100)))
                        .detail())
                .isEqualTo("4 new tasks take 2 vCPUs beside the old ones."
                        + " The account runs 98.5 of the 100 that its quota allows.");
        assertThat(only(canary, draft -> draft.freeAddresses(Map.of("subnet-b", 1, "subnet-a", 2)))
                        .detail())
                .isEqualTo("4 new tasks need an address each, and 3 are free in the subnets of tasks:"
                        + " subnet-a has 2, subnet-b has 1.");
        assertThat(only(canary, draft -> draft.freeAddresses(Map.of("subnet-b", 1, "subnet-a", 20)))
                        .detail())
                .isEqualTo("ECS spreads 4 new tasks over 2 subnets, and some have fewer than 2 addresses free:"
                        + " subnet-b has 1.");
    }

    @Test
    void whereTrafficIsDividedTheRuleIsToBeLookedAt() {
        assertThat(only(question(settings(Strategy.CANARY)), draft -> draft.traffic(traffic(90, 4, 10, 4)))
                        .action())
                .endsWith("look at the rule: aws elbv2 describe-rules --rule-arns rule");
    }

    @Test
    void aReleaseWhoseImageIsGoneIsNotRolledBackTo() {
        RolloutSettings fast = settings(Strategy.CANARY).forRollback();

        assertThat(only(question(settings(Strategy.CANARY)), draft -> draft.imageMissing(true))
                        .action())
                .isEqualTo("Push it again, or roll out another image.");
        assertThat(only(question(fast, true, false, Map.of()), draft -> draft.imageMissing(true))
                        .action())
                .isEqualTo("Roll back to another release, or push the image again.");
    }

    @Test
    void aServiceWithoutTasksNeedsNoRoom() {
        assertThat(told(question(settings(Strategy.CANARY)), seen(draft -> {
                    draft.service(new PreflightSnapshot.ServiceState(0, false));
                    draft.freeAddresses(Map.of("subnet-a", 0));
                    draft.quota(new PreflightSnapshot.Quota(100, 100));
                })))
                .isEqualTo("service-stopped");
    }

    @ParameterizedTest
    @CsvSource({"1440, 540, ''", "1440, 541, bakes-too-long!", "10, 9, bake-too-short", "10, 10, ''"})
    void bakesAreNeitherTooLongNorTooShort(int last, int canary, String finding) {
        RolloutSettings settings =
                settings(Strategy.CANARY).withBakeMinutes(last).withCanary(new RolloutSettings.Canary(10, canary));

        assertThat(told(question(settings), seen(draft -> {}))).isEqualTo(finding);
    }

    @ParameterizedTest
    @EnumSource(StackPhase.class)
    void theFirstReleaseWaitsForItsStackByItself(StackPhase phase) {
        Preflight.Input first = question(settings(Strategy.CANARY), false, true, Map.of());

        assertThat(told(first, seen(draft -> draft.stack(stack(phase.name(), phase)))))
                .isEmpty();
    }

    @Test
    void theRemedyForAstrayTrafficTurnsItRound() {
        Finding finding = PreflightPolicy.findings(
                        question(settings(Strategy.ROLLING)), seen(draft -> draft.traffic(traffic(1, 0, 0, 4))))
                .getFirst();

        assertThat(finding.action())
                .contains("--rule-arn rule")
                .contains("\"TargetGroupArn\":\"b\",\"Weight\":1")
                .contains("\"TargetGroupArn\":\"a\",\"Weight\":0");
    }
}
