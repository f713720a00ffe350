package dev.slipway.lambda;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPEvent;
import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPResponse;
import io.quarkus.netty.runtime.virtual.VirtualClientConnection;
import io.quarkus.vertx.http.runtime.VertxHttpRecorder;
import jakarta.inject.Named;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The api function: hands HTTP API events to the JAX-RS resources over Quarkus's in-memory HTTP channel.
 *
 * <p>It is a handler of our own because {@code quarkus-amazon-lambda-http} allows no other handler in the same module.
 * Every event gets an answer: what goes wrong on the way is a problem document, not a failed invocation.
 */
@Named("api")
public final class ApiHandler implements RequestHandler<APIGatewayV2HTTPEvent, APIGatewayV2HTTPResponse> {
    /** Time kept back to answer 504 before Lambda ends the process, which the caller would see as a bare 500. */
    private static final Duration MARGIN = Duration.ofMillis(500);

    /** API Gateway waits for at most 30 seconds for the function of an HTTP API. */
    private static final Duration MAX_TIMEOUT = Duration.ofSeconds(29);

    private static final Logger LOG = Logger.getLogger(ApiHandler.class);

    @Override
    public APIGatewayV2HTTPResponse handleRequest(APIGatewayV2HTTPEvent event, Context context) {
        var id = event.getRequestContext() == null
                ? null
                : event.getRequestContext().getRequestId();
        // The lines of the bridge itself, which answers on another thread than the application.
        try (var _ = LogFields.of(context).and("request", id)) {
            return switch (ApiRequest.of(event)) {
                case ApiRequest.Rejected(var code, var answer) -> {
                    LOG.infof("request %s refused: %s", context.getAwsRequestId(), code);
                    yield answer;
                }
                case ApiRequest.Accepted accepted -> dispatch(accepted, client(event), id, context);
            };
        }
    }

    private static APIGatewayV2HTTPResponse dispatch(
            ApiRequest.Accepted request, @Nullable SocketAddress client, @Nullable String id, Context context) {
        var answer = new ApiResponse(request.prefix(), id);
        var connection = VirtualClientConnection.connect(answer, VertxHttpRecorder.VIRTUAL_HTTP, client);
        try {
            connection.sendMessage(request.head());
            connection.sendMessage(request.body());
            return answer.whole()
                    .get(timeout(context.getRemainingTimeInMillis()).toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            LOG.warnf(
                    "request %s not answered in time: %s",
                    context.getAwsRequestId(), request.head().uri());
            return ApiResponse.problem(
                    id,
                    504,
                    "timeout",
                    "internal",
                    "No answer in time",
                    "The request may still have been carried out. Look at its effect, then repeat it if needed.");
        } catch (ExecutionException e) {
            LOG.errorf(e.getCause(), "request %s failed in the bridge", context.getAwsRequestId());
            return failed(id);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return failed(id);
        } finally {
            // A connection that its event loop has not taken up yet cannot be closed; its answer is ignored.
            if (connection.peer().isRegistered()) {
                connection.close();
            }
        }
    }

    private static APIGatewayV2HTTPResponse failed(@Nullable String id) {
        return ApiResponse.problem(
                id,
                500,
                "internal",
                "internal",
                "Something went wrong in Slipway",
                "The function's log tells what. Try again.");
    }

    /** How long to wait for an answer. Outside of Lambda the deadline is unknown, and what is left until it is not positive. */
    static Duration timeout(int millisLeft) {
        var left = Duration.ofMillis(millisLeft);
        if (!left.isPositive()) {
            return MAX_TIMEOUT;
        }
        var patience = left.minus(MARGIN);
        if (!patience.isPositive()) {
            return Duration.ZERO;
        }
        return patience.compareTo(MAX_TIMEOUT) < 0 ? patience : MAX_TIMEOUT;
    }

    private static @Nullable SocketAddress client(APIGatewayV2HTTPEvent event) {
        var address = event.getRequestContext().getHttp().getSourceIp();
        return address == null ? null : InetSocketAddress.createUnresolved(address, 443);
    }
}
