package dev.slipway.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNullElse;

import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPEvent;
import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPResponse;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.quarkus.vertx.http.runtime.QuarkusHttpHeaders;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What an HTTP API event (payload format 2.0) says, as a request that Quarkus's HTTP server understands.
 *
 * <p>Format 2.0 joins repeated headers with commas and gives cookies apart; repeated query parameters are in
 * {@code rawQueryString}, still encoded. See
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
sealed interface ApiRequest {
    /** A specification larger than this is a mistake; API Gateway itself would take 10 MB and Lambda 6 MB. */
    int MAX_BODY_BYTES = 1024 * 1024;

    /** Headers that speak about a connection which ends at API Gateway, or whose value is known better here. */
    Set<String> NOT_FORWARDED = Set.of(
            "connection",
            "content-length",
            "cookie",
            "expect",
            "keep-alive",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            CallerHeaders.ACTOR.toLowerCase(Locale.ROOT),
            CallerHeaders.ACCOUNT.toLowerCase(Locale.ROOT),
            CallerHeaders.REQUEST.toLowerCase(Locale.ROOT));

    /**
     * A request for the application, in the two messages that Netty makes of one.
     *
     * @param prefix what was in front of the path that the application knows, and belongs in front of those it names
     */
    record Accepted(HttpRequest head, HttpContent body, String prefix) implements ApiRequest {}

    /** A request that the application never gets to see. */
    record Rejected(String code, APIGatewayV2HTTPResponse answer) implements ApiRequest {}

    /** Who signed a request, as IAM writes it: a user, a role's session, a federated user or the account's root. */
    Pattern CALLER = Pattern.compile("arn:aws[a-z-]*:(?:iam|sts)::([0-9]{12}):[\\x21-\\x7e]{1,1024}");

    /**
     * Reads one event. Refuses what has no method, no caller whom API Gateway has verified, no plain path, a body that is too large
     * or headers that are none.
     */
    static ApiRequest of(APIGatewayV2HTTPEvent event) {
        var context = event.getRequestContext();
        if (context == null || context.getHttp() == null || context.getHttp().getMethod() == null) {
            return rejected(
                    null,
                    400,
                    "not-an-http-event",
                    "Not an HTTP request",
                    "Call the api function through its HTTP API.");
        }
        var id = context.getRequestId();
        var caller = caller(event);
        if (caller == null) {
            return new Rejected("not-authenticated", ApiResponse.notAuthenticated(id));
        }
        var path = requireNonNullElse(event.getRawPath(), "");
        var otherPath = requireNonNullElse(context.getHttp().getPath(), path);
        if (!CanonicalPath.isCanonical(path) || !CanonicalPath.isCanonical(otherPath)) {
            return rejected(
                    id,
                    400,
                    "path-not-canonical",
                    "The path is not canonical",
                    "Write the path without percent-encoding, empty segments and dot segments; all names are plain.");
        }
        byte[] body;
        try {
            body = body(event);
        } catch (IllegalArgumentException notBase64) {
            return rejected(
                    id, 400, "body-not-base64", "The body cannot be read", "The body is marked as base64 and is not.");
        }
        if (body.length > MAX_BODY_BYTES) {
            return rejected(id, 413, "body-too-large", "The body is too large", "Send at most 1 MiB.");
        }
        var stage = requireNonNullElse(context.getStage(), "");
        var target = target(CanonicalPath.withoutStage(path, stage), event.getRawQueryString());
        try {
            var headers = headers(event, caller, body.length);
            var method = HttpMethod.valueOf(context.getHttp().getMethod());
            var head = new DefaultHttpRequest(HttpVersion.HTTP_1_1, method, target, headers);
            return new Accepted(
                    head, new DefaultLastHttpContent(Unpooled.wrappedBuffer(body)), CanonicalPath.prefix(path, stage));
        } catch (IllegalArgumentException refusedByNetty) {
            return rejected(
                    id,
                    400,
                    "malformed-request",
                    "The request is malformed",
                    "A method or header holds characters that HTTP forbids.");
        }
    }

    private static Rejected rejected(@Nullable String request, int status, String code, String title, String detail) {
        return new Rejected(code, ApiResponse.problem(request, status, code, "user", title, detail));
    }

    private static byte[] body(APIGatewayV2HTTPEvent event) {
        if (event.getBody() == null) {
            return new byte[0];
        }
        return event.getIsBase64Encoded()
                ? Base64.getDecoder().decode(event.getBody())
                : event.getBody().getBytes(UTF_8);
    }

    private static String target(String path, @Nullable String query) {
        return query == null || query.isEmpty() ? path : path + "?" + query;
    }

    private static HttpHeaders headers(APIGatewayV2HTTPEvent event, Caller caller, int contentLength) {
        var headers = new QuarkusHttpHeaders();
        Map<String, String> given = requireNonNullElse(event.getHeaders(), Map.of());
        given.forEach((name, value) -> {
            if (value != null && !NOT_FORWARDED.contains(name.toLowerCase(Locale.ROOT))) {
                headers.add(name, value);
            }
        });
        List<String> cookies = requireNonNullElse(event.getCookies(), List.of());
        if (!cookies.isEmpty()) {
            headers.set(HttpHeaderNames.COOKIE, String.join("; ", cookies));
        }
        if (!headers.contains(HttpHeaderNames.HOST)) {
            headers.set(HttpHeaderNames.HOST, "localhost");
        }
        // As a String: Vert.x casts the value, and Netty would keep an Integer as it is.
        headers.set(HttpHeaderNames.CONTENT_LENGTH, Integer.toString(contentLength));
        headers.set(CallerHeaders.ACTOR, caller.arn());
        headers.set(CallerHeaders.ACCOUNT, caller.account());
        if (event.getRequestContext().getRequestId() != null) {
            headers.set(CallerHeaders.REQUEST, event.getRequestContext().getRequestId());
        }
        return headers;
    }

    /** Whom API Gateway has verified. */
    record Caller(String arn, String account) {}

    /**
     * Null when API Gateway has verified nobody by IAM: the route has no authorizer, or one of another kind. Somebody who is not known
     * gets nowhere; there is no caller that stands for all.
     */
    private static @Nullable Caller caller(APIGatewayV2HTTPEvent event) {
        var authorizer = event.getRequestContext().getAuthorizer();
        var iam = authorizer == null ? null : authorizer.getIam();
        if (iam == null || iam.getUserArn() == null) {
            return null;
        }
        var arn = CALLER.matcher(iam.getUserArn());
        boolean known = arn.matches() && arn.group(1).equals(requireNonNullElse(iam.getAccountId(), arn.group(1)));
        return known ? new Caller(iam.getUserArn(), arn.group(1)) : null;
    }
}

/**
 * Which paths are let in at all.
 *
 * <p>IAM policies allow or refuse paths by their text, so a path must have one spelling only. Names in Slipway need no
 * character that would have to be encoded; a path with {@code %}, an empty segment, a {@code .} or {@code ..} segment,
 * a slash at its end (but for that of a stage), or anything else that a router may read differently from an IAM policy is refused rather than normalised.
 *
 * <p>HTTP APIs hand over {@code rawPath} decoded once. A {@code %} that is still there was encoded twice; an encoded
 * slash has already become a slash, so that {@code dev%2F..%2Fprod} arrives with the {@code ..} that is refused here. A
 * letter that was encoded cannot be told from a plain one, which is why policies must allow environments by name and
 * not rely on a Deny by name.
 */
final class CanonicalPath {
    private static final int MAX_LENGTH = 1024;
    private static final Pattern SEGMENTS = Pattern.compile("(/[A-Za-z0-9._:@~-]+)+|/[A-Za-z0-9._:@~-]+/");
    private static final Pattern DOTS_ONLY = Pattern.compile("(^|/)\\.{1,2}(/|$)");

    private CanonicalPath() {}

    /** Whether the path, with or without its stage, is spelled in the one way that is allowed. */
    static boolean isCanonical(String path) {
        return path.equals("/")
                || (path.length() <= MAX_LENGTH
                        && SEGMENTS.matcher(path).matches()
                        && !DOTS_ONLY.matcher(path).find());
    }

    /**
     * The path as the application knows it. A named stage is the first segment of every path of the API's own domain
     * ({@code /live/v1/environments}); the stage {@code $default} is not. A custom domain leaves the stage out.
     */
    static String withoutStage(String path, String stage) {
        var prefix = prefix(path, stage);
        return path.length() == prefix.length() ? "/" : path.substring(prefix.length());
    }

    /** The stage as the first segment of the path; empty when the path has none. */
    static String prefix(String path, String stage) {
        var prefix = "/" + stage;
        boolean named = !stage.isEmpty() && !stage.equals("$default");
        return named && (path.equals(prefix) || path.startsWith(prefix + "/")) ? prefix : "";
    }
}
