package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.cli.PseudoTerminal.Seen;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What Tab offers in a real bash that has been given the output of {@code slipway completion bash}. */
class CompletionIT {
    @SuppressWarnings("NullAway.Init") // set by JUnit
    @TempDir
    Path directory;

    @BeforeEach
    void write() throws IOException, InterruptedException {
        Path script = directory.resolve("completion");
        Process process = new ProcessBuilder(
                        Stream.concat(PseudoTerminal.command().stream(), Stream.of("completion", "bash"))
                                .toList())
                .redirectOutput(script.toFile())
                .start();
        assertThat(process.waitFor()).isZero();
        Files.writeString(directory.resolve("rc"), """
                source %s
                PS1='$ '
                bind 'set show-all-if-ambiguous on'
                bind 'set page-completions off'
                bind 'set completion-query-items 1000'
                bind 'set bell-style none'
                bind 'set enable-bracketed-paste off'
                """.formatted(script));
    }

    private PseudoTerminal bash() {
        PseudoTerminal bash = new PseudoTerminal(
                120,
                60,
                Map.of(),
                List.of(
                        "bash",
                        "--noprofile",
                        "--rcfile",
                        directory.resolve("rc").toString(),
                        "-i"));
        bash.until("$");
        return bash;
    }

    /** The words that are listed below what was typed. */
    private static List<String> offered(PseudoTerminal bash, String typed) {
        bash.type(typed + "\t");
        Seen listed = bash.until(seen -> seen.lines().stream()
                        .filter(line -> line.startsWith("$ " + typed.strip()))
                        .count()
                > 1);
        return listed.lines().stream()
                .filter(line -> !line.startsWith("$"))
                .flatMap(line -> Stream.of(line.strip().split(" +")))
                .filter(word -> !word.isEmpty())
                .toList();
    }

    @Test
    void allVerbsAreOffered() {
        try (PseudoTerminal bash = bash()) {
            assertThat(offered(bash, "slipway "))
                    .contains(
                            "init",
                            "apply",
                            "plan",
                            "deploy",
                            "status",
                            "watch",
                            "rollback",
                            "approve",
                            "reject",
                            "cancel",
                            "restart",
                            "promote",
                            "logs",
                            "why",
                            "diff",
                            "exec",
                            "open",
                            "runs",
                            "ledger",
                            "cost",
                            "drift",
                            "export",
                            "completion",
                            "dashboard",
                            "releases",
                            "rollouts",
                            "grant",
                            "revoke",
                            "delete",
                            "help");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'slipway deploy --', '--commit,--concurrency-policy,--dry-run,--freeze,--help,--output,--override,--profile,--region,"
                + "--stack,--strategy,--timeout,--url,--version,--wait'",
        "'slipway status -o ', 'json,table,yaml'",
        "'slipway deploy --strategy ', 'blue-green,canary,linear,rolling'",
        "'slipway deploy --concurrency-policy ', 'queue,reject,replace'",
        "'slipway delete --keep ', 'logs,registry'",
        "'slipway status --state ', 'changing,degraded,down,healthy,stopped,unknown'",
        "'slipway re', 'reject,releases,restart,revoke'",
    })
    void theOptionsOfAVerbAndTheirWordsAreOffered(String typed, String words) {
        try (PseudoTerminal bash = bash()) {
            assertThat(offered(bash, typed)).containsExactlyInAnyOrder(words.split(","));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "slipway wh, slipway why",
        "slipway rollb, slipway rollback",
        "slipway deploy --str, slipway deploy --strategy"
    })
    void oneThatIsLeftIsWritten(String typed, String written) {
        try (PseudoTerminal bash = bash()) {
            bash.type(typed + "\t");
            bash.until(seen -> seen.text().equals("$ " + written));
        }
    }
}
