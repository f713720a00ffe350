package dev.slipway.simulation.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.dora.DeliveryMetrics.Durations;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.PipelineId;
import dev.slipway.id.ServiceId;
import dev.slipway.ledger.LedgerEntry;
import dev.slipway.operation.Acceptance.Accepted;
import dev.slipway.operation.Operation;
import dev.slipway.pipeline.PipelineEvent.State;
import dev.slipway.plan.Declarations.Deletion;
import dev.slipway.plan.Declarations.Order;
import dev.slipway.problem.ProblemException;
import dev.slipway.rollout.Rollout;
import dev.slipway.simulated.codepipeline.SimulatedCodePipeline;
import dev.slipway.simulated.codepipeline.SimulatedCodePipeline.Pushed;
import dev.slipway.simulated.codepipeline.SourcePush;
import dev.slipway.simulation.Ledgers;
import dev.slipway.simulation.World;
import dev.slipway.status.HealthReason;
import dev.slipway.store.Stored;
import dev.slipway.store.Write;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** From a push to production: what pipelines do, and what they say when something goes wrong. */
class PipelinesTest {
    private static final PipelineId WEB = new PipelineId("web");
    private static final String NAME = WEB.stackName();
    private static final String COMMIT = "3f2c8a91b7d0e5f6a7b8c9d0e1f2a3b4c5d6e7f8";

    private World world = new World(1);
    private SimulatedCodePipeline codePipeline = world.account.pipelines();

    private void created(String rollout, String... environments) {
        int network = 17;
        for (String environment : environments) {
            EnvironmentId id = new EnvironmentId(environment);
            assertThat(world.apply(id, "network: {cidr: 172.%d.0.0/16}\n".formatted(network++))
                            .failure())
                    .isNull();
            assertThat(world.apply(
                                    WEB.serviceIn(environment),
                                    "container: {port: 8000}\nrollout: {%s}\n".formatted(rollout))
                            .failure())
                    .isNull();
            world.plane.pipelines().grants().grant(id, WEB, World.by("ann"));
        }
        declared(environments);
        approve();
    }

    /** Its first execution, which CodePipeline starts by itself, ends at the pending connection. */
    private void declared(String... environments) {
        String stages =
                Arrays.stream(environments).map("{environment: %s}"::formatted).collect(Collectors.joining(", "));
        Operation made = world.apply(WEB, "repository: {id: acme/web}\ndeploy: [%s]\n".formatted(stages));
        assertThat(made.failure()).isNull();
        assertThat(made.notes()).singleElement().asString().contains("waits for a person");
        until(() -> codePipeline.executions(NAME).size() == 1
                && !codePipeline
                        .status(codePipeline.executions(NAME).getFirst())
                        .equals("InProgress"));
        world.timeline.advance(Duration.ofMinutes(1));
    }

    private void approve() {
        world.account.approveConnection(codePipeline.connectionOf(NAME).orElseThrow());
    }

    private String push(String tag) {
        return switch (codePipeline.push(NAME, SourcePush.of(COMMIT, tag))) {
            case Pushed.Started started -> started.execution();
            case Pushed.Ignored ignored -> throw new AssertionError(ignored);
            case Pushed.NoPipeline none -> throw new AssertionError(none);
        };
    }

    private void until(BooleanSupplier reached) {
        Instant limit = world.timeline.instant().plus(Duration.ofDays(2));
        while (!reached.getAsBoolean()) {
            assertThat(world.timeline.instant()).isBefore(limit);
            world.timeline.step();
        }
    }

    private String pushed(String tag) {
        String execution = push(tag);
        until(() -> !codePipeline.status(execution).equals("InProgress"));
        world.timeline.advance(Duration.ofMinutes(1)); // its last events
        return codePipeline.status(execution);
    }

    private List<Rollout> rollouts(String environment) {
        return world.plane.rollouts().rollouts(WEB.serviceIn(environment), 50, null).items().stream()
                .map(Stored::value)
                .toList();
    }

    /** A pipeline's record keeps ten executions; what a rollout was pushed by stays with it. */
    @Test
    void theLeadTimeOfACommitStaysWhenItsExecutionIsForgotten() {
        created("strategy: rolling", "dev", "prod");
        ServiceId prod = WEB.serviceIn("prod");
        List<Duration> leads = new ArrayList<>();
        for (int i = 1; i <= 13; i++) {
            String execution = switch (codePipeline.push(NAME, SourcePush.of("%040x".formatted(i), "v" + i))) {
                case Pushed.Started started -> started.execution();
                case Pushed other -> throw new AssertionError(other);
            };
            Instant pushed = world.timeline.instant();
            until(() -> !codePipeline.status(execution).equals("InProgress"));
            Rollout rollout = rollouts("prod").getFirst();
            assertThat(Objects.requireNonNull(rollout.request().committedAt()))
                    .isBetween(pushed.minusSeconds(5), pushed.plusSeconds(60));
            leads.add(Duration.between(
                    rollout.request().committedAt(), rollout.requireOutcome().endedAt()));
            world.timeline.advance(Duration.ofHours(1));
        }
        leads.sort(Comparator.naturalOrder());

        Durations metrics =
                Objects.requireNonNull(world.plane.delivery().of(prod, 30).leadTime());

        assertThat(metrics)
                .isEqualTo(new Durations(leads.get(6).toSeconds(), leads.get(11).toSeconds(), 13));
        assertThat(metrics.medianSeconds())
                .as("its build and dev's rollout come before it")
                .isGreaterThan(600);
        Stored<Rollout> oldest = world.store
                .get(Rollout.key(prod, rollouts("prod").getLast().id()))
                .orElseThrow();
        world.store.write(List.of(new Write.Update<>(
                oldest, oldest.value().withRequest(oldest.value().request().withCommittedAt(null)))));
        assertThat(Objects.requireNonNull(world.plane.delivery().of(prod, 30).leadTime())
                        .known())
                .as("one from before that was kept, whose execution is forgotten")
                .isEqualTo(12);
    }

    @Test
    void aPushGoesThroughEveryEnvironmentToProduction() {
        created("strategy: rolling", "dev", "staging", "prod");

        assertThat(pushed("v1")).isEqualTo("Succeeded");

        for (String environment : List.of("dev", "staging", "prod")) {
            assertThat(rollouts(environment)).singleElement().satisfies(rollout -> {
                assertThat(rollout.state()).isEqualTo(Rollout.State.SUCCEEDED);
                assertThat(rollout.request().commit()).isEqualTo(COMMIT);
                assertThat(rollout.request().tag()).isEqualTo("v1");
                assertThat(rollout.request().image())
                        .endsWith(rollouts("dev").getFirst().request().image().replaceFirst(".*@", ""));
                assertThat(rollout.request().actor()).isEqualTo("pipeline/web");
            });
        }
        assertThat(rollouts("prod").getFirst().progress().startedAt())
                .isAfter(rollouts("staging").getFirst().outcome().endedAt());
        assertThat(world.plane.pipelines().executions(WEB).executions())
                .filteredOn(execution ->
                        execution.id().equals(codePipeline.executions(NAME).getLast()))
                .singleElement()
                .satisfies(execution -> {
                    assertThat(execution.state()).isEqualTo(State.SUCCEEDED);
                    assertThat(execution.commit()).isEqualTo(COMMIT);
                    assertThat(execution.author()).isNotBlank();
                    assertThat(execution.stages()).anyMatch(step -> step.name().equals("Deploy-prod/Deploy-prod"));
                });
    }

    @Test
    void anEnvironmentIsToldOfThePipelinesThatDeployToItAndOfNoOtherEnvironment() {
        created("strategy: rolling", "dev", "prod");
        assertThat(pushed("v1")).isEqualTo("Succeeded");
        var pipelines = world.plane.pipelines();

        assertThat(pipelines.deploysTo(WEB.serviceIn("dev"))).isTrue();
        assertThat(pipelines.newestExecution(WEB.serviceIn("dev")).orElseThrow().stages())
                .extracting(step -> step.name())
                .contains("Source", "Build", "Deploy-dev", "Deploy-dev/Deploy-dev")
                .noneMatch(name -> name.contains("prod"));
        assertThat(pipelines
                        .newestExecution(WEB.serviceIn("prod"))
                        .orElseThrow()
                        .stages())
                .extracting(step -> step.name())
                .contains("Source", "Deploy-prod/Deploy-prod")
                .noneMatch(name -> name.contains("dev"));

        assertThat(world.apply(WEB, "repository: {id: acme/web}\ndeploy: [{environment: prod}]\n")
                        .failure())
                .isNull();
        assertThat(pipelines.deploysTo(WEB.serviceIn("dev"))).isFalse();
        assertThat(pipelines.deploysTo(WEB.serviceIn("prod"))).isTrue();
    }

    @Test
    void thePipelineIsToldInTheMomentTheRolloutEnds() {
        created("strategy: rolling", "dev");
        String execution = push("v1");
        until(() -> !codePipeline.status(execution).equals("InProgress"));

        Instant ended = rollouts("dev").getFirst().outcome().endedAt();
        assertThat(Duration.between(ended, world.timeline.instant())).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void aBadReleaseEndsThePipelineWhereItIsFoundOut() {
        created("strategy: rolling", "dev", "prod");

        assertThat(pushed("v1-crash")).isEqualTo("Failed");

        String rollout = rollouts("dev").getFirst().id();
        assertThat(world.plane.pipelines().executions(WEB).executions().stream()
                        .flatMap(found -> found.stages().stream())
                        .filter(step -> step.name().equals("Deploy-dev/Deploy-dev"))
                        .findFirst()
                        .orElseThrow()
                        .result()
                        .summary())
                .endsWith("https://api.example/v1/environments/dev/services/web/rollouts/" + rollout);
        assertThat(rollouts("prod")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPipelineDeploysUnderAGrantOnly(boolean again) {
        created("strategy: rolling", "dev", "prod");
        world.plane.pipelines().grants().revoke(new EnvironmentId("prod"), WEB, World.by("eve"));
        String execution = push("v1");
        until(() -> !codePipeline.status(execution).equals("InProgress"));

        assertThat(codePipeline.status(execution)).isEqualTo("Failed");
        assertThat(codePipeline.stage(execution)).isEqualTo("Deploy-prod");
        assertThat(codePipeline.said(execution)).contains("no grant to deploy to prod");
        assertThat(rollouts("prod")).isEmpty();
        if (again) {
            world.plane.pipelines().grants().grant(new EnvironmentId("prod"), WEB, World.by("bob"));
            codePipeline.retry(execution);
            until(() -> !codePipeline.status(execution).equals("InProgress"));
            assertThat(codePipeline.status(execution)).isEqualTo("Succeeded");
            assertThat(rollouts("prod")).hasSize(1);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "v1-no-definitions, has no imagedefinitions.json, Deploy-dev",
        "v1-missing, There is no image v1-missing, Deploy-dev",
        "v1-build-fails, Build terminated, Build"
    })
    void whatTheBuildLeftWrongIsSaid(String tag, String said, String stage) {
        created("strategy: rolling", "dev");
        String execution = push(tag);
        until(() -> !codePipeline.status(execution).equals("InProgress"));

        assertThat(codePipeline.status(execution)).isEqualTo("Failed");
        assertThat(codePipeline.stage(execution)).isEqualTo(stage);
        assertThat(codePipeline.said(execution)).contains(said);
        assertThat(rollouts("dev")).isEmpty();
        world.timeline.advance(Duration.ofMinutes(1)); // its last events
        assertThat(world.plane.statuses().of(WEB.serviceIn("dev")).reasons())
                .filteredOn(reason -> reason.level() == HealthReason.Level.PIPELINE)
                .singleElement()
                .satisfies(reason -> {
                    assertThat(reason.message()).startsWith("Its pipeline has failed in " + stage);
                    assertThat(reason.more()).isEqualTo("/v1/pipelines/web");
                });
    }

    /** The job comes right after the build that has pushed it. */
    @ParameterizedTest
    @ValueSource(ints = {10, 60, 150})
    void anImageThatTheRegistryShowsLateGoesOutAllTheSame(int seconds) {
        created("strategy: rolling", "dev");
        String execution = push("v1");
        until(() -> codePipeline.stage(execution).equals("Deploy-dev"));
        world.chaos.imagesShownAt = world.timeline.instant().plusSeconds(seconds);
        until(() -> !codePipeline.status(execution).equals("InProgress"));

        assertThat(codePipeline.status(execution))
                .as(codePipeline.said(execution))
                .isEqualTo("Succeeded");
        assertThat(rollouts("dev")).hasSize(1);
    }

    @Test
    void whatFailsInProductionIsNotToldToWhoSeesDev() {
        created("strategy: rolling", "dev", "prod");
        world.plane.pipelines().grants().revoke(new EnvironmentId("prod"), WEB, World.by("bob"));
        world.timeline.advance(Duration.ofMinutes(1));
        assertThat(pushed("v1")).isEqualTo("Failed");

        assertThat(world.plane.statuses().of(WEB.serviceIn("dev")).reasons()).isEmpty();
        assertThat(world.plane.statuses().of(WEB.serviceIn("prod")).reasons())
                .extracting(HealthReason::level)
                .contains(HealthReason.Level.PIPELINE);
    }

    @Test
    void aStoppedExecutionStopsItsRollout() {
        created("strategy: blue-green, bakeMinutes: 60", "dev");
        assertThat(pushed("v1")).isEqualTo("Succeeded");
        String execution = push("v2");
        until(() -> rollouts("dev").size() == 2);
        world.timeline.advance(Duration.ofMinutes(10));

        codePipeline.stop(execution);
        world.settle();

        assertThat(rollouts("dev").getFirst().state()).isEqualTo(Rollout.State.CANCELLED);
        assertThat(codePipeline.status(execution)).isEqualTo("Stopped");
    }

    @Test
    void aJobThatComesTwiceStartsOneRollout() {
        created("strategy: rolling", "dev");
        String execution = push("v1");
        until(() -> codePipeline.stage(execution).equals("Deploy-dev"));
        codePipeline.deliverAgain(execution);
        codePipeline.deliverAgain(execution);
        until(() -> !codePipeline.status(execution).equals("InProgress"));

        assertThat(codePipeline.status(execution)).isEqualTo("Succeeded");
        assertThat(rollouts("dev")).hasSize(1);
    }

    @Test
    void waitsForAnApprovalForHoursAndSaysSo() {
        created("strategy: blue-green, approval: {when: before-production, timeoutMinutes: 600}", "dev");
        world.rollOut(WEB.serviceIn("dev"), "v1");
        String execution = push("v2");
        until(() -> rollouts("dev").size() == 2);
        world.timeline.advance(Duration.ofHours(5));

        assertThat(codePipeline.status(execution)).isEqualTo("InProgress");
        assertThat(codePipeline.said(execution)).contains("waits for an approval");

        ServiceId dev = WEB.serviceIn("dev");
        world.answer(dev, rollouts("dev").getFirst().id(), true, null, "bob");
        until(() -> !codePipeline.status(execution).equals("InProgress"));
        assertThat(codePipeline.status(execution))
                .as(codePipeline.said(execution))
                .isEqualTo("Succeeded");
    }

    @Test
    void ofTwoThatWaitTheNewerGoesOnAndAnOlderOneComesBackNoMore() {
        created("strategy: rolling", "dev");
        String first = push("v1-crash");
        world.timeline.advance(Duration.ofMinutes(4));
        String second = push("v2");
        world.timeline.advance(Duration.ofSeconds(90));
        String third = push("v3");
        until(() -> !codePipeline.status(third).equals("InProgress"));

        assertThat(codePipeline.status(third)).isEqualTo("Succeeded");
        assertThat(codePipeline.status(first)).isEqualTo("Failed");
        assertThat(codePipeline.status(second)).isIn("Superseded", "Succeeded");
        codePipeline.retry(first);
        until(() -> !codePipeline.status(first).equals("InProgress"));
        assertThat(codePipeline.said(first)).contains("would bring older code back");
        assertThat(rollouts("dev").getFirst().request().tag()).isEqualTo("v3");
    }

    @Test
    void oneThatComesWhileTheServiceIsChangedWaitsItsTurn() {
        created("strategy: rolling", "dev");
        String execution = push("v2");
        world.timeline.advance(Duration.ofMinutes(3));
        world.plane.rollouts().rollOut(WEB.serviceIn("dev"), World.asking("v1"), World.by("ann"));
        until(() -> !codePipeline.status(execution).equals("InProgress"));

        assertThat(codePipeline.status(execution))
                .as(codePipeline.said(execution))
                .isEqualTo("Succeeded");
        assertThat(rollouts("dev"))
                .extracting(rollout -> rollout.request().tag())
                .containsExactly("v2", "v1");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void endsAsItShouldWhateverGoesWrongOnTheWay(long seed) {
        world = new World(seed);
        codePipeline = world.account.pipelines();
        created("strategy: rolling", "dev", "prod");
        world.chaos.on = true;
        String execution = push("v1");
        until(() -> !codePipeline.status(execution).equals("InProgress"));
        world.chaos.on = false;

        assertThat(codePipeline.status(execution))
                .as("%d: %s", seed, codePipeline.said(execution))
                .isEqualTo("Succeeded");
        assertThat(rollouts("dev")).hasSize(1);
        assertThat(rollouts("prod")).hasSize(1);
    }

    private static final String SPEC =
            "repository: {id: acme/web}\nbuild: {test: {commands: [make test]}}\ndeploy: [{environment: dev}, {environment: prod}]\n";

    private Accepted put(String spec) {
        Accepted accepted = world.plane
                .pipelines()
                .pipelines()
                .apply(WEB, World.pipelineSpec(spec), new Order(null, Set.of(), null), World.by("mallory"));
        world.settle();
        world.timeline.advance(Duration.ofMinutes(1));
        return accepted;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "repository: {id: mallory/evil}\nbuild: {test: {commands: [make test]}}\ndeploy: [{environment: dev}, {environment: prod}]\n",
                "repository: {id: acme/web, branch: x}\nbuild: {test: {commands: [make test]}}\ndeploy: [{environment: dev}, {environment: prod}]\n",
                "repository: {id: acme/web}\nbuild: {test: {commands: ['true']}}\ndeploy: [{environment: dev}, {environment: prod}]\n",
                "repository: {id: acme/web}\ndeploy: [{environment: dev}, {environment: prod}]\n",
                "repository: {id: acme/web}\nbuild: {test: {commands: [make test]}}\ndeploy: [{environment: prod}]\n",
                "repository: {id: acme/web}\nbuild: {test: {commands: [make test]}, variables: {BASH_ENV: ./evil}}\ndeploy: [{environment: dev}, {environment: prod}]\n",
                "repository: {id: acme/web}\nbuild: {test: {commands: [make test]}, arguments: {BASE: evil}}\ndeploy: [{environment: dev}, {environment: prod}]\n",
                "repository: {id: acme/web}\nbuild: {test: {commands: [make test]}, dockerfile: evil/Dockerfile}\ndeploy: [{environment: dev}, {environment: prod}]\n",
            })
    void aGrantIsForWhatItWasGivenForAndAPutThatChangesThatIsToldAndDeploysNothing(String changed) {
        created("strategy: rolling", "dev", "prod");
        // The grants were given for the first spec; these people look again, and give them for this one.
        put(SPEC);
        for (String environment : List.of("dev", "prod")) {
            world.plane.pipelines().grants().grant(new EnvironmentId(environment), WEB, World.by("ann"));
        }
        assertThat(put(SPEC).warnings()).isEmpty();

        assertThat(put(changed).warnings())
                .anySatisfy(warning -> assertThat(warning)
                        .contains(
                                "The grant of prod was given for acme/web, branch main",
                                "PUT /v1/environments/prod/grants/web"));
        assertThat(Ledgers.of(world, WEB, LedgerEntry.EventType.SPEC_ACCEPTED))
                .anySatisfy(entry -> assertThat(entry.message()).contains("The grant of prod was given for acme/web"));
        assertThat(Ledgers.of(world, new EnvironmentId("prod"), LedgerEntry.EventType.GRANT_LAPSED))
                .last()
                .satisfies(entry -> {
                    assertThat(entry.actor()).isEqualTo("mallory");
                    assertThat(entry.message())
                            .contains("The grant of prod was given for acme/web", "after test (make test), dev, and");
                });
        put(changed);
        assertThat(Ledgers.of(world, new EnvironmentId("prod"), LedgerEntry.EventType.GRANT_LAPSED))
                .as("the first spec's, and this one's once")
                .hasSize(2);
        String execution = push("v1", changed.contains("branch: x") ? "x" : "main");
        until(() -> !codePipeline.status(execution).equals("InProgress"));
        assertThat(codePipeline.status(execution)).isEqualTo("Failed");
        assertThat(codePipeline.said(execution)).contains("no grant to deploy to");
        assertThat(rollouts("prod")).isEmpty();

        for (String environment : List.of("dev", "prod")) {
            world.plane.pipelines().grants().grant(new EnvironmentId(environment), WEB, World.by("ann"));
        }
        String again = push("v2", changed.contains("branch: x") ? "x" : "main");
        until(() -> !codePipeline.status(again).equals("InProgress"));
        assertThat(codePipeline.status(again)).as(codePipeline.said(again)).isEqualTo("Succeeded");
    }

    private String push(String tag, String branch) {
        SourcePush push = new SourcePush(COMMIT, branch, List.of(), tag, "Change something", "ann", true);
        return ((Pushed.Started) codePipeline.push(NAME, push)).execution();
    }

    @Test
    void aGrantDoesNotOutliveItsPipelineAndOneThatHasDeployedIsDeletedByItsNameOnly() {
        created("strategy: rolling", "dev");
        assertThat(pushed("v1")).isEqualTo("Succeeded");

        for (String confirm : new String[] {null, "api"}) {
            assertThatThrownBy(() -> delete(confirm)).isInstanceOfSatisfying(ProblemException.class, refused -> {
                assertThat(refused.status()).isEqualTo(409);
                assertThat(refused.problem().code()).isEqualTo("confirmation-required");
                assertThat(refused.problem().detail()).contains("has deployed to dev", NAME);
                assertThat(refused.problem().action()).contains("?confirm=web");
            });
        }
        assertThat(delete("web").warnings().getFirst()).contains("It removes the stack " + NAME);
        world.settle();
        world.timeline.advance(Duration.ofMinutes(5));

        assertThatThrownBy(() -> put("repository: {id: acme/web}\ndeploy: [{environment: dev}]\n"))
                .hasMessageContaining("does not fit")
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        refused -> assertThat(
                                        refused.problem().errors().getFirst().message())
                                .contains("has no grant for this pipeline"));
    }

    @Test
    void aPipelineAtWorkIsDeletedByItsNameOnlyAndTheAnswerNamesWhatIsCutOff() {
        created("strategy: rolling", "dev");
        String execution = push("v1");
        world.timeline.advance(Duration.ofSeconds(30));

        assertThatThrownBy(() -> delete(null))
                .hasMessageContaining("is at work")
                .hasMessageContaining(execution);
        assertThat(delete("web").warnings().getFirst()).contains(execution);
    }

    private Accepted delete(@Nullable String confirm) {
        return world.plane.pipelines().pipelines().delete(WEB, new Deletion(null, Set.of(), confirm), World.by("ann"));
    }
}
