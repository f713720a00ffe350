package dev.slipway.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.alarm.AlarmState;
import dev.slipway.alarm.AlarmStates;
import dev.slipway.api.RequestContext.Items;
import dev.slipway.api.ServiceResource.ServiceView;
import dev.slipway.cost.CostReport;
import dev.slipway.cost.PriceList;
import dev.slipway.dora.DeliveryMetrics;
import dev.slipway.dora.DeliveryQueries;
import dev.slipway.environment.AwsLocation;
import dev.slipway.environment.EnvironmentRecord;
import dev.slipway.environment.EnvironmentSpec;
import dev.slipway.environment.Environments;
import dev.slipway.environment.Environments.Expiry;
import dev.slipway.firewall.FirewallCost;
import dev.slipway.firewall.FirewallReport;
import dev.slipway.firewall.FirewallReports;
import dev.slipway.firewall.FirewallSettings;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.ServiceId;
import dev.slipway.plan.Declarations.Deletion;
import dev.slipway.rollout.Rollout;
import dev.slipway.service.CostReports;
import dev.slipway.service.ServiceQueries;
import dev.slipway.service.Services;
import dev.slipway.status.EnvironmentStatus;
import dev.slipway.status.Statuses;
import dev.slipway.validation.SpecReader;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An environment: a network with a load balancer and a cluster for services. */
@Path("/v1/environments/{environment}")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
public class EnvironmentResource extends TargetResource<EnvironmentId, EnvironmentSpec, EnvironmentRecord> {
    private final Environments environments;
    private final Services services;
    private final ServiceQueries live;
    private final FirewallReports firewalls;
    private final Statuses statuses;
    private final DeliveryQueries delivery;
    private final AlarmStates alarms;
    private final PriceList prices;
    private final CostReports costs;
    private final ObjectMapper json = new ObjectMapper();
    private final SpecReader specs;
    private final AwsLocation awsLocation;

    EnvironmentResource(
            Environments environments,
            Services services,
            ServiceQueries live,
            FirewallReports firewalls,
            Statuses statuses,
            DeliveryQueries delivery,
            AlarmStates alarms,
            PriceList prices,
            CostReports costs,
            SpecReader specs,
            AwsLocation awsLocation,
            Queries queries,
            RequestContext context) {
        super(environments, queries, context);
        this.environments = environments;
        this.services = services;
        this.live = live;
        this.firewalls = firewalls;
        this.statuses = statuses;
        this.delivery = delivery;
        this.alarms = alarms;
        this.prices = prices;
        this.costs = costs;
        this.specs = specs;
        this.awsLocation = awsLocation;
    }

    /**
     * An environment as the API shows it.
     *
     * @param declared the spec that was accepted last and not refused since, with every default
     * @param state how it stands: IN_PROGRESS passes by itself, the others stay until something is asked for
     * @param operation what is under way
     * @param last what was done last and how it ended
     * @param alarms what CloudWatch says of it and of its services; absent when nothing watches it
     * @param expiry from when on it removes itself, in a sentence; absent where it does not
     * @param address under which its load balancer answers; absent until it is there
     * @param services names of the services in it
     * @param console pages of the AWS console
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    record EnvironmentView(
            String name,
            String self,
            long revision,
            EnvironmentSpec declared,
            @Nullable Boolean deleting,
            @Nullable TargetState state,
            OperationView.@Nullable Summary operation,
            OperationView.@Nullable Summary last,
            @Nullable AlarmState alarms,
            @Nullable String expiry,
            @Nullable String address,
            @Nullable String loadBalancer,
            @Nullable String cluster,
            @Nullable String vpc,
            Set<String> services,
            Instant createdAt,
            Instant updatedAt,
            Map<String, String> console) {
        static EnvironmentView of(EnvironmentRecord record, @Nullable AlarmState alarms, OperationView.Latest latest) {
            Map<String, String> outputs = record.outputs();
            String region = record.declared().region();
            return new EnvironmentView(
                    record.id().environment(),
                    record.id().path(),
                    record.revision(),
                    record.declared(),
                    record.deleting() ? true : null,
                    latest.state(),
                    latest.running(),
                    latest.ended(),
                    alarms,
                    Expiry.describe(record.id(), record.declared()).orElse(null),
                    outputs.get("Address"),
                    outputs.get("LoadBalancerDnsName"),
                    outputs.get("Cluster"),
                    outputs.get("VpcId"),
                    record.services().keySet(),
                    record.createdAt(),
                    record.updatedAt(),
                    Map.of(
                            "stack", ConsoleLinks.stack(region, record.id().stackName()),
                            "cluster", ConsoleLinks.cluster(region, record.id().cluster())));
        }
    }

    @GET
    public Response get() {
        EnvironmentRecord record = environments.get(target());
        AlarmState state = record.declared().alarms().enabled()
                ? alarms.of(record.id(), record.services().keySet())
                : null;
        return answer(EnvironmentView.of(record, state, latest(record.id())), record.revision());
    }

    @DELETE
    public Response delete() {
        return context.accepted(environments.delete(
                target(), new Deletion(context.expectedRevision(), Set.of(), null), context.request(null)));
    }

    @Override
    @Nullable
    FirewallCost firewallCost(JsonNode spec) {
        return spec.hasNonNull("firewall")
                ? FirewallCost.of(
                        json.convertValue(spec.get("firewall"), FirewallSettings.class),
                        prices.in(spec.path("region").asText()))
                : null;
    }

    @GET
    @Path("status")
    public EnvironmentStatus status() {
        return statuses.of(target());
    }

    @GET
    @Path("dora")
    public DeliveryMetrics dora() {
        return delivery.of(target(), context.days());
    }

    @GET
    @Path("firewall")
    public FirewallReport firewall() {
        EnvironmentRecord record = environments.get(target());
        return firewalls.report(record.id(), record.declared().firewall(), Duration.ofHours(context.hours()));
    }

    @GET
    @Path("cost")
    public CostReport cost() {
        return costs.environment(target());
    }

    @GET
    @Path("services")
    public Items<ServiceView.Summary> services() {
        EnvironmentId id = target();
        Map<ServiceId, Rollout> running = live.running(id);
        return context.page(
                (most, from) -> services.list(id, most, from),
                record -> ServiceView.Summary.of(record, ServiceQueries.lastSeen(record, running.get(record.id()))));
    }

    @Override
    EnvironmentId target() {
        return context.environment();
    }

    @Override
    SpecReader.Result<EnvironmentSpec> read(byte[] document) {
        return specs.environment(document, context.contentType(), awsLocation);
    }
}
