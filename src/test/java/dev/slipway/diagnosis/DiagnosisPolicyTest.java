package dev.slipway.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.app.ControlPlane;
import dev.slipway.diagnosis.Diagnosis.RankedCause;
import dev.slipway.diagnosis.Evidence.Origin;
import dev.slipway.logs.Redaction;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DiagnosisPolicyTest {
    @Test
    void theFailingReleaseCountsBeforeAReasonThatIsAnotherReleases() {
        Diagnosis diagnosis = new Seen()
                .exits(1)
                .before()
                .ends("SpotInterruption", "Your Spot Task was interrupted.", 143, "")
                .diagnosis();

        assertThat(diagnosis.causes()).extracting(RankedCause::code).containsExactly("exit-1", "spot-interrupted");
    }

    /** ECS shows tasks of a release that has been rolled back for an hour; the one that is live now is not to be given up for them. */
    @Test
    void aRollbackIsAdvisedForTheReleaseThatIsAskedAboutOnly() {
        assertThat(new Seen().exits(1).diagnosis().causes().getFirst().action())
                .endsWith("roll out anew; meanwhile POST /v1/environments/prod/services/web/rollback.");
        assertThat(new Seen().before().exits(1).diagnosis().causes().getFirst().action())
                .endsWith("and roll out anew.");
    }

    @Test
    void whatWasDecidedComesAfterWhy() {
        Diagnosis diagnosis = new Seen()
                .exits(139)
                .says(Origin.ROLLOUT, "UNHEALTHY: 20 % of requests failed")
                .deployment("ROLLBACK_SUCCESSFUL", "rolled back: circuit breaker", true)
                .diagnosis();

        assertThat(diagnosis.causes()).extracting(RankedCause::code).containsExactly("exit-139", "verdict-unhealthy");
    }

    /** What is seen and has no reason of its own is evidence of the cause that is listed, and no second one. */
    @Test
    void whatAListedCauseExplainsIsNoCauseOfItsOwn() {
        Map<String, Seen> explained = Map.of(
                "exit-139",
                new Seen()
                        .exits(139)
                        .event("(service web) is unable to consistently start tasks successfully.")
                        .deployment("ROLLBACK_SUCCESSFUL", "rolled back: circuit breaker", true),
                "out-of-memory",
                new Seen().exits(137).exits(137, "OutOfMemoryError: container killed due to memory usage"),
                "dependency-unreachable",
                new Seen().exits(1).log(1, "connect ECONNREFUSED 172.17.0.4:5432"),
                "image-missing",
                new Seen()
                        .failsToStart("CannotPullContainerError: something")
                        .failsToStart("CannotPullContainerError: x: not found"),
                "command-missing",
                new Seen()
                        .failsToStart("CannotStartContainerError: something")
                        .failsToStart("CannotStartContainerError: executable file not found in $PATH"),
                "health-path-missing",
                new Seen()
                        .event("(service web) (port 8080) is unhealthy in (target-group %s)".formatted(Seen.GROUP))
                        .target("Target.ResponseCodeMismatch", "Health checks failed with these codes: [404]"));

        explained.forEach((code, seen) -> {
            Diagnosis diagnosis = seen.diagnosis();
            assertThat(diagnosis.causes()).extracting(RankedCause::code).containsExactly(code);
            assertThat(diagnosis.causes())
                    .extracting(RankedCause::cause)
                    .noneMatch(cause -> cause.contains("nothing says why"));
            assertThat(diagnosis.evidence()).as("what was seen is shown").hasSizeGreaterThan(1);
        });
    }

    @Test
    void whatAnotherReleaseWentThroughExplainsNothing() {
        Diagnosis diagnosis = new Seen()
                .deployment("ROLLBACK_SUCCESSFUL", "rolled back: circuit breaker", true)
                .before()
                .exits(139)
                .diagnosis();

        assertThat(diagnosis.causes()).extracting(RankedCause::code).containsExactly("exit-139", "circuit-breaker");
    }

    @Test
    void ofTwoThatWeighTheSameTheRecentOneIsFirst() {
        Diagnosis diagnosis = new Seen().exits(127).exits(139).diagnosis();

        assertThat(diagnosis.causes()).extracting(RankedCause::code).containsExactly("exit-139", "exit-127");
    }

    @ParameterizedTest
    @CsvSource({"0,143,exit-0", "0,137,exit-0", "0,0,exit-0", "1,137,exit-1", "137,0,exit-137", "143,2,exit-143"})
    void aTaskEndsWithItsOwnContainerWhateverIsPutBesideIt(int code, int agent, String cause) {
        Diagnosis diagnosis = new Seen().exitsBesideAgent(code, agent).diagnosis();

        assertThat(diagnosis.causes()).extracting(RankedCause::code).containsExactly(cause);
        assertThat(diagnosis.summary()).doesNotContain("guardduty");
    }

    @Test
    void aServiceThatIsScaledAndDeployedHasNothingWrong() {
        Diagnosis diagnosis = new Seen()
                .event("(service web) has started 2 tasks: (task 1) (task 2).")
                .ends("ServiceSchedulerInitiated", "Scaling activity initiated by (deployment ecs-svc/1)", 143, "")
                .event("(service web) has stopped 1 running tasks: (task 3).")
                .event("(service web) registered 1 targets in (target-group %s)".formatted(Seen.GROUP))
                .targetInState("healthy", "", "")
                .targetInState("initial", "Elb.InitialHealthChecking", "Initial health checks in progress")
                .log(1, "listening on port 3000")
                .event("(service web) has reached a steady state.")
                .diagnosis();

        assertThat(diagnosis.causes()).isEmpty();
        assertThat(diagnosis.evidence()).isEmpty();
        assertThat(diagnosis.summary()).isEqualTo("Nothing that is known to be trouble is seen.");
    }

    @Test
    void anUnknownCauseSaysSoAndShowsTheEvidenceInOrder() {
        Diagnosis diagnosis = new Seen()
                .event("(service web) something that AWS says today for the first time")
                .event("(service web) and another thing")
                .diagnosis();

        assertThat(diagnosis.causes()).isEmpty();
        assertThat(diagnosis.summary()).startsWith("No known cause fits");
        assertThat(diagnosis.evidence())
                .extracting(Diagnosis.Line::text)
                .containsExactly(
                        "(service web) something that AWS says today for the first time",
                        "(service web) and another thing");
    }

    @Test
    void whatSlipwaySaysOfARolloutIsToldWhole() {
        String verdict =
                "20 % of 170 requests failed on the new release, " + "and so on, ".repeat(30) + "not known yet.";

        Diagnosis diagnosis =
                new Seen().says(Origin.ROLLOUT, "UNHEALTHY: " + verdict).diagnosis();

        assertThat(diagnosis.causes().getFirst().cause())
                .isEqualTo("The release was worse than the one beside it: " + verdict);
        assertThat(diagnosis.causes().getFirst().evidence().getFirst()).endsWith("UNHEALTHY: " + verdict);
    }

    @Test
    void hundredsOfFailuresMakeADiagnosisThatARecordHolds() throws Exception {
        Seen seen = new Seen();
        for (int i = 0; i < 300; i++) {
            seen.failsToStart("CannotPullContainerError: " + "x".repeat(1000) + " not found");
            seen.exits(1 + i % 100, "y".repeat(1000)).log(i, "z".repeat(10_000));
            seen.event("(service web) " + "w".repeat(20_000));
        }

        Diagnosis diagnosis = seen.diagnosis();

        assertThat(ControlPlane.json().writeValueAsString(diagnosis)).hasSizeLessThan(12_000);
    }

    /** Of a task that fails its health check and wrote this; its port is 8080. Lines are divided by semicolons. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Server listening on port 3000                                      | wrong-port
            Listening on :3000                                                 | wrong-port
            listening on http://0.0.0.0:3000                                   | wrong-port
            Tomcat started on port 3000 (http) with context path '/'           | wrong-port
            Tomcat started on port(s): 3000 (http)                             | wrong-port
            INFO: Uvicorn running on http://0.0.0.0:3000 (Press CTRL+C to quit) | wrong-port
            [7] [INFO] Listening at: http://0.0.0.0:3000 (7)                   | wrong-port
            * Listening on tcp://0.0.0.0:3000                                  | wrong-port
            * Running on http://172.17.0.5:3000                                | wrong-port
            Now listening on: http://[::]:3000                                 | wrong-port
            {"msg":"listening","addr":":3000"}                                 | wrong-port
            {"msg":"server started","port":3000}                               | wrong-port
            12:00:01 server listening on 0.0.0.0:80                            | wrong-port
            listening on 127.0.0.1:8080                                        | listens-on-loopback
            Example app listening at http://localhost:8080                     | listens-on-loopback
            Server running at http://[::1]:8080/                               | listens-on-loopback
            Starting server at 12:34:56                                        | slow-start
            started at 2026-03-01 12:00:05 by 10:22                            | health-timeout
            serving since 10:22                                                | health-timeout
            Starting: connecting to postgres:5432                              | slow-start
            running migrations on db.internal:5432                             | slow-start
            Started consumer for kafka-1.example:9092                          | health-timeout
            Starting metrics server on :9090                                   | slow-start
            Starting: connecting to redis at localhost:6379                    | slow-start
            Running with DB_HOST=localhost:5432                                | health-timeout
            Debugger listening on ws://127.0.0.1:9229/a1b2                     | health-timeout
            Prometheus metrics listening on 127.0.0.1:9090                     | health-timeout
            listening on 0.0.0.0:8080;listening on 127.0.0.1:8081              | health-timeout
            listening on 0.0.0.0:8080;listening on port 8443                   | health-timeout
            Listening on :::8080                                               | health-timeout
            """)
    void onlyWhereTheProgramSaysItselfThatItListensElsewhereIsThatTheCause(String lines, String code) {
        Seen seen = new Seen().unhealthy("Request timed out");
        for (String line : lines.split(";", -1)) {
            seen.log(1, line);
        }

        assertThat(seen.diagnosis().causes()).first().satisfies(cause -> {
            assertThat(cause.code()).as(seen.diagnosis().toString()).isEqualTo(code);
            assertThat(cause.cause()).doesNotContain("{");
        });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            password=hunter2hunter2 rest                          | password=*** rest
            "db_password": "geheim", "user": "a"                  | "db_password": ***, "user": "a"
            Authorization: Bearer abcdefghijklmnop                | Authorization: ***
            postgres://web:s3cr3t@db.example:5432/app             | postgres://web:***@db.example:5432/app
            key AKIAIOSFODNN7EXAMPLE used                         | key *** used
            token eyJhbGciOi.eyJzdWIiOiIx.abc-_x ok               | token *** ok
            AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG           | AWS_SECRET_ACCESS_KEY=***
            apiKey => 12345                                       | apiKey => ***
            {"msg":"{\\"password\\":\\"hunter two\\",\\"n\\":1}"}        | {"msg":"{\\"password\\":***,\\"n\\":1}"}
            Authorization: Token 0123456789abcdef x               | Authorization: ***
            "authorization": "ApiKey abc def", "n": 1             | "authorization": ***, "n": 1
            Cookie: a=1; sid=s3cr3t                               | Cookie: ***
            DB_PASS=hunter2 rest                                  | DB_PASS=*** rest
            mysql --password hunter2 -h db                        | mysql --password *** -h db
            postgres://web:s3@cr3t@db.example:5432/app            | postgres://web:***@db.example:5432/app
            token bucket is empty, secret of success              | token bucket is empty, secret of success
            --- PASS: TestRoutes (0.01s)                          | --- PASS: TestRoutes (0.01s)
            compass: north, bypass=true                           | compass: north, bypass=true
            GET /healthz 404 in 3 ms                              | GET /healthz 404 in 3 ms
            listening on 0.0.0.0:8080                             | listening on 0.0.0.0:8080
            """)
    void credentialsInALogAreMasked(String line, String shown) {
        assertThat(Redaction.mask(line)).isEqualTo(shown);
    }

    @Test
    void aKeyThatIsWrittenOverSeveralLinesIsMaskedInAllOfThem() {
        assertThat(Redaction.mask(List.of(
                        "starting",
                        "-----BEGIN RSA PRIVATE KEY-----",
                        "MIIEowIBAAKCAQEA",
                        "abc=",
                        "-----END RSA PRIVATE KEY-----",
                        "stopped")))
                .containsExactly("starting", "***", "***", "***", "***", "stopped");
    }

    @Test
    void aKeyWhoseBeginningIsNotReadIsMaskedToo() {
        assertThat(Redaction.mask(List.of("MIIEowIBAAKCAQEA", "abc=", "-----END PRIVATE KEY-----", "stopped")))
                .containsExactly("***", "***", "***", "stopped");
    }
}
