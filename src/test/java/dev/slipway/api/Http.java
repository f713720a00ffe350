package dev.slipway.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.simulated.Simulation;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Requests as curl sends them, and simulated time that passes between them. */
public record Http(URI base, Simulation simulation) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    /** An answer; {@code body} is missing when there was none. */
    public record Answer(int status, JsonNode body, HttpResponse<String> raw) {
        String header(String name) {
            return raw.headers().firstValue(name).orElse("");
        }

        public Answer is(int expected) {
            assertThat(status).as(raw.body()).isEqualTo(expected);
            return this;
        }

        /** A problem document with this code. */
        public Answer is(int expected, String code) {
            is(expected);
            assertThat(header("content-type")).isEqualTo("application/problem+json");
            assertThat(body.path("code").asText()).as(raw.body()).isEqualTo(code);
            assertThat(body.path("status").asInt()).isEqualTo(expected);
            assertThat(body.path("title").asText()).isNotEmpty();
            assertThat(body.path("detail").asText()).isNotEmpty();
            assertThat(body.path("category").asText()).isIn("user", "dependency", "internal");
            return this;
        }

        String location() {
            return body.path("location").asText();
        }
    }

    /** @param headers names and values in turn */
    public Answer send(String method, String path, String body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(base.resolve(path))
                .method(
                        method,
                        body.isEmpty()
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            HttpResponse<String> response = CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
            boolean json =
                    response.headers().firstValue("content-type").orElse("").contains("json");
            return new Answer(
                    response.statusCode(), json ? JSON.readTree(response.body()) : JSON.missingNode(), response);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    Answer get(String path) {
        return send("GET", path, "");
    }

    Answer post(String path, String body, String... headers) {
        return send("POST", path, body, headers);
    }

    Answer put(String path, String yaml) {
        return send("PUT", path, yaml, "Content-Type", "application/yaml");
    }

    Answer delete(String path) {
        return send("DELETE", path, "");
    }

    /** Lets time pass until nothing is under way at a target any more, and gives its view. */
    public Answer settled(String target) {
        for (int i = 0; i < 2000; i++) {
            Answer view = get(target);
            if (!view.body().has("operation")) {
                return view;
            }
            simulation.advance(Duration.ofSeconds(5));
        }
        throw new AssertionError(
                "still under way after hours: " + get(target).raw().body());
    }

    static String example(String file) {
        try {
            return Files.readString(Path.of("examples", file));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
