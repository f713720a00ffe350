package dev.slipway.deployment;

import static dev.slipway.deployment.SettingsFixture.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.deployment.DeploymentPolicy.DeploymentState;
import dev.slipway.deployment.DeploymentPolicy.MonitorDecision;
import dev.slipway.deployment.DeploymentPolicy.PrimaryStatus;
import dev.slipway.deployment.DeploymentPolicy.ServiceDeploymentState;
import dev.slipway.deployment.DeploymentPolicy.StartDecision;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeploymentPolicyTest {
    private static final String OLD = "web:1";
    private static final String NEW = "web:2";
    private static final Instant BEFORE = NOON.minusSeconds(3600);
    private static final Instant EDGE = NOON.minus(DeploymentPolicy.CLOCK_SKEW);

    private static DeploymentState current(
            String taskDefinition, Instant createdAt, boolean primary, boolean completed) {
        return new DeploymentState(taskDefinition, createdAt, primary, completed);
    }

    private static StartDecision start(DeploymentState... deployments) {
        return DeploymentPolicy.start(true, List.of(deployments), NEW, NOON);
    }

    @Test
    void withoutAServiceTheReleaseIsTheFirst() {
        assertThat(DeploymentPolicy.start(false, List.of(), NEW, NOON)).isEqualTo(new StartDecision.CreateService());
    }

    @Test
    void aQuietServiceIsDeployedToOrLiveAlready() {
        assertThat(start(current(OLD, BEFORE, true, true))).isEqualTo(new StartDecision.Deploy());
        assertThat(start(current(NEW, BEFORE, true, true))).isEqualTo(new StartDecision.AlreadyLive());
    }

    @Test
    void whatWasDeployedSinceWeMeantToIsOurs() {
        assertThat(start(current(NEW, EDGE, true, false), current(OLD, BEFORE, false, true)))
                .isEqualTo(new StartDecision.AlreadyStarted());
        assertThat(start(current(NEW, EDGE, false, false), current(OLD, NOON, true, false)))
                .isEqualTo(new StartDecision.AlreadyStarted());
    }

    @Test
    void whatSomebodyElseHasDeployedSinceIsNotOurs() {
        assertThat(start(current(OLD, EDGE, true, true))).isEqualTo(new StartDecision.Deploy());
    }

    @Test
    void somebodyElsesDeploymentIsWaitedFor() {
        assertThat(start(current(OLD, EDGE, true, false))).isEqualTo(new StartDecision.Wait());
        assertThat(start(current(OLD, BEFORE, true, false))).isEqualTo(new StartDecision.Wait());
        assertThat(start(current(OLD, BEFORE, true, true), current("web:0", BEFORE, false, true)))
                .isEqualTo(new StartDecision.Wait());
        assertThat(start(current(NEW, EDGE.minusMillis(1), true, false), current(OLD, BEFORE, false, true)))
                .isEqualTo(new StartDecision.Wait());
    }

    @Test
    void oneGlanceTellsInTheUsualCase() {
        assertThat(glance(current(NEW, EDGE, true, false))).isEqualTo(PrimaryStatus.IN_PROGRESS);
        assertThat(glance(current(NEW, EDGE, true, true))).isEqualTo(PrimaryStatus.LIVE);
        assertThat(glance(current(NEW, EDGE.minusMillis(1), true, true))).isEqualTo(PrimaryStatus.UNKNOWN);
        assertThat(glance(current(OLD, NOON, true, true))).isEqualTo(PrimaryStatus.UNKNOWN);
        assertThat(glance(current(NEW, NOON, false, true))).isEqualTo(PrimaryStatus.UNKNOWN);
        assertThat(glance()).isEqualTo(PrimaryStatus.UNKNOWN);
    }

    private static PrimaryStatus glance(DeploymentState... deployments) {
        return DeploymentPolicy.primaryStatus(List.of(deployments), NEW, NOON);
    }

    private static MonitorDecision watch(
            @Nullable String known, boolean stop, Instant now, ServiceDeploymentState... deployments) {
        return DeploymentPolicy.monitor(List.of(deployments), known, stop, NOON, NOON, now);
    }

    private static ServiceDeploymentState shift(String arn, Instant at, String status) {
        return new ServiceDeploymentState(arn, at, status, "because");
    }

    @Test
    void oursIsTheFirstSinceWeMeantToUnlessWeKnowIt() {
        ServiceDeploymentState early = shift("a", EDGE.minusMillis(1), "SUCCESSFUL");
        ServiceDeploymentState first = shift("b", EDGE, "IN_PROGRESS");
        ServiceDeploymentState later = shift("c", NOON, "SUCCESSFUL");

        assertThat(watch(null, false, NOON, later, first, early)).isEqualTo(new MonitorDecision.InProgress("b"));
        assertThat(watch("c", false, NOON, later, first, early)).isEqualTo(new MonitorDecision.Live("c"));
        assertThat(watch("a", false, NOON, later, first, early)).isEqualTo(new MonitorDecision.Live("a"));
    }

    @Test
    void eachStatusMeansWhatItSays() {
        assertThat(watch(null, true, NOON, shift("a", NOON, "SUCCESSFUL"))).isEqualTo(new MonitorDecision.Live("a"));
        assertThat(watch(null, true, NOON, shift("a", NOON, "ROLLBACK_SUCCESSFUL")))
                .isEqualTo(new MonitorDecision.RolledBack("a", "because"));
        assertThat(watch(null, true, NOON, shift("a", NOON, "STOPPED")))
                .isEqualTo(new MonitorDecision.Stopped("a", "because"));
        assertThat(watch(null, true, NOON, shift("a", NOON, "ROLLBACK_FAILED")))
                .isEqualTo(new MonitorDecision.RollbackFailed("a", "because"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"PENDING", "IN_PROGRESS"})
    void whatGoesOnIsStoppedWhenItShall(String status) {
        assertThat(watch(null, false, NOON, shift("a", NOON, status))).isEqualTo(new MonitorDecision.InProgress("a"));
        assertThat(watch(null, true, NOON, shift("a", NOON, status))).isEqualTo(new MonitorDecision.Stop("a"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"STOP_REQUESTED", "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS"})
    void whatIsStoppingIsLeftToIt(String status) {
        assertThat(watch(null, true, NOON, shift("a", NOON, status))).isEqualTo(new MonitorDecision.RollingBack("a"));
    }

    @Test
    void aStatusThatIsNotKnownYetIsWaitedFor() {
        assertThat(watch(null, true, NOON, shift("a", NOON, "A_NEW_ONE")))
                .isEqualTo(new MonitorDecision.InProgress("a"));
    }

    /** After 10 minutes it is overdue; the rollout was asked for at noon. */
    @ParameterizedTest
    @CsvSource({
        // began, rolling, nothing new, idle, rolling back, wants rolling, minutes after noon, decision
        "-60, true, false, false, false, true, 0, SUPERSEDE",
        "-5, true, false, false, false, true, 0, WAIT",
        "-5, true, false, false, false, false, 5, SUPERSEDE",
        "15, true, false, false, false, true, 16, WAIT",
        "15, true, false, false, false, true, 20, GIVE_UP",
        "-60, false, false, false, false, false, 0, WAIT",
        "-60, false, false, false, false, false, 10, GIVE_UP",
        "-60, false, true, false, false, false, 0, STOP",
        "-60, false, false, true, false, false, 0, STOP",
        "-60, false, false, true, false, true, 19, STOP",
        "-60, false, true, false, false, false, 20, GIVE_UP",
        "-60, false, true, false, true, false, 0, SUPERSEDE",
        "-5, false, true, false, true, false, 0, WAIT",
        "-60, false, false, false, true, true, 19, WAIT",
        "-60, false, false, false, true, true, 20, GIVE_UP"
    })
    void whatCanNotEndIsDisplacedAndWhatIsWellIsLeftToItsOwner(
            int began,
            boolean rolling,
            boolean nothingNew,
            boolean idle,
            boolean rollingBack,
            boolean wantsRolling,
            int minutes,
            DeploymentPolicy.Displacement decision) {
        assertThat(DeploymentPolicy.displace(
                        new DeploymentPolicy.OtherDeployment(
                                NOON.plus(Duration.ofMinutes(began)), rolling, nothingNew, idle, rollingBack),
                        NOON,
                        wantsRolling,
                        Duration.ofMinutes(10),
                        NOON.plus(Duration.ofMinutes(minutes))))
                .isEqualTo(decision);
    }

    @Test
    void aDeploymentThatDoesNotShowIsGivenSomeTime() {
        Instant limit = NOON.plus(DeploymentPolicy.VISIBLE_WITHIN);

        assertThat(watch(null, false, limit)).isEqualTo(new MonitorDecision.NotVisibleYet());
        assertThat(watch(null, false, limit.plusMillis(1))).isEqualTo(new MonitorDecision.Missing());
    }

    /** Before ECS takes the call there may be an hour in which it refuses it. */
    @Test
    void theTimeInWhichItMustShowCountsFromTheCall() {
        Instant called = NOON.plus(Duration.ofHours(1));

        assertThat(DeploymentPolicy.monitor(List.of(), null, false, NOON, called, called.plusSeconds(5)))
                .isEqualTo(new MonitorDecision.NotVisibleYet());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            false | false | Service deployment rolled back because of a user request.                          | ORDER
            false | false | ROLLBACK was requested.                                                            | ORDER
            true  | false | Service deployment rolled back because of a user request.                          | CIRCUIT_BREAKER
            false | true  | Service deployment rolled back because of a user request.                          | ALARM
            false | true  | Service deployment rolled back because the circuit breaker threshold was exceeded. | ALARM
            false | false | Service deployment rolled back because the circuit breaker threshold was exceeded. | CIRCUIT_BREAKER
            false | false | Service deployment rolled back because of CloudWatch alarm(s).                     | ALARM
            false | false | Service deployment rolled back because of hook execution failure(s).               | HOOK
            false | false | Service deployment rolled back because a lifecycle hook timed out.                 | HOOK
            false | false | Service deployment rolled back because a lifecycle stage timed out.                | TIME_LIMIT
            false | false | Service deployment rolled back because traffic could not be shifted.               | TRAFFIC
            false | false | It failed.                                                                         | UNKNOWN
            false | false |                                                                                    | UNKNOWN
            """)
    void theCauseOfARollbackIsToldFromItsSignsAndWordsAndWhatNothingElseExplainsWasOrdered(
            boolean broken, boolean alarmed, @Nullable String reason, DeploymentPolicy.RollbackCause cause) {
        assertThat(DeploymentPolicy.cause(new DeploymentPolicy.RollbackState(broken, alarmed, reason)))
                .isEqualTo(cause);
    }

    /** Clocks may differ by so much, and answers may be from a moment ago. */
    @Test
    void anAnswerWhosePrimaryIsOlderThanOurWishIsFromBefore() {
        assertThat(DeploymentPolicy.isFromBefore(List.of(current(OLD, EDGE.minusMillis(1), true, true)), NOON))
                .isTrue();
        assertThat(DeploymentPolicy.isFromBefore(List.of(current(NEW, EDGE, true, false)), NOON))
                .isFalse();
        assertThat(DeploymentPolicy.isFromBefore(
                        List.of(current(OLD, BEFORE, false, true), current(NEW, NOON, true, false)), NOON))
                .isFalse();
        assertThat(DeploymentPolicy.isFromBefore(List.of(), NOON)).isFalse();
    }
}
