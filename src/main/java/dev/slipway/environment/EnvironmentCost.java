package dev.slipway.environment;

import dev.slipway.cost.Cost;
import dev.slipway.cost.Estimate;
import dev.slipway.cost.Item;
import dev.slipway.cost.PriceList;
import dev.slipway.cost.StackCosts;
import dev.slipway.environment.EnvironmentSpec.AdditionalDomain;
import dev.slipway.environment.EnvironmentSpec.NatGateways;
import dev.slipway.environment.EnvironmentWorkflow.EnvironmentStack;
import dev.slipway.id.EnvironmentId;
import dev.slipway.stack.Parameters;
import dev.slipway.stack.Template;
import dev.slipway.stack.TemplateResources;
import java.util.Map;
import java.util.TreeMap;

/** What an environment costs in a month, without its services. */
public final class EnvironmentCost {
    private EnvironmentCost() {}

    /**
     * Of the resources that its stack has with this spec.
     *
     * @param tasks of its services; they have public addresses where there is no NAT gateway. 0 where those are the services' matter
     */
    public static Cost of(EnvironmentSpec spec, int tasks, PriceList list) {
        Estimate estimate = new Estimate(list.in(spec.region()));
        StackCosts.add(
                estimate,
                TemplateResources.resources(Template.source("environment"), parameters(spec))
                        .values());
        estimate.hourly(
                "public IPv4 addresses of the load balancer", spec.network().zones(), Item.PUBLIC_IPV4_HOUR);
        if (spec.network().natGateways() == NatGateways.NONE) {
            estimate.hourly("public IPv4 addresses of tasks", tasks, Item.PUBLIC_IPV4_HOUR);
        }
        if (spec.firewall() != null) {
            estimate.monthly("firewall: rules", spec.firewall().rules(), Item.FIREWALL_RULE_MONTH);
        }
        if (spec.containerInsights()) {
            estimate.usage("metrics of Container Insights", Item.METRIC_MONTH);
        }
        return estimate.cost();
    }

    private static Map<String, String> parameters(EnvironmentSpec spec) {
        Map<Integer, AdditionalDomain> slots = new TreeMap<>();
        spec.additionalDomains().forEach(domain -> slots.put(slots.size() + 1, domain));
        return Parameters.given(EnvironmentStack.parameters(new EnvironmentId("any"), spec, slots, ""));
    }
}
