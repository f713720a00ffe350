package dev.slipway.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.api.RequestContext.Items;
import dev.slipway.health.DeadLetter;
import dev.slipway.health.DeadLetters;
import dev.slipway.health.Health;
import dev.slipway.health.HealthReader;
import dev.slipway.health.SupportBundle;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * How Slipway itself stands. The paths are below no environment's: a policy that allows one environment does not reach them.
 * {@code health} is answered with 200 whatever it says: a 5xx would mean that nobody has looked, and raise the API's own alarm.
 */
@Path("/v1")
@Produces(MediaType.APPLICATION_JSON)
public class HealthResource {
    private final HealthReader health;
    private final DeadLetters deadLetters;
    private final SupportBundle bundle;
    private final RequestContext context;
    private final String version;

    HealthResource(
            HealthReader health,
            DeadLetters deadLetters,
            SupportBundle bundle,
            RequestContext context,
            @ConfigProperty(name = "quarkus.application.version") String version) {
        this.health = health;
        this.deadLetters = deadLetters;
        this.bundle = bundle;
        this.context = context;
        this.version = version;
    }

    @GET
    @Path("health")
    public Health health() {
        return health.read(version);
    }

    @GET
    @Path("dead-letters")
    public Items<DeadLetter> deadLetters() {
        return new Items<>(deadLetters.list(), null);
    }

    @POST
    @Path("dead-letters/redrive")
    public DeadLetters.Redriven redriveAll() {
        return deadLetters.redriveAll(context.request(null).actor());
    }

    @POST
    @Path("dead-letters/{id}/redrive")
    public DeadLetters.Redriven redrive(@PathParam("id") String id) {
        return deadLetters.redrive(id, context.request(null).actor());
    }

    @GET
    @Path("support-bundle")
    public JsonNode supportBundle() {
        return bundle.read(version);
    }
}
