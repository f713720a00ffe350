package dev.slipway.api;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import jakarta.ws.rs.core.Variant;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a person finds who opens the address: a page, the description of the API, and the schemas of the specs. */
@Path("/")
public class StartResource {
    private static final Set<String> SCHEMAS = Set.of("environment", "pipeline", "service");

    private static final String YAML = "application/yaml";
    private static final MediaType YAML_TYPE = MediaType.valueOf(YAML);
    private static final Map<String, MediaType> FORMATS =
            Map.of("json", MediaType.APPLICATION_JSON_TYPE, "yaml", YAML_TYPE);

    private static final String TEXT = """
            Slipway: a serverless control plane for containers on ECS Fargate.

            GET /ui/                the page for browsers; on AWS by `slipway dashboard`
            GET /v1/environments    the environments there are
            GET /q/openapi          every operation, as OpenAPI 3.1
            GET /schemas/environment.json, /schemas/service.json, /schemas/pipeline.json    what a spec may say
            """;

    @GET
    @Produces("text/plain;charset=utf-8")
    public String text() {
        return TEXT;
    }

    @GET
    @Produces("text/html;qs=0.5")
    public Response html(@Context UriInfo uri) throws IOException {
        // The caller's Host header is in it. As a URI it holds no character that could end a text in HTML.
        String api = uri.getBaseUri().resolve("/").toString().replaceAll("/$", "");
        String page = new String(resource("/pages/start.html"), StandardCharsets.UTF_8).replace("{api}", api);
        return Response.ok(page, "text/html;charset=utf-8").build();
    }

    @GET
    @Path("schemas/{name}.json")
    @Produces("application/schema+json")
    public Response schema(@PathParam("name") String name) throws IOException {
        if (!SCHEMAS.contains(name)) {
            throw new NotFoundException();
        }
        return Response.ok(resource("/schemas/" + name + ".json")).build();
    }

    /** @param format json or yaml; without it what the caller prefers, and YAML where that is open */
    @GET
    @Path("q/openapi")
    @Produces({YAML, MediaType.APPLICATION_JSON})
    public Response openapi(@QueryParam("format") @Nullable String format, @Context Request request) {
        ApiDescription description = ApiDescription.load();
        Variant preferred = request.selectVariant(
                Variant.mediaTypes(YAML_TYPE, MediaType.APPLICATION_JSON_TYPE).build());
        MediaType type = format == null
                ? preferred.getMediaType()
                : FORMATS.getOrDefault(format, YAML_TYPE); // RequestRules lets in no other
        boolean yaml = type.equals(YAML_TYPE);
        return Response.ok(yaml ? description.asYaml() : description.asJson(), type)
                .build();
    }

    static byte[] resource(String path) throws IOException {
        try (InputStream content = StartResource.class.getResourceAsStream(path)) {
            if (content == null) {
                throw new IllegalStateException("no " + path);
            }
            return content.readAllBytes();
        }
    }
}
