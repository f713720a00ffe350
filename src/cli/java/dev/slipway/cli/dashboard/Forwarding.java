package dev.slipway.cli.dashboard;

import com.sun.net.httpserver.Headers;
import dev.slipway.cli.api.MissingCredentials;
import dev.slipway.cli.api.RequestSigner;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Asks Slipway what a browser has asked, in the name of whoever has started the dashboard. Nothing is tried twice: the page does. */
final class Forwarding implements AutoCloseable {
    private static final Duration LONGEST_CONNECT = Duration.ofSeconds(10);
    private static final int FORBIDDEN = 403;
    private static final int MOST_OF_A_REFUSAL = 16 * 1024;
    private static final Pattern EXPIRED = Pattern.compile(
            "\\s*\\{\\s*\"[mM]essage\"\\s*:\\s*\"The security token included in the request is (expired|invalid)\\.?\"\\s*}\\s*");

    /** About the connection or the browser, or said by the signer. All else is Slipway's to judge, also what is misspelled. */
    private static final Set<String> NOT_SENT = Set.of(
            "authorization",
            "connection",
            "content-length",
            "cookie",
            "expect",
            "forwarded",
            "host",
            "http2-settings",
            "keep-alive",
            "origin",
            "referer",
            "slipway-account",
            "slipway-actor",
            "slipway-request",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade");

    private static final List<String> NOT_SENT_BEGINNINGS =
            List.of("access-control-", "proxy-", "sec-", "x-amz-", "x-forwarded-");

    /** No cookie, no leave for other origins, nothing about the connection. */
    private static final Set<String> GIVEN_BACK = Set.of(
            "accept-ranges",
            "allow",
            "apigw-requestid",
            "cache-control",
            "content-disposition",
            "content-encoding",
            "content-language",
            "content-range",
            "content-security-policy",
            "content-type",
            "cross-origin-embedder-policy",
            "cross-origin-opener-policy",
            "cross-origin-resource-policy",
            "etag",
            "expires",
            "last-modified",
            "link",
            "location",
            "permissions-policy",
            "referrer-policy",
            "retry-after",
            "slipway-permission-check",
            "slipway-request",
            "vary",
            "x-content-type-options",
            "x-frame-options");

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(LONGEST_CONNECT)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
    private final String slipway;
    private final RequestSigner signer;
    private final Duration longestAnswer;

    /**
     * @param base where Slipway is
     * @param longestAnswer until an answer begins
     */
    Forwarding(URI base, RequestSigner signer, Duration longestAnswer) {
        this.slipway = base.getScheme() + "://" + base.getRawAuthority()
                + base.getRawPath().replaceFirst("/$", "");
        this.signer = signer;
        this.longestAnswer = longestAnswer;
    }

    /**
     * An answer whose body is still to be read.
     *
     * @param length of the body in bytes; -1 when it is not known
     */
    record Answer(int status, Headers headers, long length, InputStream body) {}

    /**
     * Asks.
     *
     * @param target path and query
     * @param own the dashboard's own address, which stands for Slipway's in the answer
     * @throws RefusalException 400, 401, 502 or 504 when there is no answer
     */
    Answer ask(String method, String target, Headers headers, byte[] body, String own) {
        URI uri = URI.create(slipway + target);
        Answer answer = answer(send(method, uri, headers, body), own);
        if (!isExpiry(answer)) {
            return answer;
        }
        // Somebody may have logged in meanwhile, and what was refused has done nothing.
        signer.forget();
        answer = answer(send(method, uri, headers, body), own);
        if (isExpiry(answer)) {
            throw notLoggedIn("The AWS credentials have expired.");
        }
        return answer;
    }

    private HttpResponse<InputStream> send(String method, URI uri, Headers headers, byte[] body) {
        try {
            HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                    .timeout(longestAnswer)
                    .method(
                            method,
                            body.length == 0
                                    ? HttpRequest.BodyPublishers.noBody()
                                    : HttpRequest.BodyPublishers.ofByteArray(body));
            Set<String> aboutConnection = named(headers.getOrDefault("Connection", List.of()));
            headers.forEach((name, values) -> {
                String lower = name.toLowerCase(Locale.ROOT);
                if (!NOT_SENT.contains(lower)
                        && !aboutConnection.contains(lower)
                        && NOT_SENT_BEGINNINGS.stream().noneMatch(lower::startsWith)) {
                    values.forEach(value -> request.header(name, value));
                }
            });
            signer.headers(method, uri, body).forEach(request::setHeader);
            return http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        } catch (IllegalArgumentException e) {
            throw new RefusalException(
                    400, "malformed-request", "The request has a header that HTTP forbids.", "Leave it out.");
        } catch (HttpTimeoutException e) {
            throw new RefusalException(504, "timeout", slipway + "/ has not answered in time.", afterwards(method));
        } catch (IOException e) {
            throw new RefusalException(
                    502,
                    "unreachable",
                    "%s/ does not answer: %s"
                            .formatted(
                                    slipway,
                                    e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage()),
                    afterwards(method));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RefusalException(502, "unreachable", "The dashboard ends.", afterwards(method));
        } catch (RuntimeException e) {
            if (MissingCredentials.isCauseOf(e)) {
                throw notLoggedIn(MissingCredentials.message(e));
            }
            throw e;
        }
    }

    private static String afterwards(String method) {
        return switch (method) {
            case "GET", "HEAD" -> "Is the address right, and the network there? Then try again.";
            default ->
                "The request may still have been carried out. Look at its effect, then repeat it, with the same Idempotency-Key if it"
                        + " has one.";
        };
    }

    private static RefusalException notLoggedIn(String why) {
        return new RefusalException(
                401, "no-credentials", why, MissingCredentials.ACTION + " The dashboard need not be started again.");
    }

    private static Set<String> named(List<String> connection) {
        Set<String> named = new TreeSet<>();
        connection.forEach(line ->
                List.of(line.split(",")).forEach(name -> named.add(name.strip().toLowerCase(Locale.ROOT))));
        return named;
    }

    private Answer answer(HttpResponse<InputStream> response, String own) {
        Headers headers = new Headers();
        response.headers().map().forEach((name, values) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            if (GIVEN_BACK.contains(lower)) {
                values.forEach(value -> headers.add(name, lower.equals("location") ? location(value, own) : value));
            }
        });
        long length = response.headers().firstValueAsLong("content-length").orElse(-1);
        InputStream body = response.body();
        if (response.statusCode() == FORBIDDEN) { // one can look into it and pass it on
            body = new BufferedInputStream(body, MOST_OF_A_REFUSAL);
            body.mark(MOST_OF_A_REFUSAL);
        }
        return new Answer(response.statusCode(), headers, length, body);
    }

    private String location(String value, String own) {
        return value.equals(slipway) || value.startsWith(slipway + "/")
                ? own + value.substring(slipway.length())
                : value;
    }

    /** Whether API Gateway refuses credentials that have ended, and not what they may do. Leaves the answer as it was. */
    private static boolean isExpiry(Answer answer) {
        if (answer.status() != FORBIDDEN) {
            return false;
        }
        try {
            byte[] start = answer.body().readNBytes(MOST_OF_A_REFUSAL);
            answer.body().reset();
            return EXPIRED.matcher(new String(start, StandardCharsets.UTF_8)).matches();
        } catch (IOException e) {
            return false; // whoever reads on will see it, too
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
