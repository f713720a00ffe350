package dev.slipway.docs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code examples/ci/slipway-rollout} against an API that answers as it is told: the script ends, and its exit code says how. */
@Tag("slow")
class RolloutScriptTest {
    private static final String ROLLOUT = "/v1/environments/dev/services/web/rollouts/r1";
    private static final Answer ACCEPTED = new Answer(202, "{\"location\": \"" + ROLLOUT + "\"}");

    /** The last is given again and again. */
    private record Answer(int status, String body) {
        static Answer state(String state) {
            return new Answer(200, "{\"state\": \"" + state + "\", \"detail\": \"So it stands.\"}");
        }
    }

    private record Ended(int code, String out) {}

    @TempDir
    private Path folder;

    private final List<String> asked = Collections.synchronizedList(new ArrayList<>());
    private final List<Answer> answers = new ArrayList<>();
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private synchronized void answer(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
        asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " " + body);
        Answer next = answers.size() > 1 ? answers.removeFirst() : answers.getFirst();
        byte[] bytes = next.body().getBytes(UTF_8);
        exchange.sendResponseHeaders(next.status(), bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private Ended run(Map<String, String> environment, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("bash", "examples/ci/slipway-rollout"));
        command.addAll(List.of(arguments));
        Path out = Files.createTempFile(folder, "out", ".txt");
        ProcessBuilder start =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(out.toFile());
        start.environment()
                .putAll(Map.of(
                        "SLIPWAY_API", "http://127.0.0.1:" + server.getAddress().getPort(),
                        "AWS_REGION", "eu-central-1",
                        "AWS_ACCESS_KEY_ID", "ASIAEXAMPLE",
                        "AWS_SECRET_ACCESS_KEY", "secret",
                        "AWS_SESSION_TOKEN", "token",
                        "IDEMPOTENCY_KEY", "k1",
                        "POLL_SECONDS", "0.1",
                        "SILENCE_SECONDS", "2"));
        start.environment().putAll(environment);
        Process process = start.start();
        boolean ended = process.waitFor(60, TimeUnit.SECONDS);
        process.destroyForcibly();
        assertThat(ended).as("the script waits for ever").isTrue();
        return new Ended(process.exitValue(), Files.readString(out));
    }

    private Ended run(Answer... given) throws IOException, InterruptedException {
        answers.addAll(List.of(given));
        return run(Map.of(), "dev", "web", "v1", "3f2c8a9");
    }

    @Test
    void waitsForWhatIsQueuedAndEndsWellWhenTheReleaseIsLive() throws Exception {
        Ended ended = run(
                ACCEPTED,
                Answer.state("QUEUED"),
                Answer.state("RUNNING"),
                new Answer(503, ""),
                Answer.state("SUCCEEDED"));

        assertThat(ended.code()).as(ended.out()).isZero();
        assertThat(ended.out()).contains(ROLLOUT, "So it stands.");
        assertThat(asked).first().asString().contains("\"image\":\"v1\"", "\"commit\":\"3f2c8a9\"", "reject");
    }

    @ParameterizedTest
    @CsvSource({"ROLLED_BACK", "FAILED", "CANCELLED"})
    void aRolloutThatEndsOtherwiseIsOne(String state) throws Exception {
        Ended ended = run(ACCEPTED, Answer.state("RUNNING"), Answer.state(state));

        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.out()).contains(state + ": So it stands.");
    }

    @Test
    void asksForTheConcurrencyPolicyThatItIsTold() throws Exception {
        answers.addAll(List.of(ACCEPTED, Answer.state("SUCCEEDED")));

        assertThat(run(Map.of(), "--concurrency-policy", "replace", "dev", "web", "v1", "c1")
                        .code())
                .isZero();
        assertThat(asked).first().asString().contains("\"concurrencyPolicy\":\"replace\"");
    }

    @Test
    void aRefusalIsThreeAndSaysWhy() throws Exception {
        Ended ended = run(new Answer(409, "{\"detail\": \"A freeze window is open.\", \"action\": \"Wait.\"}"));

        assertThat(ended.code()).isEqualTo(3);
        assertThat(ended.out()).contains("refused with 409: A freeze window is open. Wait.");
        assertThat(asked).hasSize(1);
    }

    @Test
    void credentialsThatEndMeanwhileEndTheWaitingAndSayThatTheRolloutGoesOn() throws Exception {
        Ended ended = run(
                ACCEPTED,
                Answer.state("RUNNING"),
                new Answer(403, "{\"message\": \"The security token included in the request is expired\"}"));

        assertThat(ended.code()).isEqualTo(4);
        assertThat(ended.out())
                .contains("the credentials have ended", "token included in the request is expired", ROLLOUT);
        assertThat(asked).hasSize(5);
    }

    @Test
    void credentialsThatAreNoneAreARefusalOfTheRequest() throws Exception {
        assertThat(run(new Answer(403, "{\"message\": \"Forbidden\"}")).code()).isEqualTo(3);
    }

    @Test
    void silenceIsBounded() throws Exception {
        Ended ended = run(ACCEPTED, new Answer(500, "{}"));

        assertThat(ended.code()).isEqualTo(4);
        assertThat(ended.out()).contains("no answer for 2 s (500). The rollout goes on");
    }

    @Test
    void theWaitingIsBounded() throws Exception {
        answers.addAll(List.of(ACCEPTED, Answer.state("RUNNING")));
        Ended ended = run(Map.of(), "--timeout", "2", "dev", "web", "v1", "c1");

        assertThat(ended.code()).isEqualTo(4);
        assertThat(ended.out()).contains("it has not ended within 2 s. The rollout goes on");
    }

    @Test
    void aRequestWithoutAnAnswerSaysHowItIsRepeated() throws Exception {
        server.stop(0);
        Ended ended = run(Map.of(), "dev", "web", "v1", "c1");

        assertThat(ended.code()).isEqualTo(4);
        assertThat(ended.out()).contains("IDEMPOTENCY_KEY=k1");
    }

    @ParameterizedTest
    @CsvSource({
        "dev web v1, say ENVIRONMENT SERVICE IMAGE COMMIT",
        "--concurrency-policy perhaps dev web v1 c1, it may be reject",
        "--concurrency-policy, needs reject",
        "--timeout soon dev web v1 c1, must be a number of seconds",
        "--fast dev web v1 c1, --fast is not known"
    })
    void aWrongCallIsTwoAndAsksNobody(String arguments, String said) throws Exception {
        Ended ended = run(Map.of(), arguments.split(" "));

        assertThat(ended.code()).isEqualTo(2);
        assertThat(ended.out()).contains(said);
        assertThat(asked).isEmpty();
    }

    @Test
    void whatIsMissingIsNamed() throws Exception {
        Ended ended = run(Map.of("AWS_SECRET_ACCESS_KEY", ""), "dev", "web", "v1", "c1");

        assertThat(ended.code()).isEqualTo(2);
        assertThat(ended.out()).contains("AWS_SECRET_ACCESS_KEY is not set");
    }
}
