package dev.slipway.simulated.codepipeline;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.simulated.SimulatedAccount;
import dev.slipway.simulated.aws.SimulatedAws;
import dev.slipway.simulated.aws.VirtualClock;
import dev.slipway.simulated.ecr.EcrImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import software.amazon.awssdk.services.cloudformation.model.Output;
import software.amazon.awssdk.services.cloudformation.model.Parameter;
import software.amazon.awssdk.services.cloudformation.model.Stack;
import software.amazon.awssdk.services.cloudwatchlogs.model.OutputLogEvent;
import software.amazon.awssdk.services.codepipeline.model.FailureType;
import software.amazon.awssdk.services.ecr.model.ImageTagMutability;

/** An account with a service's registries in dev and prod, and the shipped template of pipelines for it. */
final class SimulatedPipelineFixture {
    static final String NAME = "slipway-pipeline-web";
    static final String COMMIT = "3f2c8a91b7d0e5f6a7b8c9d0e1f2a3b4c5d6e7f8";
    static final String GROUP = "/slipway/pipeline/web";
    private static final String HOST = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/";
    private static final ObjectMapper JSON = new ObjectMapper();

    final VirtualClock timeline = new VirtualClock(Instant.parse("2026-03-01T00:00:00Z"));
    final SimulatedAws aws = new SimulatedAws("123456789012", "eu-central-1", timeline, new Random(7));
    final SimulatedAccount account = new SimulatedAccount(aws);
    final SimulatedCodePipeline pipelines = account.pipelines();
    final List<JsonNode> events = new ArrayList<>();
    /** What the function was asked, the parameters of its jobs. */
    final List<JsonNode> asked = new ArrayList<>();

    final Map<String, String> parameters = new TreeMap<>(Map.of(
            "Service", "web",
            "RepositoryId", "acme/web",
            "PermissionsBoundary", "arn:aws:iam::123456789012:policy/slipway-boundary",
            "RepositoryUri", uri("dev"),
            "RepositoryArn", "arn:aws:ecr:eu-central-1:123456789012:repository/slipway-dev-web",
            "CopyUris", uri("prod"),
            "CopyArns", "arn:aws:ecr:eu-central-1:123456789012:repository/slipway-prod-web",
            "Stage1", "dev",
            "Stage2", "prod"));

    /** What the function answers when it is asked to look for a buildspec; empty for that it fails. */
    String looked = "buildspec.yml";

    SimulatedPipelineFixture() {
        for (String environment : List.of("dev", "prod")) {
            account.ecr()
                    .createRepository(request -> request.repositoryName("slipway-" + environment + "-web")
                            .imageTagMutability(ImageTagMutability.IMMUTABLE));
        }
        aws.subscribe(event -> events.add(json(event)));
        account.functions().register(aws.arn("lambda", "function:slipway-pipeline"), this::answer);
    }

    static String uri(String environment) {
        return HOST + "slipway-" + environment + "-web";
    }

    private String answer(String event) {
        JsonNode job = json(event).path("CodePipeline.job");
        JsonNode wish = json(
                job.at("/data/actionConfiguration/configuration/UserParameters").asText());
        asked.add(((ObjectNode) wish.deepCopy()).set("job", job));
        if (wish.path("do").asText().equals("select-buildspec") && looked.isEmpty()) {
            account.codePipeline()
                    .putJobFailureResult(request -> request.jobId(job.path("id").asText())
                            .failureDetails(details -> details.type(FailureType.CONFIGURATION_ERROR)
                                    .message("no zip")));
            return "{}";
        }
        account.codePipeline().putJobSuccessResult(request -> {
            request.jobId(job.path("id").asText());
            if (wish.path("do").asText().equals("select-buildspec")) {
                request.outputVariables(Map.of("buildspec", looked));
            }
        });
        return "{}";
    }

    static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private List<Parameter> given() {
        return parameters.entrySet().stream()
                .map(entry -> Parameter.builder()
                        .parameterKey(entry.getKey())
                        .parameterValue(entry.getValue())
                        .build())
                .toList();
    }

    /** The stack, with its connection pending. Its first execution has ended there. */
    Stack created() {
        account.cloudFormation()
                .createStack(request -> request.stackName(NAME)
                        .templateBody(template())
                        .parameters(given())
                        .capabilitiesWithStrings("CAPABILITY_NAMED_IAM"));
        timeline.advance(Duration.ofMinutes(10));
        return stack();
    }

    SimulatedPipelineFixture approved() {
        created();
        account.approveConnection(output("ConnectionArn"));
        events.clear();
        return this;
    }

    void updated() {
        account.cloudFormation()
                .updateStack(request -> request.stackName(NAME)
                        .templateBody(template())
                        .parameters(given())
                        .capabilitiesWithStrings("CAPABILITY_NAMED_IAM"));
    }

    Stack stack() {
        return account.cloudFormation()
                .describeStacks(request -> request.stackName(NAME))
                .stacks()
                .getFirst();
    }

    String output(String key) {
        return stack().outputs().stream()
                .filter(output -> output.outputKey().equals(key))
                .map(Output::outputValue)
                .findFirst()
                .orElseThrow();
    }

    private static String template() {
        try {
            return Files.readString(Path.of("src/main/resources/stacks/pipeline.yaml"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Pushes and waits until it has ended; the execution's id. */
    String pushed(SourcePush push) {
        String execution = ((SimulatedCodePipeline.Pushed.Started) pipelines.push(NAME, push)).execution();
        timeline.advance(Duration.ofHours(1));
        return execution;
    }

    /** Details of the events of an action, in their order. */
    List<JsonNode> ofAction(String action) {
        return events.stream()
                .filter(event ->
                        event.path("detail-type").asText().equals("CodePipeline Action Execution State Change"))
                .map(event -> event.path("detail"))
                .filter(detail -> detail.path("action").asText().equals(action))
                .toList();
    }

    /** The lines of the build that an action was, by the id that its last event tells. */
    String log(String action) {
        String build = ofAction(action)
                .getLast()
                .at("/execution-result/external-execution-id")
                .asText();
        String stream = build.substring(NAME.length() + 1).replace(':', '/');
        StringBuilder text = new StringBuilder();
        account.logs().getLogEvents(request -> request.logGroupName(GROUP).logStreamName(stream)).events().stream()
                .map(OutputLogEvent::message)
                .forEach(text::append);
        return text.toString();
    }

    String digest(String environment, String tag) {
        return account.rawEcr()
                .known(uri(environment) + ":" + tag)
                .map(EcrImage::digest)
                .orElse("");
    }

    /** The digests that a registry was told of, with tags. */
    List<String> pushes(String repository) {
        return events.stream()
                .filter(event -> event.path("detail-type").asText().equals("ECR Image Action"))
                .map(event -> event.path("detail"))
                .filter(detail -> detail.path("repository-name").asText().equals(repository))
                .map(detail -> detail.path("image-tag").asText() + " "
                        + detail.path("image-digest").asText())
                .toList();
    }
}
