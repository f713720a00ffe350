package dev.slipway.stack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.stack.ApplyPolicy.Desired;
import dev.slipway.stack.ApplyPolicy.Observation;
import dev.slipway.stack.RequestTokens.Purpose;
import dev.slipway.stack.StackChange.Parameter;
import dev.slipway.stack.StackEvents.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.awssdk.services.cloudformation.model.StackStatus;

final class ApplyPolicyTest {
    private static final Instant SINCE = Instant.parse("2026-03-01T10:00:00Z");

    /** The wish is plain (a template), planned (with the digest of a plan), sync (parameters alone) or mend (what is there). */
    @ParameterizedTest(name = "{0} {1} {2} latest {4} change {5}: {8}")
    @CsvSource(textBlock = """
            # phase,      step,    wish,    same,  latest,  change,    recovered, removed, move
            MISSING,       OBSERVE, plain,   false, FOREIGN, NONE,      false, false, CREATE
            MISSING,       CLEAN_UP,   plain,   false, FOREIGN, NONE,      false, false, CREATE
            MISSING,       OBSERVE, planned, false, FOREIGN, NONE,      false, false, CREATE_CHANGE_SET
            MISSING,       OBSERVE, sync,    false, FOREIGN, NONE,      false, false, FAIL_NOTHING_TO_SYNC
            MISSING,       EXECUTE, plain,   false, FOREIGN, NONE,      false, false, AWAIT_CHANGE
            REVIEW,        OBSERVE, plain,   false, FOREIGN, NONE,      false, false, CLEAN_UP
            REVIEW,        OBSERVE, planned, false, FOREIGN, NONE,      false, false, CREATE_CHANGE_SET
            REVIEW,        CREATE_CHANGE_SET, planned, false, FOREIGN, NONE,      false, false, CHECK_CHANGE_SET
            REVIEW,        OBSERVE, sync,    false, FOREIGN, NONE,      false, false, FAIL_NOTHING_TO_SYNC
            STABLE,        OBSERVE, mend,    false, FOREIGN, NONE,      false, false, CREATE_CHANGE_SET
            STABLE,        CREATE_CHANGE_SET, mend, false, FOREIGN, NONE, false, false, CHECK_CHANGE_SET
            STABLE,        EXECUTE, mend,    false, CHANGE,  SUCCEEDED, false, false, FINISH
            MISSING,       OBSERVE, mend,    false, FOREIGN, NONE,      false, false, FAIL_NOTHING_TO_SYNC
            STABLE,        OBSERVE, plain,   true,  FOREIGN, NONE,      false, false, FINISH
            STABLE,        OBSERVE, plain,   false, FOREIGN, NONE,      false, false, CREATE_CHANGE_SET
            STABLE,        WAIT,    plain,   false, FOREIGN, NONE,      false, false, CREATE_CHANGE_SET
            STABLE,        CREATE_CHANGE_SET, plain,   false, FOREIGN, NONE,      false, false, CHECK_CHANGE_SET
            STABLE,        EXECUTE, plain,   false, FOREIGN, NONE,      false, false, CHECK_CHANGE_SET
            STABLE,        EXECUTE, plain,   false, CHANGE,  SUCCEEDED, false, false, FINISH
            STABLE,        EXECUTE, plain,   false, CHANGE,  RUNNING,   false, false, AWAIT_CHANGE
            STABLE,        EXECUTE, plain,   false, FOREIGN, FAILED,    false, false, FAIL_WITH_CAUSE
            STABLE,        OBSERVE, sync,    false, FOREIGN, NONE,      false, false, SYNC
            STABLE,        EXECUTE, sync,    false, CHANGE,  SUCCEEDED, false, false, FINISH
            ROLLED_BACK,   OBSERVE, plain,   false, FOREIGN, NONE,      false, false, CREATE_CHANGE_SET
            ROLLED_BACK,   OBSERVE, plain,   true,  FOREIGN, NONE,      false, false, FINISH
            ROLLED_BACK,   OBSERVE, plain,   false, CHANGE,  FAILED,    false, false, FAIL_WITH_CAUSE
            ROLLED_BACK,   OBSERVE, plain,   true,  CHANGE,  FAILED,    false, false, FAIL_WITH_CAUSE
            ROLLED_BACK,   EXECUTE, plain,   false, FOREIGN, RUNNING,   false, false, AWAIT_CHANGE
            ROLLED_BACK,   EXECUTE, plain,   false, FOREIGN, SUCCEEDED, false, false, FINISH
            ROLLED_BACK,   CONTINUE_ROLLBACK, plain,   false, CONTINUE_ROLLBACK, NONE,      true,  false, CREATE_CHANGE_SET
            UPDATE_FAILED,  OBSERVE, plain,   false, FOREIGN, NONE,      false, false, CREATE_CHANGE_SET
            IN_PROGRESS,          OBSERVE, plain,   false, CHANGE,  RUNNING,   false, false, AWAIT_CHANGE
            IN_PROGRESS,          EXECUTE, plain,   false, CHANGE,  FAILED,    false, false, AWAIT_CHANGE
            IN_PROGRESS,          OBSERVE, plain,   false, FOREIGN, NONE,      false, false, WAIT
            IN_PROGRESS,          CONTINUE_ROLLBACK, plain,   false, CONTINUE_ROLLBACK, NONE,      true,  false, AWAIT_ROLLBACK
            DELETING,      OBSERVE, plain,   false, FOREIGN, NONE,      false, false, AWAIT_CLEAN_UP
            CREATE_FAILED, OBSERVE, plain,   false, FOREIGN, NONE,      false, false, CLEAN_UP
            CREATE_FAILED, EXECUTE, plain,   false, CHANGE,  FAILED,    false, false, FAIL_WITH_CAUSE
            CREATE_FAILED, OBSERVE, sync,    false, FOREIGN, NONE,      false, false, FAIL_NOTHING_TO_SYNC
            DELETE_FAILED, OBSERVE, plain,   false, FOREIGN, NONE,      false, false, CLEAN_UP
            DELETE_FAILED, CLEAN_UP,   plain,   false, DELETE,  NONE,      false, true,  FAIL_CLEAN_UP
            ROLLBACK_FAILED,         OBSERVE, plain,   false, FOREIGN, NONE,      false, false, CONTINUE_ROLLBACK
            ROLLBACK_FAILED,         EXECUTE, plain,   false, CHANGE,  FAILED,    false, false, CONTINUE_ROLLBACK
            ROLLBACK_FAILED,         CONTINUE_ROLLBACK, plain,   false, CONTINUE_ROLLBACK, NONE,      true,  false, FAIL_ROLLBACK_FAILED
            IMPORT_ROLLBACK_FAILED,  OBSERVE, plain,   false, FOREIGN, NONE,      false, false, FAIL_IMPORT_ROLLBACK_FAILED
            """)
    void decides(
            StackPhase phase,
            Progress.Step step,
            String wish,
            boolean same,
            Purpose latest,
            Outcome change,
            boolean recovered,
            boolean removed,
            ApplyPolicy.Action move) {
        Observation sight = new Observation(phase, same, latest, change, recovered, removed, false);
        Progress progress = new Progress(step, SINCE, null, 0, 0, List.of(), null);
        Desired wanted =
                new Desired(wish.equals("sync") || wish.equals("mend"), wish.equals("planned"), wish.equals("mend"));
        assertThat(ApplyPolicy.decide(sight, wanted, progress, SINCE.plusSeconds(60)))
                .isEqualTo(move);
    }

    @ParameterizedTest(name = "{0} at {1} {2}, left {3}, latest {4}: {5}")
    @CsvSource(textBlock = """
            MISSING,       OBSERVE, plain,   true,  FOREIGN, IMPORT
            MISSING,       CLEAN_UP,   plain,   true,  FOREIGN, IMPORT
            MISSING,       IMPORT,   plain,   true,  FOREIGN, IMPORT
            MISSING,       IMPORT,   plain,   false, FOREIGN, CREATE
            MISSING,       OBSERVE, planned, true,  FOREIGN, IMPORT
            MISSING,       EXECUTE, plain,   true,  FOREIGN, AWAIT_CHANGE
            REVIEW,        IMPORT,   plain,   false, FOREIGN, CHECK_IMPORT
            REVIEW,        IMPORT,   planned, false, FOREIGN, CHECK_IMPORT
            REVIEW,        OBSERVE, plain,   true,  FOREIGN, CLEAN_UP
            REVIEW,        OBSERVE, planned, true,  FOREIGN, CLEAN_UP
            IN_PROGRESS,          IMPORT,   plain,   false, IMPORT,   AWAIT_IMPORT
            IN_PROGRESS,          OBSERVE, plain,   false, IMPORT,   AWAIT_IMPORT
            STABLE,        IMPORT,   plain,   false, IMPORT,   CREATE_CHANGE_SET
            CREATE_FAILED, IMPORT,   plain,   false, IMPORT,   FAIL_IMPORT
            CREATE_FAILED, OBSERVE, plain,   false, IMPORT,   CLEAN_UP
            """)
    void takesOverWhatIsLeft(
            StackPhase phase,
            Progress.Step step,
            String wish,
            boolean retained,
            Purpose latest,
            ApplyPolicy.Action move) {
        Observation sight = new Observation(phase, false, latest, Outcome.NONE, false, false, retained);
        Progress progress = new Progress(step, SINCE, null, 0, 0, List.of(), null);
        assertThat(ApplyPolicy.decide(
                        sight, new Desired(false, wish.equals("planned"), false), progress, SINCE.plusSeconds(60)))
                .isEqualTo(move);
    }

    @ParameterizedTest(name = "{0} {1} {2}: {3}")
    @CsvSource(textBlock = """
            MISSING, OBSERVE, plain,   true
            MISSING, OBSERVE, planned, true
            MISSING, OBSERVE, sync,    false
            MISSING, EXECUTE, plain,   false
            REVIEW,  OBSERVE, plain,   false
            REVIEW,  OBSERVE, planned, true
            REVIEW,  CREATE_CHANGE_SET, planned, false
            STABLE,  OBSERVE, plain,   false
            """)
    void looksForWhatIsLeftOnlyBeforeAStackIsMade(StackPhase phase, Progress.Step step, String wish, boolean looks) {
        Desired wanted =
                new Desired(wish.equals("sync") || wish.equals("mend"), wish.equals("planned"), wish.equals("mend"));
        assertThat(ApplyPolicy.needsRetained(phase, wanted, step)).isEqualTo(looks);
    }

    @ParameterizedTest(name = "{0} at {1} after {2}: {3}")
    @CsvSource(textBlock = """
            IN_PROGRESS,     WAIT,    PT3H59M, WAIT
            IN_PROGRESS,     WAIT,    PT4H,    FAIL_IN_PROGRESS
            IN_PROGRESS,     OBSERVE, PT4H,    WAIT
            DELETING, CLEAN_UP,   PT3H59M, AWAIT_CLEAN_UP
            DELETING, CLEAN_UP,   PT4H,    FAIL_IN_PROGRESS
            MISSING,  EXECUTE, PT1M59S, AWAIT_CHANGE
            MISSING,  EXECUTE, PT2M,    FAIL_MISSING
            """)
    void waitsForSomeTimeOnly(StackPhase phase, Progress.Step step, Duration after, ApplyPolicy.Action move) {
        Observation sight = new Observation(phase, false, Purpose.FOREIGN, Outcome.NONE, false, false, false);
        Progress progress = new Progress(step, SINCE, null, 0, 0, List.of(), null);
        assertThat(ApplyPolicy.decide(sight, new Desired(false, false, false), progress, SINCE.plus(after)))
                .isEqualTo(move);
    }

    @ParameterizedTest
    @EnumSource(value = StackStatus.class, mode = EnumSource.Mode.EXCLUDE, names = "UNKNOWN_TO_SDK_VERSION")
    void everyStatusThatIsNotInProgressIsKnown(StackStatus status) {
        if (!status.toString().endsWith("_IN_PROGRESS")) {
            assertThat(StackPhase.of(status.toString())).isNotEqualTo(StackPhase.IN_PROGRESS);
        }
    }

    /** Wanted: Size=1 and the secret as it is. */
    @ParameterizedTest(name = "size {0} tag {1} status {2} parameter {3}: {4}")
    @CsvSource(textBlock = """
            1, abc, UPDATE_COMPLETE, Secret, true
            2, abc, UPDATE_COMPLETE, Secret, false
            1, xyz, UPDATE_COMPLETE, Secret, false
            1, abc, UPDATE_FAILED,   Secret, false
            1, abc, UPDATE_COMPLETE, Other,  false
            """)
    void isTheSameOnlyWhenNothingDiffers(String size, String tag, String status, String key, boolean same) {
        StackState live = live(status, Map.of("Size", size, key, "****"), Map.of(StackChange.TEMPLATE_TAG, tag));
        assertThat(ApplyPolicy.isSame(live, change("template"))).isEqualTo(same);
    }

    @Test
    void aParameterThatTheChangeDoesNotNameMayHaveToGoBackToItsDefault() {
        StackState live = live(
                "UPDATE_COMPLETE",
                Map.of("Size", "1", "Secret", "****", "More", "x"),
                Map.of(StackChange.TEMPLATE_TAG, "abc"));
        assertThat(ApplyPolicy.isSame(live, change("template"))).isFalse();
    }

    private static StackState live(String status, Map<String, String> parameters, Map<String, String> tags) {
        return new StackState("slipway-prod", "arn", status, null, parameters, Map.of(), tags, false, SINCE);
    }

    private static StackChange change(String template) {
        return new StackChange(
                "slipway-prod",
                template,
                Map.of("Size", Parameter.of("1"), "Secret", new Parameter.Previous(null)),
                Map.of(StackChange.TEMPLATE_TAG, "abc"),
                false,
                Set.of(),
                null,
                "op1");
    }
}
