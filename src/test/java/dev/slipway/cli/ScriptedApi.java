package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Answers as a test has it at the moment, on the loopback interface. */
final class ScriptedApi implements AutoCloseable {
    private static final String HOST = "abc123.execute-api.eu-central-1.amazonaws.com";
    private static final String PASSWORD = "changeit";
    private static final Pattern CREDENTIAL = Pattern.compile("Credential=(?<key>[A-Z0-9]+)/");

    private final @Nullable Path directory;
    private final Set<String> refused = ConcurrentHashMap.newKeySet();
    private final Map<String, String> answers = new ConcurrentHashMap<>();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private HttpServer server;
    private volatile String otherwise = "404 {\"code\":\"not-found\",\"detail\":\"There is none.\"}";

    ScriptedApi() {
        directory = null;
        server = start(0);
    }

    private ScriptedApi(Path directory) {
        this.directory = directory;
        server = start(0);
    }

    /** At the address of an API Gateway, whose name leads to this machine where {@link #command} runs the command line. */
    static ScriptedApi ofAws(Path directory) {
        try {
            Process keytool = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin/keytool")
                                    .toString(),
                            "-genkeypair",
                            "-alias",
                            "api",
                            "-keyalg",
                            "EC",
                            "-dname",
                            "CN=" + HOST,
                            "-ext",
                            "san=dns:" + HOST,
                            "-storetype",
                            "PKCS12",
                            "-storepass",
                            PASSWORD,
                            "-keystore",
                            directory.resolve("keys").toString())
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("keytool.log").toFile())
                    .start();
            assertThat(keytool.waitFor()).isZero();
            Files.writeString(directory.resolve("hosts"), "127.0.0.1 " + HOST + "\n");
            return new ScriptedApi(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The command line out of its jar, in a JVM that knows this server by its name and certificate. */
    List<String> command() {
        Path place = Objects.requireNonNull(directory);
        List<String> command = new ArrayList<>(PseudoTerminal.command());
        command.addAll(
                1,
                List.of(
                        "-Djdk.net.hosts.file=" + place.resolve("hosts"),
                        "-Djavax.net.ssl.trustStore=" + place.resolve("keys"),
                        "-Djavax.net.ssl.trustStorePassword=" + PASSWORD));
        return command;
    }

    private HttpServer start(int port) {
        try {
            InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
            HttpServer started;
            if (directory == null) {
                started = HttpServer.create(address, 0);
            } else {
                HttpsServer encrypted = HttpsServer.create(address, 0);
                encrypted.setHttpsConfigurator(new HttpsConfigurator(keys(directory)));
                started = encrypted;
            }
            started.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            started.createContext("/", this::answer);
            started.start();
            return started;
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static SSLContext keys(Path directory) throws IOException, GeneralSecurityException {
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(
                KeyStore.getInstance(directory.resolve("keys").toFile(), PASSWORD.toCharArray()),
                PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }

    private void answer(HttpExchange exchange) throws IOException {
        String request =
                exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath();
        asked.add(request);
        String signed = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
        Matcher key = CREDENTIAL.matcher(signed);
        String answer = key.find() && refused.contains(key.group("key"))
                ? "403 {\"message\":\"The security token included in the request is expired\"}"
                : answers.getOrDefault(request, otherwise);
        byte[] body = answer.substring(4).getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(Integer.parseInt(answer.substring(0, 3)), body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    /** Requests with this access key are refused from now on, as when its token has ended. */
    void refuse(String accessKey) {
        refused.add(accessKey);
    }

    String url() {
        return (directory == null ? "http://127.0.0.1:" : "https://" + HOST + ":")
                + server.getAddress().getPort();
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
