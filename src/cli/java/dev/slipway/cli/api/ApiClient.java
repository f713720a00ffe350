package dev.slipway.cli.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Slipway's API. Each request is tried up to four times while nobody answers or the answer says that it may succeed later; what
 * changes something carries a key, so that a repetition changes nothing more.
 */
public final class ApiClient {
    private static final int TRIES = 4;
    private static final Duration LONGEST_CONNECT = Duration.ofSeconds(10);
    private static final Duration LONGEST_ANSWER = Duration.ofSeconds(40); // API Gateway gives up after 30

    private final URI base;
    private final RequestSigner signer;
    private final Pause pause;
    private final ObjectMapper json = new ObjectMapper();

    /** Waits, and tells how time goes by. */
    public interface Pause {
        void of(Duration time) throws InterruptedException;

        /** The time since some moment that stays the same. */
        default Duration now() {
            return Duration.ofNanos(System.nanoTime());
        }
    }

    public ApiClient(URI base, RequestSigner signer, Pause pause) {
        this.base = base;
        this.signer = signer;
        this.pause = pause;
    }

    /** Whether Slipway runs on this machine. */
    public boolean isLocal() {
        return Endpoint.isLoopback(base);
    }

    public URI base() {
        return base;
    }

    /** Says who asks. */
    public RequestSigner signer() {
        return signer;
    }

    /** The document at a path with its query. Throws {@link ApiException} and {@link UnreachableException}. */
    public JsonNode get(String path) {
        return send("GET", path, new byte[0], "", null);
    }

    /** The same, which is given up when it takes longer. */
    public JsonNode get(String path, Duration longest) {
        return send("GET", path, new byte[0], "", longest);
    }

    /** Asks for something; the answer is where to watch it, or what it would do. */
    public JsonNode post(String path, ObjectNode body) {
        return send("POST", path, bytes(body), "application/json", null);
    }

    /** Asks for something that needs no more words. */
    public JsonNode post(String path) {
        return send("POST", path, new byte[0], "", null);
    }

    /** Sends a spec as it is. */
    public JsonNode postSpec(String path, byte[] spec) {
        return send("POST", path, spec, "application/yaml", null);
    }

    public JsonNode put(String path) {
        return send("PUT", path, new byte[0], "", null);
    }

    public JsonNode delete(String path) {
        return send("DELETE", path, new byte[0], "", null);
    }

    /** A path with a query; parameters without a value are left out. */
    public static String withQuery(String path, Map<String, ? extends @Nullable Object> parameters) {
        StringBuilder query = new StringBuilder();
        parameters.forEach((key, value) -> {
            Stream<?> values = value instanceof Collection<?> several ? several.stream() : Stream.ofNullable(value);
            values.forEach(one -> query.append(query.isEmpty() ? '?' : '&')
                    .append(key)
                    .append('=')
                    .append(URLEncoder.encode(String.valueOf(one), StandardCharsets.UTF_8)
                            .replace("+", "%20")));
        });
        return path + query;
    }

    private byte[] bytes(JsonNode body) {
        try {
            return json.writeValueAsBytes(body);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private JsonNode send(String method, String path, byte[] body, String contentType, @Nullable Duration longest) {
        URI uri = base.resolve(path.substring(1)); // below the path of the address, if it has one
        Duration begun = pause.now();
        String key = UUID.randomUUID().toString();
        for (int attempt = 1; ; attempt++) {
            Duration rest;
            try {
                Answer answer = exchange(method, uri, body, contentType, key, left(longest, begun));
                if (answer.status() < 300) {
                    return answer.document();
                }
                ApiException refusal = new ApiException(answer.status(), answer.document());
                rest = answer.retryAfter().matches("[0-9]{1,2}")
                        ? Duration.ofSeconds(Long.parseLong(answer.retryAfter()))
                        : Duration.ofMillis(500L << attempt);
                if (!refusal.isPassing() || answer.status() == 500 || isLast(attempt, rest, left(longest, begun))) {
                    throw refusal;
                }
            } catch (ConnectException | UnknownHostException | NotSlipwayException e) {
                throw new UnreachableException(uri, e); // which waiting two seconds does not change
            } catch (IOException e) {
                rest = Duration.ofMillis(250L << attempt);
                if (isLast(attempt, rest, left(longest, begun))) {
                    throw new UnreachableException(uri, e);
                }
            }
            try {
                pause.of(rest);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new UnreachableException(uri, e);
            }
        }
    }

    /** Of the time that a request may take with its repetitions; null for no end. */
    private @Nullable Duration left(@Nullable Duration longest, Duration begun) {
        return longest == null ? null : longest.minus(pause.now().minus(begun));
    }

    private static boolean isLast(int attempt, Duration rest, @Nullable Duration left) {
        return attempt == TRIES || left != null && rest.compareTo(left) >= 0;
    }

    /** Somebody answers who is not Slipway, such as a proxy that wants a login. */
    private static final class NotSlipwayException extends IOException {
        private static final long serialVersionUID = 1;

        NotSlipwayException(String what) {
            super(what);
        }
    }

    /**
     * An answer.
     *
     * @param retryAfter seconds; empty when it does not say
     */
    private record Answer(int status, JsonNode document, String retryAfter) {}

    /** By the JDK's older client: the newer one takes a fifth of a second to start, most of it for TLS that a laptop does not need. */
    private Answer exchange(
            String method, URI uri, byte[] body, String contentType, String key, @Nullable Duration longest)
            throws IOException {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Accept", "application/json");
        headers.put("User-Agent", "slipway-cli");
        if (!contentType.isEmpty()) {
            headers.put("Content-Type", contentType);
        }
        if (!method.equals("GET")) {
            headers.put("Idempotency-Key", key);
        }
        HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
        connection.setRequestMethod(method);
        connection.setInstanceFollowRedirects(false);
        connection.setConnectTimeout(millis(LONGEST_CONNECT, longest));
        connection.setReadTimeout(millis(LONGEST_ANSWER, longest));
        headers.putAll(signer.headers(method, uri, body));
        headers.forEach(connection::setRequestProperty);
        if (method.equals("POST") || body.length > 0) { // one without a body says its length, too
            connection.setDoOutput(true);
            connection.setFixedLengthStreamingMode(body.length);
            try (OutputStream content = connection.getOutputStream()) {
                content.write(body);
            }
        }
        int status = connection.getResponseCode();
        String retryAfter = connection.getHeaderField("Retry-After");
        try (InputStream content = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
            return new Answer(
                    status,
                    read(status, content == null ? new byte[0] : content.readAllBytes()),
                    retryAfter == null ? "" : retryAfter);
        }
    }

    private static int millis(Duration usual, @Nullable Duration longest) {
        long left = longest == null ? usual.toMillis() : Math.min(usual.toMillis(), longest.toMillis());
        return (int) Math.max(1, left); // zero would be for ever
    }

    /** The body; a refusal that is no JSON becomes the message of an object. */
    private JsonNode read(int status, byte[] answer) throws NotSlipwayException {
        if (status < 0 || status >= 300 && status < 400) {
            throw new NotSlipwayException("what answers there is not Slipway (status %d)".formatted(status));
        }
        if (answer.length == 0) {
            return JsonNodeFactory.instance.objectNode();
        }
        try {
            return json.readTree(answer);
        } catch (IOException e) {
            if (status < 300) {
                throw new NotSlipwayException(
                        "what answers there is not Slipway (status %d, no JSON)".formatted(status));
            }
            String start = new String(answer, StandardCharsets.UTF_8);
            return JsonNodeFactory.instance
                    .objectNode()
                    .put("message", start.length() > 300 ? start.substring(0, 300) + "…" : start);
        }
    }
}
