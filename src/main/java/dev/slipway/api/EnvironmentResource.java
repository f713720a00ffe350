package dev.slipway.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.slipway.environment.AwsLocation;
import dev.slipway.environment.EnvironmentRecord;
import dev.slipway.environment.EnvironmentSpec;
import dev.slipway.environment.Environments;
import dev.slipway.id.EnvironmentId;
import dev.slipway.operation.Accepted;
import dev.slipway.service.Services;
import dev.slipway.validation.SpecReader;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.EntityTag;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An environment: a network with a load balancer and a cluster for services. */
@Path("/v1/environments/{environment}")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
public class EnvironmentResource extends TargetResource<EnvironmentId> {
    private final Environments environments;
    private final Services services;
    private final SpecReader specs;
    private final AwsLocation awsLocation;

    EnvironmentResource(
            Environments environments,
            Services services,
            SpecReader specs,
            AwsLocation awsLocation,
            Queries queries,
            RequestContext context) {
        super(queries, context);
        this.environments = environments;
        this.services = services;
        this.specs = specs;
        this.awsLocation = awsLocation;
    }

    /**
     * An environment as the API shows it.
     *
     * @param declared the spec that was accepted last, with every default
     * @param operation what is under way
     * @param last what was done last and how it ended
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
            OperationView.@Nullable Summary operation,
            OperationView.@Nullable Summary last,
            @Nullable String address,
            @Nullable String loadBalancer,
            @Nullable String cluster,
            @Nullable String vpc,
            Set<String> services,
            Instant createdAt,
            Instant updatedAt,
            Map<String, String> console) {
        static EnvironmentView of(EnvironmentRecord record, OperationView.Latest latest) {
            Map<String, String> outputs = record.outputs();
            String region = record.declared().region();
            return new EnvironmentView(
                    record.id().environment(),
                    record.id().path(),
                    record.revision(),
                    record.declared(),
                    record.deleting() ? true : null,
                    latest.running(),
                    latest.ended(),
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

    @PUT
    public Response apply(byte @Nullable [] body) {
        EnvironmentId id = target();
        EnvironmentSpec spec = read(body);
        return context.accepted(environments.apply(
                id, spec, context.expectedRevision(), context.queryValues("allow", null), context.request(body)));
    }

    @GET
    public Response get() {
        EnvironmentRecord record = environments.get(target());
        return Response.ok(EnvironmentView.of(record, latest(record.id())))
                .tag(new EntityTag(Long.toString(record.revision())))
                .build();
    }

    @DELETE
    public Response delete() {
        return context.accepted(environments.delete(target(), context.expectedRevision(), context.request(null)));
    }

    @GET
    @Path("services")
    public Items<ServiceView.Summary> services() {
        EnvironmentId id = target();
        return context.page((most, from) -> services.list(id, most, from), ServiceView.Summary::of);
    }

    @Override
    EnvironmentId target() {
        return context.environment();
    }

    @Override
    void require(EnvironmentId target) {
        environments.get(target);
    }

    @Override
    Accepted plan(EnvironmentId target, byte @Nullable [] body) {
        return environments.plan(target, read(body), context.request(body));
    }

    @Override
    Accepted applyPlan(EnvironmentId target, String plan, Set<String> allow, byte @Nullable [] body) {
        return environments.applyPlan(target, plan, allow, context.request(body));
    }

    private EnvironmentSpec read(byte @Nullable [] body) {
        return specs.environment(body == null ? new byte[0] : body, context.contentType(), awsLocation)
                .spec();
    }
}
