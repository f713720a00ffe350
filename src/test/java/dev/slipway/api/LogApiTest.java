package dev.slipway.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.simulated.Simulation;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A log's pages are the same as JSON and as events, and a client that goes on with what it was given follows it. */
@Tag("slow")
@QuarkusTest
class LogApiTest {
    private static final String WEB = "/v1/environments/logged/services/web";

    @SuppressWarnings("NullAway.Init") // set by Quarkus
    @TestHTTPResource("/")
    URI base;

    @Inject
    Simulation simulation;

    private Http http;

    @BeforeEach
    void start() {
        http = new Http(base, simulation);
        if (http.get(WEB).status() == 404) {
            http.put("/v1/environments/logged", "network: {cidr: 172.23.0.0/16}\n")
                    .is(202);
            http.settled("/v1/environments/logged");
            http.put(WEB, "container: {port: 8000}\n").is(202);
            http.settled(WEB);
            http.post(WEB + "/rollouts", "{\"image\": \"v1\"}").is(202);
            http.settled(WEB);
            simulation.advance(Duration.ofSeconds(30));
        }
    }

    private static String field(Http.Answer events, String name) {
        return Arrays.stream(events.raw().body().split("\n"))
                .filter(line -> line.startsWith(name + ": "))
                .map(line -> line.substring(name.length() + 2))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void eventsAreThePagesAndTheirIdsTheCursors() {
        String path = WEB + "/logs?since=1d&limit=1";
        Http.Answer page = http.get(path).is(200);
        Http.Answer events =
                http.send("GET", path, "", "Accept", "text/event-stream").is(200);

        assertThat(events.header("content-type")).startsWith("text/event-stream");
        assertThat(field(events, "data")).isEqualTo(page.raw().body());
        assertThat(field(events, "id")).isEqualTo(page.body().path("cursor").asText());
        assertThat(field(events, "retry")).isEqualTo("0");
        assertThat(events.raw().body()).endsWith("\n\n");

        Http.Answer next =
                http.send("GET", path, "", "Accept", "text/event-stream", "Last-Event-ID", field(events, "id"));
        assertThat(field(next.is(200), "data"))
                .isEqualTo(
                        http.get(path + "&cursor=" + field(events, "id")).raw().body())
                .isNotEqualTo(page.raw().body());
    }

    /** An EventSource gives up at any answer but 200; whoever asks for JSON is told to wait. */
    @Test
    void aThrottledStreamAsksToComeAgainWithTheSameCursor() {
        String path = WEB + "/logs?since=1d&limit=1";
        String cursor = http.get(path).is(200).body().path("cursor").asText();
        simulation.account().rawLogs().throttled(true);
        try {
            Http.Answer events = http.send("GET", path, "", "Accept", "text/event-stream", "Last-Event-ID", cursor)
                    .is(200);

            assertThat(events.raw().body()).doesNotContain("data:");
            assertThat(field(events, "id")).isEqualTo(cursor);
            assertThat(field(events, "retry")).isEqualTo("5000");
            http.get(path).is(503, "aws-unavailable");
        } finally {
            simulation.account().rawLogs().throttled(false);
        }
    }

    @Test
    void whoHasSeenTheEndIsToldToAskNoMore() {
        http.send("GET", WEB + "/logs", "", "Accept", "text/event-stream", "Last-Event-ID", "end")
                .is(204);
    }

    @Test
    void aReadyQueryIsAnsweredInOneRequest() {
        Http.Answer report = http.get(WEB + "/logs/queries/errors?since=2h").is(200);

        assertThat(report.body().path("query").asText()).isEqualTo("ERRORS");
        assertThat(report.body().path("cut").asBoolean()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "?since=yesterday, 400, invalid-parameter",
        "?since=0m, 400, invalid-parameter",
        "?limit=1001, 400, invalid-parameter",
        "?task=web, 400, invalid-parameter",
        "?task=0123abc, 400, invalid-parameter",
        "?filter=%20, 400, invalid-parameter",
        "?filter=a.b, 400, invalid-parameter",
        "?release=1&rollout=abc, 400, invalid-parameter",
        "?release=99, 422, release-not-found",
        "?rollout=1m85npb89qznmctad64, 404, rollout-not-found",
        "?next=a, 400, invalid-parameter",
        "/queries/slow, 404, no-such-query",
        "/queries/new-errors?release=99, 422, release-not-found",
        "/queries/errors?task=0123, 400, invalid-parameter"
    })
    void whatIsAskedWronglyIsRefused(String query, int status, String code) {
        http.get(WEB + "/logs" + query).is(status, code);
    }

    @Test
    void aTimeMayBeSaidAsHowLongAgo() {
        assertThat(http.get(WEB + "/logs?since=yesterday")
                        .is(400)
                        .body()
                        .path("action")
                        .asText())
                .isEqualTo("Write it like 2026-11-28T00:00:00Z, in UTC, or how long ago: 45s, 15m, 2h or 3d.");
        http.get(WEB + "/logs?since=45s&until=1s").is(200);
    }
}
