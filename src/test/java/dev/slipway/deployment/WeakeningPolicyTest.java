package dev.slipway.deployment;

import static dev.slipway.deployment.SettingsFixture.settings;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.deployment.RolloutSettings.Approval;
import dev.slipway.deployment.RolloutSettings.Before;
import dev.slipway.deployment.RolloutSettings.Check;
import dev.slipway.deployment.RolloutSettings.Strategy;
import dev.slipway.deployment.RolloutSettings.VerdictRules.Metric;
import dev.slipway.deployment.RolloutSettings.VerdictRules.OnNoEvidence;
import dev.slipway.deployment.WeakeningPolicy.Weakening;
import dev.slipway.freeze.Freeze;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What counts as weaker than declared: whatever is not surely as strict. */
class WeakeningPolicyTest {
    private static final String FUNCTION = "arn:aws:lambda:eu-central-1:123456789012:function:slipway-check-web";
    private static final Metric ORDERS = new Metric("orders", "shop", "failed", Map.of("a", "b"), "Sum", 10);
    private static final Before MIGRATE = new Before(List.of("/server", "migrate"), 600);

    private static RolloutSettings declared(Consumer<SettingsFixture> changes) {
        return settings(given -> {
                    given.strategy = Strategy.CANARY;
                    given.checks = List.of(SettingsFixture.CHECK);
                    given.checkFunction = FUNCTION;
                    given.when = Approval.When.BEFORE_PRODUCTION;
                    given.slowMillis = 500;
                    given.metrics = List.of(ORDERS);
                    changes.accept(given);
                })
                .withBefore(MIGRATE)
                .withNotifyTopic("arn:aws:sns:eu-central-1:123456789012:slipway-prod");
    }

    private static final RolloutSettings DECLARED = declared(_ -> {});

    private static Arguments weaker(String setting, Consumer<SettingsFixture> changes) {
        return Arguments.of(setting, declared(changes));
    }

    private static Arguments weakerWith(String setting, UnaryOperator<RolloutSettings> change) {
        return Arguments.of(setting, change.apply(DECLARED));
    }

    static Stream<Arguments> weakerSettings() {
        return Stream.of(
                weaker("strategy", given -> given.strategy = Strategy.BLUE_GREEN),
                weaker("strategy", given -> given.strategy = Strategy.LINEAR), // its first step is larger
                weaker("strategy", given -> given.canaryPercent = 10.1),
                weaker("strategy", given -> given.stepBakeMinutes = 14),
                weaker("strategy", given -> given.bakeMinutes = 9),
                weaker("timeLimitSeconds", given -> given.timeLimitSeconds = 601),
                weaker("stableMinutes", given -> given.stableMinutes = 2),
                weaker("checks", given -> given.checks = List.of()),
                weaker("checks", given -> given.checks = List.of(new Check("/", "200-499", null, 1000))),
                weaker(
                        "checks",
                        given -> given.checks = List.of(new Check("/a", "200", null, 1000), SettingsFixture.CHECK)),
                weaker("checkFunction", given -> given.checkFunction = null),
                weaker("checkFunction", given -> given.checkFunction = FUNCTION + "2"),
                weaker("approval.when", given -> given.when = Approval.When.NONE),
                weaker("approval.by", given -> given.by = Approval.By.ANYONE),
                weaker("approval.onTimeout", given -> given.onTimeout = Approval.OnTimeout.APPROVE),
                weakerWith(
                        "approval.timeoutMinutes",
                        is -> is.withApproval(new Approval(
                                is.approval().when(),
                                is.approval().by(),
                                31,
                                is.approval().onTimeout()))),
                weaker("verdict.maxErrorPercent", given -> given.maxErrorPercent = 5.1),
                weaker("verdict.slowMillis", given -> given.slowMillis = null),
                weaker("verdict.slowMillis", given -> given.slowMillis = 501),
                weaker(
                        "verdict.slowMillis",
                        given -> given.slowMillis = 1), // all are slow then, and nothing is told apart
                weaker("approval.when", given -> given.canaryPercent = 0.1), // all else would follow without a person
                weaker("verdict.probes", given -> given.probes = true),
                weaker("verdict.onNoEvidence", given -> given.onNoEvidence = OnNoEvidence.APPROVE),
                weaker("verdict.onNoEvidence", given -> given.onNoEvidence = OnNoEvidence.WAIT),
                weaker("verdict.onNoEvidence", given -> given.onNoEvidence = OnNoEvidence.PROMOTE),
                weaker("verdict.metrics.orders", given -> given.metrics = List.of()),
                weaker(
                        "verdict.metrics.orders",
                        given -> given.metrics =
                                List.of(new Metric("orders", "shop", "failed", Map.of("a", "b"), "Sum", 11))),
                weaker(
                        "verdict.metrics.orders",
                        given -> given.metrics =
                                List.of(new Metric("orders", "shop", "failed", Map.of("a", "c"), "Sum", 10))),
                weakerWith(
                        "verdict.maxSlowPercent",
                        is -> is.withVerdict(is.verdict().withMaxSlowPercent(21))),
                weakerWith(
                        "verdict.tolerance", is -> is.withVerdict(is.verdict().withTolerance(3.1))),
                weakerWith(
                        "verdict.harmlessPercent",
                        is -> is.withVerdict(is.verdict().withHarmlessPercent(1.6))),
                weakerWith(
                        "verdict.warmUpSeconds",
                        is -> is.withVerdict(is.verdict().withWarmUpSeconds(61))),
                weakerWith(
                        "verdict.warmUpSeconds",
                        is -> is.withVerdict(is.verdict().withWarmUpSeconds(59))),
                weakerWith(
                        "verdict.latencyWarmUpMinutes",
                        is -> is.withVerdict(is.verdict().withLatencyWarmUpMinutes(5))),
                weakerWith(
                        "verdict.holdMinutes", is -> is.withVerdict(is.verdict().withHoldMinutes(61))),
                weakerWith("alarms", is -> is.withAlarms(List.of("others"))),
                weakerWith("before", is -> is.withBefore(null)),
                weakerWith("before", is -> is.withBefore(new Before(List.of("/bin/sh"), 600))),
                weakerWith("before", is -> is.withBefore(new Before(MIGRATE.command(), 601))),
                weakerWith("notifyTopic", is -> is.withNotifyTopic(null)),
                weakerWith(
                        "notifyTopic",
                        is -> is.withNotifyTopic("arn:aws:sns:eu-central-1:123456789012:slipway-other")));
    }

    @Test
    void aTopicWhereThereWasNoneIsNotWeaker() {
        assertThat(WeakeningPolicy.between(DECLARED.withNotifyTopic(null), DECLARED))
                .isEmpty();
    }

    @ParameterizedTest
    @MethodSource("weakerSettings")
    void whatIsWeakerIsNamedAndNothingElse(String setting, RolloutSettings asked) {
        assertThat(WeakeningPolicy.between(DECLARED, asked))
                .extracting(Weakening::setting)
                .containsExactly("rollout." + setting);
    }

    /** A setting that nobody compares could be switched off by whoever rolls out. */
    @Test
    void everySettingIsCompared() {
        Set<String> compared =
                weakerSettings().map(given -> (String) given.get()[0]).collect(Collectors.toSet());
        Set<String> asStrategy = Set.of("bakeMinutes", "canary", "linear");

        assertThat(components(RolloutSettings.class, ""))
                .filteredOn(setting -> !asStrategy.contains(setting))
                .allMatch(setting ->
                        compared.stream().anyMatch(name -> name.equals(setting) || name.startsWith(setting + ".")));
    }

    /** Those of approval and verdict are controls of their own; the others are compared as a whole. */
    private static List<String> components(Class<?> type, String prefix) {
        return Arrays.stream(type.getRecordComponents())
                .flatMap(part -> Set.of(Approval.class, RolloutSettings.VerdictRules.class)
                                .contains(part.getType())
                        ? components(part.getType(), part.getName() + ".").stream()
                        : Stream.of(prefix + part.getName()))
                .toList();
    }

    static Stream<Arguments> stricterSettings() {
        return Stream.of(
                Arguments.of("the same", DECLARED),
                Arguments.of("a smaller first step, each asked for", declared(given -> {
                    given.canaryPercent = 5;
                    given.when = Approval.When.EACH_STEP;
                })),
                Arguments.of("longer bakes", declared(given -> {
                    given.stepBakeMinutes = 20;
                    given.bakeMinutes = 60;
                })),
                Arguments.of("smaller steps", declared(given -> {
                    given.strategy = Strategy.LINEAR;
                    given.stepPercent = 10;
                })),
                Arguments.of("less time", declared(given -> given.timeLimitSeconds = 60)),
                Arguments.of(
                        "one more check",
                        declared(given -> given.checks =
                                List.of(SettingsFixture.CHECK, new Check("/orders", "200", null, 1000)))),
                Arguments.of("more approvals", declared(given -> given.when = Approval.When.EACH_STEP)),
                Arguments.of("narrower limits", declared(given -> {
                    given.maxErrorPercent = 1;
                    given.metrics = List.of(new Metric("orders", "shop", "failed", Map.of("a", "b"), "Sum", 1));
                })),
                Arguments.of("one more alarm", DECLARED.withAlarms(List.of("others", "orders"))));
    }

    @ParameterizedTest
    @MethodSource("stricterSettings")
    void whatIsAsStrictIsNotNamed(String what, RolloutSettings asked) {
        assertThat(WeakeningPolicy.between(DECLARED, asked)).as(what).isEmpty();
    }

    @Test
    void aRollingUpdateGivesUpWhateverItDoesNotKnow() {
        assertThat(WeakeningPolicy.between(DECLARED, declared(given -> given.strategy = Strategy.ROLLING)))
                .extracting(Weakening::setting)
                .containsExactly(
                        "rollout.strategy",
                        "rollout.checks",
                        "rollout.checkFunction",
                        "rollout.approval.when",
                        "rollout.verdict");
    }

    @Test
    void whereARollingUpdateIsDeclaredAnyShiftOfTrafficIsStricter() {
        RolloutSettings rolling = declared(given -> given.strategy = Strategy.ROLLING);

        for (Strategy strategy : Strategy.values()) {
            assertThat(WeakeningPolicy.between(rolling, declared(given -> {
                        given.strategy = strategy;
                        given.bakeMinutes = 0;
                        given.checks = List.of();
                        given.checkFunction = null;
                        given.when = Approval.When.NONE;
                    })))
                    .as(strategy.name())
                    .isEmpty();
        }
    }

    @Test
    void aSmallerStepIsWeakerWhereTooFewRequestsLetAReleasePass() {
        RolloutSettings declared = declared(given -> given.onNoEvidence = OnNoEvidence.PROMOTE);

        assertThat(WeakeningPolicy.between(declared, declared(given -> {
                    given.onNoEvidence = OnNoEvidence.PROMOTE;
                    given.canaryPercent = 0.1;
                })))
                .extracting(Weakening::setting)
                .containsExactly("rollout.strategy", "rollout.approval.when");
    }

    @ParameterizedTest
    @CsvSource({
        "PROMOTE, APPROVE, false",
        "PROMOTE, WAIT, false",
        "APPROVE, ROLLBACK, false",
        "WAIT, ROLLBACK, false",
        "APPROVE, WAIT, true", // stays where it is for longer
        "WAIT, APPROVE, true", // people may let it pass
        "APPROVE, PROMOTE, true",
    })
    void toRollBackIsTheStrictestAndToPromoteTheLeast(OnNoEvidence from, OnNoEvidence to, boolean weaker) {
        assertThat(WeakeningPolicy.between(
                        declared(given -> given.onNoEvidence = from), declared(given -> given.onNoEvidence = to)))
                .extracting(Weakening::setting)
                .isEqualTo(weaker ? List.of("rollout.verdict.onNoEvidence") : List.of());
    }

    @Test
    void whereDoubtAsksPeopleWhoTheyAreIsAControlThoughNobodyElseAsksThem() {
        RolloutSettings declared = declared(given -> {
            given.when = Approval.When.NONE;
            given.onNoEvidence = OnNoEvidence.APPROVE;
        });
        Approval is = declared.approval();

        assertThat(WeakeningPolicy.between(
                        declared,
                        declared.withApproval(new Approval(is.when(), Approval.By.ANYONE, 31, is.onTimeout()))))
                .extracting(Weakening::setting)
                .containsExactly("rollout.approval.by", "rollout.approval.timeoutMinutes");
        RolloutSettings unasked = declared.withVerdict(declared.verdict().withOnNoEvidence(OnNoEvidence.ROLLBACK));
        assertThat(WeakeningPolicy.between(
                        unasked, unasked.withApproval(new Approval(is.when(), Approval.By.ANYONE, 31, is.onTimeout()))))
                .isEmpty();
    }

    /** Multiples of a tenth are not whole in binary: 333 · 0.1 is a little more than 33.3. */
    @Test
    void noSettingIsWeakerThanItself() {
        for (int tenths = 30; tenths <= 1000; tenths++) {
            double percent = tenths / 10.0;
            RolloutSettings linear = declared(given -> {
                given.strategy = Strategy.LINEAR;
                given.stepPercent = percent;
                given.probes = true;
            });
            assertThat(WeakeningPolicy.between(linear, linear))
                    .as("%s", percent)
                    .isEmpty();
            assertThat(linear.steps().getFirst()).isEqualTo(percent);
        }
    }

    @Test
    void silenceThatApprovesSoonerIsWeaker() {
        RolloutSettings declared = declared(given -> given.onTimeout = Approval.OnTimeout.APPROVE);
        Approval is = declared.approval();

        assertThat(WeakeningPolicy.between(
                        declared, declared.withApproval(new Approval(is.when(), is.by(), 1, is.onTimeout()))))
                .extracting(Weakening::toString)
                .containsExactly("rollout.approval.timeoutMinutes 30 → 1");
    }

    @Test
    void afreezeWindowThatIsGoneOrShorterOrElsewhereIsWeaker() {
        Freeze weekend = new Freeze("weekend", "0 18 * * FRI", 3600, "UTC", null);
        Freeze longer = new Freeze("weekend", "0 18 * * FRI", 4000, "UTC", "nobody is here");
        Freeze later = new Freeze("weekend", "0 20 * * FRI", 3600, "UTC", null);

        assertThat(WeakeningPolicy.freezes(List.of(weekend), List.of(longer))).isEmpty();
        assertThat(WeakeningPolicy.freezes(List.of(longer), List.of(weekend))).hasSize(1);
        assertThat(WeakeningPolicy.freezes(List.of(weekend), List.of(later)))
                .extracting(Weakening::toString)
                .containsExactly("freezes.weekend 0 18 * * FRI UTC for 3600 min → 0 20 * * FRI UTC for 3600 min");
        assertThat(WeakeningPolicy.freezes(List.of(weekend), List.of()))
                .extracting(Weakening::to)
                .containsExactly("none");
    }
}
