package dev.slipway.simulated;

import static dev.slipway.simulated.SimulatedErrors.fill;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.codepipeline.CodePipelineClient;
import software.amazon.awssdk.services.codepipeline.model.*;

/**
 * CodePipeline in memory, as far as pipelines of {@code stacks/pipeline.yaml} use it: pushes, a build that takes its time and
 * leaves imagedefinitions.json, jobs to a function, executions that supersede each other. Sources: CodePipeline user guide,
 * "How executions are processed in SUPERSEDED mode" and "AWS Lambda invoke action reference"; API reference,
 * PutJobSuccessResult. When CodePipeline comes back after a continuation is assumed.
 */
public final class SimulatedCodePipeline implements CodePipelineClient {
    static final Duration SILENCE = Duration.ofMinutes(20);
    static final Duration LONGEST = Duration.ofHours(24);
    private static final Duration COMES_BACK = Duration.ofSeconds(30);
    private static final Duration SOURCE = Duration.ofSeconds(5);
    private static final Duration BUILD = Duration.ofMinutes(3);
    /** Lambda delivers an asynchronous event three times: "one minute" and "two minutes" between. */
    private static final List<Duration> DELIVERIES =
            List.of(Duration.ofSeconds(1), Duration.ofMinutes(1), Duration.ofMinutes(2));

    private static final String SERVICE = "CodePipeline";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final SimulatedAws aws;
    private final SimulatedLambda lambda;
    private final SimulatedS3 s3;
    private final CpEvents events;
    private final Map<String, CpPipeline> pipelines = new LinkedHashMap<>();
    private final Map<String, CpExecution> executions = new LinkedHashMap<>();

    SimulatedCodePipeline(SimulatedAws aws, SimulatedLambda lambda, SimulatedS3 s3) {
        this.aws = aws;
        this.lambda = lambda;
        this.s3 = s3;
        this.events = new CpEvents(aws);
    }

    /**
     * Makes a pipeline, or changes it.
     *
     * @param registry URI of the service's registry in the first environment
     * @param function ARN of what its deploy actions call
     */
    public void create(String service, String registry, List<String> environments, String function) {
        synchronized (aws.timeline()) {
            pipelines.put(service, new CpPipeline(service, registry, environments, function));
        }
    }

    /**
     * A push to its branch, which starts an execution; its id.
     *
     * @param tag of the image that the build makes of it; with {@code build-fails} in it the build fails, with {@code
     *     no-definitions} it leaves none
     */
    public String push(String service, String commit, String tag) {
        synchronized (aws.timeline()) {
            CpPipeline pipeline = pipelines.get(service);
            if (pipeline == null) {
                throw new IllegalArgumentException("no pipeline of " + service);
            }
            CpExecution execution = new CpExecution(pipeline, aws.uuid(), commit, tag);
            executions.put(execution.id, execution);
            events.pipeline(execution, "STARTED");
            enter(execution, 0);
            return execution.id;
        }
    }

    /** InProgress, Succeeded, Failed, Stopped or Superseded. */
    public String status(String execution) {
        synchronized (aws.timeline()) {
            return execution(execution).status;
        }
    }

    /** What the last action has said of itself; null when it has not. */
    public @Nullable String said(String execution) {
        synchronized (aws.timeline()) {
            return execution(execution).said;
        }
    }

    /** The name of the stage that it is in, or was last. */
    public String stage(String execution) {
        synchronized (aws.timeline()) {
            CpExecution found = execution(execution);
            return found.pipeline.stages().get(found.stage);
        }
    }

    /** StopPipelineExecution with abandon: no job of it takes an answer any more. */
    public void stop(String execution) {
        synchronized (aws.timeline()) {
            CpExecution found = execution(execution);
            found.job = null;
            found.status = "Stopped";
            events.pipeline(found, "STOPPING");
            events.stage(found, found.stage, "ABANDONED", null);
            events.pipeline(found, "STOPPED");
            leave(found);
        }
    }

    /** RetryStageExecution of the failed stage. */
    public void retry(String execution) {
        synchronized (aws.timeline()) {
            CpExecution found = execution(execution);
            found.status = "InProgress";
            events.pipeline(found, "RESUMED");
            enter(found, found.stage);
        }
    }

    /** Has the function be called with the present job once more, as events may come twice. */
    public void deliverAgain(String execution) {
        synchronized (aws.timeline()) {
            CpExecution found = execution(execution);
            String job = found.job;
            if (job != null) {
                lambda.call(found.pipeline.function(), event(found, job));
            }
        }
    }

    private CpExecution execution(String id) {
        CpExecution found = executions.get(id);
        if (found == null) {
            throw new IllegalArgumentException("no execution " + id);
        }
        return found;
    }

    private void enter(CpExecution execution, int number) {
        CpPipeline pipeline = execution.pipeline;
        execution.stage = number;
        if (pipeline.running().containsKey(number)) {
            CpExecution older = pipeline.waiting().put(number, execution);
            if (older != null) {
                older.status = "Superseded";
                events.pipeline(older, "SUPERSEDED");
            }
            return;
        }
        pipeline.running().put(number, execution);
        execution.actionStarted = aws.timeline().instant();
        execution.token = null;
        execution.said = null;
        events.stage(execution, number, "STARTED", null);
        switch (number) {
            case 0 ->
                aws.timeline().after(SOURCE, () -> {
                    execution.said = "Commit " + execution.commit;
                    finish(execution, 0, true, execution.commit);
                });
            case 1 -> aws.timeline().after(BUILD, () -> built(execution));
            default -> call(execution);
        }
    }

    private void built(CpExecution execution) {
        boolean fails = execution.tag.contains("build-fails");
        String build = execution.pipeline.name() + "-build:" + execution.id;
        if (!fails) {
            s3.put(execution.pipeline.bucket(), execution.artifact, artifact(execution));
        }
        execution.said = fails ? "Build terminated with state: FAILED" : "The build has succeeded.";
        finish(execution, 1, !fails, build);
    }

    private static byte[] artifact(CpExecution execution) {
        String definitions = JSON.createArrayNode()
                .add(JSON.createObjectNode()
                        .put("name", execution.pipeline.service())
                        .put("imageUri", execution.pipeline.registry() + ":" + execution.tag))
                .toString();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            boolean none = execution.tag.contains("no-definitions");
            zip.putNextEntry(new ZipEntry(none ? "README.md" : "imagedefinitions.json"));
            zip.write(definitions.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** A job to the function. "the job times out" after 20 minutes without an answer. */
    private void call(CpExecution execution) {
        String job = aws.uuid();
        execution.job = job;
        deliver(execution, job, 0);
        aws.timeline().after(SILENCE, () -> {
            if (job.equals(execution.job)) {
                fail(execution, "The AWS Lambda function did not return a result in time.");
            }
        });
    }

    private void deliver(CpExecution execution, String job, int delivery) {
        if (delivery == DELIVERIES.size()) {
            return;
        }
        aws.timeline().after(DELIVERIES.get(delivery), () -> {
            if (!(lambda.call(execution.pipeline.function(), event(execution, job))
                    instanceof SimulatedLambda.Answer)) {
                deliver(execution, job, delivery + 1);
            }
        });
    }

    private String event(CpExecution execution, String job) {
        CpPipeline pipeline = execution.pipeline;
        ObjectNode parameters = JSON.createObjectNode()
                .put("do", "deploy")
                .put("environment", pipeline.environments().get(execution.stage - 2))
                .put("service", pipeline.service())
                .put("registry", pipeline.registry())
                .put("commit", execution.commit)
                .put("execution", execution.id);
        ObjectNode event = JSON.createObjectNode();
        ObjectNode data = event.putObject("CodePipeline.job").put("id", job).putObject("data");
        data.putObject("actionConfiguration")
                .putObject("configuration")
                .put("FunctionName", pipeline.function())
                .put("UserParameters", parameters.toString());
        data.putArray("inputArtifacts")
                .addObject()
                .put("name", "Image")
                .putObject("location")
                .put("type", "S3")
                .putObject("s3Location")
                .put("bucketName", pipeline.bucket())
                .put("objectKey", execution.artifact);
        data.putObject("artifactCredentials")
                .put("accessKeyId", "ASIASIMULATED")
                .put("secretAccessKey", "simulated")
                .put("sessionToken", "simulated");
        if (execution.token != null) {
            data.put("continuationToken", execution.token);
        }
        return event.toString();
    }

    @Override
    public PutJobSuccessResultResponse putJobSuccessResult(PutJobSuccessResultRequest request) {
        CpExecution execution = answered(request.jobId());
        if (request.executionDetails() != null) {
            execution.said = request.executionDetails().summary();
        }
        execution.token = request.continuationToken();
        if (execution.token == null) {
            finish(execution, execution.stage, true, null);
        } else {
            int stage = execution.stage;
            aws.timeline().after(COMES_BACK, () -> comeBack(execution, stage));
        }
        return PutJobSuccessResultResponse.builder().build();
    }

    private void comeBack(CpExecution execution, int stage) {
        if (!execution.isIn(stage) || execution.job != null) {
            return;
        }
        if (!aws.timeline().instant().isBefore(execution.actionStarted.plus(LONGEST))) {
            fail(execution, "The action has timed out.");
            return;
        }
        call(execution);
    }

    @Override
    public PutJobFailureResultResponse putJobFailureResult(PutJobFailureResultRequest request) {
        if (request.failureDetails().message().length() > 5000) {
            throw fill(ValidationException.builder(), SERVICE, "ValidationException", "message is too long")
                    .build();
        }
        fail(answered(request.jobId()), request.failureDetails().message());
        return PutJobFailureResultResponse.builder().build();
    }

    private CpExecution answered(String job) {
        CpExecution execution = executions.values().stream()
                .filter(found -> job.equals(found.job))
                .findFirst()
                .orElseThrow(() -> fill(
                                InvalidJobStateException.builder(),
                                SERVICE,
                                "InvalidJobStateException",
                                "The job state was specified in an invalid format or is over: " + job)
                        .build());
        execution.job = null;
        return execution;
    }

    private void fail(CpExecution execution, String message) {
        execution.job = null;
        execution.said = message;
        finish(execution, execution.stage, false, null);
    }

    private void finish(CpExecution execution, int number, boolean well, @Nullable String id) {
        if (!execution.isIn(number)) {
            return; // stopped meanwhile
        }
        events.stage(execution, number, well ? "SUCCEEDED" : "FAILED", CpEvents.result(id, execution.said));
        leave(execution);
        if (!well) {
            execution.status = "Failed";
            events.pipeline(execution, "FAILED");
        } else if (number + 1 < execution.pipeline.stages().size()) {
            enter(execution, number + 1);
        } else {
            execution.status = "Succeeded";
            events.pipeline(execution, "SUCCEEDED");
        }
    }

    /** Its stage is free, for the one that waits. */
    private void leave(CpExecution execution) {
        CpPipeline pipeline = execution.pipeline;
        int number = execution.stage;
        if (pipeline.running().get(number) == execution) {
            pipeline.running().remove(number);
            CpExecution next = pipeline.waiting().remove(number);
            if (next != null) {
                enter(next, number);
            }
        } else if (pipeline.waiting().get(number) == execution) {
            pipeline.waiting().remove(number);
        }
    }

    @Override
    public String serviceName() {
        return SERVICE_NAME;
    }

    @Override
    public void close() {}
}
