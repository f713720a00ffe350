package dev.slipway.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.id.ServiceId;
import dev.slipway.pipeline.DeployJobs.DeployJob;
import dev.slipway.pipeline.DeployJobs.DeployJob.JobState;
import dev.slipway.pipeline.PipelinePolicy.Decision;
import dev.slipway.pipeline.PipelinePolicy.RolloutProgress;
import dev.slipway.pipeline.PipelinePolicy.Snapshot;
import dev.slipway.pipeline.Pipelines.PipelineRules;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PipelinePolicyTest {
    private static final Instant T0 = Instant.parse("2026-11-24T10:00:00Z");
    private static final ServiceId WEB = new ServiceId("prod", "web");
    private static final Snapshot NOTHING = new Snapshot(true, Optional.empty(), Optional.empty());
    private static final RolloutProgress RUNNING = new RolloutProgress.Running(null);

    @Test
    void aFirstJobStartsTheRollout() {
        assertThat(PipelinePolicy.onJob(job("j1", null), Optional.empty(), NOTHING, T0))
                .isEqualTo(new Decision.Start(open("j1")));
    }

    @Test
    void aJobAfterOneThatWasCutOffStartsTheRolloutOfTheSameBeginning() {
        DeployJob cutOff = open("j1").withState(JobState.CONTINUED);

        assertThat(PipelinePolicy.onJob(job("j2", "later"), Optional.of(cutOff), NOTHING, at(30)))
                .isInstanceOfSatisfying(Decision.Start.class, start -> {
                    assertThat(start.job().jobId()).isEqualTo("j2");
                    assertThat(start.job().startedAt()).isEqualTo(T0);
                });
    }

    @Test
    void whyNothingCouldBeStartedIsToldToTheNextJob() {
        DeployJob refused = open("j1").withState(JobState.CONTINUED).withRefusal("There is no image v1.");

        assertThat(PipelinePolicy.onPoll(refused, NOTHING, at(20))).isInstanceOf(Decision.Nothing.class);
        assertThat(PipelinePolicy.onJob(job("j2", "later"), Optional.of(refused), NOTHING, at(30)))
                .isInstanceOfSatisfying(Decision.Fail.class, fail -> {
                    assertThat(fail.type().type()).isEqualTo("ConfigurationError");
                    assertThat(fail.message()).isEqualTo("There is no image v1.");
                    assertThat(fail.job().isDone()).isTrue();
                });
    }

    @Test
    void aJobThatGoesOnWithAnActionThatWasLeftIsNoRetry() {
        DeployJob left = continued().withStop(at(80)).withState(JobState.ANSWERED);

        assertThat(PipelinePolicy.onJob(job("j2", "later"), Optional.of(left), seen(RUNNING), at(90)))
                .isInstanceOfSatisfying(
                        Decision.Fail.class,
                        fail -> assertThat(fail.cancelRollout()).isTrue());
    }

    @Test
    void aContinuedJobIsHeldSoThatTheEndIsToldWhenItComes() {
        Decision decision = PipelinePolicy.onJob(job("j2", "r1"), Optional.of(continued()), seen(RUNNING), at(40));

        assertThat(decision).isInstanceOfSatisfying(Decision.Hold.class, held -> {
            assertThat(held.job().jobId()).isEqualTo("j2");
            assertThat(held.job().jobReceivedAt()).isEqualTo(at(40));
            assertThat(held.job().startedAt()).isEqualTo(T0);
        });
    }

    @Test
    void anEarlierJobThatComesOnceMoreDoesNotTakeThePlaceOfTheNewest() {
        DeployJob held = continued().withJob("j2", at(40));

        assertThat(PipelinePolicy.onJob(job("j1", null), Optional.of(held), seen(RUNNING), at(60)))
                .isEqualTo(new Decision.Nothing());
    }

    @ParameterizedTest
    @CsvSource({"0,false", "899,false", "900,true", "1199,true"})
    void aHeldJobIsRenewedBeforeCodePipelineLosesPatience(int seconds, boolean renewed) {
        Decision decision =
                PipelinePolicy.onPoll(held(), seen(new RolloutProgress.Running("Waits for Ann.")), at(60 + seconds));

        if (renewed) {
            assertThat(decision)
                    .isEqualTo(new Decision.Continue(held().withState(JobState.CONTINUED), "r1", "Waits for Ann."));
        } else {
            assertThat(decision).isEqualTo(new Decision.Hold(held()));
        }
    }

    @Test
    void theEndOfTheRolloutIsTheEndOfTheAction() {
        assertThat(PipelinePolicy.onPoll(held(), seen(new RolloutProgress.Succeeded()), at(90)))
                .isEqualTo(new Decision.Succeed(held().withState(JobState.ANSWERED), "The release is live in prod."));
        assertThat(PipelinePolicy.onPoll(held(), seen(new RolloutProgress.Failed("3 of 40 requests failed.")), at(90)))
                .isEqualTo(new Decision.Fail(
                        held().withState(JobState.ANSWERED),
                        PipelinePolicy.FailureType.JOB_FAILED,
                        "3 of 40 requests failed.",
                        false));
    }

    @Test
    void anEndBetweenTwoJobsIsToldToTheNext() {
        assertThat(PipelinePolicy.onPoll(continued(), seen(new RolloutProgress.Succeeded()), at(20)))
                .isInstanceOf(Decision.Nothing.class);
        assertThat(PipelinePolicy.onJob(
                        job("j2", "r1"), Optional.of(continued()), seen(new RolloutProgress.Succeeded()), at(30)))
                .isInstanceOf(Decision.Succeed.class);
    }

    @Test
    void aJobDeliveredTwiceChangesNothing() {
        assertThat(PipelinePolicy.onJob(job("j1", null), Optional.of(continued()), seen(RUNNING), at(5)))
                .isInstanceOf(Decision.Nothing.class);
        assertThat(PipelinePolicy.onJob(job("j2", "r1"), Optional.of(held()), seen(RUNNING), at(70)))
                .isEqualTo(new Decision.Hold(held()));
        assertThat(PipelinePolicy.onJob(
                        job("j2", "r1"), Optional.of(held().withState(JobState.ANSWERED)), seen(RUNNING), at(70)))
                .isInstanceOf(Decision.Nothing.class);
    }

    @Test
    void aStartThatWasCutOffIsTakenUpByTheSecondDeliveryAndByTheWorker() {
        assertThat(PipelinePolicy.onJob(job("j1", null), Optional.of(open("j1")), NOTHING, at(60)))
                .isEqualTo(new Decision.Start(open("j1")));
        assertThat(PipelinePolicy.onPoll(open("j1"), NOTHING, at(60))).isEqualTo(new Decision.Start(open("j1")));
    }

    @Test
    void aRetriedStageStartsAnew() {
        DeployJob failed = held().withState(JobState.ANSWERED);

        assertThat(PipelinePolicy.onJob(
                        job("j9", null), Optional.of(failed), seen(new RolloutProgress.Failed("bad")), at(600)))
                .isEqualTo(new Decision.Start(DeployJob.first(WEB, "e1", "j9", at(600))));
    }

    @Test
    void anExecutionThatANewerOneHasOvertakenDoesNotBringOldCodeBack() {
        DeployJob newer = DeployJob.first(WEB, "e2", "j7", at(10));
        Snapshot overtaken = new Snapshot(true, Optional.empty(), Optional.of(newer));

        assertThat(PipelinePolicy.onJob(job("j1", null), Optional.empty(), overtaken, at(60)))
                .isInstanceOfSatisfying(Decision.Fail.class, fail -> {
                    assertThat(fail.message()).contains("A newer execution, e2");
                    assertThat(fail.cancelRollout()).isFalse();
                });
    }

    @Test
    void withoutAGrantNothingIsStarted() {
        assertThat(PipelinePolicy.onJob(
                        job("j1", null), Optional.empty(), new Snapshot(false, Optional.empty(), Optional.empty()), T0))
                .isInstanceOfSatisfying(Decision.Fail.class, fail -> {
                    assertThat(fail.type().type()).isEqualTo("PermissionError");
                    assertThat(fail.job().isDone()).isTrue();
                });
    }

    @Test
    void stoppingTheExecutionStopsTheRollout() {
        assertThat(PipelinePolicy.onPoll(held().withStop(at(80)), seen(RUNNING), at(81)))
                .isInstanceOfSatisfying(
                        Decision.Fail.class,
                        fail -> assertThat(fail.cancelRollout()).isTrue());
        assertThat(PipelinePolicy.onPoll(continued().withStop(at(80)), seen(RUNNING), at(81)))
                .as("no job may ever come again")
                .isInstanceOf(Decision.Stop.class);
        assertThat(PipelinePolicy.onPoll(open("j1").withStop(at(1)), NOTHING, at(2)))
                .as("it had not begun")
                .isInstanceOfSatisfying(
                        Decision.Fail.class,
                        fail -> assertThat(fail.cancelRollout()).isFalse());
        assertThat(PipelinePolicy.onPoll(continued().withStop(at(80)), seen(new RolloutProgress.Succeeded()), at(81)))
                .as("what is live stays live")
                .isInstanceOf(Decision.Nothing.class);
    }

    @Test
    void givesUpBeforeCodePipelineDoesAndSaysWhy() {
        Instant late = T0.plus(PipelinePolicy.GIVE_UP_AFTER);
        DeployJob renewed = held().withJob("j99", late.minus(Duration.ofMinutes(1)));

        assertThat(PipelinePolicy.onPoll(renewed, seen(RUNNING), late.minusSeconds(1)))
                .isInstanceOf(Decision.Hold.class);
        assertThat(PipelinePolicy.onPoll(renewed, seen(RUNNING), late))
                .isInstanceOfSatisfying(Decision.Fail.class, fail -> {
                    assertThat(fail.message()).contains("24 hours");
                    assertThat(fail.cancelRollout()).isTrue();
                });
        assertThat(PipelinePolicy.GIVE_UP_AFTER).isBetween(PipelineRules.MAX_ROLLOUT_DURATION, Duration.ofHours(24));
    }

    @Test
    void aLostRecordIsFoundAgainByTheToken() {
        assertThat(PipelinePolicy.onJob(job("j5", "r1"), Optional.empty(), seen(RUNNING), at(300)))
                .isInstanceOfSatisfying(
                        Decision.Hold.class,
                        held -> assertThat(held.job().rollout()).isEqualTo("r1"));
        assertThat(PipelinePolicy.onJob(job("j5", "r1"), Optional.empty(), NOTHING, at(300)))
                .isInstanceOfSatisfying(
                        Decision.Fail.class,
                        fail -> assertThat(fail.message()).contains("no record of the rollout r1"));
    }

    @Test
    void aMessageIsOneLineThatFitsAndKeepsItsLink() {
        String link = "https://api.example.com/v1/environments/prod/services/web/rollouts/r1";

        assertThat(JobResults.message("Tasks do not\nstay up.", link)).isEqualTo("Tasks do not stay up. " + link);
        assertThat(JobResults.message("x".repeat(9_000), link))
                .hasSize(JobResults.LONGEST_MESSAGE)
                .endsWith("… " + link);
    }

    private static PipelineJob.Deploy job(String id, @Nullable String token) {
        var credentials = new PipelineJob.Credentials("a", "b", "c");
        return new PipelineJob.Deploy(
                id, WEB, "e1", "registry", null, "{}", new PipelineJob.Artifact("bucket", "key", credentials), token);
    }

    private static DeployJob open(String job) {
        return DeployJob.first(WEB, "e1", job, T0);
    }

    private static DeployJob continued() {
        return open("j1").withRollout("r1").withState(JobState.CONTINUED);
    }

    private static DeployJob held() {
        return continued().withJob("j2", at(60));
    }

    private static Snapshot seen(RolloutProgress progress) {
        return new Snapshot(true, Optional.of(progress), Optional.empty());
    }

    private static Instant at(int seconds) {
        return T0.plusSeconds(seconds);
    }
}
