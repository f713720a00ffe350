package dev.slipway.simulated.codepipeline;

import static dev.slipway.simulated.aws.SimulatedErrors.fill;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.simulated.aws.SimulatedAws;
import dev.slipway.simulated.lambda.SimulatedLambda;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.services.codepipeline.model.InvalidJobStateException;
import software.amazon.awssdk.services.codepipeline.model.JobNotFoundException;
import software.amazon.awssdk.services.codepipeline.model.PutJobFailureResultRequest;
import software.amazon.awssdk.services.codepipeline.model.PutJobSuccessResultRequest;
import software.amazon.awssdk.services.codepipeline.model.ValidationException;

/**
 * Actions that call a function and wait for its answer. Source: CodePipeline user guide, "AWS Lambda invoke action
 * reference"; API reference, PutJobSuccessResult. When CodePipeline comes back after a continuation is assumed.
 */
public final class CodePipelineJobs {
    static final Duration SILENCE = Duration.ofMinutes(20);
    static final Duration LONGEST = Duration.ofHours(24);
    private static final Duration COMES_BACK = Duration.ofSeconds(30);
    /** Lambda delivers an asynchronous event three times: "one minute" and "two minutes" between. */
    private static final List<Duration> DELIVERIES =
            List.of(Duration.ofSeconds(1), Duration.ofMinutes(1), Duration.ofMinutes(2));

    private static final int LONGEST_MESSAGE = 5000;
    private static final String SERVICE = "CodePipeline";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final SimulatedAws aws;
    private final SimulatedLambda lambda;
    /** Every job there has been. */
    private final Map<String, ActionRun> jobs = new LinkedHashMap<>();

    public CodePipelineJobs(SimulatedAws aws, SimulatedLambda lambda) {
        this.aws = aws;
        this.lambda = lambda;
    }

    /** A job to the function. "the job times out" after 20 minutes without an answer. */
    void start(ActionRun run) {
        String job = aws.uuid();
        run.job = job;
        jobs.put(job, run);
        String event = event(run, job); // every delivery is of this, whatever becomes of the job
        run.event = event;
        deliver(run, event, 0);
        aws.clock().after(SILENCE, () -> {
            if (job.equals(run.job)) {
                run.fail("JobFailed", "The AWS Lambda function did not return a result in time.");
            }
        });
    }

    /** As events may come twice. */
    void deliverAgain(ActionRun run) {
        if (run.job != null && run.event != null) {
            lambda.call(function(run), run.event);
        }
    }

    private String function(ActionRun run) {
        return aws.arn("lambda", "function:" + run.configured("FunctionName"));
    }

    private void deliver(ActionRun run, String event, int delivery) {
        if (delivery == DELIVERIES.size()) {
            return;
        }
        aws.clock().after(DELIVERIES.get(delivery), () -> {
            if (!(lambda.call(function(run), event) instanceof SimulatedLambda.Answer)) {
                deliver(run, event, delivery + 1);
            }
        });
    }

    private String event(ActionRun run, String job) {
        SimulatedExecution execution = run.execution;
        ObjectNode event = JSON.createObjectNode();
        ObjectNode data = event.putObject("CodePipeline.job")
                .put("id", job)
                .put("accountId", aws.accountId())
                .putObject("data");
        ObjectNode configuration = data.putObject("actionConfiguration").putObject("configuration");
        run.configuration.forEach(configuration::put);
        ArrayNode inputs = data.putArray("inputArtifacts");
        for (String name : run.action.inputs()) {
            inputs.addObject()
                    .put("name", name)
                    .putNull("revision")
                    .putObject("location")
                    .put("type", "S3")
                    .putObject("s3Location")
                    .put("bucketName", execution.pipeline.bucket())
                    .put("objectKey", execution.artifacts.get(name));
        }
        data.putArray("outputArtifacts");
        data.putObject("artifactCredentials")
                .put("accessKeyId", "ASIASIMULATED")
                .put("secretAccessKey", "simulated")
                .put("sessionToken", "simulated");
        if (run.token != null) {
            data.put("continuationToken", run.token);
        }
        return event.toString();
    }

    void succeeded(PutJobSuccessResultRequest request) {
        ActionRun run = answered(request.jobId());
        if (request.executionDetails() != null) {
            run.said = request.executionDetails().summary();
            run.externalId = request.executionDetails().externalExecutionId();
        }
        run.token = request.continuationToken();
        if (run.token == null) {
            run.execution.variables.put(run.action.namespace(), Map.copyOf(request.outputVariables()));
            run.succeed(run.said);
        } else {
            aws.clock().after(COMES_BACK, () -> comeBack(run));
        }
    }

    private void comeBack(ActionRun run) {
        if (run.isOver() || run.job != null) {
            return;
        }
        if (!aws.clock().instant().isBefore(run.started.plus(LONGEST))) {
            run.fail("JobFailed", "The action has timed out.");
            return;
        }
        start(run);
    }

    void failed(PutJobFailureResultRequest request) {
        if (request.failureDetails().message().length() > LONGEST_MESSAGE) {
            throw fill(ValidationException.builder(), SERVICE, "ValidationException", "message is too long")
                    .build();
        }
        ActionRun run = answered(request.jobId());
        run.externalId = request.failureDetails().externalExecutionId();
        run.fail(
                request.failureDetails().typeAsString(),
                request.failureDetails().message());
    }

    private ActionRun answered(String job) {
        ActionRun run = jobs.get(job);
        if (run == null) {
            throw fill(
                            JobNotFoundException.builder(),
                            SERVICE,
                            "JobNotFoundException",
                            "The job was specified in an invalid format or cannot be found: " + job)
                    .build();
        }
        if (!job.equals(run.job)) {
            throw fill(
                            InvalidJobStateException.builder(),
                            SERVICE,
                            "InvalidJobStateException",
                            "The job state was specified in an invalid format or is over: " + job)
                    .build();
        }
        run.job = null;
        return run;
    }
}
