package dev.slipway.rollout;

import static dev.slipway.rollout.Given.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.rollout.DeploymentPolicy.Current;
import dev.slipway.rollout.DeploymentPolicy.Glance;
import dev.slipway.rollout.DeploymentPolicy.Shift;
import dev.slipway.rollout.DeploymentPolicy.Start;
import dev.slipway.rollout.DeploymentPolicy.Watch;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeploymentPolicyTest {
    private static final String OLD = "web:1";
    private static final String NEW = "web:2";
    private static final Instant BEFORE = NOON.minusSeconds(3600);
    private static final Instant EDGE = NOON.minus(DeploymentPolicy.SKEW);

    private static Current current(String taskDefinition, Instant createdAt, boolean primary, boolean completed) {
        return new Current(taskDefinition, createdAt, primary, completed);
    }

    private static Start start(Current... deployments) {
        return DeploymentPolicy.start(true, List.of(deployments), NEW, NOON);
    }

    @Test
    void withoutAServiceTheReleaseIsTheFirst() {
        assertThat(DeploymentPolicy.start(false, List.of(), NEW, NOON)).isEqualTo(new Start.First());
    }

    @Test
    void aQuietServiceIsDeployedToOrLiveAlready() {
        assertThat(start(current(OLD, BEFORE, true, true))).isEqualTo(new Start.Deploy());
        assertThat(start(current(NEW, BEFORE, true, true))).isEqualTo(new Start.AlreadyLive());
    }

    @Test
    void whatWasDeployedSinceWeMeantToIsOurs() {
        assertThat(start(current(NEW, EDGE, true, false), current(OLD, BEFORE, false, true)))
                .isEqualTo(new Start.HasHappened());
        assertThat(start(current(NEW, EDGE, false, false), current(OLD, NOON, true, false)))
                .isEqualTo(new Start.HasHappened());
    }

    @Test
    void whatSomebodyElseHasDeployedSinceIsNotOurs() {
        assertThat(start(current(OLD, EDGE, true, true))).isEqualTo(new Start.Deploy());
    }

    @Test
    void somebodyElsesDeploymentIsWaitedFor() {
        assertThat(start(current(OLD, EDGE, true, false))).isEqualTo(new Start.Wait());
        assertThat(start(current(OLD, BEFORE, true, false))).isEqualTo(new Start.Wait());
        assertThat(start(current(OLD, BEFORE, true, true), current("web:0", BEFORE, false, true)))
                .isEqualTo(new Start.Wait());
        assertThat(start(current(NEW, EDGE.minusMillis(1), true, false), current(OLD, BEFORE, false, true)))
                .isEqualTo(new Start.Wait());
    }

    @Test
    void oneGlanceTellsInTheUsualCase() {
        assertThat(glance(current(NEW, EDGE, true, false))).isEqualTo(Glance.GOING);
        assertThat(glance(current(NEW, EDGE, true, true))).isEqualTo(Glance.LIVE);
        assertThat(glance(current(NEW, EDGE.minusMillis(1), true, true))).isEqualTo(Glance.UNCLEAR);
        assertThat(glance(current(OLD, NOON, true, true))).isEqualTo(Glance.UNCLEAR);
        assertThat(glance(current(NEW, NOON, false, true))).isEqualTo(Glance.UNCLEAR);
        assertThat(glance()).isEqualTo(Glance.UNCLEAR);
    }

    private static Glance glance(Current... deployments) {
        return DeploymentPolicy.glance(List.of(deployments), NEW, NOON);
    }

    private static Watch watch(@Nullable String known, boolean stop, Instant now, Shift... deployments) {
        return DeploymentPolicy.watch(List.of(deployments), known, stop, NOON, now);
    }

    private static Shift shift(String arn, Instant at, String status) {
        return new Shift(arn, at, status, "because");
    }

    @Test
    void oursIsTheFirstSinceWeMeantToUnlessWeKnowIt() {
        Shift early = shift("a", EDGE.minusMillis(1), "SUCCESSFUL");
        Shift first = shift("b", EDGE, "IN_PROGRESS");
        Shift later = shift("c", NOON, "SUCCESSFUL");

        assertThat(watch(null, false, NOON, later, first, early)).isEqualTo(new Watch.Going("b"));
        assertThat(watch("c", false, NOON, later, first, early)).isEqualTo(new Watch.Live("c"));
        assertThat(watch("a", false, NOON, later, first, early)).isEqualTo(new Watch.Live("a"));
    }

    @Test
    void eachStatusMeansWhatItSays() {
        assertThat(watch(null, true, NOON, shift("a", NOON, "SUCCESSFUL"))).isEqualTo(new Watch.Live("a"));
        assertThat(watch(null, true, NOON, shift("a", NOON, "ROLLBACK_SUCCESSFUL")))
                .isEqualTo(new Watch.TakenBack("a", "because"));
        assertThat(watch(null, true, NOON, shift("a", NOON, "STOPPED"))).isEqualTo(new Watch.Stopped("a", "because"));
        assertThat(watch(null, true, NOON, shift("a", NOON, "ROLLBACK_FAILED")))
                .isEqualTo(new Watch.Stuck("a", "because"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"PENDING", "IN_PROGRESS"})
    void whatGoesOnIsStoppedWhenItShall(String status) {
        assertThat(watch(null, false, NOON, shift("a", NOON, status))).isEqualTo(new Watch.Going("a"));
        assertThat(watch(null, true, NOON, shift("a", NOON, status))).isEqualTo(new Watch.Stop("a"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"STOP_REQUESTED", "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS", "A_NEW_ONE"})
    void whatIsStoppingIsLeftToIt(String status) {
        assertThat(watch(null, true, NOON, shift("a", NOON, status))).isEqualTo(new Watch.Going("a"));
    }

    @Test
    void aDeploymentThatDoesNotShowIsGivenSomeTime() {
        Instant limit = NOON.plus(DeploymentPolicy.SHOWS_WITHIN);

        assertThat(watch(null, false, limit)).isEqualTo(new Watch.NotYet());
        assertThat(watch(null, false, limit.plusMillis(1))).isEqualTo(new Watch.Never());
    }
}
