package dev.slipway.cli.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.slipway.cli.api.ApiClient;
import dev.slipway.cli.api.Endpoint;
import dev.slipway.cli.terminal.Terminal;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** What all verbs share: where Slipway is, how answers are written, the terminal, the directory. */
@Command
public abstract class Session {
    /** How a result is written. */
    enum Output {
        TABLE,
        JSON,
        YAML
    }

    @Option(
            names = "--url",
            paramLabel = "URL",
            scope = ScopeType.INHERIT,
            description = "Where Slipway is (SLIPWAY_URL). Left out: what its stack's outputs say")
    @Nullable
    String url;

    @Option(
            names = "--stack",
            paramLabel = "NAME",
            scope = ScopeType.INHERIT,
            description = "Slipway's own stack (SLIPWAY_STACK; slipway)")
    @Nullable
    String stack;

    @Option(
            names = "--region",
            paramLabel = "REGION",
            scope = ScopeType.INHERIT,
            description = "AWS region, else what the AWS SDK finds")
    @Nullable
    String region;

    @Option(
            names = "--profile",
            paramLabel = "NAME",
            scope = ScopeType.INHERIT,
            description = "Profile of the AWS configuration, else what the AWS SDK finds")
    @Nullable
    String profile;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            scope = ScopeType.INHERIT,
            description = "table, json or yaml: the API's documents as they are",
            completionCandidates = Choices.Formats.class,
            defaultValue = "table")
    Output output = Output.TABLE;

    private final Map<String, String> environment;
    private final Terminal terminal;
    private final Path directory;
    private final ApiClient.Pause pause;
    private @Nullable ApiClient api;

    /**
     * @param environment variables
     * @param directory where files are read and written
     */
    protected Session(Map<String, String> environment, Terminal terminal, Path directory, ApiClient.Pause pause) {
        this.environment = environment;
        this.terminal = terminal;
        this.directory = directory;
        this.pause = pause;
    }

    /** Slipway, which is looked for when it is first needed. */
    ApiClient api() {
        if (api == null) {
            String address = url != null ? url : environment.get("SLIPWAY_URL");
            api = new Endpoint(
                            address == null || address.isBlank() ? null : address,
                            stack != null ? stack : environment.getOrDefault("SLIPWAY_STACK", "slipway"),
                            region,
                            profile,
                            environment.get("SLIPWAY_ACTOR"))
                    .connect(pause);
        }
        return api;
    }

    public Terminal terminal() {
        return terminal;
    }

    Path directory() {
        return directory;
    }

    /** An environment variable; empty when it is not set. */
    String variable(String name) {
        return environment.getOrDefault(name, "");
    }

    ApiClient.Pause pause() {
        return pause;
    }

    /** Whether the API's documents are wanted, and not words. */
    boolean wantsDocument() {
        return output != Output.TABLE;
    }

    /** Whether a picture of what is under way can be drawn. */
    boolean draws() {
        return terminal.isInteractive() && !wantsDocument();
    }

    /** Writes a document of the API as it is. */
    void document(JsonNode document) {
        try {
            terminal.line(
                    output == Output.YAML
                            ? yaml(document).stripTrailing()
                            : JsonMapper.builder()
                                    .build()
                                    .writerWithDefaultPrettyPrinter()
                                    .writeValueAsString(document));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Files that were written, as a document. */
    void files(List<String> written) {
        ObjectNode document = JsonNodeFactory.instance.objectNode();
        written.forEach(document.putArray("written")::add);
        document(document);
    }

    /** A document as YAML, in the order of its keys. */
    static String yaml(JsonNode document) {
        try {
            return YAMLMapper.builder()
                    .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                    .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
                    .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
                    .build()
                    .writeValueAsString(document);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
