package dev.slipway.service;

import dev.slipway.aws.AnswerCache;
import dev.slipway.cost.Cost;
import dev.slipway.cost.CostReport;
import dev.slipway.cost.CostReport.Basis;
import dev.slipway.cost.PriceList;
import dev.slipway.cost.Prices;
import dev.slipway.cost.Waste;
import dev.slipway.cost.WastePolicy;
import dev.slipway.cost.WastePolicy.Size;
import dev.slipway.environment.EnvironmentCost;
import dev.slipway.environment.EnvironmentRecord;
import dev.slipway.environment.EnvironmentSpec.NatGateways;
import dev.slipway.environment.Environments;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.ServiceId;
import dev.slipway.id.Target;
import dev.slipway.release.ContainerSettings;
import dev.slipway.release.ContainerSettings.Architecture;
import dev.slipway.release.Images;
import dev.slipway.stack.StackReconciler;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import software.amazon.awssdk.services.cloudwatchlogs.model.LogGroup;

/** What is declared costs, and what of it is hardly used. Three calls to AWS for up to 50 services. */
public final class CostReports {
    /** CloudWatch is paid for each metric that is asked for, and those that are tell of whole days. */
    static final Duration CACHED = Duration.ofMinutes(5);

    private static final int MOST_CACHED = 100;

    private final AnswerCache<Target, UsageReader.Usage> cached = new AnswerCache<>(CACHED, MOST_CACHED);
    private final Environments environments;
    private final Services services;
    private final UsageReader usage;
    private final PriceList prices;
    private final InstantSource clock;

    public CostReports(
            Environments environments,
            Services services,
            Clients clients,
            StackReconciler stacks,
            Images images,
            PriceList prices,
            InstantSource clock) {
        this.environments = environments;
        this.services = services;
        this.usage = new UsageReader(stacks, clients.cloudWatch(), clients.logs(), images);
        this.prices = prices;
        this.clock = clock;
    }

    /** What was seen a few minutes ago, unless something was missing. */
    private UsageReader.Usage usage(Target target, Instant now, Supplier<UsageReader.Usage> look) {
        Optional<UsageReader.Usage> before = cached.find(target, now);
        if (before.isPresent()) {
            return before.get();
        }
        UsageReader.Usage seen = look.get();
        if (seen.unseen().isEmpty()) {
            cached.put(target, seen, now);
        }
        return seen;
    }

    /** Of an environment with its services. */
    public CostReport environment(EnvironmentId id) {
        EnvironmentRecord environment = environments.get(id);
        Instant now = clock.instant();
        Prices list = prices.in(environment.declared().region());
        Map<ServiceRecord, Cost> costs = new LinkedHashMap<>();
        services.all(id)
                .forEach(service -> costs.put(service, ServiceCost.of(service, environment.declared(), now, prices)));
        UsageReader.Usage seen = usage(
                id,
                now,
                () -> usage.environment(
                        id, costs.keySet().stream().map(ServiceRecord::id).toList(), now));
        int tasks = costs.keySet().stream()
                .mapToInt(service -> service.declared().mostTasks())
                .sum();
        int zones = environment.declared().network().zones();
        List<Waste> waste = new ArrayList<>();
        if (environment.declared().network().natGateways() != NatGateways.NONE) {
            WastePolicy.gateways(seen.gateways(), tasks, list).ifPresent(waste::add);
        }
        if (!environment.outputs().isEmpty()) {
            WastePolicy.balancer(id.stackName(), costs.size(), zones, list).ifPresent(waste::add);
        }
        costs.forEach((service, cost) -> waste.addAll(waste(service, cost, seen, list, now)));
        return CostReport.of(
                environment.outputs().isEmpty() ? Basis.DECLARED : Basis.LIVE,
                EnvironmentCost.of(environment.declared(), 0, prices),
                costs.entrySet().stream()
                        .map(entry -> CostReport.Member.of(
                                entry.getKey().id().service(),
                                entry.getKey().id().path(),
                                basis(entry.getKey()),
                                entry.getValue()))
                        .toList(),
                waste,
                seen.unseen());
    }

    /** Of a service alone. */
    public CostReport service(ServiceId id) {
        ServiceRecord service = services.get(id);
        EnvironmentRecord environment = environments.get(id.environmentId());
        Instant now = clock.instant();
        Prices list = prices.in(environment.declared().region());
        Cost cost = ServiceCost.of(service, environment.declared(), now, prices);
        UsageReader.Usage seen = usage(id, now, () -> usage.service(id, now));
        List<Waste> waste = new ArrayList<>(waste(service, cost, seen, list, now));
        Optional.ofNullable(seen.unused())
                .flatMap(unused -> WastePolicy.images(id.family(), unused.images(), unused.bytes(), list))
                .ifPresent(waste::add);
        return CostReport.of(basis(service), cost, List.of(), waste, seen.unseen());
    }

    private static Basis basis(ServiceRecord service) {
        return service.live() == null ? Basis.DECLARED : Basis.LIVE;
    }

    private static List<Waste> waste(
            ServiceRecord service, Cost cost, UsageReader.Usage seen, Prices prices, Instant now) {
        List<Waste> waste = new ArrayList<>();
        ContainerSettings container = service.declared().container();
        WastePolicy.tasks(
                        service.id().key(),
                        new Size(container.cpu(), container.memory()),
                        container.architecture() == Architecture.ARM64,
                        container.ephemeralStorageGiB(),
                        ServiceCost.tasks(cost),
                        seen.loads().get(service.id()),
                        prices)
                .ifPresent(waste::add);
        LogGroup group = seen.groups().get(service.id().logGroup());
        if (group != null && group.storedBytes() != null && group.creationTime() != null) {
            WastePolicy.logs(
                            group.logGroupName(),
                            group.storedBytes(),
                            group.retentionInDays(),
                            Duration.between(Instant.ofEpochMilli(group.creationTime()), now)
                                    .toDays(),
                            prices)
                    .ifPresent(waste::add);
        }
        return waste;
    }
}
