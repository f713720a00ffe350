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
import java.io.UncheckedIOException;
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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each verb with each way it can end, as a script and a person see it, by what the API answers. */
@Tag("slow")
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
            "export -d copy --force",
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
        verbs.removeAll(Set.of("completion", "help")); // which ask nothing
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
    @CsvSource({
        "/usr/bin/fish, '', '# Completion of slipway for fish:'",
        "/bin/zsh, '', '#compdef slipway'",
        "'', '', '#!/usr/bin/env bash'",
        "/usr/bin/fish, bash, '#!/usr/bin/env bash'",
        "/usr/bin/fish, zsh, '#compdef slipway'",
        "/bin/bash, FISH, '# Completion of slipway for fish:'",
    })
    void completionIsForTheShellThatIsNamedOrUsed(String used, String named, String start) {
        Printed printed =
                shell.with("SHELL", used).run(("completion " + named).strip().split(" "));

        assertThat(printed.exitCode()).isZero();
        assertThat(printed.out()).startsWith(start).contains("deploy", "concurrency-policy", "blue-green");
        assertThat(api.asked()).isEmpty();
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
                "export ./copy",
                "export prod/web/more",
                "completion tcsh",
                "logs prod/web --since yesterday",
                "logs prod/web --until 15",
                "logs prod/web --errors --since 0h",
                "logs prod/web --release 1 --rollout r1",
                "ledger prod --from 2d",
                "ledger prod --to 2026-11-28",
                "status --state sick",
                "deploy prod/web v1 --strategy fast",
                "deploy prod/web v1 --concurrency-policy wait",
                "delete prod/web --confirm prod/web --keep all",
                "delete prod/web --confirm prod/api",
                "promote prod/web prod",
                "init --yes --port 70000",
                "init --yes --repository web",
                "init --yes --service Web",
                "init --yes --environment a_b",
                "init --yes --health-check health",
                "nonsense"
            })
    void whatCannotBeMeantEndsWith3AndAsksNothing(String line) {
        Printed printed = run(line);

        assertThat(printed.exitCode()).as(printed.out() + printed.err()).isEqualTo(3);
        assertThat(printed.err()).isNotBlank().doesNotContain("\tat ");
        assertThat(api.asked()).isEmpty();
    }

    /** Each says which option, or argument, and what would be right. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            logs prod/web --since yesterday             | --since     | yesterday is no time. Write one such as 2026-11-28T00:00:00Z
            logs prod/web --until 15                    | --until     | how long ago: 45s, 15m, 2h, 3d
            ledger prod --from 2d                       | --from      | 2d is no time. Write one such as 2026-11-28T00:00:00Z
            ledger prod --limit many                    | --limit     | many is no whole number
            ledger prod --limit 0                       | --limit     | from 1
            watch prod/web --timeout soon               | --timeout   | 90s, 30m or 4h
            status --state sick                         | --state     | sick is none of healthy, changing, degraded
            deploy prod/web v1 --strategy fast          | --strategy  | fast is none of rolling, blue-green, canary, linear
            deploy prod/web v1 --concurrency-policy no  | --concurrency-policy | no is none of reject, queue, replace
            deploy prod/web --commit none               | --commit    | git knows no such commit here
            delete prod/web --confirm prod/web --keep x | --keep      | x is none of registry, logs
            delete prod/web --confirm prod/api          | --confirm   | prod/api is not the target
            status -o xml                               | --output    | [TABLE, JSON, YAML]
            dashboard --port 70000                      | --port      | from 1 to 65535
            init --yes --port 70000                     | --port      | from 1 to 65535
            init --yes --service Web                    | --service   | Web is no name
            init --yes --environment a_b                | --environment | a_b is no name
            init --yes --health-check health            | --health-check | begins with /
            init --yes --repository web                 | --repository | owner/name
            plan prod -f none.yaml                      | --file      | none.yaml: there is no such file
            export ./copy                               | ./copy      | --directory
            completion tcsh                             | SHELL       | [BASH, ZSH, FISH]
            diff prod/web dev                           | Two environments | slipway diff prod dev web
            diff prod pipeline:web                      | Two environments | slipway diff dev prod web
            cost pipeline:web                           | pipeline    | slipway cost prod/web
            """)
    void whatIsWrongIsNamedAsItWasTyped(String line, String typed, String right) {
        Printed printed = run(line);

        assertThat(printed.exitCode()).as(printed.err()).isEqualTo(3);
        assertThat(printed.err()).contains(typed, right);
        try (Stream<Path> files = Files.walk(directory)) {
            assertThat(files.filter(Files::isRegularFile)).hasSize(3); // init writes nothing
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Values that the API is the judge of: it knows the query parameter and the field, the person the option. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            logs prod/web --task abc              | invalid-parameter | task=abc is not allowed.      | task must be an id. |                           | --task abc is not allowed. It must be an id.
            logs prod/web --container "a b"       | invalid-parameter | container=a b is not allowed. | container must be a name. |                     | --container "a b" is not allowed. It must be a name.
            logs prod/web --filter                | invalid-parameter | filter= is not allowed.       | filter must be a pattern. |                     | --filter "" is not allowed. It must be a pattern.
            ledger prod --from 2026-11-29T00:00:00Z --to 2026-11-28T00:00:00Z | invalid-parameter | from=2026-11-29T00:00:00Z is not before to=2026-11-28T00:00:00Z. | Ask for a time that has a length. | | --from 2026-11-29T00:00:00Z is not before --to 2026-11-28T00:00:00Z. Ask for a time that has a length.
            deploy prod/web v1 --override x       | malformed-body    | The body has a wrong field.   | | {"field":"/reason","message":"must be longer"}                    | --override must be longer.
            promote dev/web prod --reason x       | malformed-body    | The body has a wrong field.   | | {"field":"/reason","message":"must be longer"}                    | --reason must be longer.
            deploy prod/web v1 --override x --freeze A | malformed-body | The body has a wrong field. | | {"field":"/freezes/0","value":"\\"A\\"","message":"must be a name"} | --freeze A must be a name.
            deploy prod/web v_1                   | invalid-image     | "v_1" names no image.         | | {"field":"/image","value":"\\"v_1\\"","message":"a tag or a digest"} | IMAGE v_1: a tag or a digest.
            deploy prod/web v1 --strategy linear  | invalid-spec      | One field is wrong.           | | {"field":"/rollout/strategy","value":"\\"linear\\"","message":"must be another"} | --strategy linear must be another.
            """)
    void aValueThatTheApiRefusesIsNamedAsItWasTyped(
            String line, String code, String detail, String action, String field, String said) {
        api.elsewhere("400 {\"code\":\"%s\",\"detail\":\"%s\",\"action\":\"%s\",\"errors\":[%s]}"
                .formatted(
                        code, detail.replace("\"", "\\\""), action == null ? "" : action, field == null ? "" : field));

        Printed printed = line.endsWith("--filter")
                ? run(line, "")
                : line.contains("\"") ? run("logs", "prod/web", "--container", "a b") : run(line);

        assertThat(printed.exitCode()).as(printed.err()).isEqualTo(3);
        assertThat(printed.err()).startsWith("Error: " + said + "\n");
    }

    /** What {@code watch} tells of is the newest, which one that has ended need not be. */
    @ParameterizedTest
    @CsvSource({"CHANGING, watch", "HEALTHY, rollouts"})
    void aStatusLeadsToARolloutByAVerbThatTellsOfIt(String state, String verb) {
        api.elsewhere("200 {\"state\":\"HEALTHY\",\"reasons\":[{\"state\":\"%s\",\"more\":\"%s\"}]}"
                .formatted(state, ROLLOUT));

        assertThat(run("status prod/web").out()).contains("\n    `slipway " + verb + " prod/web`\n");
    }

    /** Logs and diagnoses print the first eight characters of a task's id; AWS wants all. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            0123abcd1 | 0 | aws ecs execute-command --cluster slipway-prod --task 0123abcd1fffffffffffffffffffffff
            0123abcd  | 3 | --task 0123abcd is the beginning of 2 tasks: 0123abcd1fffffffffffffffffffffff, 0123abcd2fffffffffffffffffffffff.
            4567abcd  | 2 | prod/web has no running task 4567abcd.
            0123      | 3 | --task 0123 is no id of a task
            89abcdef0fffffffffffffffffffffff | 0 | --task 89abcdef0fffffffffffffffffffffff
            """)
    void aTaskIsEnteredByTheIdThatIsPrinted(String task, int exitCode, String said) {
        api.elsewhere("200 " + EVERYTHING.replace("""
                [{"id":"t1","status":"RUNNING"}]""", """
                [{"id":"0123abcd1fffffffffffffffffffffff","status":"RUNNING"},{"id":"0123abcd2fffffffffffffffffffffff","status":"RUNNING"},
                {"id":"4567abcd0fffffffffffffffffffffff","status":"PENDING"}]"""));

        Printed printed = run("exec prod/web --print --task " + task);

        assertThat(printed.exitCode()).as(printed.err()).isEqualTo(exitCode);
        assertThat(printed.out() + printed.err()).contains(said);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            must be from 1 to 15; 80 is not   | 80          | /port: must be from 1 to 15; 80 is not
            must be from 1 to 180             | 80          | /port: must be from 1 to 180 (it is 80)
            must be one of a, b; "c" is not   | \\"c\\"   | /port: must be one of a, b; "c" is not
            is weaker than declared: canary   | rolling     | /port: is weaker than declared: canary (it is rolling)
            """)
    void whatStandsInAFieldIsToldOnce(String message, String value, String told) {
        api.elsewhere(
                "400 {\"detail\":\"One field is wrong.\",\"errors\":[{\"field\":\"/port\",\"value\":\"%s\",\"message\":\"%s\"}]}"
                        .formatted(value, message.replace("\"", "\\\"")));

        assertThat(run("plan prod/web").err()).isEqualTo("Error: One field is wrong.\n  " + told + "\n");
    }

    @Test
    void howToOverrideIsToldOnce() {
        api.elsewhere(
                "403 {\"code\":\"weakened\",\"detail\":\"It would weaken controls.\",\"action\":\"Keep them, or override them if you may:"
                        + " send the same request below /v1/environments/prod/override/services/web, with a \\\"reason\\\".\",\"errors\":"
                        + "[{\"field\":\"/rollout/strategy\",\"value\":\"rolling\",\"message\":\"is weaker than declared: canary\"}]}");

        Printed printed = run("deploy prod/web v1 --strategy rolling");

        assertThat(printed.exitCode()).isEqualTo(2); // rights decide it, and not the value
        assertThat(printed.err())
                .isEqualTo("Error: It would weaken controls.\n"
                        + "  /rollout/strategy: is weaker than declared: canary (it is rolling)\nKeep them, or override them if you may: do the same with"
                        + " --override REASON.\n");
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
