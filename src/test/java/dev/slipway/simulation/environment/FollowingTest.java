package dev.slipway.simulation.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.environment.LateFollower;
import dev.slipway.id.ServiceId;
import dev.slipway.ledger.LedgerEntry;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Operation.FollowingService;
import dev.slipway.operation.Operation.FollowingState;
import dev.slipway.operation.Phase;
import dev.slipway.operation.Transaction;
import dev.slipway.plan.Declarations.Order;
import dev.slipway.plan.Plan;
import dev.slipway.plan.Plans;
import dev.slipway.problem.ProblemException;
import dev.slipway.rollout.Rollout;
import dev.slipway.service.EnvironmentDigest;
import dev.slipway.simulation.Ledgers;
import dev.slipway.simulation.World;
import dev.slipway.stack.Risk;
import dev.slipway.store.Write;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.cloudformation.model.Parameter;

/** Services follow their environment: what it gives them and has changed reaches them without a further request. */
class FollowingTest {
    private static final String BEFORE = "terminationProtection: false\nnetwork: {natGateways: none}\n";
    private static final String AFTER = "terminationProtection: false\nnetwork: {natGateways: one}\n";
    private static final ServiceId API = new ServiceId("dev", "api");

    private final World world = new World(1).withoutAlarms();

    private void live() {
        assertThat(world.apply(World.DEV, BEFORE).failure()).isNull();
        assertThat(world.apply(World.WEB, "container: {port: 8000}\n").failure())
                .isNull();
        assertThat(world.apply(API, "container: {port: 8000}\nrouting: {paths: [/api/*]}\n")
                        .failure())
                .isNull();
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(Rollout.State.SUCCEEDED);
        assertThat(outdated(World.WEB)).isFalse();
    }

    private boolean outdated(ServiceId id) {
        return EnvironmentDigest.isOutdated(
                world.record(id), world.plane.environments().get(World.DEV));
    }

    @Test
    void theyGetTheOutputsThatHaveChanged() {
        live();
        String before = world.parameter(World.WEB, "TaskSubnets");

        Operation applied = world.apply(World.DEV, AFTER);

        assertThat(applied.state()).isEqualTo(Operation.State.SUCCEEDED);
        assertThat(world.parameter(World.WEB, "AssignPublicIp")).isEqualTo("DISABLED");
        assertThat(world.parameter(World.WEB, "TaskSubnets")).isNotEqualTo(before);
        assertThat(world.parameter(API, "AssignPublicIp")).isEqualTo("DISABLED");
        assertThat(outdated(World.WEB)).isFalse();
        assertThat(outdated(API)).isFalse();
        assertThat(world.traffic(World.WEB).allServed()).isTrue();
        Operation first = world.plane.operations().find(API, applied.id()).orElseThrow();
        Operation second =
                world.plane.operations().find(World.WEB, applied.id()).orElseThrow();
        assertThat(first.actor()).isEqualTo("ann");
        assertThat(second.acceptedAt()).isBefore(first.endedAt());
        assertThat(applied.services())
                .containsExactly(
                        new FollowingService("api", FollowingState.DONE, null),
                        new FollowingService("web", FollowingState.DONE, null));
    }

    private Set<String> resources() {
        return world.resources(World.DEV).keySet();
    }

    /** No task in a private subnet without a NAT gateway, at any moment. */
    private void stepsWithAWayOut() {
        while (world.plane.operations().findRunning(World.DEV).isPresent()
                || world.plane.operations().findRunning(World.WEB).isPresent()) {
            boolean isPrivate = world.parameter(World.WEB, "AssignPublicIp").equals("DISABLED");
            if (isPrivate) {
                assertThat(resources()).contains("NatGatewayA", "PrivateRouteA");
            }
            world.timeline.step();
        }
    }

    private String start(String yaml) {
        return start(yaml, Set.of("NatGatewayA", "NatAddressA"));
    }

    private String start(String yaml, Set<String> allowed) {
        return world.plane
                .environments()
                .apply(World.DEV, World.environmentSpec(yaml), World.anything(allowed), World.by("ann"))
                .id();
    }

    private Operation operation(String id) {
        return world.plane.operations().find(World.DEV, id).orElseThrow();
    }

    @Test
    void tasksMoveOutBeforeTheirGatewaysGo() {
        live();
        assertThat(world.apply(World.DEV, AFTER).failure()).isNull();

        String id = start(BEFORE);
        stepsWithAWayOut();

        assertThat(operation(id).failure()).isNull();
        assertThat(operation(id).notes()).isEmpty();
        assertThat(resources()).doesNotContain("NatGatewayA", "PrivateRouteA");
        assertThat(world.parameter(World.WEB, "AssignPublicIp")).isEqualTo("ENABLED");
        assertThat(world.parameter(World.DEV, "MoveTasksOut")).isEqualTo("false");
        assertThat(world.traffic(World.WEB).allServed()).isTrue();
        assertThat(outdated(World.WEB)).isFalse();
    }

    /** What CloudFormation shows of the stack may be what was before the tasks were told to move out; its events are not late. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6})
    void theirGatewaysStayWhileTheStackIsShownAsItWas(int seed) {
        live();
        assertThat(world.apply(World.DEV, AFTER).failure()).isNull();
        Random random = new Random(seed);
        world.chaos.stacksShownLate(() -> Duration.ofSeconds(random.nextInt(31)));

        String id = start(BEFORE);
        stepsWithAWayOut();

        assertThat(operation(id).failure()).isNull();
        assertThat(resources()).doesNotContain("NatGatewayA", "PrivateRouteA");
        assertThat(world.parameter(World.WEB, "AssignPublicIp")).isEqualTo("ENABLED");
        assertThat(outdated(World.WEB)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"one", "per-zone"})
    void theyStayWhereTheyAreWhenTheGatewaysMayNotGo(String gateways) {
        live();
        assertThat(world.apply(World.DEV, AFTER.replace("one", gateways)).failure())
                .isNull();

        Operation refused = world.apply(World.DEV, BEFORE);

        assertThat(refused.failure().code()).isEqualTo("replacement-refused");
        assertThat(world.parameter(World.DEV, "MoveTasksOut")).isEqualTo("false");
        assertThat(world.parameter(World.WEB, "AssignPublicIp")).isEqualTo("DISABLED");
        assertThat(outdated(World.WEB)).isFalse();
    }

    /** One request for much, of which a part is allowed: services that had moved for that would have been replaced for nothing. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "one | true | NatGatewayA,NatAddressA | HttpsListener,DomainRecord,WildcardRecord",
                "one | true | HttpsListener,DomainRecord,WildcardRecord,DomainRecord1,WildcardRecord1 | NatGatewayA,NatAddressA",
                "none | true | HttpsListener,DomainRecord,WildcardRecord | DomainRecord1,WildcardRecord1",
                "one | false | NatGatewayA,NatAddressA | DomainRecord1,WildcardRecord1"
            })
    void nothingMovesForARequestThatIsRefused(String gateways, boolean httpsGoes, String allowed, String refused) {
        live();
        String https = "domain: {name: dev.example.com, hostedZoneId: Z1}\n";
        String shop = "additionalDomains: [{name: shop.dev.example.com, hostedZoneId: Z1}]\n";
        assertThat(world.apply(World.DEV, AFTER.replace("one", gateways) + https + shop)
                        .failure())
                .isNull();

        String id = start(httpsGoes ? BEFORE : BEFORE + https, Set.of(allowed.split(",")));
        world.settle();

        Operation operation = operation(id);
        assertThat(operation.failure()).isNotNull().satisfies(problem -> {
            assertThat(problem.code()).isEqualTo("replacement-refused");
            assertThat(problem.action()).contains(refused.split(","));
        });
        assertThat(operation.services()).isEmpty();
        assertThat(world.parameter(World.DEV, "MoveTasksOut")).isEqualTo("false");
        assertThat(world.parameter(World.DEV, "ServicesOnHttp")).isEqualTo("false");
        assertThat(outdated(World.WEB)).isFalse();
    }

    @Test
    void nothingMovesForAPlanThatIsOvertaken() {
        live();
        assertThat(world.apply(World.DEV, AFTER).failure()).isNull();
        String id = world.plane
                .environments()
                .plan(World.DEV, World.environmentSpec(BEFORE), World.by("ann"))
                .id();
        world.settle();
        var stacks = world.account.cloudFormation();
        List<Parameter> parameters =
                stacks
                        .describeStacks(request -> request.stackName("slipway-dev"))
                        .stacks()
                        .getFirst()
                        .parameters()
                        .stream()
                        .map(known -> known.parameterKey().equals("NatGateways")
                                ? known.toBuilder().parameterValue("per-zone").build()
                                : known)
                        .toList();
        stacks.updateStack(request ->
                request.stackName("slipway-dev").usePreviousTemplate(true).parameters(parameters));
        world.timeline.advance(Duration.ofHours(1));

        Operation overtaken = world.ended(
                World.DEV,
                world.plane
                        .environments()
                        .applyPlan(
                                World.DEV,
                                id,
                                Set.of("NatGatewayA", "NatAddressA", "NatGatewayB", "NatAddressB"),
                                null,
                                World.by("ann")));

        assertThat(overtaken.failure()).isNotNull();
        assertThat(overtaken.failure().code()).isEqualTo("plan-stale");
        assertThat(world.parameter(World.DEV, "MoveTasksOut")).isEqualTo("false");
    }

    /** What is stuck is continued first: before, nobody can tell what would go. */
    @Test
    void tasksMoveOutAfterARollbackThatWasStuck() {
        live();
        assertThat(world.apply(World.DEV, AFTER).failure()).isNull();
        world.account.stacks().failNext("slipway-dev", "HttpListener", "as the test wants it");
        world.account.stacks().failNext("slipway-dev", "HttpListener", "as the test wants it");
        assertThat(world.apply(World.DEV, AFTER + "domain: {name: dev.example.com, hostedZoneId: Z1}\n")
                        .failure())
                .isNotNull();

        String id = start(BEFORE);
        stepsWithAWayOut();

        assertThat(operation(id).failure()).isNull();
        assertThat(resources()).doesNotContain("NatGatewayA", "PrivateRouteA");
    }

    @Test
    void aFrozenServiceKeepsItsTasksAndItsWayOutAndFollowsLater() {
        live();
        assertThat(world.apply(World.DEV, AFTER).failure()).isNull();
        String frozen =
                "container: {port: 8000}\nfreezes: [{name: sale, start: '0 0 1 1 *', durationMinutes: 43200, timeZone: UTC}]\n";
        assertThat(world.apply(World.WEB, frozen).failure()).isNull();
        List<String> tasks = world.account
                .ecs()
                .listTasks(request -> request.cluster(World.DEV.cluster()).serviceName("web"))
                .taskArns();

        String id = start(BEFORE);
        stepsWithAWayOut();

        assertThat(operation(id).state()).isEqualTo(Operation.State.SUCCEEDED);
        assertThat(operation(id).notes())
                .anySatisfy(note -> assertThat(note).contains("frozen", "web", "sale"))
                .anySatisfy(note -> assertThat(note).contains("The NAT gateways stay"));
        assertThat(resources()).contains("NatGatewayA", "PrivateRouteA");
        assertThat(world.account
                        .ecs()
                        .listTasks(
                                request -> request.cluster(World.DEV.cluster()).serviceName("web"))
                        .taskArns())
                .isEqualTo(tasks);
        assertThat(outdated(World.WEB)).isTrue();
        assertThat(world.parameter(API, "AssignPublicIp")).isEqualTo("ENABLED");
        assertThatThrownBy(() -> world.apply(World.WEB, frozen)) // it would be taken over by that
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        refused -> assertThat(refused.problem().code()).isEqualTo("frozen"));

        world.timeline.advance(Duration.ofDays(32));
        String again = start(BEFORE);
        stepsWithAWayOut();

        assertThat(operation(again).failure()).isNull();
        assertThat(resources()).doesNotContain("NatGatewayA", "PrivateRouteA");
        assertThat(outdated(World.WEB)).isFalse();
    }

    @Test
    void eachLedgerTellsWhyTheServiceIsAppliedAgain() {
        live();

        Operation applied = world.apply(World.DEV, AFTER);

        assertThat(Ledgers.of(world, World.WEB, LedgerEntry.EventType.APPLIED_AGAIN))
                .singleElement()
                .satisfies(entry -> {
                    assertThat(entry.actor()).isEqualTo("ann");
                    assertThat(entry.message()).contains(applied.path());
                });
    }

    @Test
    void thePlanCountsTheTasksThatAreReplaced() {
        live();
        String id = world.plane
                .environments()
                .plan(
                        World.DEV,
                        World.environmentSpec(
                                AFTER
                                        + "certificateArn: arn:aws:acm:eu-central-1:123456789012:certificate/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9\n"),
                        World.by("ann"))
                .id();
        world.settle();
        Plan plan = Plans.get(world.store, World.DEV, id);

        assertThat(plan.failure()).isNull();
        assertThat(plan.risks()).extracting(Risk::logicalId).contains("network.natGateways", "network", "domain");
        assertThat(plan.risks())
                .anySatisfy(risk -> assertThat(risk.message())
                        .startsWith("network replaces all 2 tasks of 1 service, 10 services at a time")
                        .contains("(web 2)"));
        assertThat(plan.settings()).containsKeys("network.natGateways", "certificateArn");
    }

    @Test
    void theyAreLeftAloneWhenNothingHasChangedForThem() {
        live();

        Operation applied = world.apply(World.DEV, BEFORE + "accessLogs: {retentionDays: 3}\n");

        assertThat(applied.failure()).isNull();
        assertThat(world.plane.operations().find(World.WEB, applied.id())).isEmpty();
    }

    @Test
    void tagsOfTheEnvironmentAreTheirsToo() {
        live();

        world.apply(World.DEV, BEFORE + "tags: {team: blue}\n");

        assertThat(world.account
                        .cloudFormation()
                        .describeStacks(request -> request.stackName("slipway-dev-web"))
                        .stacks()
                        .getFirst()
                        .tags())
                .anySatisfy(tag -> assertThat(tag.value()).isEqualTo("blue"));
    }

    @Test
    void oneThatFailsIsNamedAndKeepsNoOtherFromFollowing() {
        live();
        world.account.stacks().failNext("slipway-dev-api", "ProductionRule", "as the test wants it");

        Operation applied = world.apply(World.DEV, AFTER + "tags: {team: blue}\n");

        assertThat(applied.state()).isEqualTo(Operation.State.FAILED);
        assertThat(applied.failure().code()).isEqualTo("services-left-behind");
        assertThat(applied.failure().detail())
                .contains("api (")
                .contains("as the test wants it")
                .doesNotContain("web");
        assertThat(applied.services())
                .extracting(FollowingService::state)
                .containsExactly(FollowingState.FAILED, FollowingState.DONE);
        assertThat(outdated(API)).isTrue();
        assertThat(outdated(World.WEB)).isFalse();
        assertThat(world.parameter(World.WEB, "AssignPublicIp")).isEqualTo("DISABLED");
        assertThat(Ledgers.of(world, World.DEV, LedgerEntry.EventType.SPEC_REVERTED))
                .as("the environment itself has been applied")
                .isEmpty();

        assertThat(world.apply(World.DEV, AFTER + "tags: {team: blue}\n").failure())
                .isNull();
        assertThat(outdated(API)).isFalse();
    }

    private static final String ASKING =
            "container: {port: 8000}\nrollout: {strategy: blue-green, approval: {when: before-production, timeoutMinutes: 1380}}\n";

    /** A rollout of web that waits for people, and an apply of the environment meanwhile. */
    private Operation appliedBesideARollout(String spec) {
        world.plane.rollouts().rollOut(World.WEB, World.asking("v2"), World.by("ann"));
        world.timeline.advance(Duration.ofMinutes(10));
        String id = start(spec);
        while (world.plane.operations().findRunning(World.DEV).isPresent()) {
            world.timeline.step();
        }
        return operation(id);
    }

    private void untilFree(ServiceId service) {
        while (world.plane.operations().findRunning(service).isPresent()) {
            world.timeline.step();
        }
    }

    private boolean isLate() {
        return world.store.get(LateFollower.key(World.WEB)).isPresent();
    }

    /** Hours of a canary or an approval are not hours in which the environment can be changed by nobody. */
    @Test
    void oneThatWaitsForPeopleFollowsByItselfAndKeepsNoOtherWaiting() {
        live();
        assertThat(world.apply(World.WEB, ASKING).failure()).isNull();

        Instant begun = world.timeline.instant();
        Operation applied = appliedBesideARollout(AFTER);

        assertThat(Duration.between(begun, world.timeline.instant())).isLessThan(Duration.ofMinutes(55));
        String rollout =
                world.plane.operations().findRunning(World.WEB).orElseThrow().path();
        assertThat(applied.services())
                .containsExactly(
                        new FollowingService("api", FollowingState.DONE, null),
                        new FollowingService(
                                "web", FollowingState.LATER, "Another operation is under way: " + rollout));
        assertThat(applied.failure()).isNull();
        assertThat(applied.state()).isEqualTo(Operation.State.SUCCEEDED);
        assertThat(applied.notes()).singleElement().asString().contains("by themselves", "web (", rollout);
        assertThat(outdated(World.WEB)).isTrue();

        untilFree(World.WEB); // nobody approves, and it is rolled back after 23 hours
        world.timeline.advance(Duration.ofMinutes(10));

        assertThat(outdated(World.WEB)).isFalse();
        assertThat(world.parameter(World.WEB, "AssignPublicIp")).isEqualTo("DISABLED");
        assertThat(isLate()).isFalse();
        assertThat(Ledgers.of(world, World.WEB, LedgerEntry.EventType.APPLIED_AGAIN))
                .singleElement()
                .satisfies(entry -> assertThat(entry.actor()).isEqualTo(applied.actor()));
        assertThat(world.plane
                        .operations()
                        .find(World.WEB, applied.id())
                        .orElseThrow()
                        .state())
                .isEqualTo(Operation.State.SUCCEEDED);
    }

    /** The next apply finds the service free: it has it follow under its own id, and once. */
    @Test
    void aLaterApplyTakesThePlaceOfWhatWasToFollow() {
        live();
        assertThat(world.apply(World.WEB, ASKING).failure()).isNull();
        appliedBesideARollout(AFTER);

        Operation second = world.apply(World.DEV, AFTER + "tags: {team: blue}\n");
        untilFree(World.WEB);
        world.timeline.advance(Duration.ofMinutes(10));

        assertThat(second.failure()).isNull();
        assertThat(outdated(World.WEB)).isFalse();
        assertThat(isLate()).isFalse();
        assertThat(Ledgers.of(world, World.WEB, LedgerEntry.EventType.APPLIED_AGAIN))
                .hasSize(1);
        assertThat(world.plane.operations().find(World.WEB, second.id())).isPresent();
    }

    @Test
    void oneThatFailsWhenItFollowsLateStaysOutdatedAndIsNotTriedForEver() {
        live();
        assertThat(world.apply(World.WEB, ASKING).failure()).isNull();
        appliedBesideARollout(AFTER + "tags: {team: blue}\n");
        world.account.stacks().failNext("slipway-dev-web", "ProductionRule", "as the test wants it");

        untilFree(World.WEB);
        world.settle();
        world.timeline.advance(Duration.ofHours(2));

        assertThat(outdated(World.WEB)).isTrue();
        assertThat(isLate()).isFalse();
        assertThat(Ledgers.of(world, World.WEB, LedgerEntry.EventType.APPLIED_AGAIN))
                .hasSize(1);
    }

    /** Whether the service, its environment, or what is kept of the operation: what is gone is not waited for. */
    @ParameterizedTest
    @ValueSource(strings = {"dev/gone", "gone/web"})
    void whatIsGoneIsForgotten(String service) {
        live();
        ServiceId id = new ServiceId(service.split("/", -1)[0], service.split("/", -1)[1]);
        String applied = world.apply(World.DEV, AFTER).id();
        world.store.write(new Write.Create<>(LateFollower.key(id), LateFollower.of(id, applied)));

        world.timeline.advance(Duration.ofHours(1));

        assertThat(world.store.get(LateFollower.key(id))).isEmpty();
    }

    @Test
    void fiftyServicesFollowTenAtATime() {
        assertThat(world.apply(World.DEV, BEFORE).failure()).isNull();
        for (int i = 0; i < 50; i++) {
            world.plane
                    .services()
                    .apply(
                            new ServiceId("dev", "service-" + i),
                            World.serviceSpec("container: {port: 8000}\nrouting: {paths: [/s%d/*]}\n".formatted(i)),
                            new Order(null, Set.of(), null),
                            World.by("ann"));
        }
        world.settle();

        Instant begun = world.timeline.instant();
        String id = start(AFTER);
        int most = 0;
        while (world.plane.operations().findRunning(World.DEV).isPresent()) {
            int now = (int) operation(id).services().stream()
                    .filter(service -> service.state() == FollowingState.APPLYING)
                    .count();
            most = Math.max(most, now);
            world.timeline.step();
        }

        assertThat(operation(id).failure()).isNull();
        assertThat(most).isEqualTo(10);
        assertThat(operation(id).services()).hasSize(50).allMatch(service -> service.state() == FollowingState.DONE);
        assertThat(Duration.between(begun, world.timeline.instant())).isLessThan(Duration.ofMinutes(20));
    }

    @Test
    void aServiceThatIsBeingChangedIsWaitedFor() {
        live();
        String id = world.plane
                .environments()
                .apply(World.DEV, World.environmentSpec(AFTER), new Order(null, Set.of(), null), World.by("ann"))
                .id();
        world.timeline.advance(Duration.ofSeconds(5));
        Rollout rollout = world.rollOut(API, "v1");
        world.settle();

        assertThat(rollout.state()).isEqualTo(Rollout.State.SUCCEEDED);
        assertThat(world.plane.operations().find(World.DEV, id).orElseThrow().state())
                .isEqualTo(Operation.State.SUCCEEDED);
        assertThat(world.parameter(API, "AssignPublicIp")).isEqualTo("DISABLED");
        assertThat(outdated(API)).isFalse();
    }

    /** It was made with the values of before, and came to its end between two looks at it. */
    @Test
    void aServiceThatHasJustBeenMadeFollowsToo() {
        assertThat(IntStream.rangeClosed(20, 35).filter(offset -> madeBesideAnApply(5 * offset)))
                .as("offsets at which it was still being made")
                .isNotEmpty();
    }

    private static boolean madeBesideAnApply(int offset) {
        World world = new World(1).withoutAlarms();
        world.apply(World.DEV, BEFORE);
        String id = world.plane
                .environments()
                .apply(World.DEV, World.environmentSpec(AFTER), new Order(null, Set.of(), null), World.by("ann"))
                .id();
        world.timeline.advance(Duration.ofSeconds(offset));
        world.plane
                .services()
                .apply(
                        API,
                        World.serviceSpec("container: {port: 8000}\n"),
                        new Order(null, Set.of(), null),
                        World.by("ann"));
        Operation applied = world.plane.operations().find(World.DEV, id).orElseThrow();
        while (applied.isRunning() && applied.phase() != Phase.SERVICES) {
            world.timeline.step();
            applied = world.plane.operations().find(World.DEV, id).orElseThrow();
        }
        if (!applied.isRunning() || !world.record(API).outputs().isEmpty()) {
            return false;
        }
        world.chaos.read = items -> {
            world.chaos.read = others -> {};
            while (world.plane.operations().findChanging(API).isPresent()) {
                world.timeline.step();
            }
        };
        FollowingService seen = world.plane.services().follow(API, applied, false, new Transaction());
        boolean outdated = EnvironmentDigest.isOutdated(
                world.record(API), world.plane.environments().get(World.DEV));
        assertThat(seen.state())
                .as("after %d s", offset)
                .isEqualTo(outdated ? FollowingState.WAITING : FollowingState.DONE);
        return true;
    }

    /** Both the service that is there, whose parameters change, and the one that is not, of which no values are shown. */
    @ParameterizedTest
    @ValueSource(strings = {"web", "new"})
    void aPlanOfAServiceIsOvertakenWhenItsEnvironmentMovesOn(String name) {
        live();
        ServiceId id = new ServiceId("dev", name);
        String spec = "container: {port: 8000}\nrouting: {paths: [/%s/*]}\n".formatted(name);
        String plan = plan(id, spec);
        world.apply(World.DEV, AFTER);

        assertThatThrownBy(() -> world.plane.services().applyPlan(id, plan, Set.of(), null, World.by("ann")))
                .isInstanceOfSatisfying(ProblemException.class, refused -> {
                    assertThat(refused.status()).isEqualTo(409);
                    assertThat(refused.problem().code()).isEqualTo("plan-stale");
                });
    }

    /** Another service takes a priority that the new one would have had; and a change that comes after the request. */
    @Test
    void aPlanOfANewServiceHoldsForTheValuesThatItWasMadeWith() {
        live();
        ServiceId id = new ServiceId("dev", "new");
        String spec = "container: {port: 8000}\nrouting: {paths: [/new/*]}\n";
        String plan = plan(id, spec);
        world.apply(new ServiceId("dev", "other"), "container: {port: 8000}\nrouting: {paths: [/oth/*]}\n");

        Operation overtaken =
                world.ended(id, world.plane.services().applyPlan(id, plan, Set.of(), null, World.by("ann")));

        assertThat(overtaken.failure().code()).isEqualTo("plan-stale");
        String again = plan(id, spec);
        assertThat(world.ended(id, world.plane.services().applyPlan(id, again, Set.of(), null, World.by("ann")))
                        .failure())
                .isNull();
    }

    private String plan(ServiceId id, String spec) {
        String accepted = world.plane
                .services()
                .plan(id, World.serviceSpec(spec), World.by("ann"))
                .id();
        world.timeline.advance(Duration.ofMinutes(5));
        return accepted;
    }
}
