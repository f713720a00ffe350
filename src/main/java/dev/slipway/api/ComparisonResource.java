package dev.slipway.api;

import dev.slipway.id.EnvironmentId;
import dev.slipway.id.ServiceId;
import dev.slipway.service.Comparisons;
import dev.slipway.service.Comparisons.Comparison;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;

/**
 * What is different in two environments. IAM looks at one path for a request, so that it is a path with both names, below neither
 * environment's: who may see one of them sees nothing here without being allowed it by both names.
 */
@Path("/v1/diff/{from}/{to}/services/{service}")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
public class ComparisonResource {
    private final Comparisons comparisons;

    ComparisonResource(Comparisons comparisons) {
        this.comparisons = comparisons;
    }

    @GET
    public Comparison diff(
            @PathParam("from") String from, @PathParam("to") String to, @PathParam("service") String service) {
        ServiceId id = PathParameters.service(from, service);
        EnvironmentId other = PathParameters.service(to, service).environmentId();
        return comparisons.compare(id.service(), id.environmentId(), other);
    }
}
