package dev.slipway.simulated;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.slipway.app.ControlPlane;
import dev.slipway.problem.Problem;
import dev.slipway.problem.ProblemDocument;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

/** Bodies that are larger than API Gateway lets through: the HTTP server would answer them without a document. */
@Singleton
class BodyLimit {
    private static final long MOST = 10L * 1024 * 1024;
    private static final int FIRST = 1000;

    void register(@Observes Filters filters) {
        filters.register(BodyLimit::check, FIRST);
    }

    private static void check(RoutingContext context) {
        HttpServerRequest request = context.request();
        if (length(request) <= MOST) {
            context.next();
            return;
        }
        // Read to its end: who is still sending hears no answer.
        request.handler(_ -> {}).endHandler(_ -> refuse(context)).resume();
    }

    private static long length(HttpServerRequest request) {
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        return length == null ? 0 : Long.parseLong(length);
    }

    private static void refuse(RoutingContext context) {
        ProblemDocument refused = ProblemDocument.of(
                413,
                Problem.user(
                        "body-too-large", "The body has more than %d bytes.".formatted(MOST), "Send at most 1 MiB."),
                null);
        try {
            context.response()
                    .setStatusCode(413)
                    .putHeader(HttpHeaders.CONTENT_TYPE, ProblemDocument.MEDIA_TYPE)
                    .end(ControlPlane.json().writeValueAsString(refused));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
