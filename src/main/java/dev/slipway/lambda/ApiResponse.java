package dev.slipway.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPResponse;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.netty.channel.FileRegion;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.quarkus.netty.runtime.virtual.VirtualResponseHandler;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Collects the messages in which Netty answers one request, until the last, into what API Gateway wants to have.
 *
 * <p>Messages arrive one after the other on one event loop. Those that come after the end, or after the caller stopped
 * waiting, are only released.
 */
final class ApiResponse implements VirtualResponseHandler {
    /** Lambda refuses answers above 6 MB of JSON; this counts the body as it will stand in that JSON. */
    static final int MAX_ENCODED_BYTES = 5_500_000;

    private static final Set<String> NOT_FORWARDED =
            Set.of("connection", "content-length", "keep-alive", "set-cookie", "transfer-encoding");

    private final String prefix;
    private final @Nullable String request;
    private final CompletableFuture<APIGatewayV2HTTPResponse> whole = new CompletableFuture<>();
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private @Nullable HttpResponse head;
    private boolean tooLarge;

    /**
     * @param prefix of all paths as the caller sees them, such as {@code /live}; empty for none
     * @param request API Gateway's id of it; null for none
     */
    ApiResponse(String prefix, @Nullable String request) {
        this.prefix = prefix;
        this.request = request;
    }

    /** Completes with the answer; fails when the connection is closed before its end. */
    CompletableFuture<APIGatewayV2HTTPResponse> whole() {
        return whole;
    }

    @Override
    public void handleMessage(Object message) {
        try {
            if (!whole.isDone()) {
                take(message);
            }
        } catch (IOException | RuntimeException e) {
            whole.completeExceptionally(e);
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void close() {
        whole.completeExceptionally(new IOException("The connection was closed before the answer was whole"));
    }

    /** One message may be head, content and end at once (FullHttpResponse). */
    private void take(Object message) throws IOException {
        if (message instanceof HttpResponse response) {
            if (response.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
                return;
            }
            head = response;
        }
        if (message instanceof HttpContent content) {
            int size = content.content().readableBytes();
            if (fits(size)) {
                content.content().readBytes(body, size);
            }
        }
        if (message instanceof FileRegion file && fits(file.count())) {
            copy(file);
        }
        if (message instanceof LastHttpContent) {
            whole.complete(finish());
        }
    }

    private boolean fits(long size) {
        tooLarge = tooLarge || body.size() + size > MAX_ENCODED_BYTES;
        return !tooLarge;
    }

    private void copy(FileRegion file) throws IOException {
        var target = Channels.newChannel(body);
        while (file.transferred() < file.count()) {
            if (file.transferTo(target, file.transferred()) <= 0) {
                throw new IOException("A file ended before its announced length");
            }
        }
    }

    private APIGatewayV2HTTPResponse finish() throws IOException {
        if (head == null) {
            throw new IOException("An answer ended before it began");
        }
        var headers = head.headers();
        var text = isText(headers);
        var encoded = text ? body.toString(UTF_8) : Base64.getEncoder().encodeToString(body.toByteArray());
        if (tooLarge || sizeInJson(encoded) > MAX_ENCODED_BYTES) {
            return problem(
                    request,
                    422,
                    "answer-too-large",
                    "user",
                    "The answer is too large",
                    "The answer exceeds what AWS Lambda can return. Ask for less at once.");
        }
        return APIGatewayV2HTTPResponse.builder()
                .withStatusCode(head.status().code())
                .withHeaders(forwarded(headers))
                .withCookies(List.copyOf(headers.getAll("set-cookie")))
                .withBody(encoded)
                .withIsBase64Encoded(!text)
                .build();
    }

    private Map<String, String> forwarded(HttpHeaders headers) {
        var forwarded = new HashMap<String, String>();
        for (var name : headers.names()) {
            var lowerCase = name.toLowerCase(Locale.ROOT);
            if (!NOT_FORWARDED.contains(lowerCase)) {
                String value = String.join(",", headers.getAll(name));
                boolean path = lowerCase.equals("location") && value.startsWith("/");
                forwarded.put(lowerCase, path ? prefix + value : value);
            }
        }
        return forwarded;
    }

    /** Text is what is known to be UTF-8 text; an answer without a content type must be empty to count as such. */
    private boolean isText(HttpHeaders headers) {
        if (headers.contains("content-encoding")) {
            return false;
        }
        var type = headers.get("content-type", "").toLowerCase(Locale.ROOT);
        if (type.isEmpty()) {
            return body.size() == 0;
        }
        var charset = type.indexOf("charset=");
        if (charset >= 0
                && !type.startsWith("charset=utf-8", charset)
                && !type.startsWith("charset=\"utf-8", charset)) {
            return false;
        }
        return type.startsWith("text/") || type.contains("json") || type.contains("xml") || type.contains("yaml");
    }

    /** Bytes of a string inside a JSON document: quotes and backslashes double, control characters take up to six. */
    private static long sizeInJson(String text) {
        long size = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            size += c < 0x20 ? 6 : c == '"' || c == '\\' ? 2 : c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
        }
        return size;
    }

    /** 401 names the way to sign in, as RFC 9110, section 15.5.2, wants it. */
    static APIGatewayV2HTTPResponse notAuthenticated(@Nullable String request) {
        var answer = problem(
                request,
                401,
                "not-authenticated",
                "user",
                "Nobody has signed the request",
                "API Gateway has verified no caller by IAM. Call the API by its URL, signed with SigV4 for execute-api; "
                        + "if you do, its route has lost the IAM authorizer: deploy Slipway again.");
        var headers = new HashMap<>(answer.getHeaders());
        headers.put("www-authenticate", "AWS4-HMAC-SHA256");
        answer.setHeaders(headers);
        return answer;
    }

    /**
     * A problem that ends a request in the bridge, before or instead of a resource (RFC 9457).
     *
     * @param request API Gateway's id of it; null for none
     * @param category who can do something about it: {@code user}, {@code dependency} or {@code internal}
     * @param title the same for every problem of this code
     * @param detail what is wrong this time and what to do; never echoes the request
     */
    static APIGatewayV2HTTPResponse problem(
            @Nullable String request, int status, String code, String category, String title, String detail) {
        // The same keys as problem.ProblemDocument; without Jackson's databind, for which an early refusal
        // need not wait.
        var body = JsonNodeFactory.instance
                .objectNode()
                .put("type", "about:blank")
                .put("title", title)
                .put("status", status)
                .put("detail", detail)
                .put("code", code)
                .put("category", category);
        var headers = new HashMap<>(Map.of("content-type", "application/problem+json"));
        if (request != null) {
            body.put("requestId", request);
            headers.put(CallerHeaders.REQUEST.toLowerCase(Locale.ROOT), request);
        }
        return APIGatewayV2HTTPResponse.builder()
                .withStatusCode(status)
                .withHeaders(headers)
                .withBody(body.toString())
                .build();
    }
}
