package dev.slipway.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.id.ServiceId;
import dev.slipway.operation.Operation;
import dev.slipway.plan.Declarations.Order;
import dev.slipway.rollout.Rollout;
import dev.slipway.service.EnvironmentDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.Action;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.ActionTypeEnum;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.Listener;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.Rule;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.RuleCondition;

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
    private static final int MOST_REDIRECTS = 5;

    private final World world = new World(1);
    /** The ports on which a service has answered. */
    private final Map<ServiceId, Set<Integer>> opened = Map.of(World.WEB, new HashSet<>(), API, new HashSet<>());

    /** Whether HTTPS may go when all have moved. */
    private boolean closing;

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
        look();
    }

    private List<Listener> listeners() {
        String balancer = world.account
                .elb()
                .describeLoadBalancers()
                .loadBalancers()
                .getFirst()
                .loadBalancerArn();
        return world.account
                .elb()
                .describeListeners(request -> request.loadBalancerArn(balancer))
                .listeners();
    }

    private Operation apply(String yaml, Set<String> allowed) {
        String location = world.plane
                .environments()
                .apply(World.DEV, World.environmentSpec(yaml), new Order(null, allowed, null), World.by("ann"))
                .location();
        String id = location.substring(location.lastIndexOf('/') + 1);
        Instant limit = world.timeline.instant().plusSeconds(100_000);
        while (world.plane.operations().findRunning(World.DEV).isPresent()
                || world.plane.operations().findRunning(World.WEB).isPresent()
                || world.plane.operations().findRunning(API).isPresent()) {
            assertThat(world.timeline.instant()).isBefore(limit);
            world.timeline.step();
            look();
        }
        return world.plane.operations().find(World.DEV, id).orElseThrow();
    }

    /** Whoever asks for a service, on whichever port it has answered, gets to it. */
    private void look() {
        List<Integer> open = listeners().stream().map(Listener::port).toList();
        opened.forEach((id, ports) -> {
            String path = "/" + id.service() + "/*";
            open.stream()
                    .filter(port -> reaches(port, path, new ArrayList<>()).isPresent())
                    .forEach(ports::add);
            if (closing && !open.contains(443)) {
                ports.remove(443);
            }
            for (int port : ports) {
                List<Integer> way = new ArrayList<>();
                assertThat(reaches(port, path, way))
                        .as("%s at %s by %s", id.service(), world.timeline.instant(), way)
                        .hasValueSatisfying(
                                rule -> assertThat(world.account.traffic(rule).allServed())
                                        .as("%s at %s on %s", id.service(), world.timeline.instant(), way)
                                        .isTrue());
            }
        });
    }

    /** The rule that answers in the end. */
    private Optional<String> reaches(int port, String path, List<Integer> way) {
        way.add(port);
        Optional<Listener> listener =
                listeners().stream().filter(each -> each.port() == port).findFirst();
        if (listener.isEmpty() || way.size() > MOST_REDIRECTS) {
            return Optional.empty();
        }
        Optional<Rule> rule = world
                .account
                .elb()
                .describeRules(request -> request.listenerArn(listener.get().listenerArn()))
                .rules()
                .stream()
                .filter(each -> !each.isDefault() && isFor(each, path))
                .min(Comparator.comparingInt(each -> Integer.parseInt(each.priority())));
        if (rule.isPresent()) {
            return rule.map(Rule::ruleArn);
        }
        Action otherwise = listener.get().defaultActions().getFirst();
        return otherwise.type() == ActionTypeEnum.REDIRECT
                ? reaches(Integer.parseInt(otherwise.redirectConfig().port()), path, way)
                : Optional.empty();
    }

    private static boolean isFor(Rule rule, String path) {
        return rule.conditions().stream()
                        .noneMatch(condition -> condition.field().equals("http-header"))
                && rule.conditions().stream()
                        .filter(condition -> condition.field().equals("path-pattern"))
                        .map(RuleCondition::pathPatternConfig)
                        .anyMatch(paths -> paths.values().contains(path));
    }

    private void isAt(int port) {
        for (ServiceId id : List.of(World.WEB, API)) {
            List<Integer> way = new ArrayList<>();
            assertThat(reaches(80, "/" + id.service() + "/*", way)).isPresent();
            assertThat(way.getLast()).isEqualTo(port);
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
        look();
        assertThat(world.rolledOut(
                                World.WEB,
                                world.plane
                                        .rollouts()
                                        .rollBack(World.WEB, null, null, null, World.by("ann"))
                                        .location())
                        .state())
                .isEqualTo(Rollout.State.SUCCEEDED);

        closing = true;
        Operation off = apply(PLAIN, ALLOWED);

        assertThat(off.failure()).isNull();
        assertThat(listeners()).extracting(Listener::port).containsExactly(80);
        isAt(80);
        assertThat(world.rollOut(World.WEB, "v4").state()).isEqualTo(Rollout.State.SUCCEEDED);
        look();
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

        closing = true;
        world.account.stacks().failNext("slipway-dev", resource, "as the test wants it");
        apply(PLAIN, ALLOWED);
        look();
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
        assertThat(listeners()).extracting(Listener::port).containsExactlyInAnyOrder(80, 443);
        closing = true;
        assertThat(apply(PLAIN, ALLOWED).failure()).isNull();
        isAt(80);
    }
}
