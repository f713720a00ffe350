package dev.slipway.api;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.EntityTag;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * The page for browsers: a document, a script and a style sheet, which ask the API as any other caller does. Nothing is loaded from
 * elsewhere; no other site may frame it, and it sends nothing to one.
 */
@Path("/ui")
public class PageResource {
    private static final String DOCUMENT = "index.html";
    private static final Map<String, String> TYPES = Map.of(
            DOCUMENT,
            "text/html;charset=utf-8",
            "app.css",
            "text/css;charset=utf-8",
            "app.js",
            "text/javascript;charset=utf-8");
    private static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:;"
                    + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    @GET
    public Response document(@Context HttpHeaders headers, @Context Request request) throws IOException {
        return file(DOCUMENT, headers, request);
    }

    @GET
    @Path("{file}")
    public Response file(@PathParam("file") String file, @Context HttpHeaders headers, @Context Request request)
            throws IOException {
        String type = TYPES.get(file);
        if (type == null) {
            throw new NotFoundException();
        }
        String accepted = headers.getHeaderString(HttpHeaders.ACCEPT_ENCODING);
        boolean zipped = !file.equals(DOCUMENT) && accepted != null && accepted.contains("gzip");
        byte[] content = StartResource.resource("/ui/" + file + (zipped ? ".gz" : ""));
        EntityTag tag = tag(content);
        Response.ResponseBuilder unchanged = request.evaluatePreconditions(tag);
        Response.ResponseBuilder answer =
                unchanged == null ? Response.ok(content, type).tag(tag) : unchanged;
        if (zipped && unchanged == null) {
            answer.header(HttpHeaders.CONTENT_ENCODING, "gzip");
        }
        return answer.header(HttpHeaders.VARY, HttpHeaders.ACCEPT_ENCODING)
                // Asked for each time, so that it never is of another version than the API; the tag spares the content.
                .header(HttpHeaders.CACHE_CONTROL, "no-cache")
                .header("Content-Security-Policy", POLICY)
                .header("X-Content-Type-Options", "nosniff")
                .header("Referrer-Policy", "no-referrer")
                .build();
    }

    private static EntityTag tag(byte[] content) {
        CRC32C sum = new CRC32C();
        sum.update(content);
        return new EntityTag(Long.toHexString(sum.getValue()) + "-" + content.length);
    }
}
