package dev.slipway.simulation.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.deployment.RolloutSettings;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.ServiceId;
import dev.slipway.ledger.LedgerEntry;
import dev.slipway.operation.Acceptance.Accepted;
import dev.slipway.operation.Acceptance.Request;
import dev.slipway.operation.ControlOverride;
import dev.slipway.problem.ProblemException;
import dev.slipway.release.Release;
import dev.slipway.rollout.Rollout;
import dev.slipway.service.Promotions.Candidate;
import dev.slipway.service.Promotions.Order;
import dev.slipway.service.RolloutRequest.ConcurrencyPolicy;
import dev.slipway.simulation.Ledgers;
import dev.slipway.simulation.World;
import dev.slipway.store.Stored;
import dev.slipway.store.Write;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is live in one environment goes live in another, when it has proven itself there. */
class PromotionsTest {
    private static final EnvironmentId STAGING = new EnvironmentId("staging");
    private static final EnvironmentId PROD = new EnvironmentId("prod");
    private static final ServiceId THERE = new ServiceId("staging", "web");
    private static final ServiceId HERE = new ServiceId("prod", "web");

    private static final String NOT_GRANTED = "network: {cidr: 172.17.0.0/16}\n";
    private static final String GRANTED = NOT_GRANTED + "promoteTo: [prod]\n";

    private final World world = new World(1);

    @BeforeEach
    void twoEnvironments() {
        assertThat(world.apply(STAGING, GRANTED).failure()).isNull();
        assertThat(world.apply(PROD, "network: {cidr: 172.18.0.0/16}\n").failure())
                .isNull();
        assertThat(world.apply(THERE, "container: {port: 8000}\nrollout: {strategy: canary}\n")
                        .failure())
                .isNull();
        assertThat(world.apply(HERE, "container: {port: 8000, memory: 1024}\nrollout: {strategy: rolling}\n")
                        .failure())
                .isNull();
    }

    private static Order asking(EnvironmentId from, @Nullable String reason) {
        return new Order(from, reason, null, ConcurrencyPolicy.REJECT, null);
    }

    private Accepted promote(@Nullable String reason) {
        return world.plane
                .promotions()
                .promote(HERE, asking(STAGING, reason), new Request("ann", "key-" + reason, "p"));
    }

    /** As a pipeline's build copies it: the same image in the other registry, digest and all. */
    private void copied(String tag) {
        var image = world.account
                .ecr()
                .batchGetImage(
                        request -> request.repositoryName("slipway-staging-web").imageIds(id -> id.imageTag(tag)))
                .images()
                .getFirst();
        world.account
                .ecr()
                .putImage(request -> request.repositoryName("slipway-prod-web")
                        .imageManifest(image.imageManifest())
                        .imageManifestMediaType(image.imageManifestMediaType())
                        .imageTag(tag));
    }

    @Test
    void whatIsProvenGoesOnByDigestAndTheDifferenceIsShownBefore() {
        assertThat(world.rollOut(THERE, "v1").state()).isEqualTo(Rollout.State.SUCCEEDED);
        Rollout proven = world.rollOut(THERE, "v2");
        assertThat(proven.progress().verdict()).isNotNull();
        copied("v2");

        Candidate candidate = world.plane.promotions().preview(HERE, asking(STAGING, null));
        assertThat(candidate.proven()).as(candidate.evidence()).isTrue();
        assertThat(candidate.settings()).containsExactly("memory");
        assertThat(World.json(candidate).toString())
                .as("names of settings, and no values of the other environment")
                .contains("memory")
                .doesNotContain("512", "1024");
        assertThat(candidate.findings()).noneMatch(finding -> finding.blocks());
        assertThat(candidate.forecast()).isNotNull();
        Accepted accepted = promote(null);
        assertThat(promote(null).location()).isEqualTo(accepted.location());

        Rollout rollout = world.rolledOut(HERE, accepted.location());
        assertThat(rollout.state()).as(rollout.outcome().detail()).isEqualTo(Rollout.State.SUCCEEDED);
        assertThat(rollout.request().image()).endsWith(candidate.digest());
        assertThat(Ledgers.of(world, HERE, LedgerEntry.EventType.PROMOTED))
                .singleElement()
                .satisfies(entry -> assertThat(entry.message()).contains("staging", "HEALTHY"));
    }

    /** What runs may have been made anew since: it is of the same commit. */
    @Test
    void theLeadTimeOfACommitIsKnownAfterARestartAndAnApply() {
        world.rollOut(THERE, "v1");
        Instant pushed = world.timeline.instant().minus(Duration.ofHours(1));
        Stored<Release> first = world.store.get(Release.key(THERE, 1)).orElseThrow();
        world.store.write(List.of(new Write.Update<>(
                first, first.value().with(next -> next.commit("0123abc").committedAt(pushed)))));
        world.rolledOut(
                THERE,
                world.plane.rollouts().restart(THERE, null, World.by("ann")).location());
        assertThat(committedAt(2)).isEqualTo(pushed);
        assertThat(world.apply(THERE, "container: {port: 8000, memory: 1024}\nrollout: {strategy: rolling}\n")
                        .failure())
                .isNull();
        assertThat(committedAt(3)).isEqualTo(pushed);
        copied("v1");

        Rollout rollout = world.rolledOut(HERE, promote("it is only configured").location());

        world.timeline.advance(Duration.ofHours(1));
        assertThat(rollout.state()).isEqualTo(Rollout.State.SUCCEEDED);
        assertThat(rollout.request().committedAt()).isEqualTo(pushed);
        assertThat(Objects.requireNonNull(world.plane.delivery().of(HERE, 30).leadTime())
                        .medianSeconds())
                .isEqualTo(Duration.between(pushed, rollout.requireOutcome().endedAt())
                        .toSeconds());
    }

    private @Nullable Instant committedAt(int release) {
        assertThat(world.record(THERE).live()).isEqualTo(release);
        return world.store
                .get(Release.key(THERE, release))
                .orElseThrow()
                .value()
                .committedAt();
    }

    @Test
    void whatNobodyHasJudgedNeedsAReason() {
        world.rollOut(THERE, "v1"); // the first release goes out rolling, without a verdict

        assertThatThrownBy(() -> promote(null)).hasMessageContaining("not-proven");
        assertThat(world.plane.promotions().preview(HERE, asking(STAGING, null)).findings())
                .filteredOn(finding -> finding.blocks())
                .extracting(finding -> finding.code())
                .containsExactly("not-proven", "image-not-found");
        copied("v1");
        Rollout rollout = world.rolledOut(HERE, promote("the first of all").location());

        assertThat(rollout.state()).as(rollout.outcome().detail()).isEqualTo(Rollout.State.SUCCEEDED);
        assertThat(Ledgers.of(world, HERE))
                .anyMatch(found -> found.message().contains("Promoted all the same: the first of all"));
    }

    @Test
    void nothingIsPromotedFromWhereNothingIsLive() {
        assertThatThrownBy(() -> promote("why not")).hasMessageContaining("nothing-to-promote");
        assertThatThrownBy(() -> world.plane.promotions().preview(HERE, asking(PROD, null)))
                .hasMessageContaining("promotion-to-itself");
    }

    @Test
    void whoMayPromoteToAnEnvironmentLearnsNothingOfOneThatDoesNotNameIt() {
        world.rollOut(HERE, "v7-of-prod");
        Order fromProd = asking(PROD, "curious");
        for (ThrowingCallable asked : List.<ThrowingCallable>of(
                () -> world.plane.promotions().preview(THERE, fromProd),
                () -> world.plane.promotions().promote(THERE, fromProd, new Request("ann", null, "p")))) {
            assertThatExceptionOfType(ProblemException.class).isThrownBy(asked).satisfies(refused -> {
                assertThat(refused.status()).isEqualTo(403);
                assertThat(refused.problem().code()).isEqualTo("promotion-not-granted");
                assertThat(refused.problem().detail())
                        .isEqualTo(
                                "promoteTo in the spec of prod does not name staging, so nothing of it is shown or promoted there.");
                assertThat(refused.problem().action())
                        .contains("promoteTo: [staging]", "PUT /v1/environments/prod/override?reason=…");
            });
        }
        assertThat(Ledgers.of(world, THERE, LedgerEntry.EventType.PROMOTED)).isEmpty();
    }

    @Test
    void whetherThereIsSuchAnEnvironmentOrServiceIsNotToldEither() {
        ServiceId onlyHere = new ServiceId("staging", "jobs");
        assertThat(world.apply(onlyHere, "container: {port: 8000}\nrouting: {paths: [/jobs/*]}\n")
                        .failure())
                .isNull();

        assertThat(refusal(onlyHere, "prod")).isEqualTo(refusal(THERE, "prod"));
        assertThat(refusal(THERE, "nowhere").replace("nowhere", "prod")).isEqualTo(refusal(THERE, "prod"));
    }

    private String refusal(ServiceId to, String from) {
        return assertThatExceptionOfType(ProblemException.class)
                .isThrownBy(() -> world.plane.promotions().preview(to, asking(new EnvironmentId(from), null)))
                .actual()
                .getMessage();
    }

    @Test
    void nothingIsPromotedAnyMoreOnceTheSourceNoLongerNamesTheTarget() {
        world.rollOut(THERE, "v1");
        assertThat(world.apply(STAGING, NOT_GRANTED).failure()).isNull();

        assertThatThrownBy(() -> promote("the first of all")).hasMessageContaining("promotion-not-granted");
    }

    @Test
    void onePromotionThatWaitsForItsTurnDoesNotStartOnceTheSourceNoLongerNamesTheTarget() {
        world.rollOut(THERE, "v1");
        copied("v1");
        world.rollOut(HERE, "v0");
        world.plane.rollouts().rollOut(HERE, World.asking("v9"), World.by("ann"));
        Accepted waiting = world.plane
                .promotions()
                .promote(
                        HERE,
                        new Order(STAGING, "the first of all", null, ConcurrencyPolicy.QUEUE, null),
                        World.by("ann"));

        assertThat(world.apply(STAGING, NOT_GRANTED).failure()).isNull();
        world.timeline.advance(Duration.ofMinutes(30));

        Rollout rollout = world.plane.rollouts().rollout(HERE, waiting.id());
        assertThat(rollout.state()).isEqualTo(Rollout.State.CANCELLED);
        assertThat(rollout.outcome().detail())
                .contains("It did not start. promoteTo in the spec of staging does not name prod any more.");
    }

    @Test
    void aPromotionHasSettingsOfItsOwnTakesItsTurnAndMayBeAnOverride() {
        assertThat(world.apply(HERE, "container: {port: 8000}\nrollout: {strategy: blue-green, bakeMinutes: 10}\n")
                        .failure())
                .isNull();
        world.rollOut(THERE, "v1");
        copied("v1");
        world.rollOut(HERE, "v0");
        RolloutSettings declared = world.record(HERE).declared().rollout();
        ControlOverride ordered = new ControlOverride(List.of(), "the shop is down");
        world.plane.rollouts().rollOut(HERE, World.asking("v9"), World.by("ann"));

        assertThatThrownBy(() -> promote("in a hurry")).hasMessageContaining("operation-in-progress");
        assertThatThrownBy(() -> world.plane
                        .promotions()
                        .promote(
                                HERE,
                                new Order(
                                        STAGING,
                                        "in a hurry",
                                        declared.withBakeMinutes(0),
                                        ConcurrencyPolicy.REPLACE,
                                        null),
                                World.by("ann")))
                .hasMessageContaining("override-required");
        Accepted accepted = world.plane
                .promotions()
                .promote(
                        HERE,
                        new Order(
                                STAGING, "in a hurry", declared.withBakeMinutes(0), ConcurrencyPolicy.REPLACE, ordered),
                        World.by("ann"));
        world.timeline.advance(Duration.ofMinutes(30));

        Rollout rollout = world.plane.rollouts().rollout(HERE, accepted.id());
        assertThat(rollout.state()).as(rollout.outcome().detail()).isEqualTo(Rollout.State.SUCCEEDED);
        assertThat(rollout.settings().bakeMinutes()).isZero();
        assertThat(Ledgers.of(world, HERE, LedgerEntry.EventType.CONTROLS_WEAKENED))
                .last()
                .satisfies(entry -> assertThat(entry.message()).contains("0 min bake", "the shop is down"));
    }
}
