package dev.slipway.service;

import dev.slipway.cost.Cost;
import dev.slipway.cost.Estimate;
import dev.slipway.cost.Item;
import dev.slipway.cost.PriceList;
import dev.slipway.cost.Prices;
import dev.slipway.cost.Spot;
import dev.slipway.cost.StackCosts;
import dev.slipway.environment.EnvironmentSpec;
import dev.slipway.environment.EnvironmentSpec.NatGateways;
import dev.slipway.release.ContainerSettings;
import dev.slipway.release.ContainerSettings.Architecture;
import dev.slipway.scaling.ScalingSettings;
import dev.slipway.stack.Template;
import dev.slipway.stack.TemplateResources;
import java.time.Instant;
import java.util.OptionalDouble;
import java.util.function.IntToDoubleFunction;

/** What a service costs in a month: its tasks for as long as they run, and what is there beside them. */
public final class ServiceCost {
    private static final String ON_DEMAND = "tasks on demand";
    private static final String ON_SPOT = "tasks on Fargate Spot";

    private ServiceCost() {}

    /**
     * Of a service that is live, with as many tasks as its spec says. Schedules count for as long as they hold.
     *
     * @param now where the year begins whose schedules are followed
     */
    public static Cost of(ServiceSpec spec, EnvironmentSpec environment, Instant now, PriceList list) {
        return estimate(spec, environment, now, list).cost();
    }

    /** Of a service as it is declared. */
    static Cost of(ServiceRecord service, EnvironmentSpec environment, Instant now, PriceList list) {
        Estimate estimate = estimate(service.declared(), environment, now, list);
        return service.live() == null
                ? estimate.assume(
                                "Declared, not running: no release is live yet, and this is what it costs from the first one on.")
                        .cost()
                : estimate.cost();
    }

    private static Estimate estimate(ServiceSpec spec, EnvironmentSpec environment, Instant now, PriceList list) {
        Estimate estimate = new Estimate(list.in(environment.region()));
        tasks(spec, now, environment.network().natGateways() == NatGateways.NONE, estimate);
        StackCosts.add(
                estimate,
                TemplateResources.resources(Template.source("service"), ServiceStack.resources(spec, now))
                        .values());
        if (spec.alarms().enabled()) {
            estimate.usage("metric that rollouts are told by, while there is one", Item.METRIC_MONTH);
        }
        return estimate.usage("data to the internet", Item.DATA_OUT_GB);
    }

    /** Dollars of all tasks in a month, of a cost as above, with the fewest. */
    static double tasks(Cost cost) {
        return cost.parts().stream()
                .filter(part -> part.what().equals(ON_DEMAND) || part.what().equals(ON_SPOT))
                .mapToDouble(Cost.Part::dollarsPerMonth)
                .sum();
    }

    private static void tasks(ServiceSpec spec, Instant now, boolean addresses, Estimate estimate) {
        ScalingSettings.Average tasks = average(spec, now, number -> number);
        Spot share = new Spot(spec.capacity().spotPercent(), spec.capacity().onDemandBase());
        ScalingSettings.Average spot = average(spec, now, share::of);
        OptionalDouble hour = hour(spec.container(), estimate);
        estimate.hours(ON_DEMAND, tasks.least() - spot.least(), tasks.most() - spot.most(), hour);
        if (spot.most() > 0) {
            estimate.hours(
                    ON_SPOT,
                    spot.least(),
                    spot.most(),
                    hour.isEmpty() ? hour : OptionalDouble.of(hour.getAsDouble() * Prices.SPOT));
            estimate.assume(
                    "Fargate Spot is taken for 70 % cheaper than on demand, the most that AWS tells of; its price varies.");
        }
        if (addresses) {
            estimate.hourly("public IPv4 addresses of tasks", tasks.least(), tasks.most(), Item.PUBLIC_IPV4_HOUR);
        }
        if (spec.scaling() != null && !spec.scaling().schedules().isEmpty()) {
            estimate.assume("Numbers of tasks are averages over the times at which the schedules' limits hold.");
        }
    }

    private static ScalingSettings.Average average(ServiceSpec spec, Instant now, IntToDoubleFunction of) {
        ScalingSettings scaling = spec.scaling();
        double all = of.applyAsDouble(spec.mostTasks());
        return scaling == null ? new ScalingSettings.Average(all, all) : scaling.average(now, of);
    }

    private static OptionalDouble hour(ContainerSettings container, Estimate estimate) {
        return estimate.prices()
                .taskHour(
                        container.cpu(),
                        container.memory(),
                        container.architecture() == Architecture.ARM64,
                        container.ephemeralStorageGiB());
    }
}
