package dev.slipway.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.DynamoDbLocal;
import dev.slipway.MotoServer;
import dev.slipway.metrics.EmbeddedLine;
import dev.slipway.store.StoreTable;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.sqs.SqsClient;

/** The very zip that is deployed, in processes of its own, with the store and the queue over HTTP. */
class FunctionZipIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** What we promise, in bytes; and what Lambda takes unpacked: 250 MB of 1,048,576 bytes. */
    private static final long PACKED_LIMIT = 36_000_000;

    private static final long UNPACKED_LIMIT = 250L << 20;

    @TempDir
    private static Path folder;

    private static FunctionZip zip;
    private static SqsClient sqs;
    private static String queue;

    @BeforeAll
    static void unpack() throws IOException {
        String table = "slipway-" + UUID.randomUUID();
        try (var dynamo = DynamoDbLocal.get().client(DynamoDbClient.builder())) {
            StoreTable.create(dynamo, table);
        }
        MotoServer.reset();
        sqs = MotoServer.get().client(SqsClient.builder());
        queue = sqs.createQueue(request -> request.queueName("work")).queueUrl();
        zip = FunctionZip.unpack(
                folder,
                FunctionZip.values(table, queue, MotoServer.get().endpoint().toString()));
    }

    @Test
    void takesASpecFromTheApiThroughTableAndQueueToTheWorker() throws Exception {
        var answers = zip.call(
                "ApiFunction",
                request("PUT", "/v1/environments/prod", "terminationProtection: false\n"),
                request("GET", "/v1/environments/prod", ""),
                request("POST", "/simulated/push", "{\"service\": \"web\"}"));
        assertThat(read(answers.get(0)).path("statusCode").asInt())
                .as(answers.get(0))
                .isEqualTo(202);
        assertThat(read(answers.get(1)).path("body").asText()).contains("terminationProtection");
        assertThat(read(answers.get(2)).path("body").asText()).contains("no-such-path"); // is on laptops only

        var messages = sqs.receiveMessage(request -> request.queueUrl(queue)).messages();
        assertThat(messages)
                .singleElement()
                .satisfies(message -> assertThat(message.body()).contains("prod"));

        assertThat(zip.call("WorkerFunction", message(messages.getFirst().body())))
                .singleElement()
                .satisfies(answer ->
                        assertThat(read(answer).path("batchItemFailures")).isEmpty());
    }

    /** Each line of ours is one JSON object, which Logs Insights reads field by field. */
    private static JsonNode line(FunctionZip.Calls calls, String words) throws IOException {
        for (String text : calls.log()) {
            if (text.startsWith("{") && text.contains(words)) {
                return read(text);
            }
        }
        throw new AssertionError("no line with %s in%n%s".formatted(words, String.join("\n", calls.log())));
    }

    @Test
    void aLineCarriesTheIdThatTheCallerHas() throws Exception {
        FunctionZip.Calls api = zip.calls("ApiFunction", request("GET", "/v1//environments", ""));
        JsonNode problem = read(read(api.answers().getFirst()).path("body").asText());

        assertThat(problem.path("requestId").asText()).isEqualTo("1");
        JsonNode line = line(api, "path-not-canonical");
        assertThat(line.at("/mdc/request").asText()).isEqualTo("1");
        assertThat(line.path("level").asText()).isEqualTo("INFO");
        assertThat(line.path("loggerName").asText()).startsWith("dev.slipway.");
    }

    /** Whatever the logger writes beside them: their object is the line, as CloudWatch wants it. */
    @Test
    void writesMetricsAsLinesOfTheirOwnWhereTheDeploymentAsksForThem() throws Exception {
        String[] events = Stream.of("{\"resync\":true}", "no JSON")
                .map(FunctionZipIT::message)
                .toArray(String[]::new);
        var values = new HashMap<>(zip.values());
        values.put(
                "SLIPWAY_QUEUE_URL",
                sqs.createQueue(request -> request.queueName("metrics")).queueUrl());

        FunctionZip.Calls off = new FunctionZip(zip.task(), values).calls("WorkerFunction", events);
        values.put("SLIPWAY_METRICS", "true");
        FunctionZip.Calls on = new FunctionZip(zip.task(), values).calls("WorkerFunction", events);

        assertThat(on.log())
                .filteredOn(line -> line.contains("CloudWatchMetrics"))
                .map(EmbeddedLine::read)
                .flatExtracting(line -> line.values().keySet())
                .contains("OpenOperations", "StuckOperations", "ResyncInterval", "ReturnedMessages");
        assertThat(line(on, "goes back to the queue").path("level").asText()).isEqualTo("ERROR");
        assertThat(line(off, "goes back to the queue").path("level").asText()).isEqualTo("ERROR");
        assertThat(off.log()).noneMatch(line -> line.contains("CloudWatchMetrics"));
    }

    @Test
    void letsADeploymentPassThatIsNoneOfOurs() throws Exception {
        FunctionZip.Calls hook = zip.calls("HookFunction", Files.readString(Path.of("bench/hook-question.json")));
        assertThat(hook.answers())
                .singleElement()
                .satisfies(answer ->
                        assertThat(read(answer).path("hookStatus").asText()).isEqualTo("SUCCEEDED"));
        assertThat(line(hook, "answer=").at("/mdc/deployment").asText()).startsWith("arn:aws:ecs:");
    }

    @Test
    void isSmallPackedAndFitsUnpacked() throws IOException {
        assertThat(Files.size(FunctionZip.FILE)).isLessThanOrEqualTo(PACKED_LIMIT);
        try (var file = new ZipFile(FunctionZip.FILE.toFile())) {
            assertThat(file.stream().mapToLong(ZipEntry::getSize).sum()).isLessThan(UNPACKED_LIMIT);
            assertThat(file.stream().filter(entry -> entry.getName().endsWith(".jar")))
                    .hasSizeGreaterThan(50)
                    .allSatisfy(jar -> {
                        try (var in = new ZipInputStream(new ByteArrayInputStream(
                                file.getInputStream(jar).readAllBytes()))) {
                            assertThat(in.getNextEntry().getMethod())
                                    .as(jar.getName())
                                    .isEqualTo(ZipEntry.STORED);
                        }
                    });
        }
    }

    private static String message(String body) {
        var event = JSON.createObjectNode();
        event.putArray("Records")
                .addObject()
                .put("messageId", "1")
                .put("body", body)
                .putObject("attributes")
                .put("ApproximateReceiveCount", "1");
        return event.toString();
    }

    static String request(String method, String path, String body) {
        ObjectNode event = JSON.createObjectNode();
        event.put("version", "2.0")
                .put("rawPath", path)
                .put("rawQueryString", "")
                .put("body", body);
        event.putObject("headers")
                .put("host", "abc123.execute-api.eu-west-1.amazonaws.com")
                .put("content-type", "application/yaml");
        var context = event.putObject("requestContext").put("stage", "$default").put("requestId", "1");
        context.putObject("authorizer").putObject("iam").put("userArn", "arn:aws:iam::123456789012:user/ann");
        context.putObject("http").put("method", method).put("path", path).put("sourceIp", "203.0.113.7");
        return event.toString();
    }

    private static JsonNode read(String json) throws IOException {
        return JSON.readTree(json);
    }
}
