package dev.slipway.simulation.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.ledger.LedgerEntry.EventType;
import dev.slipway.operation.Acceptance.Accepted;
import dev.slipway.plan.Declarations.Order;
import dev.slipway.plan.Plan;
import dev.slipway.plan.Plans;
import dev.slipway.problem.ProblemException;
import dev.slipway.rollout.Rollout.State;
import dev.slipway.simulation.Ledgers;
import dev.slipway.simulation.World;
import dev.slipway.stack.Risk;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a change means for users beside the resources: in the answer, in the ledger, and in the plan, in the same words. */
class ConsequencesTest {
    private static final String ARN =
            "arn:aws:acm:eu-central-1:123456789012:certificate/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9";
    private static final String TLS = "terminationProtection: false\ncertificateArn: " + ARN + "\n";
    private static final String SERVICE = "container: {port: 8000}\n";

    private final World world = new World(3);

    @BeforeEach
    void created() {
        world.account.certificate(ARN, "ISSUED", "shop.example.com", "*.shop.example.com");
        assertThat(world.apply(World.DEV, TLS).failure()).isNull();
        assertThat(world.apply(World.WEB, SERVICE).failure()).isNull();
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(State.SUCCEEDED);
    }

    private List<String> warnings(String yaml) {
        Accepted accepted = world.plane
                .services()
                .apply(World.WEB, World.serviceSpec(yaml), new Order(null, Set.of(), null), World.by("ann"));
        world.settle();
        return accepted.warnings();
    }

    private List<String> planned(String yaml) {
        return plan(yaml).risks().stream().map(Risk::message).toList();
    }

    private Plan plan(String yaml) {
        String id = world.plane
                .services()
                .plan(World.WEB, World.serviceSpec(yaml), World.by("ann"))
                .id();
        world.settle();
        return Plans.get(world.store, World.WEB, id);
    }

    /** CloudFormation knows nothing of it: the number of tasks is no part of the stack's change. */
    @Test
    void theEndOfAServiceIsAChangeAndARiskOfThePlan() {
        Plan plan = plan(SERVICE + "count: 0\n");

        assertThat(plan.settings()).containsEntry("count", new Plan.Change("2", "0"));
        assertThat(plan.risks())
                .anySatisfy(risk -> assertThat(risk.message()).startsWith("count stops the service: its 2 tasks end"));
        assertThat(plan.cost().changes()).anySatisfy(part -> {
            assertThat(part.what()).isEqualTo("tasks on demand");
            assertThat(part.after()).isNull();
        });
    }

    @Test
    void scalingThatIsTurnedOnIsAChangeOfThePlan() {
        Plan plan = plan(SERVICE + "scaling: {min: 3, max: 9, cpuPercent: 60}\n");

        assertThat(plan.settings())
                .containsEntry("scaling.min", new Plan.Change(null, "3"))
                .containsEntry("scaling.max", new Plan.Change(null, "9"))
                .containsEntry("count", new Plan.Change("2", null));
        assertThat(plan.risks()).anySatisfy(risk -> assertThat(risk.message()).startsWith("scaling is turned on"));
        assertThat(plan.cost().mostAfter()).isNotNull();
    }

    private String lastAccepted(dev.slipway.id.Target target) {
        return Ledgers.of(world, target, EventType.SPEC_ACCEPTED).stream()
                .map(entry -> entry.message())
                .reduce((first, second) -> second.length() > first.length() ? second : first)
                .orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "count: 0",
                "routing: {paths: [/shop/*]}",
                "routing: {healthCheck: {path: /ready}}",
                "routing: {drainingSeconds: 1}",
                "gracePeriodSeconds: 5"
            })
    void whatBreaksTheLiveServiceIsToldAlikeInAnswerLedgerAndPlan(String change) {
        List<String> planned = planned(SERVICE + change + "\n");

        assertThat(planned).isNotEmpty();
        assertThat(warnings(SERVICE + change + "\n")).isEqualTo(planned);
        assertThat(lastAccepted(World.WEB))
                .startsWith("ann declared revision 2 of the spec. ")
                .contains(planned);
    }

    @Test
    void whatChangesNothingWarnsOfNothing() {
        assertThat(warnings(SERVICE + "tags: {team: blue}\n")).isEmpty();
    }

    @Test
    void aNewServiceThatTakesAPathIsWarnedOf() {
        Accepted accepted = world.plane
                .services()
                .apply(
                        new dev.slipway.id.ServiceId("dev", "api"),
                        World.serviceSpec(SERVICE + "routing: {paths: [/api/*]}\n"),
                        new Order(null, Set.of(), null),
                        World.by("ann"));
        world.settle();

        assertThat(accepted.warnings())
                .singleElement()
                .satisfies(warning -> assertThat(warning)
                        .startsWith("routing.paths takes /api/* from web.")
                        .contains("503"));
    }

    @Test
    void aHostThatTheGivenCertificateIsNotForIsFound() {
        String hosts = SERVICE + "routing: {hosts: [a.shop.example.com, a.b.shop.example.com, shop.example.com]}\n";

        assertThat(warnings(hosts))
                .anySatisfy(warning -> assertThat(warning)
                        .startsWith("/routing/hosts/1 is covered by no certificate: those of the environment are for"
                                + " shop.example.com, *.shop.example.com")
                        .contains("https://a.b.shop.example.com"))
                .noneSatisfy(warning -> assertThat(warning).startsWith("/routing/hosts/0"))
                .noneSatisfy(warning -> assertThat(warning).startsWith("/routing/hosts/2"));
        assertThat(planned(hosts)).anySatisfy(risk -> assertThat(risk).startsWith("/routing/hosts/1 is covered by no"));
    }

    @Test
    void anotherCertificateIsHeldAgainstTheHostsOfAllServices() {
        warnings(SERVICE + "routing: {hosts: [a.shop.example.com]}\n");
        String other = ARN.replace("0a1b", "ffff");
        world.account.certificate(other, "ISSUED", "*.example.org");

        Accepted accepted = world.plane
                .environments()
                .apply(
                        World.DEV,
                        World.environmentSpec(TLS.replace(ARN, other)),
                        new Order(null, Set.of(), null),
                        World.by("ann"));
        world.settle();

        assertThat(accepted.warnings())
                .anySatisfy(warning -> assertThat(warning)
                        .startsWith("The host a.shop.example.com of web is covered by no certificate"))
                .anySatisfy(
                        warning -> assertThat(warning).startsWith("certificateArn has all hosts answer with another"));
        assertThat(lastAccepted(World.DEV)).contains("is covered by no certificate", "another certificate");
    }

    @Test
    void aCertificateThatNoLoadBalancerTakesIsRefused() {
        String other = ARN.replace("0a1b", "ffff");
        world.account.certificate(other, "PENDING_VALIDATION", "shop.example.com");
        assertThatThrownBy(() -> world.apply(World.DEV, TLS.replace(ARN, other)))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        refused -> assertThat(refused.problem().errors())
                                .singleElement()
                                .satisfies(error -> {
                                    assertThat(error.field()).isEqualTo("/certificateArn");
                                    assertThat(error.message()).contains("PENDING_VALIDATION");
                                }));
        world.account.remove(other);
        assertThatThrownBy(() -> world.apply(World.DEV, TLS.replace(ARN, other)))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        refused -> assertThat(
                                        refused.problem().errors().getFirst().message())
                                .contains("no certificate of this account"));
    }

    @Test
    void oneThatMayNotBeLookedAtIsSaidToBeUnknown() {
        world.account.hideSecrets();

        assertThat(warnings(SERVICE + "routing: {hosts: [a.shop.example.com]}\n"))
                .anySatisfy(warning -> assertThat(warning)
                        .startsWith(
                                "certificateArn could not be looked up (access-denied): whether the certificate is for"
                                        + " a.shop.example.com is not known."));
    }
}
