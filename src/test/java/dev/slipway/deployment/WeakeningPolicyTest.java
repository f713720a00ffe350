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
import dev.slipway.id.ServiceId;
import dev.slipway.problem.Problem;
import dev.slipway.problem.Problem.FieldError;
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

    @ParameterizedTest
    @CsvSource({
        // declared as blue/green with a bake of 10 min: asked, its last bake, whether it is weaker
        "BLUE_GREEN, 10, false",
        "BLUE_GREEN, 9, true",
        "CANARY, 10, false",
        "LINEAR, 11, false",
        "LINEAR, 9, true",
        "ROLLING, 10, true",
    })
    void whereAllTrafficShiftsAtOnceStepsAreStricterIfTheLastBakeIsAsLong(Strategy strategy, int bake, boolean weaker) {
        RolloutSettings blueGreen = declared(given -> given.strategy = Strategy.BLUE_GREEN)
                .withApproval(new Approval(Approval.When.NONE, Approval.By.OTHERS, 30, Approval.OnTimeout.REJECT));

        List<String> settings =
                WeakeningPolicy.between(
                                blueGreen, blueGreen.withStrategy(strategy).withBakeMinutes(bake))
                        .stream()
                        .map(Weakening::setting)
                        .toList();

        assertThat(settings.contains("rollout.strategy")).isEqualTo(weaker);
    }

    static Stream<Arguments> told() {
        return Stream.of(
                Arguments.of(
                        "rollout.strategy canary, 10 % for 15 min, 10 min bake → blue/green, 10 min bake",
                        declared(given -> given.strategy = Strategy.BLUE_GREEN)),
                Arguments.of(
                        "rollout.checks / 200-399 within 1000 ms → /a 200 with \"ok\" within 500 ms, /b 201 within 900 ms",
                        declared(given -> given.checks =
                                List.of(new Check("/a", "200", "ok", 500), new Check("/b", "201", null, 900)))),
                Arguments.of(
                        "rollout.checks / 200-399 within 1000 ms → none", declared(given -> given.checks = List.of())),
                Arguments.of(
                        "rollout.checkFunction %s → none".formatted(FUNCTION),
                        declared(given -> given.checkFunction = null)),
                Arguments.of(
                        "rollout.approval.when before-production → none",
                        declared(given -> given.when = Approval.When.NONE)),
                Arguments.of(
                        "rollout.approval.when before-production for 10.0 % → before-production for 0.1 %",
                        declared(given -> given.canaryPercent = 0.1)),
                Arguments.of("rollout.verdict.slowMillis 500 → none", declared(given -> given.slowMillis = null)),
                Arguments.of(
                        "rollout.verdict.metrics.orders 10.0 → 11.0",
                        declared(given -> given.metrics =
                                List.of(new Metric("orders", "shop", "failed", Map.of("a", "b"), "Sum", 11)))),
                Arguments.of(
                        "rollout.verdict.metrics.orders 10.0 → none", declared(given -> given.metrics = List.of())),
                Arguments.of("rollout.before /server migrate within 600 s → none", DECLARED.withBefore(null)),
                Arguments.of(
                        "rollout.before /server migrate within 600 s → /bin/sh -c x within 60 s",
                        DECLARED.withBefore(new Before(List.of("/bin/sh", "-c", "x"), 60))),
                Arguments.of(
                        "rollout.notifyTopic arn:aws:sns:eu-central-1:123456789012:slipway-prod → none",
                        DECLARED.withNotifyTopic(null)));
    }

    @ParameterizedTest
    @MethodSource("told")
    void saysWhatWasDeclaredAndWhatWouldBe(String told, RolloutSettings asked) {
        assertThat(WeakeningPolicy.describe(WeakeningPolicy.between(DECLARED, asked)))
                .isEqualTo(told);
    }

    @Test
    void whatARollingUpdateGivesUpIsToldAsNone() {
        assertThat(WeakeningPolicy.between(DECLARED, declared(given -> given.strategy = Strategy.ROLLING)))
                .filteredOn(weakening -> !weakening.setting().equals("rollout.strategy"))
                .extracting(Weakening::to)
                .containsOnly("none");
    }

    @Test
    void theRefusalNamesEachSettingAndHowItMayBeOrdered() {
        Problem refusal = WeakeningPolicy.refusal(
                new ServiceId("prod", "web"),
                WeakeningPolicy.between(DECLARED, declared(given -> {
                    given.maxErrorPercent = 6;
                    given.stableMinutes = 2;
                })),
                " They were declared in March.",
                "--override.");

        assertThat(refusal.code()).isEqualTo("override-required");
        assertThat(refusal.detail())
                .isEqualTo("It would weaken controls of %s: rollout.stableMinutes 3 → 2,"
                                .formatted(new ServiceId("prod", "web").key())
                        + " rollout.verdict.maxErrorPercent 5.0 → 6.0. They were declared in March.");
        assertThat(refusal.action()).isEqualTo("Keep them, or override them if you may: --override.");
        assertThat(refusal.errors())
                .containsExactly(
                        new FieldError("/rollout/stableMinutes", "2", "is weaker than declared: 3"),
                        new FieldError("/rollout/verdict/maxErrorPercent", "6.0", "is weaker than declared: 5.0"));
    }

    @Test
    void whereThereIsOneStepOnlyDoubtAsksNobody() {
        RolloutSettings declared = declared(given -> {
            given.strategy = Strategy.BLUE_GREEN;
            given.when = Approval.When.NONE;
            given.onNoEvidence = OnNoEvidence.APPROVE;
        });

        assertThat(WeakeningPolicy.between(
                        declared,
                        declared.withApproval(
                                new Approval(Approval.When.NONE, Approval.By.ANYONE, 31, Approval.OnTimeout.REJECT))))
                .isEmpty();
    }

    @Test
    void silenceThatApprovesAsLateIsNotWeaker() {
        RolloutSettings declared = declared(given -> given.onTimeout = Approval.OnTimeout.APPROVE);

        assertThat(WeakeningPolicy.between(declared, declared)).isEmpty();
    }

    @Test
    void freezeWindowsAreKnownByTheirNames() {
        Freeze weekend = new Freeze("weekend", "0 18 * * FRI", 3600, "UTC", null);
        Freeze night = new Freeze("night", "0 22 * * *", 480, "UTC", null);
        Freeze shorter = new Freeze("weekend", "0 18 * * FRI", 60, "UTC", null);

        assertThat(WeakeningPolicy.freezes(List.of(weekend), List.of(night, weekend)))
                .isEmpty();
        assertThat(WeakeningPolicy.freezes(List.of(weekend), List.of(night, shorter)))
                .extracting(Weakening::to)
                .containsExactly("0 18 * * FRI UTC for 60 min");
    }
}
