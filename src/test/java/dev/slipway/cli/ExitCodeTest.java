package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.slipway.cli.Shell.Printed;
import dev.slipway.cli.command.Commands;
import dev.slipway.cli.terminal.Terminal;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each verb with each way it can end, as a script and a person see it, by what the API answers. */
class ExitCodeTest {
    /** All that ask the API. */
    static final List<String> VERBS = List.of(
            "plan prod",
            "plan prod/web",
            "plan pipeline:web",
            "apply prod --yes",
            "apply prod/web --yes --quiet",
            "deploy prod/web v2",
            "deploy prod/web v2 --dry-run",
            "deploy prod/web --commit 3f2c8a91b7d0",
            "status",
            "status prod",
            "status prod/web",
            "status pipeline:web",
            "watch prod/web",
            "rollback prod/web",
            "approve prod/web --yes --release 2 --percent 50",
            "reject prod/web --yes --release 2 --percent 50",
            "cancel prod/web",
            "restart prod/web",
            "promote dev/web prod",
            "promote dev/web prod --dry-run",
            "logs prod/web",
            "logs prod/web --errors",
            "why prod/web",
            "rollouts prod/web",
            "releases prod/web",
            "diff dev prod",
            "diff dev prod web",
            "exec prod/web --print",
            "open prod/web",
            "open prod/web logs",
            "runs web",
            "ledger prod",
            "cost prod/web",
            "drift prod",
            "drift prod --detect",
            "grant prod web",
            "revoke prod web",
            "export copy --force",
            "delete prod/web --confirm prod/web");

    static final List<String> WITH_OPTIONS = Stream.concat(
                    VERBS.stream(), Stream.of("init --yes", "dashboard --no-open"))
            .toList();

    private static final String REFUSED =
            "{\"code\":\"some-code\",\"detail\":\"It is not to be.\",\"action\":\"Do something else.\"}";
    private static final String ROLLOUT = "/v1/environments/prod/services/web/rollouts/r1";
    private static final String OPERATION = "/v1/environments/prod/services/web/operations/o1";
    /** Which suits every question. */
    private static final String EVERYTHING = """
            {"state":"READY","self":"%s","location":"%s","apply":"/v1/environments/prod/services/web/plans/p1/apply",
            "changes":[{"action":"ADD","logicalId":"A","type":"AWS::X"}],"type":"APPLY","name":"prod","services":["web"],
            "declared":{"exec":true},"forecast":{"message":"It takes a while."},"evidence":"A good one.","tasks":[{"id":"t1","status":"RUNNING"}],"console":{"logs":"https://console.example/"},
            "lines":[{"at":"2026-01-01T00:00:00Z","message":"one"},{"at":"2026-01-01T00:00:01Z","message":"two"}],
            "operation":{"self":"%s"},"release":2,"environment":"prod","service":"web",
            "items":[{"self":"%s","name":"prod","state":"RUNNING","environment":"prod","service":"web",
              "approval":{"release":2,"percent":50}}]}
            """.formatted(ROLLOUT, OPERATION, OPERATION, ROLLOUT);

    private final ScriptedApi api = new ScriptedApi();

    @SuppressWarnings("NullAway.Init") // set by JUnit
    @TempDir
    Path directory;

    private Shell shell;

    @BeforeEach
    void write() throws IOException {
        for (String file : List.of("environments/prod", "services/web", "pipelines/web")) {
            Path path = directory.resolve("slipway/" + file + ".yaml");
            Files.createDirectories(path.getParent());
            Files.writeString(path, "{}");
        }
        shell = new Shell(directory, time -> {}).with("SLIPWAY_URL", api.url());
    }

    @AfterEach
    void stop() {
        api.close();
    }

    private Printed run(String line, String... more) {
        return shell.run(
                Stream.concat(Stream.of(line.split(" ")), Stream.of(more)).toArray(String[]::new));
    }

    @Test
    void noVerbIsLeftOut() {
        Terminal none = new Terminal(
                new BufferedReader(Reader.nullReader()),
                new PrintWriter(Writer.nullWriter()),
                new PrintWriter(Writer.nullWriter()),
                false,
                false,
                () -> new Terminal.Size(80, 24));
        Set<String> verbs = new TreeSet<>(Commands.of(Map.of(), none, directory, time -> {})
                .getSubcommands()
                .keySet());
        verbs.remove("list"); // status by another name
        verbs.removeAll(Set.of("completion", "help")); // which ask nothing, and take no options
        assertThat(WITH_OPTIONS.stream().map(line -> line.split(" ")[0]).collect(Collectors.toSet()))
                .isEqualTo(verbs);
    }

    @ParameterizedTest
    @FieldSource("WITH_OPTIONS")
    void everyVerbHasHelp(String line) {
        String verb = line.split(" ")[0];

        for (String option : List.of("--help", "-h")) {
            Printed printed = run(verb + " " + option);
            assertThat(printed.exitCode()).as(printed.err()).isZero();
            assertThat(printed.out()).startsWith("Usage: slipway " + verb).contains("--help");
        }
    }

    @Test
    void completionIsCalledSoInItsHelp() {
        assertThat(run("completion --help").out()).startsWith("Usage: slipway completion ");
    }

    @ParameterizedTest
    @FieldSource("VERBS")
    void whatSlipwayRefusesIsShownWithWhatToDoAndEndsWith2(String line) {
        Printed printed = refused(line, "409 " + REFUSED);

        assertThat(printed.exitCode()).as(printed.err()).isEqualTo(2);
        assertThat(printed.err()).contains("Error: It is not to be.\nDo something else.\n");
        assertThat(printed.out()).isEmpty();
    }

    @ParameterizedTest
    @FieldSource("VERBS")
    void whatFailsAtSlipwayEndsWith5(String line) {
        Printed printed = refused(line, "500 " + REFUSED);

        assertThat(printed.exitCode()).as(printed.err()).isEqualTo(5);
        assertThat(printed.err()).contains("Error: It is not to be.\nDo something else.\n");
    }

    @ParameterizedTest
    @FieldSource("VERBS")
    void credentialsThatHaveEndedEndWith5(String line) {
        Printed printed = refused(
                line, "403 {\"message\":\"Not accepted:\\nthe security token included in the request is expired\"}");

        assertThat(printed.exitCode()).as(printed.err()).isEqualTo(5);
        assertThat(printed.err()).contains("is expired", "aws sso login");
    }

    @ParameterizedTest
    @FieldSource("VERBS")
    void whatIamRefusesEndsWith2(String line) {
        Printed printed = refused(line, "403 {\"message\":\"Forbidden\"}");

        assertThat(printed.exitCode()).as(printed.err()).isEqualTo(2);
        assertThat(printed.err()).contains("Forbidden", "IAM refuses it");
    }

    @ParameterizedTest
    @CsvSource({"302, ''", "200, <html>log in</html>", "200, not json"})
    void whoIsNotSlipwayIsNobody(int status, String body) {
        for (String line : VERBS) {
            Printed printed = refused(line, status + " " + body);

            assertThat(printed.exitCode()).as(line + printed.err()).isEqualTo(5);
            assertThat(printed.err()).contains("what answers there is not Slipway");
        }
    }

    @ParameterizedTest
    @FieldSource("VERBS")
    void whereNobodyAnswersItEndsWith5(String line) {
        api.goAway();

        Printed printed = run(line);

        assertThat(printed.exitCode()).as(printed.err()).isEqualTo(5);
        assertThat(printed.err()).contains("does not answer", "SLIPWAY_URL");
        assertThat(printed.out()).isEmpty();
    }

    @ParameterizedTest
    @FieldSource("WITH_OPTIONS")
    void whoIsCalledWronglyEndsWith3(String line) {
        Printed printed = run(line, "--nonsense");

        assertThat(printed.exitCode()).as(printed.err()).isEqualTo(3);
        assertThat(printed.err()).contains("--nonsense");
        assertThat(api.asked()).isEmpty();
    }

    private Printed refused(String line, String answer) {
        api.elsewhere(answer);
        return run(line);
    }

    @ParameterizedTest
    @FieldSource("VERBS")
    void asADocumentThereIsOneAndNothingElse(String line) throws IOException {
        api.elsewhere("200 " + EVERYTHING).at("GET " + OPERATION, "200 {\"state\":\"SUCCEEDED\"}");
        if (line.startsWith("plan") || line.startsWith("apply") || line.contains("--detect")) {
            api.at("GET " + OPERATION, "200 " + EVERYTHING);
        }

        Printed json = run(line, "-o", "json");
        assertThat(json.out()).as(json.err()).isNotBlank();
        try (JsonParser parser = new ObjectMapper().createParser(json.out())) {
            assertThat(new ObjectMapper().readValues(parser, JsonNode.class).readAll())
                    .as(json.out())
                    .hasSize(line.equals("logs prod/web") ? 2 : 1);
        }
        Printed yaml = run(line, "-o", "yaml");
        assertThat(yaml.out()).as(yaml.err()).isNotBlank();
        try (JsonParser parser = new YAMLFactory().createParser(yaml.out())) {
            assertThat(new ObjectMapper().readValues(parser, JsonNode.class).readAll())
                    .hasSize(line.equals("logs prod/web") ? 2 : 1);
        }
        assertThat(json.out() + json.err() + yaml.out() + yaml.err()).doesNotContain("\u001b");
    }

    @ParameterizedTest
    @FieldSource("VERBS")
    void inAPipeNothingIsColouredAndInAWindowNothingIsWider(String line) {
        api.elsewhere("200 " + EVERYTHING);
        if (!line.startsWith("plan") && !line.startsWith("apply") && !line.contains("--detect")) {
            api.at("GET " + OPERATION, "200 {\"state\":\"SUCCEEDED\"}");
        }

        Printed piped = run(line);
        Printed seen = shell.typed("n\n", line.split(" "));

        assertThat(piped.out() + piped.err()).isNotBlank().doesNotContain("\u001b");
        assertThat(seen.out().lines().map(text -> text.replaceAll("\u001b\\[[0-9;]*[a-zA-Z]", "")))
                .isNotEmpty()
                .allMatch(text -> text.length() <= 100 || text.startsWith("aws ")); // which is there to be copied
    }

    /** Values that no request is made of. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "status prod/東京",
                "status Prod",
                "status prod/web/more",
                "watch ../prod",
                "releases prod/web --limit 0",
                "rollouts prod/web --limit -5",
                "ledger prod --limit many",
                "rollback prod/web first",
                "delete prod/web --yes",
                "runs prod/web",
                "grant prod a/../b",
                "runs pipeline:a?b",
                "diff dev prod x?y=1",
                "diff dev/web prod",
                "promote dev/web prod/web",
                "promote dev prod",
                "deploy prod v1",
                "deploy prod/web",
                "deploy prod/web v1 --freeze xmas",
                "watch prod/web --timeout soon",
                "watch prod/web --timeout 0s",
                "status -o xml",
                "logs prod/web -f --until 1h",
                "logs prod/web --errors --slowest",
                "approve prod",
                "cost pipeline:web",
                "apply prod --quiet",
                "plan prod -f none.yaml",
                "restart pipeline:web",
                "dashboard --port 70000",
                "nonsense"
            })
    void whatCannotBeMeantEndsWith3AndAsksNothing(String line) {
        Printed printed = run(line);

        assertThat(printed.exitCode()).as(printed.out() + printed.err()).isEqualTo(3);
        assertThat(printed.err()).isNotBlank().doesNotContain("\tat ");
        assertThat(api.asked()).isEmpty();
    }

    /** How what was begun has ended. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            deploy prod/web v2 --wait                                 | SUCCEEDED   | 0
            deploy prod/web v2 --wait                                 | ROLLED_BACK | 1
            deploy prod/web v2 --wait                                 | FAILED      | 1
            deploy prod/web v2 --wait                                 | CANCELLED   | 1
            deploy prod/web v2 --wait                                 | APPROVAL    | 4
            deploy prod/web v2 --wait --timeout 1m                    | RUNNING     | 6
            deploy prod/web v2 --wait --timeout 1m                    | QUEUED      | 6
            rollback prod/web --wait                                  | SUCCEEDED   | 0
            rollback prod/web --wait                                  | FAILED      | 1
            rollback prod/web --wait --timeout 1m                     | RUNNING     | 6
            restart prod/web --wait                                   | SUCCEEDED   | 0
            restart prod/web --wait                                   | ROLLED_BACK | 1
            restart prod/web --wait                                   | APPROVAL    | 4
            restart prod/web --wait --timeout 1m                      | RUNNING     | 6
            promote dev/web prod --wait                               | SUCCEEDED   | 0
            promote dev/web prod --wait                               | ROLLED_BACK | 1
            promote dev/web prod --wait                               | APPROVAL    | 4
            promote dev/web prod --wait --timeout 1m                  | RUNNING     | 6
            approve prod/web --yes --release 2 --percent 50 --wait    | SUCCEEDED   | 0
            approve prod/web --yes --release 2 --percent 50 --wait    | ROLLED_BACK | 1
            approve prod/web --yes --release 2 --percent 50 --wait    | APPROVAL    | 4
            reject prod/web --yes --release 2 --percent 50 --wait     | ROLLED_BACK | 1
            cancel prod/web --wait                                    | CANCELLED   | 0
            cancel prod/web --wait                                    | SUCCEEDED   | 1
            watch prod/web                                            | SUCCEEDED   | 0
            watch prod/web                                            | ROLLED_BACK | 1
            watch prod/web --timeout 1m                               | APPROVAL    | 6
            apply prod/web --yes                                      | SUCCEEDED   | 0
            apply prod/web --yes                                      | FAILED      | 1
            apply prod/web --yes                                      | APPROVAL    | 4
            apply prod/web --yes --timeout 1m                         | RUNNING     | 6
            """)
    void aRolloutEndsWithItsOutcome(String line, String state, int exitCode) {
        rollout(state);

        Printed printed = run(line);

        assertThat(printed.exitCode()).as(printed.out() + printed.err()).isEqualTo(exitCode);
        String said = exitCode == 4
                ? "slipway approve prod/web"
                : exitCode == 6
                        ? "It has not ended within 1 min.\nIt goes on. Look again: slipway watch prod/web"
                        : state;
        assertThat(printed.out() + printed.err()).contains(said);
        Printed document = run(line, "-o", "json");
        assertThat(document.exitCode()).isEqualTo(exitCode);
        if (exitCode != 6) {
            assertThat(document.json().path("release").asInt()).isEqualTo(2);
        }
    }

    private void rollout(String state) {
        api.elsewhere("200 " + EVERYTHING.replace(OPERATION, ROLLOUT))
                .at(
                        "GET /v1/environments/prod/services/web",
                        "200 {\"operation\":{\"self\":\"%s\"}}".formatted(OPERATION))
                .at(
                        "GET " + OPERATION,
                        "200 {\"state\":\"%s\",\"rollout\":\"r1\"}"
                                .formatted(state.equals("SUCCEEDED") ? state : "RUNNING"))
                .at("POST /v1/environments/prod/services/web/plans", "202 {\"location\":\"/v1/plan\"}")
                .at("GET /v1/plan", "200 " + EVERYTHING)
                .at(
                        "POST /v1/environments/prod/services/web/plans/p1/apply",
                        "202 {\"location\":\"%s\"}".formatted(OPERATION))
                .at(
                        "GET " + ROLLOUT,
                        state.equals("APPROVAL")
                                ? "200 {\"state\":\"RUNNING\",\"release\":2,\"approval\":{\"release\":2,\"percent\":50}}"
                                : "200 {\"state\":\"%s\",\"release\":2,\"detail\":\"So it is.\"}".formatted(state));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            apply prod/web --yes                        | SUCCEEDED | 0
            apply prod/web --yes                        | FAILED    | 1
            apply prod/web --yes --timeout 1m           | RUNNING   | 6
            delete prod/web --confirm prod/web          | SUCCEEDED | 0
            delete prod/web --confirm prod/web          | FAILED    | 1
            delete prod/web --confirm prod/web --timeout 1m | RUNNING | 6
            drift prod/web --mend --yes                 | SUCCEEDED | 0
            drift prod/web --mend --yes                 | FAILED    | 1
            drift prod/web --mend --yes --timeout 1m    | RUNNING   | 6
            watch prod/web                              | SUCCEEDED | 0
            watch prod/web                              | FAILED    | 1
            watch prod/web --timeout 1m                 | RUNNING   | 6
            """)
    void anOperationEndsWithItsOutcome(String line, String state, int exitCode) {
        api.elsewhere("200 " + EVERYTHING)
                .at("POST /v1/environments/prod/services/web/plans", "202 {\"location\":\"/v1/plan\"}")
                .at("GET /v1/plan", "200 " + EVERYTHING)
                .at("GET /v1/environments/prod/services/web/drift", "200 {\"state\":\"DRIFTED\"}")
                .at(
                        "GET " + OPERATION,
                        "200 {\"state\":\"%s\",\"failure\":{\"detail\":\"So it is.\"}}".formatted(state));

        Printed printed = run(line);

        assertThat(printed.exitCode()).as(printed.out() + printed.err()).isEqualTo(exitCode);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            plan prod                | READY     | 0
            plan prod                | FAILED    | 1
            plan prod --timeout 1m   | COMPUTING | 6
            apply prod --yes         | FAILED    | 1
            """)
    void aPlanEndsWithItsOutcome(String line, String state, int exitCode) {
        api.elsewhere("200 {\"location\":\"/v1/plan\"}")
                .at("GET /v1/plan", "200 {\"state\":\"%s\",\"failure\":{\"detail\":\"So it is.\"}}".formatted(state));

        Printed printed = run(line);

        assertThat(printed.exitCode()).as(printed.out() + printed.err()).isEqualTo(exitCode);
    }
}
