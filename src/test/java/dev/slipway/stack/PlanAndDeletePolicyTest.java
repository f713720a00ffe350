package dev.slipway.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What plans and deletions decide. */
final class PlanAndDeletePolicyTest {
    private static final Instant SINCE = Instant.parse("2026-03-01T10:00:00Z");

    @ParameterizedTest(name = "{0} at {1}, same {2}: {4}")
    @CsvSource(textBlock = """
            MISSING,       OBSERVE, false, 1,   CREATE_CHANGE_SET
            MISSING,       CREATE_CHANGE_SET, false, 1,   CREATE_CHANGE_SET
            REVIEW,        OBSERVE, false, 1,   CREATE_CHANGE_SET
            REVIEW,        CREATE_CHANGE_SET, false, 1,   CHECK_CHANGE_SET
            STABLE,        OBSERVE, true,  1,   NO_CHANGES
            STABLE,        OBSERVE, false, 1,   CREATE_CHANGE_SET
            STABLE,        CREATE_CHANGE_SET, true,  1,   CHECK_CHANGE_SET
            ROLLED_BACK,   CREATE_CHANGE_SET, false, 1,   CHECK_CHANGE_SET
            UPDATE_FAILED,  OBSERVE, false, 1,   CREATE_CHANGE_SET
            IN_PROGRESS,          WAIT,    false, 239, WAIT
            IN_PROGRESS,          WAIT,    false, 240, FAIL_IN_PROGRESS
            DELETING,      OBSERVE, false, 1,   WAIT
            CREATE_FAILED, OBSERVE, false, 1,   FAIL_CREATE_FAILED
            DELETE_FAILED, OBSERVE, false, 1,   FAIL_CREATE_FAILED
            ROLLBACK_FAILED,         OBSERVE, false, 1,   FAIL_ROLLBACK_FAILED
            IMPORT_ROLLBACK_FAILED,  OBSERVE, false, 1,   FAIL_IMPORT_ROLLBACK_FAILED
            """)
    void aPlanDecides(StackPhase phase, Progress.Step step, boolean same, int minutes, PlanPass.Action move) {
        assertThat(PlanPass.decide(phase, same, at(step), SINCE.plusSeconds(60L * minutes)))
                .isEqualTo(move);
    }

    @ParameterizedTest(name = "{0}, protected {1}, lift {2}, tried {3}: {5}")
    @CsvSource(textBlock = """
            MISSING,       false, false, false, 1,   FINISH
            STABLE,        false, false, false, 1,   DELETE
            STABLE,        true,  false, false, 1,   FAIL_PROTECTED
            STABLE,        true,  true,  false, 1,   LIFT_PROTECTION
            REVIEW,        false, false, false, 1,   DELETE
            CREATE_FAILED, false, false, false, 1,   DELETE
            ROLLBACK_FAILED,         false, false, false, 1,   DELETE
            DELETING,      false, false, false, 1,   AWAIT_DELETION
            IN_PROGRESS,          false, false, false, 239, WAIT
            IN_PROGRESS,          false, false, false, 240, FAIL_IN_PROGRESS
            DELETE_FAILED, false, false, false, 1,   DELETE
            DELETE_FAILED, false, false, true,  1,   FAIL_WITH_CAUSE
            """)
    void aDeletionDecides(
            StackPhase phase, boolean isProtected, boolean lift, boolean tried, int minutes, DeletePass.Action move) {
        assertThat(DeletePass.decide(
                        phase, isProtected, lift, tried, at(Progress.Step.WAIT), SINCE.plusSeconds(60L * minutes)))
                .isEqualTo(move);
    }

    private static Progress at(Progress.Step step) {
        return new Progress(step, SINCE, null, 0, 0, List.of(), null);
    }
}
