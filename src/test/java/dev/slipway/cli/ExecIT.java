package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.cli.PseudoTerminal.Seen;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A shell in a task: the AWS CLI and its plug-in have the terminal, and Ctrl-C is for what runs in the task. */
class ExecIT {
    private static final String SERVICE = "/v1/environments/prod/services/web";

    // Of AWS: on this machine there would be no task to enter.
    private ScriptedApi api;

    @SuppressWarnings("NullAway.Init") // set by JUnit
    @TempDir
    Path directory;

    @BeforeEach
    void install() throws IOException {
        api = ScriptedApi.ofAws(directory)
                .at(
                        "GET " + SERVICE,
                        "200 {\"declared\":{\"exec\":true},\"live\":{\"taskDefinition\":"
                                + "\"arn:aws:ecs:eu-central-1:123456789012:task-definition/web:7\"}}")
                .at(
                        "GET " + SERVICE + "/status",
                        "200 {\"tasks\":[{\"id\":\"old\",\"status\":\"RUNNING\",\"target\":\"healthy\",\"startedAt\":\"2026-01-01\"},"
                                + "{\"id\":\"new\",\"status\":\"RUNNING\",\"target\":\"healthy\",\"startedAt\":\"2026-01-02\"},"
                                + "{\"id\":\"ill\",\"status\":\"RUNNING\",\"target\":\"unhealthy\",\"startedAt\":\"2026-01-03\"}]}");
        program("aws", """
                trap 'echo the task has been interrupted; interrupted=yes' INT
                for word in "$@"; do printf '<%s>' "$word" >> CALL; done
                echo ready
                read -r line || read -r line
                echo "the task says $line"
                exit ${line:-0}
                """.replace("CALL", directory.resolve("call").toString()));
        program("session-manager-plugin", "");
        Files.writeString(directory.resolve("config"), """
                [profile dev]
                aws_access_key_id = AKIDEXAMPLE
                aws_secret_access_key = secret
                """);
    }

    @AfterEach
    void stop() {
        api.close();
    }

    private void program(String name, String script) throws IOException {
        Files.writeString(directory.resolve(name), "#!/bin/bash\n" + script);
        Files.setPosixFilePermissions(directory.resolve(name), PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private PseudoTerminal withPath(String path, String... more) {
        List<String> program = new ArrayList<>(api.command());
        program.addAll(List.of("exec", "prod/web"));
        program.addAll(List.of(more));
        return new PseudoTerminal(
                100,
                24,
                Map.of(
                        "SLIPWAY_URL",
                        api.url(),
                        "AWS_CONFIG_FILE",
                        directory.resolve("config").toString(),
                        "AWS_PROFILE",
                        "dev",
                        "PATH",
                        path),
                program);
    }

    private PseudoTerminal exec(String... more) {
        return withPath(directory + ":/usr/bin:/bin", more);
    }

    @Test
    void theAwsCliIsStartedInTheNewestHealthyTaskAndHasTheTerminal() throws IOException {
        try (PseudoTerminal terminal = exec("--profile", "dev", "--", "ls", "-l", "a b")) {
            terminal.until("ready");
            terminal.type("0\n");
            Seen seen = terminal.ended();
            assertThat(seen.text()).contains("the task says 0");
            assertThat(seen.exitCode()).isZero();
        }
        assertThat(Files.readString(directory.resolve("call")))
                .isEqualTo(
                        "<ecs><execute-command><--cluster><slipway-prod><--task><new><--container><web><--interactive>"
                                + "<--command><ls -l 'a b'><--region><eu-central-1><--profile><dev>");
    }

    @Test
    void ctrlCIsForTheTask() {
        try (PseudoTerminal terminal = exec()) {
            terminal.until("ready");
            terminal.type("\u0003");
            terminal.until("the task has been interrupted");
            terminal.type("0\n");
            Seen seen = terminal.ended();
            assertThat(seen.text()).contains("the task says 0");
            assertThat(seen.exitCode()).isZero();
        }
    }

    /** The AWS CLI's own codes would be taken for this command line's. */
    @Test
    void aSessionThatFailsEndsWith1() {
        try (PseudoTerminal terminal = exec()) {
            terminal.until("ready");
            terminal.type("254\n");
            assertThat(terminal.ended().exitCode()).isEqualTo(1);
        }
    }

    @Test
    void whatIsMissingIsNamedBeforeAnythingBegins() throws IOException {
        Files.delete(directory.resolve("session-manager-plugin"));
        try (PseudoTerminal terminal = withPath(directory.toString())) {
            Seen seen = terminal.ended();
            assertThat(seen.text()).contains("session-manager-plugin is not on the PATH", "aws ecs execute-command");
            assertThat(seen.exitCode()).isEqualTo(3);
        }
        Files.delete(directory.resolve("aws"));
        try (PseudoTerminal terminal = withPath(directory.toString())) {
            assertThat(terminal.ended().text()).contains("aws is not on the PATH");
        }
        assertThat(directory.resolve("call")).doesNotExist();
    }
}
