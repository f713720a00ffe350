package dev.slipway.rollout;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Requests over the network, by Vert.x, which connects to one name and asks, and verifies, another. Redirects are answers, not
 * followed.
 */
public final class HttpProbe implements Probe {
    private static final int MAX_BYTES = 64 * 1024;
    private static final int HTTP = 80;
    private static final int HTTPS = 443;

    private final HttpClient http;
    private final int port;

    public HttpProbe(Vertx vertx) {
        this(vertx, new HttpClientOptions(), 0);
    }

    /** @param port to connect to; 0 for that of the scheme */
    HttpProbe(Vertx vertx, HttpClientOptions options, int port) {
        // A connection for each request: checks come minutes apart, and a function may sleep in between.
        this.http = vertx.createHttpClient(
                options.setKeepAlive(false).setVerifyHost(true).setConnectTimeout(3_000));
        this.port = port;
    }

    @Override
    public Result get(Request request) {
        AtomicReference<@Nullable HttpClientRequest> sent = new AtomicReference<>();
        AtomicBoolean over = new AtomicBoolean();
        long begin = System.nanoTime();
        try {
            return http.request(options(request))
                    .compose(ready -> {
                        sent.set(ready);
                        if (over.get()) { // connected too late
                            ready.reset();
                        }
                        return ready.send();
                    })
                    .compose(response -> body(response)
                            .<Result>map(text -> new Result.Response(
                                    response.statusCode(), text, Duration.ofNanos(System.nanoTime() - begin))))
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(request.timeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return new Result.NoResponse(
                    "no whole answer within " + request.timeout().toMillis() + " ms");
        } catch (ExecutionException e) {
            return new Result.NoResponse(reason(e));
        } catch (IllegalArgumentException e) { // a host that no request can be addressed to
            return new Result.NoResponse(reason(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Result.NoResponse("interrupted");
        } finally {
            over.set(true);
            HttpClientRequest open = sent.get();
            if (open != null) {
                open.reset(); // closes the connection, where an answer is still under way
            }
        }
    }

    /** What lies at the bottom of it: which name a certificate has not, for example. */
    private static String reason(Exception failed) {
        Throwable cause = failed;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return Objects.requireNonNullElse(cause.getMessage(), cause.getClass().getSimpleName());
    }

    private RequestOptions options(Request request) {
        int usual = request.isSecure() ? HTTPS : HTTP;
        RequestOptions options = new RequestOptions()
                .setMethod(HttpMethod.GET)
                .setServer(SocketAddress.inetSocketAddress(port == 0 ? usual : port, request.address()))
                .setHost(request.host())
                .setPort(usual)
                .setSsl(request.isSecure())
                .setURI(request.path())
                .putHeader("User-Agent", USER_AGENT);
        request.headers().forEach(options::putHeader);
        return options;
    }

    /** As much of it as fits. */
    private static Future<String> body(HttpClientResponse response) {
        Promise<String> whole = Promise.promise();
        Buffer some = Buffer.buffer();
        response.exceptionHandler(whole::tryFail);
        response.endHandler(_ -> whole.tryComplete(text(some)));
        response.handler(part -> {
            some.appendBuffer(part, 0, Math.min(part.length(), MAX_BYTES - some.length()));
            if (some.length() == MAX_BYTES) {
                response.pause();
                whole.tryComplete(text(some));
            }
        });
        return whole.future();
    }

    private static String text(Buffer body) {
        return new String(body.getBytes(), StandardCharsets.UTF_8);
    }
}
