package dev.slipway.api;

import dev.slipway.lambda.CallerHeaders;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import java.util.Objects;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jboss.logging.MDC;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jboss.resteasy.reactive.server.ServerResponseFilter;
import org.jspecify.annotations.Nullable;

/**
 * The id by which a request is found again: it stands in each line that is logged for it as {@code mdc.request}, in each problem
 * document, and in a header of each answer. API Gateway gives it, and has it in its access log; a laptop makes one.
 */
class RequestId {
    private static final String LOGGED = "request";
    private static final Pattern ID = Pattern.compile("[\\w=+/.-]{1,128}");

    /** Before all else, since a problem of any filter names it. */
    @ServerRequestFilter(preMatching = true, priority = 1)
    void begin(ContainerRequestContext request) {
        String given = request.getHeaderString(CallerHeaders.REQUEST);
        MDC.put(
                LOGGED,
                given != null && ID.matcher(given).matches()
                        ? given
                        : UUID.randomUUID().toString());
    }

    @ServerResponseFilter
    void end(ContainerResponseContext answer) {
        String id = current();
        if (id != null) {
            answer.getHeaders().putSingle(CallerHeaders.REQUEST, id);
        }
    }

    static @Nullable String current() {
        return Objects.toString(MDC.get(LOGGED), null);
    }
}
