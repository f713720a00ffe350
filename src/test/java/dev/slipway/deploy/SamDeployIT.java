package dev.slipway.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.MotoServer;
import dev.slipway.VirtualEnvironment;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.cloudformation.CloudFormationClient;
import software.amazon.awssdk.services.cloudformation.model.Change;
import software.amazon.awssdk.services.cloudformation.model.ChangeAction;
import software.amazon.awssdk.services.cloudformation.model.DescribeChangeSetResponse;
import software.amazon.awssdk.services.cloudformation.model.Parameter;

/**
 * {@code sam deploy} by the real SAM command line against moto, up to the change set: artifact and template are uploaded, and what the
 * change set would make is held against the template, in its short form and as CloudFormation expands it.
 *
 * <p>moto neither expands a SAM template nor evaluates conditions in a change set, and its stacks lack what SAM looks for in the one of
 * its own bucket, so that the bucket is given. It cannot run the change set: some of the policies it takes for malformed.
 */
class SamDeployIT {
    private static final String BUCKET = "artifacts-of-slipway";
    private static final Pattern CHANGE_SET =
            Pattern.compile("Changeset created successfully\\. (arn:aws:cloudformation:\\S+)");

    /** By name: at an address moto would take the first number of it for the bucket's name. */
    private final URI endpoint =
            URI.create("http://localhost:" + MotoServer.get().endpoint().getPort());

    private final HttpClient http = HttpClient.newHttpClient();

    @BeforeEach
    void makeBucket() throws Exception {
        MotoServer.reset();
        String region =
                "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>";
        HttpRequest made = HttpRequest.newBuilder(endpoint.resolve("/" + BUCKET))
                .PUT(HttpRequest.BodyPublishers.ofString(region))
                .build();
        assertThat(http.send(made, HttpResponse.BodyHandlers.ofString()).statusCode())
                .isEqualTo(200);
    }

    @Test
    void theZipIsUploadedAndAChangeSetOfTheWholeTemplateIsMade() throws Exception {
        String changeSet = deploy(List.of("--template-file", "template.yaml"));

        assertThat(added(changeSet)).isEqualTo(types(TemplateFile.read(Path.of("template.yaml"))));
        byte[] zip = Files.readAllBytes(Path.of("target", "function.zip"));
        String key = HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(zip));
        HttpRequest object = HttpRequest.newBuilder(endpoint.resolve("/" + BUCKET + "/" + key))
                .build();
        assertThat(http.send(object, HttpResponse.BodyHandlers.ofByteArray()).body())
                .isEqualTo(zip);
    }

    /** The arguments are the probe's own, with what {@link #deploy} changes after them. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "arn:aws:codeconnections:eu-west-1:123456789012:connection/0f1e2d3c-0000-4000-8000-000000000000"
            })
    void theProbeDeploysByArgumentsThatSamTakes(String connection) throws Exception {
        List<String> asked = new ArrayList<>(List.of("scripts/probe", "--print-deploy", "--region", "eu-west-1"));
        if (!connection.isEmpty()) {
            asked.addAll(List.of("--connection", connection, "--repository", "owner/name"));
        }
        List<String> arguments = new ObjectMapper()
                .readValue(run(VirtualEnvironment.command("python", asked)), new TypeReference<>() {});

        String changeSet = sam(arguments);

        assertThat(added(changeSet)).isEqualTo(types(TemplateFile.read(Path.of("template.yaml"))));
        try (CloudFormationClient client = MotoServer.get().client(CloudFormationClient.builder())) {
            DescribeChangeSetResponse made = client.describeChangeSet(request -> request.changeSetName(changeSet));
            assertThat(made.stackName()).isEqualTo("slipwayprobe");
            assertThat(made.parameters())
                    .filteredOn(parameter -> parameter.parameterKey().equals("AllowedConnections"))
                    .extracting(Parameter::parameterValue)
                    .isEqualTo(connection.isEmpty() ? List.of() : List.of(connection.replaceFirst(".*/", "")));
        }
    }

    @Test
    void whatTheTemplateExpandsToIsAChangeSet() throws Exception {
        Path expanded = Files.createTempFile("template", ".json");
        try {
            run(VirtualEnvironment.command(
                    "python", List.of("scripts/expand-sam", "template.yaml", expanded.toString())));

            String changeSet = deploy(List.of("--template-file", expanded.toString()));

            Map<String, String> types = types(TemplateFile.read(expanded));
            assertThat(added(changeSet)).isEqualTo(types);
            assertThat(types.values())
                    .contains("AWS::Lambda::Function", "AWS::Lambda::Alias", "AWS::ApiGatewayV2::Api")
                    .noneMatch(type -> type.startsWith("AWS::Serverless"));
        } finally {
            Files.delete(expanded);
        }
    }

    /** With the settings of samconfig.toml, but for where the artifacts go and who confirms. Returns the change set's ARN. */
    private String deploy(List<String> template) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of(
                "deploy",
                "--config-file",
                Path.of("samconfig.toml").toAbsolutePath().toString()));
        arguments.addAll(template);
        arguments.addAll(List.of("--region", "eu-west-1", "--no-confirm-changeset", "--no-progressbar"));
        return sam(arguments);
    }

    /** Up to the change set. Returns its ARN. */
    private String sam(List<String> arguments) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(arguments);
        all.addAll(List.of("--no-resolve-s3", "--s3-bucket", BUCKET, "--no-execute-changeset"));
        String output = run(VirtualEnvironment.command("sam", all));
        Matcher made = CHANGE_SET.matcher(output);
        assertThat(made.find()).as(output).isTrue();
        return made.group(1);
    }

    private String run(List<String> command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        Path output = Files.createTempFile("sam", ".log");
        builder.redirectOutput(output.toFile());
        builder.environment()
                .putAll(Map.of(
                        "AWS_ENDPOINT_URL", endpoint.toString(),
                        "AWS_ACCESS_KEY_ID", "test",
                        "AWS_SECRET_ACCESS_KEY", "test",
                        "AWS_DEFAULT_REGION", "eu-west-1",
                        "SAM_CLI_TELEMETRY", "0",
                        "COLUMNS", "200"));
        Process process = builder.start();
        try {
            assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();
            String text = Files.readString(output, StandardCharsets.UTF_8);
            assertThat(process.exitValue()).as(text).isZero();
            return text;
        } finally {
            process.destroyForcibly();
            Files.delete(output);
        }
    }

    /** What the change set adds: type by logical id. */
    private static Map<String, String> added(String changeSet) {
        Map<String, String> added = new TreeMap<>();
        try (CloudFormationClient client = MotoServer.get().client(CloudFormationClient.builder())) {
            for (Change change : client.describeChangeSet(request -> request.changeSetName(changeSet))
                    .changes()) {
                assertThat(change.resourceChange().action()).isEqualTo(ChangeAction.ADD);
                added.put(
                        change.resourceChange().logicalResourceId(),
                        change.resourceChange().resourceType());
            }
        }
        return added;
    }

    private static Map<String, String> types(TemplateFile template) {
        Map<String, String> types = new TreeMap<>();
        template.resources()
                .forEach((name, resource) ->
                        types.put(name, (String) TemplateFile.map(resource).get("Type")));
        return types;
    }
}
