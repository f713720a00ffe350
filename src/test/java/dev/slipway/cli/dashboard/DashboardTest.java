package dev.slipway.cli.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.slipway.cli.api.RequestSigner;
import dev.slipway.cli.dashboard.Browser.Received;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.core.exception.SdkClientException;

/** Whom the proxy lets in, what it lets through, and what comes back. */
class DashboardTest {
    private static final String EXPIRED = "{\"message\":\"The security token included in the request is expired\"}";
    private static final String DENIED =
            "{\"message\":\"User: arn:aws:sts::123456789012:assumed-role/Dev/ann is not authorized to perform:"
                    + " execute-api:Invoke on resource: arn:aws:execute-api:eu-central-1:123456789012:api/prod\"}";

    /** What has reached Slipway: request line, headers, body. */
    private record Asked(String line, Headers headers, String body) {}

    private interface Answering {
        void answer(HttpExchange exchange) throws IOException;
    }

    private final List<Asked> asked = Collections.synchronizedList(new ArrayList<>());
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicInteger logins = new AtomicInteger();
    private RequestSigner signer = new RequestSigner() {
        private final RequestSigner signs = RequestSigner.sigV4(
                () -> AwsSessionCredentials.create("AKIDEXAMPLE" + logins.get(), "secret", "session-token"),
                "eu-central-1");

        @Override
        public Map<String, String> headers(String method, URI uri, byte[] body) {
            return signs.headers(method, uri, body);
        }

        @Override
        public void forget() {
            logins.incrementAndGet();
        }
    };
    private Answering answering = exchange -> answer(exchange, 200, "{}");
    private HttpServer slipway;
    private Dashboard dashboard;
    private Browser browser;

    @BeforeEach
    void start() throws IOException {
        slipway = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        slipway.setExecutor(threads);
        slipway.createContext("/", exchange -> {
            asked.add(new Asked(
                    exchange.getRequestMethod() + " " + exchange.getRequestURI(),
                    exchange.getRequestHeaders(),
                    new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)));
            answering.answer(exchange);
        });
        slipway.start();
        restart(Duration.ofSeconds(20));
        browser.opened(dashboard.address());
    }

    @AfterEach
    void stop() {
        dashboard.close();
        slipway.stop(0);
        threads.shutdownNow();
    }

    private URI address() {
        return URI.create("http://127.0.0.1:" + slipway.getAddress().getPort() + "/");
    }

    private void restart(Duration longestAnswer) throws IOException {
        if (dashboard != null) {
            dashboard.close();
        }
        dashboard = Dashboard.start(0, address(), signer, longestAnswer);
        browser = new Browser(dashboard.address());
    }

    private int port() {
        return URI.create(dashboard.address()).getPort();
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    @Test
    void whatTheBrowserAsksIsSignedAndAskedAsItIs() {
        String query = "?filter=%22a%20b%22%2Bc&type=A&type=B&empty=&bare";

        Received answer = browser.own(
                "POST",
                "/v1/environments/prod/services/w%65b/rollouts" + query,
                "{\"image\": \"v1\"}",
                "Content-Type",
                "application/json",
                "Idempotency-Key",
                "k-1",
                "If-Mach",
                "misspelled, which the API refuses",
                "Accept-Encoding",
                "gzip");

        assertThat(answer.status()).isEqualTo(200);
        Asked one = asked.getFirst();
        assertThat(one.line()).isEqualTo("POST /v1/environments/prod/services/w%65b/rollouts" + query);
        assertThat(one.body()).isEqualTo("{\"image\": \"v1\"}");
        assertThat(one.headers().getFirst("Authorization"))
                .matches("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE0/[0-9]{8}/eu-central-1/execute-api/aws4_request,"
                        + " SignedHeaders=[a-z0-9;-]*host[a-z0-9;-]*, Signature=[0-9a-f]{64}");
        assertThat(one.headers().getFirst("X-Amz-Security-Token")).isEqualTo("session-token");
        assertThat(one.headers().getFirst("Host")).isEqualTo(address().getAuthority());
        assertThat(one.headers().getFirst("Content-Type")).isEqualTo("application/json");
        assertThat(one.headers().getFirst("Idempotency-Key")).isEqualTo("k-1");
        assertThat(one.headers().getFirst("If-Mach")).isNotNull();
        assertThat(one.headers().getFirst("Accept-Encoding")).isEqualTo("gzip");
    }

    @Test
    void whatIsTheBrowsersOwnOrAboutTheConnectionIsNotAsked() {
        browser.own(
                "PUT",
                "/v1/environments/prod",
                "a: 1",
                "Authorization",
                "Bearer stolen",
                "X-Amz-Date",
                "20000101T000000Z",
                "X-Amz-Security-Token",
                "foreign",
                "X-Forwarded-For",
                "203.0.113.7",
                "Referer",
                dashboard.address(),
                "Proxy-Authorization",
                "Basic x",
                "TE",
                "trailers",
                "Slipway-Actor",
                "arn:aws:iam::123456789012:root",
                "Sec-Fetch-Mode",
                "cors");

        Headers sent = asked.getFirst().headers();
        assertThat(sent)
                .doesNotContainKeys(
                        "Cookie",
                        "Origin",
                        "Referer",
                        "Te",
                        "Proxy-authorization",
                        "X-forwarded-for",
                        "Slipway-actor",
                        "Sec-fetch-site",
                        "Sec-fetch-mode");
        assertThat(sent.get("Authorization")).hasSize(1).noneMatch(value -> value.contains("stolen"));
        assertThat(sent.get("X-amz-date")).hasSize(1).noneMatch(value -> value.startsWith("2000"));
        assertThat(sent.get("X-amz-security-token")).containsExactly("session-token");
    }

    @Test
    void aHeaderThatIsNamedByConnectionEndsHere() {
        browser.raw(
                "GET /v1/services HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nCookie: %s\r\nConnection: close\r\nConnection: X-Hop\r\nX-Hop: 1\r\nX-Kept: 2\r\n\r\n"
                        .formatted(port(), browser.headers().get("Cookie")));

        assertThat(asked.getFirst().headers()).containsKey("X-kept").doesNotContainKey("X-hop");
    }

    @Test
    void statusHeadersAndBodyComeBackAndNoCookieOrLeaveForOthers() {
        answering = exchange -> {
            Headers headers = exchange.getResponseHeaders();
            headers.set("Content-Type", "application/json");
            headers.set("Content-Encoding", "gzip");
            headers.set("ETag", "\"7\"");
            headers.set("Cache-Control", "max-age=60");
            headers.set("Content-Security-Policy", "default-src 'self'");
            headers.set("Referrer-Policy", "no-referrer");
            headers.set("X-Frame-Options", "DENY");
            headers.set("Retry-After", "5");
            headers.set("Slipway-Permission-Check", "true");
            headers.set("Location", "/v1/elsewhere");
            headers.set("Set-Cookie", "a=b");
            headers.set("Access-Control-Allow-Origin", "*");
            headers.set("Server", "secret");
            answer(exchange, 202, "not really gzip");
        };

        Received answer = browser.own("POST", "/v1/environments/prod/drift", "");

        assertThat(answer.status()).isEqualTo(202);
        assertThat(answer.body()).isEqualTo("not really gzip");
        assertThat(answer.headers())
                .containsEntry("content-type", "application/json")
                .containsEntry("content-encoding", "gzip")
                .containsEntry("etag", "\"7\"")
                .containsEntry("cache-control", "max-age=60")
                .containsEntry("content-security-policy", "default-src 'self'")
                .containsEntry("referrer-policy", "no-referrer")
                .containsEntry("x-frame-options", "DENY")
                .containsEntry("x-content-type-options", "nosniff")
                .containsEntry("cross-origin-resource-policy", "same-origin")
                .containsEntry("retry-after", "5")
                .containsEntry("slipway-permission-check", "true")
                .containsEntry("location", "/v1/elsewhere")
                .doesNotContainKeys("set-cookie", "server");
        assertThat(answer.headers().keySet()).noneMatch(name -> name.startsWith("access-control-"));
    }

    @Test
    void aLocationAtSlipwayBecomesOneAtTheDashboard() {
        String own = "http://127.0.0.1:" + port();
        for (String[] location : new String[][] {
            {address() + "ui/x", own + "/ui/x"},
            {"/ui/x", "/ui/x"},
            {"https://eu-central-1.console.aws.amazon.com/x", "https://eu-central-1.console.aws.amazon.com/x"},
            {address().toString().replaceAll("/$", "0/x"), address().toString().replaceAll("/$", "0/x")},
        }) {
            answering = exchange -> {
                exchange.getResponseHeaders().set("Location", location[0]);
                answer(exchange, 302, "");
            };
            Received answer = browser.get("/ui/old");
            assertThat(answer.status()).isEqualTo(302);
            assertThat(answer.header("location")).isEqualTo(location[1]);
        }
    }

    @Test
    void aHeadAnd304HaveNoBody() {
        answering = exchange -> {
            exchange.getResponseHeaders().set("Content-Length", "1234");
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        };
        Received head = browser.send("HEAD", "/ui/app.js", browser.headers(), "");
        assertThat(asked.getFirst().line()).isEqualTo("HEAD /ui/app.js");
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.header("content-length")).isEqualTo("1234");
        assertThat(head.body()).isEmpty();

        answering = exchange -> {
            exchange.getResponseHeaders().set("ETag", "\"1\"");
            answer(exchange, 304, "");
        };
        Received same = browser.get("/ui/app.js", "If-None-Match", "\"1\"");
        assertThat(asked.getLast().headers().getFirst("If-None-Match")).isEqualTo("\"1\"");
        assertThat(same.status()).isEqualTo(304);
        assertThat(same.header("etag")).isEqualTo("\"1\"");
        assertThat(same.body()).isEmpty();
    }

    /** As a log that is followed: what is there is shown before there is more. */
    @Test
    void anAnswerIsPassedOnWhileItIsWritten() throws Exception {
        CountDownLatch seen = new CountDownLatch(1);
        answering = exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write("data: one\n\n".getBytes(StandardCharsets.UTF_8));
            exchange.getResponseBody().flush();
            try {
                seen.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            exchange.getResponseBody().write("data: two\n\n".getBytes(StandardCharsets.UTF_8));
            exchange.close();
        };
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream()
                    .write("GET /v1/logs HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nCookie: %s\r\nConnection: close\r\n\r\n"
                            .formatted(port(), browser.headers().get("Cookie"))
                            .getBytes(StandardCharsets.UTF_8));
            StringBuilder read = new StringBuilder();
            while (read.indexOf("data: one") < 0) {
                read.append((char) socket.getInputStream().read());
            }
            seen.countDown();
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .contains("data: two");
        }
    }

    /** A browser must not take half of a document for the whole. */
    @Test
    void anAnswerThatBreaksOffBreaksOffHereToo() {
        answering = exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write("{\"items\": [".getBytes(StandardCharsets.UTF_8));
            exchange.getResponseBody().flush();
            throw new IOException("gone");
        };

        Received half = browser.get("/v1/services");

        assertThat(half.body()).contains("{\"items\": [").doesNotEndWith("0\r\n\r\n");
    }

    @Test
    void severalAreAnsweredAtOnce() throws Exception {
        CountDownLatch together = new CountDownLatch(8);
        answering = exchange -> {
            together.countDown();
            try {
                assertThat(together.await(20, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            answer(exchange, 200, exchange.getRequestURI().toString());
        };
        List<Future<Received>> answers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            String path = "/v1/services?limit=" + (i + 1);
            answers.add(threads.submit(() -> browser.get(path)));
        }
        for (int i = 0; i < 8; i++) {
            assertThat(answers.get(i).get().body()).isEqualTo("/v1/services?limit=" + (i + 1));
        }
    }

    @Test
    void itIsReachedByTheLoopbackInterfaceAlone() {
        assertThat(dashboard.address()).matches("http://127\\.0\\.0\\.1:[0-9]+/open/[\\w-]{43}");
        assertThatThrownBy(() -> Dashboard.start(port(), address(), signer)).isInstanceOf(BindException.class);
        // Another address of the loopback interface is another socket, which one bound to all would have taken as well.
        assertThatThrownBy(() -> new Socket(InetAddress.getByName("127.0.0.2"), port()).close())
                .isInstanceOf(IOException.class);
    }

    /** A name of somebody's own DNS leads a browser here, with that name's origin. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "evil.example:PORT",
                "127.0.0.1",
                "127.0.0.1:1",
                "localhost",
                "127.0.0.1.evil.example:PORT",
                "localhost:PORT.evil.example",
                ""
            })
    void anotherHostIsRefused(String host) {
        browser.send("GET", "/v1/services", browser.headers("Host", host.replace("PORT", Integer.toString(port()))), "")
                .isProblem(403, "unknown-host");
        new Browser(dashboard.address())
                .get(URI.create(dashboard.address()).getPath(), "Host", "evil.example:" + port())
                .isProblem(403, "unknown-host");
        assertThat(asked).isEmpty();
    }

    @Test
    void twoHostsAreNone() {
        browser.raw(
                        "GET /v1/services HTTP/1.1\r\nHost: 127.0.0.1:%1$d\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
                                .formatted(port()))
                .isProblem(403, "unknown-host");
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "localhost", "[::1]"})
    void thisMachinesOwnNamesAreLetIn(String name) {
        String host = name + ":" + port();

        assertThat(browser.own("POST", "/v1/x", "", "Host", host, "Origin", "http://" + host)
                        .status())
                .isEqualTo(200);
    }

    @Test
    void theTokenIsExchangedOnceForACookieThatScriptsAndOtherSitesDoNotGet() throws IOException {
        restart(Duration.ofSeconds(20));
        String path = URI.create(dashboard.address()).getPath();

        browser.send("HEAD", path, browser.headers(), "");
        browser.get(path + "x").isProblem(403, "unknown-token");
        browser.get("/open/").isProblem(403, "unknown-token");
        Received first = browser.get(path);

        assertThat(first.status()).isEqualTo(303);
        assertThat(first.header("location")).isEqualTo("/ui/");
        assertThat(first.header("set-cookie"))
                .matches("slipway-dashboard-" + port() + "=[\\w-]{43}; Path=/; HttpOnly; SameSite=Strict");
        assertThat(first.header("referrer-policy")).isEqualTo("no-referrer");
        assertThat(first.header("cache-control")).isEqualTo("no-store");
        assertThat(first.header("set-cookie")).doesNotContain(path.substring("/open/".length()));
        Received second = browser.get(path).isProblem(403, "used-token");
        assertThat(second.headers()).doesNotContainKey("set-cookie");
        assertThat(second.json().path("action").asText()).contains("slipway dashboard", "Ctrl-C");
        String cookie = first.header("set-cookie").split(";", 2)[0];
        assertThat(browser.get(path, "Cookie", "theme=dark; " + cookie).status())
                .isEqualTo(303);
    }

    @Test
    void manyWhoOpenTheAddressAtOnceAreOne() throws Exception {
        restart(Duration.ofSeconds(20));
        String path = URI.create(dashboard.address()).getPath();
        List<Future<Received>> answers = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            answers.add(threads.submit(() -> browser.get(path)));
        }
        int letIn = 0;
        for (Future<Received> answer : answers) {
            letIn += answer.get().status() == 303 ? 1 : 0;
        }
        assertThat(letIn).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "slipway-dashboard-PORT=", "slipway-dashboard-PORT=guessed", "slipway-dashboard-1=COOKIE"})
    void whoHasNoCookieIsToldWhereToGetOne(String cookie) {
        String own = browser.headers().get("Cookie");
        String sent = cookie.replace("PORT", Integer.toString(port())).replace("COOKIE", own.split("=")[1]);

        for (String path : List.of("/ui/", "/", "/v1/services", "/nothing")) {
            Received refused = browser.get(path, "Cookie", sent).isProblem(403, "unknown-browser");
            assertThat(refused.json().path("action").asText()).contains("slipway dashboard");
        }
        Received page = browser.get("/ui/", "Cookie", sent, "Accept", "text/html,*/*;q=0.8");
        assertThat(page.status()).isEqualTo(403);
        assertThat(page.header("content-type")).isEqualTo("text/plain; charset=utf-8");
        assertThat(page.header("content-security-policy")).contains("frame-ancestors 'none'");
        assertThat(page.body())
                .isEqualTo("This browser has not opened the dashboard by the address that slipway dashboard printed.\n"
                        + "Run slipway dashboard again, and open the address that it prints.\n");
        browser.own("POST", "/v1/x", "{}", "Cookie", sent).isProblem(403, "unknown-browser");
        assertThat(asked).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            # origin                 | site        | let in
            http://127.0.0.1:PORT    | same-origin | true
            http://127.0.0.1:PORT    |             | true
                                     | same-origin | true
                                     |             | false
            http://evil.example      |             | false
            http://evil.example      | same-origin | false
            http://127.0.0.1:1       | same-site   | false
            http://127.0.0.1:PORT    | cross-site  | false
            http://localhost:PORT    | same-origin | false
            https://127.0.0.1:PORT   |             | false
            null                     |             | false
                                     | none        | false
                                     | same-site   | false
            """)
    void aWriteComesFromTheDashboardsOwnPage(String origin, String site, boolean letIn) {
        String from = origin == null ? "" : origin.replace("PORT", Integer.toString(port()));
        for (String method : List.of("POST", "PUT", "DELETE", "PATCH")) {
            Received answer = browser.own(
                    method, "/v1/environments/prod", "", "Origin", from, "Sec-Fetch-Site", site == null ? "" : site);
            if (letIn) {
                assertThat(answer.status()).isEqualTo(200);
            } else {
                answer.isProblem(403, "foreign-origin");
            }
        }
        assertThat(asked).hasSize(letIn ? 4 : 0);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            # origin              | site        | mode     | destination | let in
                                  |             |          |             | true
                                  | same-origin | cors     | empty       | true
                                  | none        | navigate | document    | true
                                  | same-site   | navigate | document    | true
                                  | same-site   | navigate | iframe      | false
                                  | same-site   | no-cors  | script      | false
                                  | cross-site  | no-cors  | image       | false
            http://127.0.0.1:1    | same-site   | cors     | empty       | false
            http://evil.example   |             |          |             | false
            """)
    void aReadIsForThePageOrAPersonWhoOpensIt(
            String origin, String site, String mode, String destination, boolean letIn) {
        Received answer = browser.get(
                "/v1/services",
                "Origin",
                origin == null ? "" : origin,
                "Sec-Fetch-Site",
                site == null ? "" : site,
                "Sec-Fetch-Mode",
                mode == null ? "" : mode,
                "Sec-Fetch-Dest",
                destination == null ? "" : destination);

        assertThat(answer.status()).isEqualTo(letIn ? 200 : 403);
        assertThat(asked).hasSize(letIn ? 1 : 0);
    }

    /** A browser asks so before it lets another site's script write. */
    @Test
    void noOtherSiteIsGivenLeave() {
        Received answer = browser.send(
                "OPTIONS",
                "/v1/environments/prod",
                browser.headers(
                        "Cookie", "", "Origin", "http://evil.example", "Access-Control-Request-Method", "DELETE"),
                "");

        answer.isProblem(403, "unknown-browser");
        assertThat(answer.headers().keySet()).noneMatch(name -> name.startsWith("access-control-"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/../x",
                "/v1/./x",
                "/v1/..",
                "/v1//x",
                "//evil.example/v1/x",
                "/v1/%2e%2e/x",
                "/v1/%2E./x",
                "/v1/a%2Fb",
                "/v1/a%5cb",
                "/v1/..;a/x",
                "/v1/%00",
                "/v1/%0d%0aX:1",
                "/open/../v1/x",
                "http://evil.example/v1/x",
                "/v1/pröd"
            })
    void aPathThatCanBeReadInTwoWaysIsRefused(String path) {
        assertThat(browser.get(path).status()).isEqualTo(400);
        assertThat(asked).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/ui/",
                "/ui/services/prod/web?tab=logs",
                "/v1/environments/prod/services/w%65b",
                "/v1/a+b...c~_:@-",
                "/v1/environments?next=a%2Bb%2F..%2F&limit=5",
                "/schemas/service.json",
                "/q/openapi",
                "/q/openapi?format=json"
            })
    void thePageAndTheApiAreAskedByTheVeryPath(String path) {
        assertThat(browser.get(path).status()).isEqualTo(200);
        assertThat(asked.getFirst().line()).isEqualTo("GET " + path);
    }

    /** A form's spelling of a space, which not every signature takes for one. */
    @Test
    void aPlusInAQueryIsAskedAsASpace() {
        browser.get("/v1/services?filter=a+b%2Bc");

        assertThat(asked.getFirst().line()).isEqualTo("GET /v1/services?filter=a%20b%2Bc");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1", "/q/health", "/q/openapi/x", "/simulated/changes", "/favicon.ico", "/UI/", "/uix/"})
    void nothingElseIsAsked(String path) {
        browser.get(path).isProblem(404, "no-such-path");
        assertThat(asked).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/ui", "/?x=1"})
    void anAddressWithoutAPathLeadsToThePage(String path) {
        Received answer = browser.get(path);

        assertThat(answer.status()).isEqualTo(303);
        assertThat(answer.header("location")).isEqualTo("/ui/");
        assertThat(asked).isEmpty();
    }

    @Test
    void anotherMethodIsRefusedWithThoseThereAre() {
        Received answer = browser.own("TRACE", "/v1/services", "").isProblem(405, "method-not-allowed");

        assertThat(answer.header("allow")).startsWith("GET, HEAD, ");
        assertThat(asked).isEmpty();
    }

    @Test
    void aBodyAsLargeAsApiGatewayTakesIsAskedAndALargerOneIsNot() {
        int most = 10 * 1024 * 1024;

        assertThat(browser.own("PUT", "/v1/environments/prod", "x".repeat(most)).status())
                .isEqualTo(200);
        assertThat(asked.getFirst().body()).hasSize(most);
        browser.own("PUT", "/v1/environments/prod", "x".repeat(most + 1)).isProblem(413, "body-too-large");
        assertThat(asked).hasSize(1);
    }

    @Test
    void whatApiGatewayRefusesIsPassedOnAsItIs() {
        answering = exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            answer(exchange, 403, DENIED);
        };

        Received answer = browser.own("DELETE", "/v1/environments/prod", "");

        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.body()).isEqualTo(DENIED);
        assertThat(answer.header("content-type")).isEqualTo("application/json");
        assertThat(logins).hasValue(0);
        assertThat(asked).hasSize(1);
    }

    @Test
    void credentialsThatHaveEndedAreLookedUpAnew() {
        answering = exchange -> {
            boolean first =
                    exchange.getRequestHeaders().getFirst("Authorization").contains("AKIDEXAMPLE0/");
            answer(exchange, first ? 403 : 200, first ? EXPIRED : "{\"items\":[]}");
        };

        assertThat(browser.own("POST", "/v1/environments/prod/drift", "{}").body())
                .isEqualTo("{\"items\":[]}");
        assertThat(asked).hasSize(2).extracting(Asked::body).containsOnly("{}");
    }

    @Test
    void credentialsThatStayEndedAreSaidWithWhatToDo() {
        answering = exchange -> answer(exchange, 403, EXPIRED);

        Received answer = browser.get("/v1/services").isProblem(401, "no-credentials");

        assertThat(answer.json().path("detail").asText()).isEqualTo("The AWS credentials have expired.");
        assertThat(answer.json().path("action").asText()).contains("aws sso login", "--profile");
    }

    @Test
    void withoutCredentialsNothingIsAsked() throws IOException {
        signer = (method, uri, body) -> {
            throw SdkClientException.create("Token is expired");
        };
        restart(Duration.ofSeconds(20));
        browser.opened(dashboard.address());

        Received answer = browser.get("/v1/services").isProblem(401, "no-credentials");

        assertThat(answer.json().path("detail").asText()).isEqualTo("Token is expired");
        assertThat(answer.json().path("action").asText()).contains("aws sso login");
        assertThat(asked).isEmpty();
    }

    @Test
    void aLaptopIsAskedWithoutASignatureAsWhoeverIsThere() throws IOException {
        signer = RequestSigner.named("ann");
        restart(Duration.ofSeconds(20));
        browser.opened(dashboard.address());

        browser.get("/v1/services", "Slipway-Actor", "somebody else");

        assertThat(asked.getFirst().headers().get("Slipway-Actor")).containsExactly("ann");
        assertThat(asked.getFirst().headers()).doesNotContainKeys("Authorization", "X-amz-date");
    }

    @Test
    void whereNobodyAnswersItIsSaid() {
        slipway.stop(0);

        Received read = browser.get("/v1/services").isProblem(502, "unreachable");
        Received write = browser.own("POST", "/v1/x", "{}").isProblem(502, "unreachable");

        assertThat(read.json().path("detail").asText()).startsWith(address() + " does not answer: ");
        assertThat(read.json().path("category").asText()).isEqualTo("dependency");
        assertThat(write.json().path("action").asText()).contains("may still have been carried out");
    }

    @Test
    void anAnswerThatDoesNotComeIsGivenUp() throws IOException {
        restart(Duration.ofMillis(200));
        browser.opened(dashboard.address());
        CountDownLatch over = new CountDownLatch(1);
        answering = exchange -> {
            try {
                over.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };

        browser.get("/v1/services").isProblem(504, "timeout");

        over.countDown();
    }

    @Test
    void whatEndsNoLongerListens() {
        dashboard.close();

        assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port()).close())
                .isInstanceOf(IOException.class);
    }
}
