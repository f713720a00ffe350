package dev.slipway.service;

import dev.slipway.environment.EnvironmentRules;
import dev.slipway.environment.EnvironmentSpec;
import dev.slipway.id.ServiceId;
import dev.slipway.problem.Problem.FieldError;
import dev.slipway.routing.RouteClaim;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a service's spec must keep towards its environment and the other services in it. */
public final class ServiceRules {
    /** A load balancer has 100 target groups and not one more (an AWS limit that nobody can raise); a service has two. */
    public static final int MAX_SERVICES = 50;

    private ServiceRules() {}

    /**
     * @param others the claims of all other services of the environment, by their names
     * @return what is wrong; empty when nothing is
     */
    public static List<FieldError> check(ServiceId id, ServiceSpec spec, Map<String, RouteClaim> others) {
        List<FieldError> errors = new ArrayList<>();
        Map<String, RouteClaim> sorted = new TreeMap<>(others);
        sorted.remove(id.service());
        if (sorted.size() >= MAX_SERVICES) {
            errors.add(new FieldError(
                    "",
                    null,
                    "is one service too many: " + id.environment() + " has " + sorted.size()
                            + ", a load balancer has 100"
                            + " target groups, and a service needs two; use another environment"));
        }
        sorted.forEach((name, claim) -> sameRoute(spec.routing(), name, claim, errors));
        return errors;
    }

    /** What is allowed and usually a mistake: a host without a certificate is not reached by HTTPS. */
    public static List<FieldError> warnings(ServiceSpec spec, EnvironmentSpec environment) {
        List<FieldError> warnings = new ArrayList<>();
        List<String> hosts = spec.routing().hosts();
        for (int i = 0; i < hosts.size(); i++) {
            String host = hosts.get(i);
            String field = "/routing/hosts/" + i;
            EnvironmentRules.uncovered(host, environment)
                    .ifPresent(message -> warnings.add(FieldError.of(field, host, message)));
        }
        return warnings;
    }

    /** Of two rules with the same host and path the load balancer would never reach the second, without a word. */
    private static void sameRoute(ServiceSpec.Routing own, String name, RouteClaim claim, List<FieldError> errors) {
        List<String> shared = own.hosts().isEmpty() && claim.hosts().isEmpty()
                ? List.of("any host")
                : own.hosts().stream().filter(claim.hosts()::contains).toList();
        for (int i = 0; i < own.paths().size(); i++) {
            String path = own.paths().get(i);
            if (!shared.isEmpty() && claim.paths().contains(path)) {
                errors.add(FieldError.of(
                        "/routing/paths/" + i,
                        path,
                        "is taken: on " + String.join(" and ", shared) + ", " + path + " goes to the service " + name
                                + "; choose another path or host"));
            }
        }
    }
}
