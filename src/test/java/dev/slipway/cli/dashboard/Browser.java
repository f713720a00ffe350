package dev.slipway.cli.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Requests byte by byte, also those that no browser would send, and the cookie that a browser would keep. */
public final class Browser {
    private final int port;
    private final Map<String, String> usual = new LinkedHashMap<>();

    /** @param address that the dashboard has printed */
    public Browser(String address) {
        port = URI.create(address).getPort();
        usual.put("Host", "127.0.0.1:" + port);
    }

    /** What came back; the body as it was sent, chunks and all. */
    public record Received(int status, Map<String, String> headers, String body) {
        public String header(String name) {
            return headers.getOrDefault(name, "");
        }

        public JsonNode json() {
            try {
                return new ObjectMapper().readTree(body);
            } catch (IOException e) {
                throw new IllegalStateException(body, e);
            }
        }

        /** A problem with this code, which says what is wrong and what to do. */
        public Received isProblem(int expected, String code) {
            assertThat(status).as(body).isEqualTo(expected);
            assertThat(header("content-type")).isEqualTo("application/problem+json");
            assertThat(json().path("code").asText()).isEqualTo(code);
            assertThat(json().path("status").asInt()).isEqualTo(expected);
            assertThat(json().path("detail").asText()).isNotEmpty();
            assertThat(json().path("action").asText()).isNotEmpty();
            assertThat(header("cache-control")).isEqualTo("no-store");
            return this;
        }
    }

    /** Opens the printed address as a person does, and keeps the cookie. */
    public Browser opened(String address) {
        Received answer = get(URI.create(address).getPath());
        assertThat(answer.status()).as(answer.body()).isEqualTo(303);
        assertThat(answer.header("location")).isEqualTo("/ui/");
        usual.put("Cookie", answer.header("set-cookie").split(";", 2)[0]);
        return this;
    }

    /** Asks as the dashboard's own page does. */
    public Received own(String method, String target, String body, String... more) {
        Map<String, String> headers = headers("Origin", "http://127.0.0.1:" + port, "Sec-Fetch-Site", "same-origin");
        add(headers, more);
        return send(method, target, headers, body);
    }

    public Received get(String target, String... more) {
        return send("GET", target, headers(more), "");
    }

    /** The usual headers, and these; one that is empty is left out. */
    Map<String, String> headers(String... more) {
        Map<String, String> headers = new LinkedHashMap<>(usual);
        add(headers, more);
        return headers;
    }

    private static void add(Map<String, String> headers, String... more) {
        for (int i = 0; i < more.length; i += 2) {
            headers.put(more[i], more[i + 1]);
        }
        headers.values().removeIf(String::isEmpty);
    }

    Received send(String method, String target, Map<String, String> headers, String body) {
        String head = headers.entrySet().stream()
                .map(header -> header.getKey() + ": " + header.getValue() + "\r\n")
                .collect(Collectors.joining());
        byte[] content = body.getBytes(StandardCharsets.UTF_8);
        String length = content.length == 0 ? "" : "Content-Length: " + content.length + "\r\n";
        return raw("%s %s HTTP/1.1\r\n%sConnection: close\r\n%s\r\n%s".formatted(method, target, head, length, body));
    }

    Received raw(String request) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            socket.getOutputStream().flush();
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int end = answer.indexOf("\r\n\r\n");
            List<String> lines = answer.substring(0, end).lines().toList();
            Map<String, String> headers = new TreeMap<>();
            lines.stream().skip(1).forEach(line -> {
                int colon = line.indexOf(':');
                headers.put(
                        line.substring(0, colon).toLowerCase(Locale.ROOT),
                        line.substring(colon + 1).strip());
            });
            return new Received(Integer.parseInt(lines.getFirst().split(" ")[1]), headers, answer.substring(end + 4));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
