package dev.slipway.service;

import dev.slipway.environment.EnvironmentRecord;
import dev.slipway.id.ServiceId;
import dev.slipway.problem.Problem;
import dev.slipway.problem.ProblemException;
import dev.slipway.routing.RouteClaim;
import dev.slipway.routing.RulePriorities;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;

/** What a service takes of its environment's listener. */
final class RouteAllocation {
    private RouteAllocation() {}

    /** Throws {@link ProblemException} 422 when another service has it already, or when there is no room. */
    static RouteClaim of(ServiceId id, ServiceSpec spec, EnvironmentRecord environment) {
        Map<String, RouteClaim> others = new TreeMap<>(environment.services());
        RouteClaim own = others.remove(id.service());
        List<Problem.FieldError> errors = ServiceRules.check(id, spec, others);
        ProblemException.throwIfAny(
                "invalid-spec",
                "The service does not fit beside the others of %s.".formatted(id.environment()),
                errors);
        OptionalInt priority =
                RulePriorities.next(spec.routing().hosts(), spec.routing().paths(), own, others.values());
        return new RouteClaim(
                spec.routing().hosts(),
                spec.routing().paths(),
                priority.orElseThrow(() -> new ProblemException(
                        422,
                        "no-priority-left",
                        "All priorities for rules as specific as this one are taken in " + id.environment(),
                        "Make a path or host more or less specific.")));
    }
}
