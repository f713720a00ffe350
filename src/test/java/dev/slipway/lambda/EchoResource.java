package dev.slipway.lambda;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.NewCookie;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Answers with what arrived, and in every way in which an answer can be odd. */
@Path("/v1/test-echo")
public class EchoResource {
    static final byte[] BINARY = {0, (byte) 0xff, (byte) 0xfe, 1, '\n'};

    record Echo(
            String path,
            Map<String, List<String>> query,
            Map<String, List<String>> headers,
            Map<String, String> cookies,
            String bodyBase64) {}

    @GET
    @Path("{rest: .*}")
    public Echo get(@Context UriInfo uri, @Context HttpHeaders headers) {
        return post(new byte[0], uri, headers);
    }

    @POST
    public Echo post(byte[] body, @Context UriInfo uri, @Context HttpHeaders headers) {
        var cookies = new TreeMap<String, String>();
        headers.getCookies().forEach((name, cookie) -> cookies.put(name, cookie.getValue()));
        return new Echo(
                uri.getPath(),
                uri.getQueryParameters(),
                headers.getRequestHeaders(),
                cookies,
                Base64.getEncoder().encodeToString(body));
    }

    @GET
    @Path("binary")
    @Produces("application/octet-stream")
    public byte[] binary() {
        return BINARY;
    }

    @GET
    @Path("file")
    @Produces("application/octet-stream")
    public java.nio.file.Path file() throws IOException {
        var file = Files.createTempFile("slipway-echo", ".bin");
        file.toFile().deleteOnExit();
        return Files.write(file, BINARY);
    }

    @GET
    @Path("cookies")
    public Response cookies() {
        return Response.noContent()
                .cookie(new NewCookie.Builder("a").value("1").build())
                .cookie(new NewCookie.Builder("b").value("2").build())
                .header("X-Many", "one")
                .header("X-Many", "two")
                .build();
    }

    @GET
    @Path("moved")
    public Response moved() {
        return Response.accepted().header("Location", "/v1/elsewhere").build();
    }

    @GET
    @Path("text")
    @Produces("text/plain")
    public String text(@QueryParam("of") String of, @QueryParam("times") int times) {
        return of.repeat(times);
    }

    @GET
    @Path("never")
    public CompletionStage<String> never() {
        return new CompletableFuture<>();
    }
}
