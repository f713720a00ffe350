package dev.slipway.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.PfxOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests to a load balancer that answers for hosts which no DNS knows. */
class HttpProbeTest {
    private static final Map<String, String> SECRET = Map.of("X-Slipway-Test", "secret");

    @TempDir
    static Path folder;

    private static Path keys;

    private final Vertx vertx = Vertx.vertx();
    private final List<String> seen = new CopyOnWriteArrayList<>();

    /** A certificate for web.example, made by the JDK's own tool. */
    @BeforeAll
    static void certificate() throws IOException, InterruptedException {
        keys = folder.resolve("keys.p12");
        Process made = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=web.example",
                        "-ext",
                        "san=dns:web.example",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        "secret",
                        "-keystore",
                        keys.toString())
                .inheritIO()
                .start();
        assertThat(made.waitFor()).isZero();
    }

    @AfterEach
    void close() throws ExecutionException, InterruptedException, TimeoutException {
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private static PfxOptions pfx() {
        return new PfxOptions().setPath(keys.toString()).setPassword("secret");
    }

    /** Listens on loopback; what it is asked is noted. */
    private int listening(boolean tls, Consumer<HttpServerRequest> answer)
            throws ExecutionException, InterruptedException, TimeoutException {
        HttpServerOptions options = new HttpServerOptions().setHost("127.0.0.1").setPort(0);
        if (tls) {
            options.setSsl(true).setSni(true).setKeyCertOptions(pfx());
        }
        HttpServer server = vertx.createHttpServer(options).requestHandler(request -> {
            seen.add("%s: %s %s %s sni=%s"
                    .formatted(
                            request.getHeader("User-Agent"),
                            request.getHeader("Host"),
                            request.uri(),
                            request.getHeader("X-Slipway-Test"),
                            request.connection().indicatedServerName()));
            answer.accept(request);
        });
        return server.listen()
                .toCompletionStage()
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS)
                .actualPort();
    }

    private Probe.Result get(int port, String url, String path, Duration timeout) {
        HttpProbe probe = new HttpProbe(vertx, new HttpClientOptions().setTrustOptions(pfx()), port);
        return probe.get(new Probe.Request("127.0.0.1", url, path, SECRET, timeout));
    }

    @Test
    void connectsToTheLoadBalancerAndAsksForTheHost() throws Exception {
        int port = listening(
                false, request -> request.response().setStatusCode(302).end("moved"));

        assertThat(get(port, "http://web.example", "/health?deep=%2F", Duration.ofSeconds(5)))
                .isInstanceOfSatisfying(Probe.Result.Response.class, answer -> {
                    assertThat(answer.status()).isEqualTo(302);
                    assertThat(answer.body()).isEqualTo("moved");
                });
        assertThat(seen).containsExactly("Slipway: web.example /health?deep=%2F secret sni=null");
    }

    @Test
    void verifiesTheCertificateOfTheHostThatIsAsked() throws Exception {
        int port = listening(true, request -> request.response().end("well"));

        assertThat(get(port, "https://web.example", "/", Duration.ofMinutes(1)))
                .isInstanceOfSatisfying(
                        Probe.Result.Response.class,
                        answer -> assertThat(answer.body()).isEqualTo("well"));
        assertThat(get(port, "https://other.example", "/", Duration.ofMinutes(1)))
                .isInstanceOfSatisfying(
                        Probe.Result.NoResponse.class,
                        none -> assertThat(none.reason()).contains("other.example"));
        assertThat(seen).containsExactly("Slipway: web.example / secret sni=web.example");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theTimeLimitIsForTheWholeAnswer(boolean begun) throws Exception {
        int port = listening(false, request -> {
            if (begun) {
                request.response().setChunked(true).write("a");
                vertx.setPeriodic(50, _ -> request.response().write("a"));
            }
        });
        long begin = System.nanoTime();

        assertThat(get(port, "http://web.example", "/", Duration.ofMillis(500)))
                .isEqualTo(new Probe.Result.NoResponse("no whole answer within 500 ms"));
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(30));
    }

    @Test
    void readsAsMuchOfABodyAsFits() throws Exception {
        int port = listening(false, request -> {
            request.response().setChunked(true);
            vertx.setPeriodic(1, _ -> request.response().write(Buffer.buffer(new byte[10_000])));
        });

        assertThat(get(port, "http://web.example", "/", Duration.ofSeconds(20)))
                .isInstanceOfSatisfying(
                        Probe.Result.Response.class,
                        answer -> assertThat(answer.body()).hasSize(65_536));
    }

    @Test
    void nobodyThereIsNoAnswer() {
        assertThat(get(1, "http://web.example", "/", Duration.ofSeconds(5)))
                .isInstanceOfSatisfying(
                        Probe.Result.NoResponse.class,
                        none -> assertThat(none.reason()).containsIgnoringCase("refused"));
    }
}
