package dev.slipway.cli;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;

/** Answers as a test has it at the moment, on the loopback interface. */
final class ScriptedApi implements AutoCloseable {
    private final Map<String, String> answers = new ConcurrentHashMap<>();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private HttpServer server;
    private volatile String otherwise = "404 {\"code\":\"not-found\",\"detail\":\"There is none.\"}";

    ScriptedApi() {
        server = start(0);
    }

    private HttpServer start(int port) {
        try {
            HttpServer started = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
            started.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            started.createContext("/", exchange -> {
                String request = exchange.getRequestMethod() + " "
                        + exchange.getRequestURI().getPath();
                asked.add(request);
                String answer = answers.getOrDefault(request, otherwise);
                byte[] body = answer.substring(4).getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(
                        Integer.parseInt(answer.substring(0, 3)), body.length == 0 ? -1 : body.length);
                exchange.getResponseBody().write(body);
                exchange.close();
            });
            started.start();
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /**
     * From now on, at {@code GET /v1/…}.
     *
     * @param answer status and document, such as {@code 200 {}}
     */
    ScriptedApi at(String request, String answer) {
        answers.put(request, answer);
        return this;
    }

    /** Where nothing else is said. */
    ScriptedApi elsewhere(String answer) {
        otherwise = answer;
        return this;
    }

    /** What was asked, in order, such as {@code GET /v1/services}. */
    List<String> asked() {
        return asked;
    }

    /** Nobody answers. */
    void goAway() {
        server.stop(0);
    }

    /** At the same address. */
    void comeBack() {
        server = start(server.getAddress().getPort());
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
