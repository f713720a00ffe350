package dev.slipway.api;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;

/** What a person finds who opens the address, and the schemas that the API's description refers to. */
@Path("/")
public class StartResource {
    private static final String TEXT = """
            Slipway: a serverless control plane for containers on ECS Fargate.

            GET /v1/environments    the environments there are
            GET /q/openapi          every operation, as OpenAPI 3.1
            GET /schemas/environment.json, /schemas/service.json    what a spec may say
            """;
    private static final String HTML = """
            <!doctype html>
            <html lang="en">
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <title>Slipway</title>
            <style>body{font:1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem}</style>
            <h1>Slipway</h1>
            <p>A serverless control plane for containers on ECS Fargate.</p>
            <ul>
            <li><a href="/v1/environments">The environments there are</a>
            <li><a href="/q/openapi">Every operation, as OpenAPI 3.1</a>
            <li>What a spec may say: <a href="/schemas/environment.json">of an environment</a>,
            <a href="/schemas/service.json">of a service</a>
            </ul>
            </html>
            """;

    @GET
    @Produces("text/plain;charset=utf-8")
    public String text() {
        return TEXT;
    }

    @GET
    @Produces("text/html;qs=0.5")
    public Response html() {
        return Response.ok(HTML, "text/html;charset=utf-8").build();
    }

    @GET
    @Path("schemas/{name}.json")
    @Produces("application/schema+json")
    public Response schema(@PathParam("name") String name) throws IOException {
        if (!name.equals("environment") && !name.equals("service")) {
            throw new NotFoundException();
        }
        try (InputStream schema = getClass().getResourceAsStream("/schemas/" + name + ".json")) {
            if (schema == null) {
                throw new IllegalStateException("no schema " + name);
            }
            return Response.ok(schema.readAllBytes()).build();
        }
    }
}
