package dev.slipway.api;

import dev.slipway.lambda.CallerHeaders;
import dev.slipway.problem.ProblemException;
import dev.slipway.validation.Suggestions;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jspecify.annotations.Nullable;

/**
 * Answers whether a request would be let through, without doing it. IAM judges method and path before a request gets here, so
 * whatever arrives is allowed: the answer is 204 at once, from any resource, before anything of the request is looked at.
 */
class PermissionCheck {
    static final String HEADER = "Slipway-Permission-Check";

    private static final String ASKED = "true";
    private static final List<String> SIMILAR =
            List.of(HEADER, CallerHeaders.ACTOR, CallerHeaders.ACCOUNT, CallerHeaders.REQUEST);

    /** Before {@link RequestRules}. Throws {@link ProblemException} 400 when the header says anything but true. */
    @ServerRequestFilter(priority = 1)
    @Nullable
    Response answer(ContainerRequestContext request) {
        String asked = request.getHeaderString(HEADER);
        if (asked == null) {
            return null;
        }
        if (!asked.equals(ASKED)) {
            throw new ProblemException(
                    400,
                    "malformed-request",
                    "The header %s is %s; nothing has been done.".formatted(HEADER, shown(asked)),
                    "Send %s: %s to ask whether you may, and no such header to do it.".formatted(HEADER, ASKED));
        }
        return Response.noContent()
                .header(HEADER, ASKED) // a request itself may be answered by 204, but not with this
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .build();
    }

    private static String shown(String value) {
        return value.isEmpty() ? "empty" : value.length() > 40 ? value.substring(0, 40) + "…" : value;
    }

    /** Whether a header was meant to be this one, so that under another name its request would do what it only asks about. */
    static boolean isMeantBy(String header) {
        return header.contains("permission")
                || Suggestions.closest(SIMILAR, header).filter(HEADER::equals).isPresent();
    }
}
