package dev.slipway.simulation.environment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.id.ServiceId;
import dev.slipway.simulation.World;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.Action;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.ActionTypeEnum;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.Listener;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.Rule;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.RuleCondition;

/**
 * Asks for services as their users do, by the listeners of the environment's load balancer and along its redirects: whoever asks on
 * a port on which a service has answered gets to it.
 */
final class Reachability {
    private static final int MOST_REDIRECTS = 5;

    private final World world;
    /** The ports on which a service, by the name of its path {@code /name/*}, has answered. */
    private final Map<ServiceId, Set<Integer>> opened = new LinkedHashMap<>();

    /** 0–1: the requests that are of people, whom no firewall refuses. */
    double people = 1;

    /** Whether HTTPS may go when all have moved. */
    boolean closing;

    Reachability(World world, Collection<ServiceId> services) {
        this.world = world;
        services.forEach(id -> opened.put(id, new HashSet<>()));
    }

    List<Listener> listeners() {
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

    void look() {
        List<Integer> open = listeners().stream().map(Listener::port).toList();
        opened.forEach((id, ports) -> {
            String path = path(id);
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
                        .hasValueSatisfying(rule -> {
                            assertThat(world.account.traffic(rule).allServed())
                                    .as("%s at %s on %s", id.service(), world.timeline.instant(), way)
                                    .isTrue();
                            assertThat(world.account.admitted(rule))
                                    .as("%s at %s: its people", id.service(), world.timeline.instant())
                                    .isGreaterThanOrEqualTo(people);
                        });
            }
        });
    }

    /** The port at which a request that comes in on another one ends. */
    int endsAt(int port, ServiceId id) {
        List<Integer> way = new ArrayList<>();
        assertThat(reaches(port, path(id), way)).isPresent();
        return way.getLast();
    }

    private static String path(ServiceId id) {
        return "/" + id.service() + "/*";
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
}
