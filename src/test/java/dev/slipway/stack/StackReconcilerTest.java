package dev.slipway.stack;

import static dev.slipway.stack.FakeCloudFormation.NAME;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.stack.StackChange.Parameter;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole changes against a stack in memory; and again with every single call of them cut off. */
final class StackReconcilerTest {
    private static final Map<String, String> TAGS = Map.of(StackChange.TEMPLATE_TAG, "0123456789abcdef");
    private static final String TEMPLATE = "Resources: {Web: {Type: AWS::ECS::Service}}";
    private static final int MANY_PASSES = 200;

    private final FakeCloudFormation aws = new FakeCloudFormation();

    @Test
    void aChangeThatIsAlreadyThereCostsOneCall() {
        aws.with("UPDATE_COMPLETE", Map.of("Size", "1", "Secret", "s"), TAGS);
        aws.now = aws.now.plusSeconds(60);
        StackChange change = new StackChange(
                NAME,
                TEMPLATE,
                Map.of("Size", Parameter.of("1"), "Secret", new Parameter.Previous("s")),
                TAGS,
                false,
                Set.of(),
                null,
                "op1");
        StackResult step = run(aws, change, StackReconciler::apply);
        assertThat(step).isInstanceOfSatisfying(ApplyResult.Succeeded.class, done -> {
            assertThat(done.changed()).isFalse();
            assertThat(done.outputs()).containsEntry("Family", NAME);
        });
        assertThat(aws.calls).containsExactly("DescribeStacks");
    }

    @Test
    void aNewStackIsCreatedAndThenProtected() {
        StackResult step = run(aws, change("1", true, null), StackReconciler::apply);
        assertThat(step)
                .isInstanceOfSatisfying(
                        ApplyResult.Succeeded.class,
                        done -> assertThat(done.changed()).isTrue());
        assertThat(aws.status).isEqualTo("CREATE_COMPLETE");
        assertThat(aws.protection).isTrue();
        assertThat(aws.calls)
                .containsExactly("DescribeStacks", "CreateStack", "DescribeStacks", "UpdateTerminationProtection");
    }

    @Test
    void anUpdateGoesThroughAChangeSet() {
        aws.with("CREATE_COMPLETE", Map.of("Size", "1"), TAGS);
        aws.changes = Changes.of(Changes.modify("Web", "AWS::ECS::Service", "False"));
        StackResult step = run(aws, change("2", false, null), StackReconciler::apply);
        assertThat(step).isInstanceOfSatisfying(ApplyResult.Succeeded.class, done -> {
            assertThat(done.changed()).isTrue();
            assertThat(done.progress().done()).isEqualTo(1);
            assertThat(done.progress().total()).isEqualTo(1);
        });
        assertThat(aws.parameters).containsEntry("Size", "2");
        assertThat(aws.updates).isEqualTo(1);
    }

    @Test
    void aChangeThatWouldReplaceTheLoadBalancerIsRefusedAndLeavesNothing() {
        aws.with("CREATE_COMPLETE", Map.of("Size", "1"), TAGS);
        aws.changes = Changes.of(Changes.modify("LoadBalancer", "AWS::ElasticLoadBalancingV2::LoadBalancer", "True"));
        StackResult step = run(aws, change("2", false, null), StackReconciler::apply);
        assertThat(failure(step)).isEqualTo("replacement-refused");
        assertThat(aws.updates).isZero();
        assertThat(aws.hasChangeSets()).isFalse();
    }

    @Test
    void whatIsAllowedByNameIsReplaced() {
        aws.with("CREATE_COMPLETE", Map.of("Size", "1"), TAGS);
        aws.changes = Changes.of(Changes.modify("LoadBalancer", "AWS::ElasticLoadBalancingV2::LoadBalancer", "True"));
        StackChange change = new StackChange(
                NAME, TEMPLATE, Map.of("Size", Parameter.of("2")), TAGS, false, Set.of("LoadBalancer"), null, "op1");
        assertThat(run(aws, change, StackReconciler::apply)).isInstanceOf(ApplyResult.Succeeded.class);
        assertThat(aws.updates).isEqualTo(1);
    }

    @Test
    void aPlanLeavesAnExistingStackAsItIs() {
        aws.with("CREATE_COMPLETE", Map.of("Size", "1"), TAGS);
        aws.changes = Changes.of(Changes.modify("Web", "AWS::ECS::Service", "False"));
        StackResult step = run(aws, change("2", false, null), StackReconciler::plan);
        assertThat(step)
                .isInstanceOfSatisfying(
                        PlanResult.Planned.class,
                        planned -> assertThat(planned.difference().resources()).hasSize(1));
        assertThat(aws.hasChangeSets()).isFalse();
        assertThat(aws.updates).isZero();
    }

    @Test
    void aPlanOfANewStackLeavesNoStack() {
        aws.changes = Changes.of(Changes.add("Web", "AWS::ECS::Service"));
        StackResult step = run(aws, change("2", false, null), StackReconciler::plan);
        assertThat(step)
                .isInstanceOfSatisfying(
                        PlanResult.Planned.class,
                        planned -> assertThat(planned.risks()).isEmpty());
        aws.settle();
        assertThat(aws.status).isNull();
        assertThat(aws.creations).isZero();
    }

    @Test
    void aPlanIsAppliedWhenTheDifferenceIsStillTheSame() {
        aws.with("CREATE_COMPLETE", Map.of("Size", "1"), TAGS);
        aws.changes = Changes.of(Changes.modify("Web", "AWS::ECS::Service", "False"));
        PlanResult.Planned plan = (PlanResult.Planned) run(aws, change("2", false, null), StackReconciler::plan);
        StackResult step = run(aws, change("2", false, plan.difference().digest()), StackReconciler::apply);
        assertThat(step).isInstanceOf(ApplyResult.Succeeded.class);
    }

    @Test
    void aPlanOfANewStackIsAppliedThroughItsChangeSet() {
        aws.changes = Changes.of(Changes.add("Web", "AWS::ECS::Service"));
        PlanResult.Planned plan = (PlanResult.Planned) run(aws, change("2", false, null), StackReconciler::plan);
        StackResult step = run(aws, change("2", false, plan.difference().digest()), StackReconciler::apply);
        assertThat(step).isInstanceOf(ApplyResult.Succeeded.class);
        assertThat(aws.creations).isEqualTo(1);
        assertThat(aws.status).isEqualTo("CREATE_COMPLETE");
    }

    @Test
    void aPlanThatNoLongerHoldsIsNotApplied() {
        aws.with("CREATE_COMPLETE", Map.of("Size", "1"), TAGS);
        aws.changes = Changes.of(Changes.modify("Web", "AWS::ECS::Service", "False"));
        assertThat(failure(run(aws, change("2", false, "another"), StackReconciler::apply)))
                .isEqualTo("plan-stale");
        assertThat(aws.updates).isZero();
        assertThat(aws.hasChangeSets()).isFalse();
    }

    @Test
    void aSyncKeepsTagsAndParametersThatItDoesNotName() {
        aws.with("UPDATE_COMPLETE", Map.of("Size", "1", "Secret", "s"), TAGS);
        StackResult step = run(aws, sync("2"), StackReconciler::apply);
        assertThat(step)
                .isInstanceOfSatisfying(
                        ApplyResult.Succeeded.class,
                        done -> assertThat(done.changed()).isTrue());
        assertThat(aws.parameters).containsEntry("Size", "2").containsEntry("Secret", "s");
        assertThat(aws.tags).isEqualTo(TAGS);
        assertThat(aws.calls).doesNotContain("CreateChangeSet");
    }

    @Test
    void aSyncAndTheChangeAfterItMayHaveTheSameToken() {
        aws.with("UPDATE_COMPLETE", Map.of("Size", "1"), TAGS);
        aws.changes = Changes.of(Changes.modify("Web", "AWS::ECS::Service", "False"));
        assertThat(run(aws, sync("2"), StackReconciler::apply)).isInstanceOf(ApplyResult.Succeeded.class);
        assertThat(run(aws, change("3", false, null), StackReconciler::apply))
                .isInstanceOf(ApplyResult.Succeeded.class);
        assertThat(aws.parameters).containsEntry("Size", "3");
        assertThat(aws.updates).isEqualTo(2);
    }

    @Test
    void aFailedUpdateNamesTheFirstCause() {
        aws.with("CREATE_COMPLETE", Map.of("Size", "1"), TAGS);
        aws.failure = "Error occurred during operation 'ECS Deployment Circuit Breaker was triggered'.";
        StackResult step = run(aws, change("2", false, null), StackReconciler::apply);
        assertThat(failure(step)).isEqualTo("deployment-failed");
        assertThat(aws.status).isEqualTo("UPDATE_ROLLBACK_COMPLETE");
    }

    @Test
    void aFailedCreationKeepsItsStackAndTheNextChangeClearsItAway() {
        aws.failure = "The maximum number of addresses has been reached.";
        assertThat(failure(run(aws, change("1", true, null), StackReconciler::apply)))
                .isEqualTo("quota-exceeded");
        assertThat(aws.status).isEqualTo("ROLLBACK_COMPLETE");
        aws.failure = null;
        StackChange next =
                new StackChange(NAME, TEMPLATE, Map.of("Size", Parameter.of("1")), TAGS, true, Set.of(), null, "op2");
        assertThat(run(aws, next, StackReconciler::apply)).isInstanceOf(ApplyResult.Succeeded.class);
        assertThat(aws.creations).isEqualTo(2);
        assertThat(aws.deletions).isEqualTo(1);
    }

    @Test
    void anAbandonedPlanIsClearedAway() {
        aws.with("REVIEW_IN_PROGRESS", Map.of(), Map.of());
        assertThat(run(aws, change("1", false, null), StackReconciler::apply))
                .isInstanceOf(ApplyResult.Succeeded.class);
        assertThat(aws.deletions).isEqualTo(1);
        assertThat(aws.creations).isEqualTo(1);
    }

    @Test
    void somebodyElsesUpdateIsWaitedFor() {
        aws.with("CREATE_COMPLETE", Map.of("Size", "1"), TAGS);
        aws.foreign("UPDATE_IN_PROGRESS");
        assertThat(run(aws, change("2", false, null), StackReconciler::apply))
                .isInstanceOf(ApplyResult.Succeeded.class);
        assertThat(aws.parameters).containsEntry("Size", "2");
    }

    @Test
    void somebodyElsesUpdateIsNotWaitedForForEver() {
        aws.with("CREATE_COMPLETE", Map.of("Size", "1"), TAGS);
        aws.foreign("UPDATE_IN_PROGRESS");
        StackReconciler stacks = new StackReconciler(aws, "role", (_, _) -> false);
        StackResult first = stacks.apply(Progress.start(aws.now), change("2", false, null), aws.now);
        Progress waiting = ((StackResult.InProgress) first).progress();
        assertThat(waiting.step()).isEqualTo(Progress.Step.WAIT);
        StackResult last = stacks.apply(waiting, change("2", false, null), aws.now.plus(Duration.ofHours(4)));
        assertThat(failure(last)).isEqualTo("stack-operation-in-progress");
    }

    @Test
    void aStuckRollbackIsContinuedOnceAndThenTheChangeGoesOn() {
        aws.with("UPDATE_ROLLBACK_FAILED", Map.of("Size", "1"), TAGS);
        aws.foreign("UPDATE_ROLLBACK_FAILED");
        assertThat(run(aws, change("2", false, null), StackReconciler::apply))
                .isInstanceOf(ApplyResult.Succeeded.class);
        assertThat(aws.calls).containsOnlyOnce("ContinueUpdateRollback");
    }

    @Test
    void aRollbackThatStaysStuckIsLeftToAPerson() {
        aws.with("UPDATE_ROLLBACK_FAILED", Map.of("Size", "1"), TAGS);
        aws.foreign("UPDATE_ROLLBACK_FAILED");
        aws.recoveryFails = true;
        StackResult step = run(aws, change("2", false, null), StackReconciler::apply);
        assertThat(failure(step)).isEqualTo("stack-rollback-failed");
        assertThat(aws.calls).containsOnlyOnce("ContinueUpdateRollback");
        assertThat(((StackResult.Failed) step).cause().detail()).contains("cannot be put back");
    }

    @Test
    void ourOwnFailureIsToldEvenWhenItsRollbackHadToBeContinued() {
        aws.with("CREATE_COMPLETE", Map.of("Size", "1"), TAGS);
        aws.failure = "Rate exceeded";
        aws.rollbackFails = true;
        assertThat(failure(run(aws, change("2", false, null), StackReconciler::apply)))
                .isEqualTo("throttled");
        assertThat(aws.status).isEqualTo("UPDATE_ROLLBACK_COMPLETE");
    }

    /** CloudFormation may show for a while what was before a call that it has accepted; the events tell that it is under way. */
    @ParameterizedTest
    @CsvSource({
        "UPDATE_ROLLBACK_COMPLETE, true",
        "UPDATE_ROLLBACK_COMPLETE, false",
        "UPDATE_ROLLBACK_FAILED, false",
        "DELETE_FAILED, false"
    })
    void aFailureOfBeforeThatIsShownLateIsNotThatOfTheChange(String status, boolean sync) {
        for (int late = 1; late < 4; late++) {
            FakeCloudFormation stack = new FakeCloudFormation().with(status, Map.of("Size", "1"), TAGS);
            stack.foreign(status);
            stack.late = late;

            assertThat(run(stack, sync ? sync("2") : change("2", false, null), StackReconciler::apply))
                    .as("%d late looks", late)
                    .isInstanceOf(ApplyResult.Succeeded.class);
        }
    }

    /** The events tell that it has ended; what the stack gives out is then what it was before. */
    @ParameterizedTest
    @CsvSource({"CREATE_COMPLETE, true", "UPDATE_COMPLETE, true", "UPDATE_COMPLETE, false", "UPDATE_FAILED, false"})
    void aChangeIsOverWhenTheStackIsShownAsItHasMadeIt(String status, boolean sync) {
        for (int late = 1; late < 60; late++) {
            FakeCloudFormation stack = restingFor(Duration.ofMinutes(1), status);
            stack.late = late;

            assertThat(run(stack, sync ? sync("2") : change("2", false, null), StackReconciler::apply))
                    .as("%d late looks", late)
                    .isInstanceOfSatisfying(
                            ApplyResult.Succeeded.class,
                            done -> assertThat(done.upToDate()).isTrue());
        }
    }

    /** Events may not reach back as far. */
    @Test
    void thatIsSoAlsoWhereNoEventTellsOfTheUpdateBefore() {
        FakeCloudFormation stack = restingFor(Duration.ofDays(100), "UPDATE_COMPLETE");
        stack.events.clear();
        stack.late = 5;

        assertThat(run(stack, change("2", false, null), StackReconciler::apply))
                .isInstanceOfSatisfying(
                        ApplyResult.Succeeded.class,
                        done -> assertThat(done.upToDate()).isTrue());
    }

    @Test
    void aStackThatIsNeverShownOtherwiseIsTakenAsItIs() {
        FakeCloudFormation stack = restingFor(Duration.ofMinutes(1), "UPDATE_COMPLETE");
        stack.late = Integer.MAX_VALUE;
        Instant begun = stack.now;

        assertThat(run(stack, change("2", false, null), StackReconciler::apply))
                .isInstanceOfSatisfying(
                        ApplyResult.Succeeded.class,
                        done -> assertThat(done.upToDate()).isFalse());
        assertThat(Duration.between(begun, stack.now)).isBetween(Duration.ofSeconds(120), Duration.ofSeconds(130));
    }

    private static FakeCloudFormation restingFor(Duration time, String status) {
        FakeCloudFormation stack = new FakeCloudFormation().with(status, Map.of("Size", "1"), TAGS);
        stack.now = stack.now.plusSeconds(30);
        stack.foreign(status);
        stack.now = stack.now.plus(time);
        stack.changes = Changes.of(Changes.modify("Web", "AWS::ECS::Service", "False"));
        return stack;
    }

    @Test
    void aDeletionThatFailedBeforeAndIsShownLateIsNotOurs() {
        aws.with("DELETE_FAILED", Map.of("Size", "1"), TAGS);
        aws.foreign("DELETE_FAILED");
        aws.late = 1;

        assertThat(run(aws, change("1", false, null), StackReconcilerTest::delete))
                .isInstanceOf(DeleteResult.Deleted.class);
    }

    @Test
    void aDeletionThatFailsNamesWhatIsInTheWay() {
        aws.with("CREATE_COMPLETE", Map.of("Size", "1"), TAGS);
        aws.deletionFails = true;
        assertThat(failure(run(aws, change("1", false, null), StackReconcilerTest::delete)))
                .isEqualTo("still-in-use");
    }

    @Test
    void aProtectedStackIsDeletedOnlyWhenTheProtectionMayBeLifted() {
        aws.with("CREATE_COMPLETE", Map.of("Size", "1"), TAGS);
        aws.protection = true;
        StackResult refused = new StackReconciler(aws, "role", (_, _) -> false)
                .delete(Progress.start(aws.now), NAME, "op1", false, aws.now);
        assertThat(failure(refused)).isEqualTo("stack-protected");
        assertThat(run(aws, change("1", false, null), StackReconcilerTest::delete))
                .isInstanceOf(DeleteResult.Deleted.class);
    }

    @Test
    void whatIsNotThereIsDeleted() {
        assertThat(run(aws, change("1", false, null), StackReconcilerTest::delete))
                .isInstanceOf(DeleteResult.Deleted.class);
        assertThat(aws.calls).containsExactly("DescribeStacks");
    }

    /** A history: the stack before, the verb, and what must hold at its end whatever was cut off. */
    private record History(
            Supplier<FakeCloudFormation> before, StackChange change, Verb verb, Consumer<Ending> ending) {}

    private record Ending(FakeCloudFormation aws, StackResult step) {}

    static Stream<Arguments> histories() {
        return Stream.of(
                Arguments.of(
                        "creation",
                        new History(FakeCloudFormation::new, change("1", true, null), StackReconciler::apply, end -> {
                            assertThat(end.step())
                                    .isInstanceOfSatisfying(
                                            ApplyResult.Succeeded.class,
                                            done -> assertThat(done.changed()).isTrue());
                            assertThat(end.aws().creations).isEqualTo(1);
                            assertThat(end.aws().deletions).isZero();
                            assertThat(end.aws().protection).isTrue();
                        })),
                Arguments.of(
                        "update",
                        new History(
                                StackReconcilerTest::resting, change("2", true, null), StackReconciler::apply, end -> {
                                    assertThat(end.step())
                                            .isInstanceOfSatisfying(
                                                    ApplyResult.Succeeded.class,
                                                    done -> assertThat(done.changed())
                                                            .isTrue());
                                    assertThat(end.aws().updates).isEqualTo(1);
                                    assertThat(end.aws().parameters).containsEntry("Size", "2");
                                })),
                Arguments.of(
                        "update whose change set is forgotten",
                        new History(
                                StackReconcilerTest::forgetful,
                                change("2", true, null),
                                StackReconciler::apply,
                                end -> {
                                    assertThat(end.step()).isInstanceOf(ApplyResult.Succeeded.class);
                                    assertThat(end.aws().updates).isEqualTo(1);
                                })),
                Arguments.of(
                        "update that fails",
                        new History(
                                StackReconcilerTest::failing, change("2", true, null), StackReconciler::apply, end -> {
                                    assertThat(failure(end.step())).isEqualTo("deployment-failed");
                                    assertThat(end.aws().updates).isEqualTo(1);
                                })),
                Arguments.of(
                        "sync", new History(StackReconcilerTest::resting, sync("2"), StackReconciler::apply, end -> {
                            assertThat(end.step()).isInstanceOf(ApplyResult.Succeeded.class);
                            assertThat(end.aws().updates).isEqualTo(1);
                        })),
                Arguments.of(
                        "refusal",
                        new History(
                                StackReconcilerTest::replacing,
                                change("2", true, null),
                                StackReconciler::apply,
                                end -> {
                                    assertThat(failure(end.step())).isEqualTo("replacement-refused");
                                    assertThat(end.aws().updates).isZero();
                                    assertThat(end.aws().hasChangeSets()).isFalse();
                                })),
                Arguments.of(
                        "plan of an update",
                        new History(
                                StackReconcilerTest::resting, change("2", true, null), StackReconciler::plan, end -> {
                                    assertThat(end.step()).isInstanceOf(PlanResult.Planned.class);
                                    assertThat(end.aws().hasChangeSets()).isFalse();
                                    assertThat(end.aws().updates).isZero();
                                })),
                Arguments.of(
                        "plan of a new stack",
                        new History(FakeCloudFormation::new, change("2", true, null), StackReconciler::plan, end -> {
                            assertThat(end.step()).isInstanceOf(PlanResult.Planned.class);
                            end.aws().settle();
                            assertThat(end.aws().status).isNull();
                            assertThat(end.aws().creations).isZero();
                        })),
                Arguments.of(
                        "deletion",
                        new History(
                                StackReconcilerTest::guarded,
                                change("1", true, null),
                                StackReconcilerTest::delete,
                                end -> {
                                    assertThat(end.step()).isInstanceOf(DeleteResult.Deleted.class);
                                    assertThat(end.aws().status).isNull();
                                    assertThat(end.aws().deletions).isEqualTo(1);
                                })),
                Arguments.of(
                        "clearing",
                        new History(
                                StackReconcilerTest::neverCreated,
                                change("1", true, null),
                                StackReconciler::apply,
                                end -> {
                                    assertThat(end.step()).isInstanceOf(ApplyResult.Succeeded.class);
                                    assertThat(end.aws().creations).isEqualTo(1);
                                    assertThat(end.aws().deletions).isEqualTo(1);
                                })));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("histories")
    void aPassMayBeCutOffBeforeOrAfterAnyCall(String name, History history) {
        for (boolean after : new boolean[] {false, true}) {
            int calls = 1;
            for (int call = 1; call <= calls; call++) {
                FakeCloudFormation fake = history.before().get();
                fake.crashAt = call;
                fake.crashAfter = after;
                StackResult step = run(fake, history.change(), history.verb());
                calls = Math.max(calls, fake.calls.size());
                history.ending().accept(new Ending(fake, step));
            }
        }
    }

    private static FakeCloudFormation resting() {
        FakeCloudFormation fake = new FakeCloudFormation().with("CREATE_COMPLETE", Map.of("Size", "1"), TAGS);
        fake.changes = Changes.of(Changes.modify("Web", "AWS::ECS::Service", "False"));
        return fake;
    }

    private static FakeCloudFormation forgetful() {
        FakeCloudFormation fake = resting();
        fake.forgetsExecuted = true;
        return fake;
    }

    private static FakeCloudFormation failing() {
        FakeCloudFormation fake = forgetful();
        fake.failure = "Error occurred during operation 'ECS Deployment Circuit Breaker was triggered'.";
        return fake;
    }

    private static FakeCloudFormation replacing() {
        FakeCloudFormation fake = resting();
        fake.changes = Changes.of(Changes.modify("Web", "AWS::ECS::Service", "True"));
        return fake;
    }

    private static FakeCloudFormation guarded() {
        FakeCloudFormation fake = resting();
        fake.protection = true;
        return fake;
    }

    private static FakeCloudFormation neverCreated() {
        FakeCloudFormation fake = new FakeCloudFormation().with("ROLLBACK_COMPLETE", Map.of("Size", "1"), TAGS);
        fake.foreign("ROLLBACK_COMPLETE");
        return fake;
    }

    private interface Verb {
        StackResult pass(StackReconciler stacks, Progress progress, StackChange change, Instant now);
    }

    private static StackResult delete(StackReconciler stacks, Progress progress, StackChange change, Instant now) {
        return stacks.delete(progress, change.stackName(), change.token(), true, now);
    }

    /** Passes until the end, as the worker would make them: a pass that is cut off is repeated with what was known. */
    private static StackResult run(FakeCloudFormation aws, StackChange change, Verb verb) {
        StackReconciler stacks =
                new StackReconciler(aws, "arn:aws:iam::123456789012:role/slipway-execution", (_, _) -> false);
        Progress progress = Progress.start(aws.now);
        for (int pass = 0; pass < MANY_PASSES; pass++) {
            try {
                StackResult step = verb.pass(stacks, progress, change, aws.now);
                if (!(step instanceof StackResult.InProgress again)) {
                    return step;
                }
                progress = again.progress();
            } catch (FakeCloudFormation.Crash e) {
                // The queue delivers the message again.
            }
            aws.settle();
        }
        throw new AssertionError("no end after " + MANY_PASSES + " passes: " + progress + " " + aws.calls);
    }

    private static StackChange change(String size, boolean protection, @Nullable String expected) {
        return new StackChange(
                NAME, TEMPLATE, Map.of("Size", Parameter.of(size)), TAGS, protection, Set.of(), expected, "op1");
    }

    private static StackChange sync(String size) {
        return new StackChange(NAME, null, Map.of("Size", Parameter.of(size)), Map.of(), false, Set.of(), null, "op1");
    }

    private static String failure(StackResult step) {
        assertThat(step).isInstanceOf(StackResult.Failed.class);
        return ((StackResult.Failed) step).cause().code();
    }
}
