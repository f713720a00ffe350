package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.slipway.cli.Shell.Printed;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever watches is not thrown off by an answer that fails, and does not wait for ever either. */
class WatchingTest {
    private static final String ROLLOUT = "/v1/environments/prod/services/web/rollouts/r1";
    private static final String EXPIRED = "{\"message\":\"The security token included in the request is expired\"}";

    private final Deque<String> answers = new ArrayDeque<>();
    private final List<String> asked = new ArrayList<>();
    private Duration waited = Duration.ZERO;
    private Duration slow = Duration.ZERO;
    private HttpServer server;
    private Shell shell;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            asked.add("%s %s %s"
                    .formatted(
                            exchange.getRequestMethod(),
                            exchange.getRequestURI(),
                            exchange.getRequestHeaders().getFirst("Idempotency-Key")));
            shell.passes(slow);
            String answer = answers.size() > 1 ? answers.remove() : answers.element();
            byte[] body = answer.substring(4).getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(Integer.parseInt(answer.substring(0, 3)), body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        shell = new Shell(Path.of(""), time -> waited = waited.plus(time))
                .with("SLIPWAY_URL", "http://127.0.0.1:" + server.getAddress().getPort());
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private Printed deploys(String... all) {
        answers.add("202 {\"location\":\"" + ROLLOUT + "\",\"warnings\":[]}");
        answers.addAll(List.of(all));
        return shell.run("deploy", "prod/web", "v2", "--wait");
    }

    /** Ten looks that take a minute each are ten minutes, however short the pauses between them are. */
    @Test
    void theTimeThatRequestsTakeCounts() {
        slow = Duration.ofMinutes(1);
        answers.add("202 {\"location\":\"" + ROLLOUT + "\"}");
        answers.add("200 {\"state\":\"RUNNING\",\"release\":2}");

        Printed printed = shell.run("deploy", "prod/web", "v2", "--wait", "--timeout", "10m");

        assertThat(printed.exitCode()).isEqualTo(6);
        assertThat(printed.err()).contains("It has not ended within 10 min.");
        assertThat(asked).hasSizeBetween(10, 13);
    }

    @Test
    void whileNobodyAnswersTheTimeoutEndsTheWatchingToo() {
        answers.add("202 {\"location\":\"" + ROLLOUT + "\"}");
        answers.add("200 {\"state\":\"RUNNING\",\"release\":2}");
        answers.add("503 {\"detail\":\"later\"}");

        Printed printed = shell.run("deploy", "prod/web", "v2", "--wait", "--timeout", "2m");

        assertThat(printed.exitCode()).isEqualTo(5);
        assertThat(printed.err()).contains("later", "Still trying for 1 min 5", "What was begun goes on");
        assertThat(waited).isBetween(Duration.ofSeconds(110), Duration.ofSeconds(130));
    }

    /** The plan, the apply and its rollout share one. */
    @Test
    void aVerbOfSeveralStepsHasOneTimeout(@TempDir Path directory) throws IOException {
        Path spec = Files.writeString(directory.resolve("spec.yaml"), "{}");
        slow = Duration.ofSeconds(50);
        answers.add("202 {\"location\":\"/v1/plan\"}");
        answers.add("200 {\"state\":\"COMPUTING\"}");
        answers.add(
                "200 {\"state\":\"READY\",\"changes\":[{}],\"apply\":\"/v1/environments/prod/services/web/plans/p/apply\"}");
        answers.add("202 {\"location\":\"/v1/o1\"}");
        answers.add("200 {\"state\":\"RUNNING\"}");
        answers.add("200 {\"state\":\"RUNNING\",\"rollout\":\"r1\"}");
        answers.add("200 {\"state\":\"RUNNING\",\"release\":2}");

        Printed printed = shell.run("apply", "prod/web", "--yes", "-q", "-f", spec.toString(), "--timeout", "6m");

        assertThat(printed.exitCode()).as(printed.err()).isEqualTo(6);
        assertThat(asked).hasSizeBetween(7, 9);
    }

    @Test
    void whoeverReadsMayGoAwayAndTheLogIsFollowedNoMore() {
        answers.add(
                "200 {\"lines\":[{\"at\":\"2026-01-01T00:00:00Z\",\"message\":\"one\"}],\"cursor\":\"a\",\"retryAfterSeconds\":1}");

        assertThat(shell.intoAClosedPipe("logs", "prod/web", "-f")).isZero();
        assertThat(asked).hasSize(1);
    }

    @Test
    void credentialsThatEndAreSaidOnceAndWaitedFor() {
        Printed printed = deploys(
                "200 {\"state\":\"RUNNING\",\"release\":2}",
                "403 " + EXPIRED,
                "403 " + EXPIRED,
                "200 {\"state\":\"SUCCEEDED\",\"release\":2,\"detail\":\"Release 2 is live.\"}");

        assertThat(printed.exitCode()).isZero();
        assertThat(printed.err())
                .containsOnlyOnce("The credentials are not accepted")
                .contains("prod/web goes on meanwhile");
    }

    @Test
    void credentialsThatStayAwayEndTheWatching() {
        Printed printed = deploys("200 {\"state\":\"RUNNING\",\"release\":2}", "403 " + EXPIRED);

        assertThat(printed.exitCode()).isEqualTo(5);
        assertThat(printed.err()).contains("is expired", "What was begun goes on. Look again: slipway watch prod/web");
        assertThat(waited).isBetween(Duration.ofMinutes(9), Duration.ofMinutes(12));
    }

    /** API Gateway says no more than that, and the credentials that there are hold. */
    @Test
    void whatIamRefusesIsNotWaitedFor() {
        Printed printed = deploys("200 {\"state\":\"RUNNING\",\"release\":2}", "403 {\"message\":\"Forbidden\"}");

        assertThat(printed.exitCode()).isEqualTo(2);
        assertThat(printed.err()).contains("Forbidden", "IAM refuses it").doesNotContain("Still trying");
    }

    /** The first look takes all the time there is: there is none for a second. */
    @Test
    void aSlowAnswerIsNotAskedForAgainWhenTheTimeIsUp() {
        slow = Duration.ofMinutes(1);

        Printed printed = deploysWithin("1m", "503 {\"detail\":\"later\"}");

        assertThat(printed.exitCode()).isEqualTo(5);
        assertThat(asked).hasSize(2);
    }

    private Printed deploysWithin(String time, String answer) {
        answers.add("202 {\"location\":\"" + ROLLOUT + "\"}");
        answers.add(answer);
        return shell.run("deploy", "prod/web", "v2", "--wait", "--timeout", time);
    }

    @Test
    void anApplyMayFailAfterItsRollout(@TempDir Path directory) throws IOException {
        Path spec = Files.writeString(directory.resolve("spec.yaml"), "{}");
        answers.add("202 {\"location\":\"/v1/plan\"}");
        answers.add(
                "200 {\"state\":\"READY\",\"changes\":[{}],\"apply\":\"/v1/environments/prod/services/web/plans/p/apply\"}");
        answers.add("202 {\"location\":\"/v1/o1\"}");
        answers.add("200 {\"state\":\"RUNNING\",\"rollout\":\"r1\"}");
        answers.add("200 {\"state\":\"SUCCEEDED\",\"release\":2,\"detail\":\"Release 2 is live.\"}");
        answers.add("200 {\"state\":\"RUNNING\",\"rollout\":\"r1\"}");
        answers.add("200 {\"state\":\"FAILED\",\"rollout\":\"r1\",\"failure\":{\"detail\":\"The old stack stays.\"}}");

        Printed printed = shell.run("apply", "prod/web", "--yes", "-q", "-f", spec.toString());

        assertThat(printed.exitCode()).isEqualTo(1);
        assertThat(printed.out()).contains("SUCCEEDED Release 2 is live.", "FAILED The old stack stays.");
    }

    @Test
    void aPathOfTheAddressIsHonoured() {
        answers.add("200 {\"items\":[]}");

        shell.with("SLIPWAY_URL", "http://127.0.0.1:" + server.getAddress().getPort() + "/prod")
                .run("status");
        shell.run("status", "--url", "http://127.0.0.1:" + server.getAddress().getPort() + "/a/b/");

        assertThat(asked.get(0)).startsWith("GET /prod/v1/services?");
        assertThat(asked.get(1)).startsWith("GET /a/b/v1/services?");
    }

    @Test
    void thatThereAreNoLinesIsSaidBesideTheResult() {
        answers.add("200 {\"lines\":[],\"cursor\":\"a\",\"retryAfterSeconds\":3}");

        Printed printed = shell.run("logs", "prod/web");

        assertThat(printed.out()).isEmpty();
        assertThat(printed.err()).contains("There are no such lines of prod/web in the last 15 minutes.");
        assertThat(shell.run("logs", "prod/web", "--since", "3h").err()).contains("in the last 3h.");
    }

    @Test
    void whoMayNotApproveIsToldBeforeTrying() {
        Printed printed = deploys(
                "200 {\"state\":\"RUNNING\",\"release\":2,\"startedBy\":\"ann\",\"strategy\":{\"approval\":{\"by\":\"others\"}},"
                        + "\"approval\":{\"release\":2,\"percent\":50}}");

        assertThat(printed.exitCode()).isEqualTo(4);
        assertThat(printed.err()).contains("Somebody else than ann, who started it, has to approve it");
    }

    @Test
    void whatSlipwayItselfRefusesIsNotWaitedFor() {
        Printed printed = deploys("404 {\"code\":\"rollout-not-found\",\"detail\":\"There is none.\",\"status\":404}");

        assertThat(printed.exitCode()).isEqualTo(2);
        assertThat(printed.err()).contains("There is none.");
    }

    /** The first may have been heard: the same key makes the second do nothing more. */
    @Test
    void aRequestThatIsSentAgainHasTheSameKey() {
        answers.add("503 {\"detail\":\"later\"}");
        answers.add("429 {\"message\":\"Too Many Requests\"}");
        answers.add("202 {\"location\":\"" + ROLLOUT + "\",\"warnings\":[\"Mind the gap.\"]}");

        Printed printed = shell.run("deploy", "prod/web", "v2");

        assertThat(printed.exitCode()).isZero();
        assertThat(printed.err()).contains("Warning: Mind the gap.");
        assertThat(asked).hasSize(3).allMatch(request -> request.equals(asked.getFirst()));
        assertThat(asked.getFirst())
                .startsWith("POST /v1/environments/prod/services/web/rollouts ")
                .doesNotEndWith("null");
    }

    @Test
    void anAnswerThatIsNoDocumentIsShownAsItIs() {
        answers.add("403 <html>blocked by the proxy</html>");

        Printed printed = shell.run("status");

        assertThat(printed.exitCode()).isEqualTo(2);
        assertThat(printed.err()).contains("<html>blocked by the proxy</html>", "IAM refuses it");
    }

    /** A log line or a commit's message must not write on the terminal what it likes. */
    @Test
    void whatWouldMoveTheCursorIsNotObeyed() {
        answers.add("200 {\"lines\":[{\"at\":\"2026-01-01T00:00:00Z\",\"release\":1,\"task\":\"t\","
                + "\"message\":\"a\\u001b[2Jb\\r\\u009bc\\u202ed\"}]}");

        assertThat(shell.run("logs", "prod/web").out()).isEqualTo("2026-01-01 00:00:00Z r1 t a�[2Jb��c�d\n");
    }

    @Test
    void aLogIsFollowedByItsCursor() {
        answers.add("200 {\"lines\":[],\"cursor\":\"a+b\",\"retryAfterSeconds\":5}");
        answers.add(
                "200 {\"lines\":[{\"at\":\"2026-01-01T00:00:00Z\",\"message\":\"one\"}],\"cursor\":\"c\",\"retryAfterSeconds\":0}");
        answers.add("200 {\"lines\":[{\"at\":\"2026-01-01T00:00:01Z\",\"message\":\"two\"}]}");

        assertThat(shell.run("logs", "prod/web", "-f", "--since", "1h", "--filter", "a b&c")
                        .out())
                .contains("one", "two");
        assertThat(waited).isEqualTo(Duration.ofSeconds(5));
        assertThat(asked.get(1))
                .startsWith("GET /v1/environments/prod/services/web/logs?since=1h&filter=a%20b%26c&cursor=a%2Bb ");
    }
}
