package dev.slipway.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.slipway.DynamoDbLocal;
import dev.slipway.app.ControlPlane;
import dev.slipway.deployment.SettingsFixture;
import dev.slipway.environment.EnvironmentRecord;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.PipelineId;
import dev.slipway.id.ServiceId;
import dev.slipway.pipeline.Grants.Grant;
import dev.slipway.pipeline.PipelineRecord;
import dev.slipway.release.Release;
import dev.slipway.rollout.GateRecord;
import dev.slipway.rollout.Rollout;
import dev.slipway.store.DynamoStore;
import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import dev.slipway.store.Store;
import dev.slipway.store.StoreTable;
import dev.slipway.store.Write;
import dev.slipway.validation.SpecFixture;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/**
 * Events that somebody has written himself, sent to the very zip that is deployed: nothing starts by them, nothing is written down.
 * Each is followed by what AWS itself would send, which is taken, so that a refusal is one of the forgery.
 */
class AttackIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ServiceId WEB = new ServiceId("prod", "web");
    private static final PipelineId PIPELINE = new PipelineId("web");
    private static final String EXECUTION = "6ba1b26c-4f4c-4d0c-9ff6-c4cd1a39cf35";
    private static final String BUCKET = "slipway-pipeline-web-artifacts";
    private static final String KEY = "slipway-pipeline-web/Image/pZgR4qB";
    private static final String REGISTRY = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/slipway-prod-web";
    private static final String CLUSTER = "arn:aws:ecs:eu-west-1:123456789012:service-deployment/slipway-";
    private static final String DEPLOYMENT = CLUSTER + "prod/web/genuine";
    private static final String TASK = "arn:aws:ecs:eu-west-1:123456789012:task-definition/slipway-prod-web:1";

    @TempDir
    private static Path folder;

    private static FunctionZip zip;
    private static Store store;
    private static DynamoDbClient dynamo;
    private static String table;
    private static HttpServer aws;
    private static byte[] artifact;
    /** What AWS answers, by the name of the call; an answer that names a __type is an error. */
    private static final Map<String, String> ANSWERS = new ConcurrentHashMap<>();

    private static final List<String> CALLS = Collections.synchronizedList(new ArrayList<>());

    @BeforeAll
    static void unpack() throws IOException {
        table = "slipway-" + UUID.randomUUID();
        dynamo = DynamoDbLocal.get().client(DynamoDbClient.builder());
        StoreTable.create(dynamo, table);
        store = new DynamoStore(dynamo, table, ControlPlane.json(), InstantSource.system());
        aws = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        aws.createContext("/", AttackIT::answer);
        aws.start();
        String address = "http://127.0.0.1:" + aws.getAddress().getPort();
        artifact = artifact();
        zip = FunctionZip.unpack(folder, FunctionZip.values(table, address + "/123456789012/work", address));
        declared();
    }

    @AfterAll
    static void stop() {
        aws.stop(0);
        dynamo.close();
    }

    @BeforeEach
    void forget() {
        CALLS.clear();
        ANSWERS.clear();
    }

    private static void answer(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        String target = exchange.getRequestHeaders().getFirst("X-Amz-Target");
        if (exchange.getRequestMethod().equals("GET")) { // S3
            exchange.sendResponseHeaders(200, artifact.length);
            exchange.getResponseBody().write(artifact);
            exchange.close();
            return;
        }
        String call = target.replaceFirst(".*\\.", "");
        CALLS.add(call + " " + new String(body, UTF_8));
        String answer = call.equals("SendMessage") ? sent(body) : ANSWERS.getOrDefault(call, "{}");
        byte[] bytes = answer.getBytes(UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/x-amz-json-1.1");
        exchange.sendResponseHeaders(answer.contains("__type") ? 400 : 200, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    /** SQS answers with a checksum, which the SDK compares. */
    private static String sent(byte[] message) throws IOException {
        try {
            byte[] text = JSON.readTree(message).path("MessageBody").asText().getBytes(UTF_8);
            String sum =
                    HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(text));
            return JSON.createObjectNode()
                    .put("MessageId", "1")
                    .put("MD5OfMessageBody", sum)
                    .toString();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What the pipeline's build has left. */
    private static byte[] artifact() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream files = new ZipOutputStream(bytes)) {
            files.putNextEntry(new ZipEntry("imagedefinitions.json"));
            files.write("[{\"name\":\"web\",\"imageUri\":\"%s:v1\"}]"
                    .formatted(REGISTRY)
                    .getBytes(UTF_8));
        }
        return bytes.toByteArray();
    }

    /** A pipeline that deploys to prod, its grant, and a rollout there that ECS is about to ask about. */
    private static void declared() {
        Instant now = Instant.now();
        var spec = SpecFixture.pipeline("repository: {id: acme/web}\ndeploy: [{environment: prod}]\n");
        store.write(new Write.Create<>(
                new Key<>("pipelines", "web", new ItemType<>("pipeline", PipelineRecord.class, 1)),
                new PipelineRecord(PIPELINE, spec, null, 1, Map.of("ArtifactBucket", BUCKET), null, false, now, now)));
        EnvironmentId prod = new EnvironmentId("prod");
        store.write(new Write.Create<>(
                EnvironmentRecord.key(prod),
                new EnvironmentRecord(
                        prod, SpecFixture.environment("{}"), null, 1, Map.of(), Map.of(), false, now, now)));
        store.write(new Write.Create<>(
                new Key<>("environment#prod", "grant#web", new ItemType<>("grant", Grant.class, 1)),
                new Grant(prod, PIPELINE, "ann", now)));
        var container = SpecFixture.service("container: {port: 8000}\n").container();
        store.write(new Write.Create<>(
                Release.key(WEB, 1),
                new Release(
                        1,
                        REGISTRY + "@sha256:" + "0".repeat(64),
                        "v1",
                        container,
                        "c",
                        TASK,
                        now,
                        "ann",
                        null,
                        null,
                        null,
                        null,
                        false,
                        List.of(),
                        null)));
        Rollout rollout = Rollout.requested(
                        "r1",
                        WEB,
                        new Rollout.Request(
                                Rollout.Reason.DEPLOY,
                                "ann",
                                REGISTRY + "@sha256:" + "0".repeat(64),
                                "v1",
                                null,
                                container,
                                SettingsFixture.settings(given -> {}),
                                null),
                        1,
                        now)
                .progressed(progress -> progress.release(1));
        store.write(new Write.Create<>(Rollout.key(WEB, "r1"), rollout));
    }

    private static int items() {
        return dynamo.scan(request -> request.tableName(table)).count();
    }

    private static String job(String execution, String bucket, String environment) {
        ObjectNode event = JSON.createObjectNode();
        ObjectNode data = event.putObject("CodePipeline.job")
                .put("id", "11111111-abcd-1111-abcd-111111abcdef")
                .put("accountId", "123456789012")
                .putObject("data");
        data.putObject("actionConfiguration")
                .putObject("configuration")
                .put("UserParameters", parameters(execution, environment));
        data.putArray("inputArtifacts")
                .addObject()
                .put("name", "Image")
                .putObject("location")
                .putObject("s3Location")
                .put("bucketName", bucket)
                .put("objectKey", KEY);
        data.putObject("artifactCredentials")
                .put("accessKeyId", "test")
                .put("secretAccessKey", "test")
                .put("sessionToken", "test");
        return event.toString();
    }

    private static String parameters(String execution, String environment) {
        return JSON.createObjectNode()
                .put("do", "deploy")
                .put("service", "web")
                .put("environment", environment)
                .put("registry", REGISTRY)
                .put("execution", execution)
                .toString();
    }

    /** CodePipeline lists the deploy action of prod in a state. */
    private static void lists(String state) {
        ObjectNode answer = JSON.createObjectNode();
        ObjectNode action = answer.putArray("actionExecutionDetails")
                .addObject()
                .put("pipelineExecutionId", EXECUTION)
                .put("stageName", "Deploy-prod")
                .put("actionName", "Deploy-prod")
                .put("status", state)
                .put("startTime", Instant.now().getEpochSecond() - 1);
        ObjectNode input = action.putObject("input");
        input.putObject("resolvedConfiguration").put("UserParameters", parameters(EXECUTION, "prod"));
        input.putArray("inputArtifacts")
                .addObject()
                .put("name", "Image")
                .putObject("s3location")
                .put("bucket", BUCKET)
                .put("key", KEY);
        ANSWERS.put("ListActionExecutions", answer.toString());
    }

    @Test
    void nobodyWhomApiGatewayHasNotVerifiedIsServed() throws Exception {
        String signed = FunctionZipIT.request("PUT", "/v1/environments/dev", "terminationProtection: false\n");
        ObjectNode unsigned = (ObjectNode) JSON.readTree(signed);
        ((ObjectNode) unsigned.get("requestContext")).remove("authorizer");
        ObjectNode forged = unsigned.deepCopy();
        ((ObjectNode) forged.get("headers")).put("Slipway-Actor", "arn:aws:iam::123456789012:root");
        ObjectNode token = unsigned.deepCopy();
        ((ObjectNode) token.get("requestContext"))
                .putObject("authorizer")
                .putObject("jwt")
                .putObject("claims")
                .put("sub", "arn:aws:iam::123456789012:user/ann");
        int before = items();

        assertThat(zip.call("ApiFunction", unsigned.toString(), forged.toString(), token.toString()))
                .allSatisfy(answer -> {
                    assertThat(read(answer).path("statusCode").asInt()).isEqualTo(401);
                    assertThat(read(answer).path("body").asText()).contains("not-authenticated");
                });
        assertThat(items()).isEqualTo(before);
        assertThat(zip.call("ApiFunction", signed))
                .singleElement()
                .satisfies(answer ->
                        assertThat(read(answer).path("statusCode").asInt()).isEqualTo(202));
    }

    @Test
    void aJobThatCodePipelineDoesNotStandBehindStartsNothing() throws Exception {
        int before = items();
        String madeUp = "00000000-0000-4000-8000-000000000000";
        ANSWERS.put("PutJobSuccessResult", "{\"__type\": \"JobNotFoundException\"}");
        ANSWERS.put("PutJobFailureResult", "{\"__type\": \"JobNotFoundException\"}");
        ANSWERS.put("ListActionExecutions", "{\"__type\": \"PipelineExecutionNotFoundException\"}");
        zip.call(
                "PipelineFunction",
                job(madeUp, BUCKET, "prod"), // a made-up execution
                job(EXECUTION, "a-bucket-of-mine", "prod"), // a foreign bucket
                job(EXECUTION, BUCKET, "dev"), // an environment that the pipeline does not deploy to
                job(EXECUTION, BUCKET, "prod").replace("\\\"web\\\"", "\\\"api\\\"")); // no such pipeline
        lists("Succeeded");
        zip.call("PipelineFunction", job(EXECUTION, BUCKET, "prod")); // an execution that has ended
        lists("InProgress");
        zip.call("PipelineFunction", job(EXECUTION, BUCKET, "prod")); // genuine in all but the job
        assertThat(items()).isEqualTo(before);

        ANSWERS.remove("PutJobSuccessResult");
        zip.call("PipelineFunction", job(EXECUTION, BUCKET, "prod"));
        assertThat(items()).as("the genuine one is written down").isEqualTo(before + 1);
        assertThat(CALLS.getLast()).startsWith("PutJobSuccessResult").contains("\"continuationToken\":\"later\"");
    }

    @Test
    void aQuestionAboutAnotherDeploymentOrStageLeavesNothingBehind() throws Exception {
        int before = items();
        ANSWERS.put("DescribeServiceDeployments", "{\"serviceDeployments\": []}");
        var answers = zip.call(
                "HookFunction",
                question(CLUSTER + "dev/web/d1", "POST_TEST_TRAFFIC_SHIFT"), // of another environment
                question(CLUSTER + "prod/web/madeup", "POST_TEST_TRAFFIC_SHIFT")); // that ECS does not know
        assertThat(answers)
                .extracting(answer -> read(answer).path("hookStatus").asText())
                .containsExactly("SUCCEEDED", "IN_PROGRESS");
        shows("SCALE_UP", TASK);
        zip.call("HookFunction", question(DEPLOYMENT, "PRE_PRODUCTION_TRAFFIC_SHIFT")); // too early
        shows("POST_TEST_TRAFFIC_SHIFT", TASK + "2");
        zip.call("HookFunction", question(DEPLOYMENT, "POST_TEST_TRAFFIC_SHIFT")); // of another release
        assertThat(items()).isEqualTo(before);

        shows("POST_TEST_TRAFFIC_SHIFT", TASK);
        assertThat(zip.call("HookFunction", question(DEPLOYMENT, "POST_TEST_TRAFFIC_SHIFT")))
                .singleElement()
                .satisfies(answer ->
                        assertThat(read(answer).path("hookStatus").asText()).isEqualTo("SUCCEEDED"));
        assertThat(store.get(GateRecord.key(WEB, "r1")))
                .hasValueSatisfying(
                        gate -> assertThat(gate.value().deployment()).isEqualTo(DEPLOYMENT));
    }

    private static String question(String deployment, String stage) {
        ObjectNode question =
                JSON.createObjectNode().put("resourceArn", deployment).put("lifecycleStage", stage);
        question.putObject("hookDetails").put("rollout", "prod/web/r1");
        return question.toString();
    }

    private static void shows(String stage, String taskDefinition) {
        ObjectNode deployments = JSON.createObjectNode();
        deployments
                .putArray("serviceDeployments")
                .addObject()
                .put("serviceDeploymentArn", DEPLOYMENT)
                .put("createdAt", Instant.now().getEpochSecond())
                .put("status", "IN_PROGRESS")
                .put("lifecycleStage", stage)
                .putObject("targetServiceRevision")
                .put("arn", "arn:aws:ecs:eu-west-1:123456789012:service-revision/slipway-prod/web/1")
                .put("requestedProductionTrafficWeight", 0);
        ANSWERS.put("DescribeServiceDeployments", deployments.toString());
        ObjectNode revisions = JSON.createObjectNode();
        revisions
                .putArray("serviceRevisions")
                .addObject()
                .put("serviceRevisionArn", "arn:aws:ecs:eu-west-1:123456789012:service-revision/slipway-prod/web/1")
                .put("taskDefinition", taskDefinition);
        ANSWERS.put("DescribeServiceRevisions", revisions.toString());
    }

    private static JsonNode read(String json) throws IOException {
        return JSON.readTree(json);
    }
}
