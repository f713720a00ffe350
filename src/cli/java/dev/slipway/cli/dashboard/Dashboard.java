package dev.slipway.cli.dashboard;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.slipway.cli.api.RequestSigner;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Slipway's page on this machine. It listens on the loopback interface, lets one browser in, and asks Slipway with the credentials of
 * whoever has started it; what may be done with them, IAM says.
 */
public final class Dashboard implements AutoCloseable {
    private static final byte[] LOOPBACK = {127, 0, 0, 1};
    private static final Duration LONGEST_ANSWER = Duration.ofSeconds(40); // API Gateway gives up after 30
    /** What API Gateway lets through. */
    private static final int MAX_BODY_BYTES = 10 * 1024 * 1024;

    private static final List<String> METHODS = List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final AccessRules access;
    private final Forwarding forwarding;

    private Dashboard(HttpServer server, Forwarding forwarding) {
        this.server = server;
        this.access = new AccessRules(server.getAddress().getPort());
        this.forwarding = forwarding;
    }

    /**
     * Starts it.
     *
     * @param port 0 for one that is free
     * @param slipway where Slipway is
     * @throws IOException when the port is taken, or is not for this user
     */
    public static Dashboard start(int port, URI slipway, RequestSigner signer) throws IOException {
        return start(port, slipway, signer, LONGEST_ANSWER);
    }

    static Dashboard start(int port, URI slipway, RequestSigner signer, Duration longestAnswer) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getByAddress(LOOPBACK), port), 0);
        Dashboard dashboard = new Dashboard(server, new Forwarding(slipway, signer, longestAnswer));
        server.setExecutor(dashboard.threads);
        server.createContext("/", dashboard::handle);
        server.start();
        return dashboard;
    }

    /** What to open in a browser. Whoever does so first is let in. */
    public String address() {
        return "http://127.0.0.1:%d%s".formatted(server.getAddress().getPort(), access.openingPath());
    }

    private void handle(HttpExchange exchange) throws IOException {
        try {
            answer(exchange);
        } catch (RefusalException e) {
            refuse(exchange, e);
        } catch (RuntimeException e) {
            refuse(
                    exchange,
                    new RefusalException(
                            500,
                            "dashboard-failed",
                            "Something went wrong in slipway dashboard: %s."
                                    .formatted(e.getClass().getSimpleName()),
                            "Try again; if it stays so, start slipway dashboard again."));
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        String host = access.host(exchange.getRequestHeaders());
        String method = exchange.getRequestMethod();
        String path = ForwardedPaths.path(exchange.getRequestURI());
        if (path.startsWith(AccessRules.OPEN) && method.equals("GET")) {
            String cookie = access.open(path, exchange.getRequestHeaders());
            exchange.getResponseHeaders().set("Set-Cookie", cookie);
            redirect(exchange);
            return;
        }
        access.check(method, host, exchange.getRequestHeaders());
        if (!METHODS.contains(method)) {
            exchange.getResponseHeaders().set("Allow", String.join(", ", METHODS));
            throw new RefusalException(
                    405, "method-not-allowed", "The dashboard has no such method.", "See GET /q/openapi");
        }
        if (ForwardedPaths.isStart(exchange.getRequestURI())) {
            redirect(exchange);
            return;
        }
        String target = ForwardedPaths.target(exchange.getRequestURI());
        byte[] body = exchange.getRequestBody().readNBytes(MAX_BODY_BYTES + 1);
        if (body.length > MAX_BODY_BYTES) {
            throw new RefusalException(413, "body-too-large", "The body is too large.", "Send at most 10 MB.");
        }
        passOn(
                forwarding.ask(method, target, exchange.getRequestHeaders(), body, "http://" + host),
                exchange,
                method.equals("HEAD"));
    }

    /** To the page, and with no trace of where it came from. */
    private static void redirect(HttpExchange exchange) throws IOException {
        protect(exchange);
        exchange.getResponseHeaders().set("Location", ForwardedPaths.PAGE);
        exchange.getResponseHeaders().set("Referrer-Policy", "no-referrer");
        exchange.sendResponseHeaders(303, -1);
        exchange.close();
    }

    /** As it comes, so that a log is seen while it is written. One that breaks off breaks off here, too. */
    private static void passOn(Forwarding.Answer answer, HttpExchange exchange, boolean head) throws IOException {
        try (InputStream content = answer.body()) {
            exchange.getResponseHeaders().putAll(answer.headers());
            setUnlessSaid(exchange, "X-Content-Type-Options", "nosniff");
            setUnlessSaid(exchange, "Cross-Origin-Resource-Policy", "same-origin");
            boolean bare = head || answer.status() == 204 || answer.status() == 304 || answer.length() == 0;
            if (head && answer.length() >= 0) {
                exchange.getResponseHeaders().set("Content-Length", Long.toString(answer.length()));
            }
            exchange.sendResponseHeaders(answer.status(), bare ? -1 : Math.max(0, answer.length()));
            if (!bare) {
                OutputStream out = exchange.getResponseBody();
                byte[] part = new byte[16 * 1024];
                for (int read = content.read(part); read >= 0; read = content.read(part)) {
                    out.write(part, 0, read);
                    out.flush();
                }
            }
            exchange.close();
        }
    }

    private static void setUnlessSaid(HttpExchange exchange, String header, String value) {
        if (!exchange.getResponseHeaders().containsKey(header)) {
            exchange.getResponseHeaders().set(header, value);
        }
    }

    /** What the dashboard says by itself is kept by nobody and shown in no frame. */
    private static void protect(HttpExchange exchange) {
        exchange.getResponseHeaders().set("Cache-Control", "no-store");
        exchange.getResponseHeaders().set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
        setUnlessSaid(exchange, "X-Content-Type-Options", "nosniff");
    }

    /** In words for a person who has opened an address, as a document for all else. */
    private static void refuse(HttpExchange exchange, RefusalException refusal) throws IOException {
        protect(exchange);
        String accepted = exchange.getRequestHeaders().getFirst("Accept");
        boolean person = accepted != null && accepted.contains("text/html");
        byte[] body = (person ? refusal.text() : refusal.document().toString()).getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders()
                .set("Content-Type", person ? "text/plain; charset=utf-8" : "application/problem+json");
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(refusal.status(), head ? -1 : body.length);
        if (!head) {
            exchange.getResponseBody().write(body);
        }
        exchange.close();
    }

    /** Ends it, and what is under way in it. */
    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
        forwarding.close();
    }
}
