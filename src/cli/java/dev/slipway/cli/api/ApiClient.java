package dev.slipway.cli.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;

/**
 * Slipway's API. Each request is tried up to four times while nobody answers or the answer says that it may succeed later; what
 * changes something carries a key, so that a repetition changes nothing more.
 */
public final class ApiClient {
    private static final int TRIES = 4;
    private static final Duration LONGEST_ANSWER = Duration.ofSeconds(40); // API Gateway gives up after 30

    private final URI base;
    private final RequestSigner signer;
    private final HttpClient http;
    private final Pause pause;
    private final ObjectMapper json = new ObjectMapper();

    /** Waits. */
    public interface Pause {
        void of(Duration time) throws InterruptedException;
    }

    public ApiClient(URI base, RequestSigner signer, Pause pause) {
        this.base = base;
        this.signer = signer;
        this.pause = pause;
        this.http = HttpClient.newBuilder()
                .connectTimeout(Duration.ofSeconds(10))
                .version(HttpClient.Version.HTTP_1_1)
                .build();
    }

    /** Whether Slipway runs on this machine. */
    public boolean isLocal() {
        return Endpoint.isLoopback(base);
    }

    public URI base() {
        return base;
    }

    /** The document at a path with its query. Throws {@link ApiException} and {@link UnreachableException}. */
    public JsonNode get(String path) {
        return send("GET", path, new byte[0], "");
    }

    /** Asks for something; the answer is where to watch it, or what it would do. */
    public JsonNode post(String path, ObjectNode body) {
        return send("POST", path, bytes(body), "application/json");
    }

    /** Asks for something that needs no more words. */
    public JsonNode post(String path) {
        return send("POST", path, new byte[0], "");
    }

    /** Sends a spec as it is. */
    public JsonNode sendSpec(String method, String path, byte[] spec) {
        return send(method, path, spec, "application/yaml");
    }

    public JsonNode delete(String path) {
        return send("DELETE", path, new byte[0], "");
    }

    /** A path with a query; parameters without a value are left out. */
    public static String withQuery(String path, Map<String, ?> parameters) {
        StringBuilder query = new StringBuilder();
        parameters.forEach((key, value) -> {
            Iterable<?> values = value instanceof Iterable<?> several ? several : java.util.List.of(value);
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

    private JsonNode send(String method, String path, byte[] body, String contentType) {
        URI uri = base.resolve(path);
        String key = UUID.randomUUID().toString();
        for (int attempt = 1; ; attempt++) {
            boolean last = attempt == TRIES;
            try {
                HttpResponse<byte[]> answer =
                        http.send(request(method, uri, body, contentType, key), BodyHandlers.ofByteArray());
                if (answer.statusCode() < 300) {
                    return read(answer);
                }
                ApiException refusal = new ApiException(answer.statusCode(), read(answer));
                if (last || !refusal.isPassing() || answer.statusCode() == 500) {
                    throw refusal;
                }
                pause.of(answer.headers()
                        .firstValue("Retry-After")
                        .filter(value -> value.matches("[0-9]{1,2}"))
                        .map(value -> Duration.ofSeconds(Long.parseLong(value)))
                        .orElse(Duration.ofMillis(500L << attempt)));
            } catch (ConnectException e) {
                throw new UnreachableException(uri, e); // nobody is there, which waiting two seconds does not change
            } catch (IOException e) {
                if (last) {
                    throw new UnreachableException(uri, e);
                }
                rest(attempt);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new UnreachableException(uri, e);
            }
        }
    }

    private void rest(int attempt) {
        try {
            pause.of(Duration.ofMillis(250L << attempt));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private HttpRequest request(String method, URI uri, byte[] body, String contentType, String key) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .timeout(LONGEST_ANSWER)
                .method(method, body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body))
                .header("Accept", "application/json")
                .header("User-Agent", "slipway-cli");
        if (!contentType.isEmpty()) {
            request.header("Content-Type", contentType);
        }
        if (!method.equals("GET")) {
            request.header("Idempotency-Key", key);
        }
        return signer.sign(request, method, uri, body).build();
    }

    /** The body; one that is no JSON becomes the message of an object. */
    private JsonNode read(HttpResponse<byte[]> answer) {
        if (answer.body().length == 0) {
            return JsonNodeFactory.instance.objectNode();
        }
        try {
            return json.readTree(answer.body());
        } catch (IOException e) {
            String start = new String(answer.body(), StandardCharsets.UTF_8);
            return JsonNodeFactory.instance
                    .objectNode()
                    .put("message", start.length() > 300 ? start.substring(0, 300) + "…" : start);
        }
    }
}
