package dev.slipway.simulated.codepipeline;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.simulated.aws.SimulatedAws;
import dev.slipway.simulated.logs.SimulatedLogs;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/** The log of a build, in the words of CodeBuild's own container as public logs show them; each line ends with a newline. */
final class CodeBuildLog {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy/MM/dd HH:mm:ss.SSSSSS").withZone(ZoneOffset.UTC);
    private static final String HOME = "/codebuild/output/src000000001/src/";

    private final SimulatedAws aws;
    private final SimulatedLogs logs;
    private final String group;
    private final String stream;
    private final boolean enabled;

    /** @param project properties of AWS::CodeBuild::Project, of which LogsConfig says where it is written */
    CodeBuildLog(SimulatedAws aws, SimulatedLogs logs, JsonNode project, String build) {
        JsonNode config = project.path("LogsConfig").path("CloudWatchLogs");
        this.aws = aws;
        this.logs = logs;
        this.enabled = !config.path("Status").asText("ENABLED").equals("DISABLED");
        this.group = config.path("GroupName")
                .asText("/aws/codebuild/" + project.path("Name").asText());
        String prefix = config.path("StreamName").asText("");
        this.stream = prefix.isEmpty() ? build : prefix + "/" + build;
    }

    /** What a command prints. */
    void prints(String line) {
        if (enabled) {
            logs.write(group, stream, line + "\n");
        }
    }

    private void says(String text) {
        prints("[Container] " + TIME.format(aws.clock().instant()) + " " + text);
    }

    void runs(String command) {
        says("Running command " + command);
    }

    /** @param buildspec its path in the source; null for one that the project or the pipeline brings along */
    void begins(@Nullable String buildspec) {
        says("Running on CodeBuild On-demand");
        says("Waiting for agent ping");
        says("Waiting for DOWNLOAD_SOURCE");
        says("Phase is DOWNLOAD_SOURCE");
        says("CODEBUILD_SRC_DIR=" + HOME.substring(0, HOME.length() - 1));
        says("YAML location is " + (buildspec == null ? "/codebuild/readonly/buildspec.yml" : HOME + buildspec));
    }

    void noBuildspec(String path) {
        ends(
                "DOWNLOAD_SOURCE",
                "FAILED",
                "YAML_FILE_ERROR",
                "stat %s: no such file or directory".formatted(HOME + path));
    }

    void entersBuild() {
        ends("DOWNLOAD_SOURCE", "SUCCEEDED", "", "");
        says("Entering phase INSTALL");
        ends("INSTALL", "SUCCEEDED", "", "");
        says("Entering phase PRE_BUILD");
        ends("PRE_BUILD", "SUCCEEDED", "", "");
        says("Entering phase BUILD");
    }

    void failed(String command, int status) {
        says("Command did not exit successfully %s exit status %d".formatted(command, status));
        ends(
                "BUILD",
                "FAILED",
                "COMMAND_EXECUTION_ERROR",
                "Error while executing command: %s. Reason: exit status %d".formatted(command, status));
    }

    void timedOut() {
        ends("BUILD", "TIMED_OUT", "BUILD_TIMED_OUT", "Build has timed out.");
    }

    void succeeded() {
        ends("BUILD", "SUCCEEDED", "", "");
        says("Entering phase POST_BUILD");
        ends("POST_BUILD", "SUCCEEDED", "", "");
        says("Expanding base directory path: .");
        ends("UPLOAD_ARTIFACTS", "SUCCEEDED", "", "");
    }

    private void ends(String phase, String state, String code, String message) {
        says("Phase complete: %s State: %s".formatted(phase, state));
        says("Phase context status code: %s Message: %s".formatted(code, message));
    }
}
