package dev.slipway.api;

import dev.slipway.aws.AwsErrors;
import dev.slipway.operation.Reconciler;
import dev.slipway.problem.Problem;
import dev.slipway.problem.ProblemDocument;
import dev.slipway.problem.ProblemException;
import dev.slipway.store.Store.ItemTooLargeException;
import dev.slipway.store.Store.NewerSchemaException;
import dev.slipway.store.Store.UnknownOutcomeException;
import dev.slipway.store.Store.WriteConflictException;
import jakarta.ws.rs.NotAllowedException;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jspecify.annotations.Nullable;

/** Every failure of a request as a problem document. What is our own fault is logged and not told in detail. */
class ExceptionMappers {
    private static final Logger LOG = Logger.getLogger(ExceptionMappers.class);

    @ServerExceptionMapper
    Response problem(ProblemException refused) {
        return answer(refused.status(), refused.problem());
    }

    @ServerExceptionMapper
    Response conflict(WriteConflictException conflict) {
        return answer(
                409,
                Problem.user(
                        "concurrent-change",
                        "Somebody else changed the same thing at the same moment; nothing of this has happened.",
                        "Try again."));
    }

    @ServerExceptionMapper
    Response tooLarge(ItemTooLargeException tooLarge) {
        return answer(413, Problem.user("document-too-large", "The spec is too large to be kept.", "Shorten it."));
    }

    @ServerExceptionMapper
    Response unknown(UnknownOutcomeException unknown) {
        LOG.warn("the outcome of a write is unknown", unknown);
        return later(
                5,
                Problem.dependency(
                        "unknown-outcome",
                        "DynamoDB did not say whether the request was recorded.",
                        "Look whether it was, then repeat it; with the same Idempotency-Key, if it has one."));
    }

    @ServerExceptionMapper
    Response newer(NewerSchemaException newer) {
        LOG.warn("an item of a newer version", newer);
        return later(60, Reconciler.newerVersion(newer));
    }

    /** The framework's own answer to OPTIONS names methods of other paths. */
    @ServerRequestFilter(preMatching = true)
    @Nullable
    Response options(ContainerRequestContext request) {
        Set<String> methods = request.getMethod().equals("OPTIONS")
                ? ApiDescription.load().methods(request.getUriInfo().getPath())
                : Set.of();
        return methods.isEmpty()
                ? null
                : Response.noContent()
                        .header(HttpHeaders.ALLOW, String.join(", ", methods))
                        .build();
    }

    /** Also where the path has other methods, since several resources share paths and the framework looks into one. */
    @ServerExceptionMapper
    Response notFound(NotFoundException error, UriInfo uri, Request request) {
        Set<String> methods = ApiDescription.load().methods(uri.getPath());
        return methods.isEmpty() || methods.contains(request.getMethod())
                ? answer(404, Problem.user("no-such-path", "There is nothing at this path.", "See GET /q/openapi"))
                : notAllowed(methods);
    }

    @ServerExceptionMapper
    Response notAllowed(NotAllowedException error, UriInfo uri) {
        return notAllowed(ApiDescription.load().methods(uri.getPath()));
    }

    /** With the methods that the path has, as RFC 9110 wants it; the framework does not tell them. */
    private static Response notAllowed(Set<String> methods) {
        String allow = String.join(", ", methods);
        Problem problem = Problem.user(
                "method-not-allowed",
                "This path has no such method.",
                "It has %s; see GET /q/openapi".formatted(allow));
        return Response.fromResponse(answer(405, problem))
                .header(HttpHeaders.ALLOW, allow)
                .build();
    }

    @ServerExceptionMapper
    Response other(WebApplicationException error) {
        int status = error.getResponse().getStatus();
        if (status >= 500) {
            return other((Throwable) error);
        }
        String reason = error.getResponse().getStatusInfo().getReasonPhrase();
        return answer(status, Problem.user("http-" + status, "The request cannot be answered: " + reason + ".", null));
    }

    @ServerExceptionMapper
    Response other(Throwable error) {
        Optional<AwsErrors.Failure> aws = AwsErrors.failure(error);
        if (aws.isPresent()) {
            LOG.warn("a call to AWS failed", error);
            return aws.get().isTransient()
                    ? later(5, aws.get().problem())
                    : answer(502, aws.get().problem());
        }
        LOG.error("a request failed", error);
        return answer(500, Problem.internal("internal-error", "Something went wrong in Slipway. The log tells what."));
    }

    private static Response answer(int status, Problem problem) {
        return Response.status(status)
                .type(ProblemDocument.MEDIA_TYPE)
                .entity(ProblemDocument.of(status, problem, RequestId.current()))
                .build();
    }

    /** @param seconds after which it may be worth another attempt */
    private static Response later(int seconds, Problem problem) {
        return Response.fromResponse(answer(503, problem))
                .header(HttpHeaders.RETRY_AFTER, seconds)
                .build();
    }
}
