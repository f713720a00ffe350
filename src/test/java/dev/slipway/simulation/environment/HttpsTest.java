package dev.slipway.simulation.environment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.id.ServiceId;
import dev.slipway.operation.Operation;
import dev.slipway.rollout.Rollout;
import dev.slipway.service.EnvironmentDigest;
import dev.slipway.simulation.World;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.Listener;

/** HTTPS comes and goes on a living environment: at no moment is a port silent, or a service not found. */
class HttpsTest {
    private static final String PLAIN = "terminationProtection: false\n";
    private static final String DOMAIN = PLAIN + "domain: {name: dev.example.com, hostedZoneId: Z1}\n";
    private static final String ARN =
            "arn:aws:acm:eu-central-1:123456789012:certificate/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9";
    private static final String GIVEN = PLAIN + "certificateArn: " + ARN + "\n";
    private static final Set<String> ALLOWED = Set.of("HttpsListener", "DomainRecord", "WildcardRecord");
    private static final ServiceId API = new ServiceId("dev", "api");
    private static final ServiceId EMPTY = new ServiceId("dev", "empty");

    private final World world = new World(1);
    private final Reachability reachability = new Reachability(world, List.of(World.WEB, API));

    private void living(String environment, String strategy) {
        assertThat(world.apply(World.DEV, environment).failure()).isNull();
        String spec = "container: {port: 8000}\nrouting: {paths: [%s]}\nrollout: {strategy: %s, bakeMinutes: 0}\n";
        assertThat(world.apply(World.WEB, spec.formatted("/web/*", strategy)).failure())
                .isNull();
        assertThat(world.apply(API, spec.formatted("/api/*", "rolling")).failure())
                .isNull();
        assertThat(world.apply(EMPTY, spec.formatted("/empty/*", "rolling")).failure())
                .isNull();
        for (int release = 1; release <= 2; release++) { // so that web is live on its second target group
            assertThat(world.rollOut(World.WEB, "v" + release).state()).isEqualTo(Rollout.State.SUCCEEDED);
        }
        assertThat(world.rollOut(API, "v1").state()).isEqualTo(Rollout.State.SUCCEEDED);
        reachability.look();
    }

    private Operation apply(String yaml, Set<String> allowed) {
        String id = world.plane
                .environments()
                .apply(World.DEV, World.environmentSpec(yaml), World.anything(allowed), World.by("ann"))
                .id();
        Instant limit = world.timeline.instant().plusSeconds(100_000);
        while (world.plane.operations().findRunning(World.DEV).isPresent()
                || world.plane.operations().findRunning(World.WEB).isPresent()
                || world.plane.operations().findRunning(API).isPresent()) {
            assertThat(world.timeline.instant()).isBefore(limit);
            world.timeline.step();
            reachability.look();
        }
        return world.plane.operations().find(World.DEV, id).orElseThrow();
    }

    private void isAt(int port) {
        for (ServiceId id : List.of(World.WEB, API)) {
            assertThat(reachability.endsAt(80, id)).isEqualTo(port);
            assertThat(EnvironmentDigest.isOutdated(
                            world.record(id), world.plane.environments().get(World.DEV)))
                    .isFalse();
        }
        assertThat(world.parameter(EMPTY, "ListenerArn")).isEqualTo(world.parameter(World.WEB, "ListenerArn"));
        assertThat(world.record(World.WEB).live()).isEqualTo(2);
        assertThat(world.parameter(World.DEV, "ServicesOnHttp")).isEqualTo("false");
    }

    @ParameterizedTest
    @CsvSource({"domain, rolling", "domain, blue-green", "given, canary"})
    void itComesAndGoesAndNoRequestFails(String kind, String strategy) {
        String https = kind.equals("domain") ? DOMAIN : GIVEN;
        living(PLAIN, strategy);
        isAt(80);

        Operation on = apply(https, Set.of());

        assertThat(on.failure()).isNull();
        isAt(443);
        assertThat(world.rollOut(World.WEB, "v3").state()).isEqualTo(Rollout.State.SUCCEEDED);
        reachability.look();
        assertThat(world.rollBack(World.WEB, null).state()).isEqualTo(Rollout.State.SUCCEEDED);

        reachability.closing = true;
        Operation off = apply(PLAIN, ALLOWED);

        assertThat(off.failure()).isNull();
        assertThat(reachability.listeners()).extracting(Listener::port).containsExactly(80);
        isAt(80);
        assertThat(world.rollOut(World.WEB, "v4").state()).isEqualTo(Rollout.State.SUCCEEDED);
        reachability.look();
    }

    /** Late is what CloudFormation shows of the stack now and then, and not its events. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6})
    void itStaysWhileTheStackIsShownAsItWasBeforeTheServicesWereToldToMove(int seed) {
        living(DOMAIN, "rolling");
        Random random = new Random(seed);
        world.chaos.stacksShownLate(() -> Duration.ofSeconds(random.nextInt(31)));
        reachability.closing = true;

        assertThat(apply(PLAIN, ALLOWED).failure()).isNull();

        isAt(80);
    }

    @Test
    void itGoesOnlyWhereThatIsAllowedAndNothingHasMovedUntilThen() {
        living(DOMAIN, "rolling");

        Operation off = apply(PLAIN, Set.of("HttpsListener"));

        assertThat(off.failure())
                .isNotNull()
                .satisfies(problem -> assertThat(problem.code()).isEqualTo("replacement-refused"));
        isAt(443);
        assertThat(world.plane.environments().get(World.DEV).declared().tls()).isTrue();
    }

    /** To another certificate, another way to it, and another name. */
    @Test
    void aCertificateChangesInPlace() {
        living(DOMAIN, "rolling");
        String before = world.parameter(World.WEB, "ListenerArn");

        assertThat(apply(DOMAIN + "certificateArn: " + ARN + "\n", ALLOWED).failure())
                .isNull();
        isAt(443);
        assertThat(apply(DOMAIN.replace("dev.example.com", "new.dev.example.com"), ALLOWED)
                        .failure())
                .isNull();
        isAt(443);

        assertThat(world.parameter(World.WEB, "ListenerArn")).isEqualTo(before);
    }

    /** At every resource of the environment's stack that the change touches, there and back. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Certificate",
                "HttpsListener",
                "HttpListener",
                "DomainRecord",
                "WildcardRecord",
                "LoadBalancerSecurityGroup"
            })
    void aChangeThatFailsLeavesBothPortsAsTheyWere(String resource) {
        living(PLAIN, "rolling");
        world.account.stacks().failNext("slipway-dev", resource, "as the test wants it");

        assertThat(apply(DOMAIN, Set.of()).failure()).isNotNull();
        isAt(80);
        assertThat(apply(DOMAIN, Set.of()).failure()).isNull();
        isAt(443);

        reachability.closing = true;
        world.account.stacks().failNext("slipway-dev", resource, "as the test wants it");
        apply(PLAIN, ALLOWED);
        reachability.look();
        assertThat(apply(PLAIN, ALLOWED).failure()).isNull();
        isAt(80);
    }

    /** A service whose own stack fails stays where it is, and is served there; the listener stays for it. */
    @ParameterizedTest
    @CsvSource({"ProductionRuleB, ProductionRule", "TestRuleB, TestRule", "EcsService, EcsService"})
    void aServiceThatCannotMoveIsServedWhereItIs(String there, String back) {
        living(PLAIN, "blue-green");
        world.account.stacks().failNext("slipway-dev-web", there, "as the test wants it");

        Operation on = apply(DOMAIN, Set.of());

        assertThat(on.failure())
                .isNotNull()
                .satisfies(problem -> assertThat(problem.code()).isEqualTo("services-left-behind"));
        assertThat(apply(DOMAIN, Set.of()).failure()).isNull();
        isAt(443);

        world.account.stacks().failNext("slipway-dev-web", back, "as the test wants it");
        Operation off = apply(PLAIN, ALLOWED);

        assertThat(off.failure()).isNotNull();
        assertThat(off.notes()).anyMatch(note -> note.contains("HTTPS stays until all services answer by HTTP"));
        assertThat(reachability.listeners()).extracting(Listener::port).containsExactlyInAnyOrder(80, 443);
        reachability.closing = true;
        assertThat(apply(PLAIN, ALLOWED).failure()).isNull();
        isAt(80);
    }
}
