package dev.slipway.pipeline;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.slipway.id.PipelineId;
import dev.slipway.pipeline.PipelineJob.Artifact;
import dev.slipway.problem.Problem;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.codepipeline.CodePipelineClient;
import software.amazon.awssdk.services.codepipeline.model.ActionExecutionDetail;
import software.amazon.awssdk.services.codepipeline.model.ActionExecutionFilter;
import software.amazon.awssdk.services.codepipeline.model.ActionExecutionInput;
import software.amazon.awssdk.services.codepipeline.model.ActionExecutionStatus;
import software.amazon.awssdk.services.codepipeline.model.ArtifactDetail;
import software.amazon.awssdk.services.codepipeline.model.ListActionExecutionsRequest;
import software.amazon.awssdk.services.codepipeline.model.PipelineExecutionNotFoundException;
import software.amazon.awssdk.services.codepipeline.model.PipelineNotFoundException;
import software.amazon.awssdk.services.codepipeline.model.S3Location;

/**
 * Holds what a job says against what is declared and what CodePipeline knows of the action. The event names neither pipeline nor
 * stage, and AWS offers no call that tells them of a Lambda action's job: GetJobDetails and AcknowledgeJob are for custom
 * actions (API reference of both). So the action is looked up by what the job claims: it must be in progress, in that execution
 * of that pipeline, at the stage of that environment, with this very artifact and these parameters. What is started then is what
 * the pipeline itself asks for, whoever has sent the event; that the job is CodePipeline's own shows when it takes our answer.
 */
record JobProof(Store store, CodePipelineClient codePipeline) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int PAGE = 100;

    /**
     * What a job says of itself.
     *
     * @param environment that it deploys to; null when it deploys nowhere
     * @param parameters the action's user parameters, variables resolved
     */
    record Claim(
            @Nullable String environment,
            String stage,
            String action,
            String execution,
            String parameters,
            Artifact artifact) {
        /** Stages and actions have these names in {@code stacks/pipeline.yaml}. */
        static Claim of(PipelineJob.Deploy job) {
            String environment = job.service().environment();
            String stage = "Deploy-" + environment;
            return new Claim(environment, stage, stage, job.execution(), job.parameters(), job.artifact());
        }

        static Claim of(PipelineJob.SelectBuildspec job) {
            return new Claim(null, "Build", "SelectBuildspec", job.execution(), job.parameters(), job.source());
        }
    }

    /** What came of it. */
    sealed interface Result {
        /** @param begun when the action has begun */
        record Proven(Instant begun) implements Result {}

        /** It is not what it says. */
        record Refused(Problem problem) implements Result {}

        /** It is not known to be what it says; what AWS lists may come late. */
        record Unknown(Problem problem) implements Result {}
    }

    Result of(PipelineId pipeline, Claim claim) {
        Optional<PipelineRecord> declared = store.get(PipelineRecord.key(pipeline))
                .map(Stored::value)
                .filter(found -> !found.deleting() && found.declared().repository() != null);
        if (declared.isEmpty()) {
            return refused("There is no pipeline %s with a repository.".formatted(pipeline.service()));
        }
        String environment = claim.environment();
        if (environment != null && !declared.get().declared().environments().contains(environment)) {
            return refused("The pipeline %s does not deploy to %s.".formatted(pipeline.service(), environment));
        }
        String bucket = declared.get().outputs().get("ArtifactBucket");
        if (bucket == null) {
            return unknown("The stack of the pipeline %s is not recorded yet.".formatted(pipeline.service()));
        }
        if (!bucket.equals(claim.artifact().bucket())) {
            return refused("The artifact is in %s, and those of the pipeline %s are in %s."
                    .formatted(claim.artifact().bucket(), pipeline.service(), bucket));
        }
        return action(pipeline, claim);
    }

    private Result action(PipelineId pipeline, Claim claim) {
        Optional<ActionExecutionDetail> newest = actions(pipeline, claim.execution()).stream()
                .filter(found -> claim.stage().equals(found.stageName())
                        && claim.action().equals(found.actionName()))
                .max(Comparator.comparing(JobProof::begun));
        if (newest.isEmpty() || newest.get().status() != ActionExecutionStatus.IN_PROGRESS) {
            return unknown("CodePipeline knows no action %s in progress in execution %s of %s."
                    .formatted(claim.action(), claim.execution(), pipeline.stackName()));
        }
        List<S3Location> artifacts = artifacts(newest.get().input());
        if (artifacts.isEmpty()) {
            return unknown("CodePipeline does not tell the artifact of the action %s in execution %s."
                    .formatted(claim.action(), claim.execution()));
        }
        return artifacts.contains(location(claim.artifact())) && hasParameters(newest.get(), claim)
                ? new Result.Proven(begun(newest.get()))
                : refused("The action %s in execution %s has another artifact or other parameters."
                        .formatted(claim.action(), claim.execution()));
    }

    /** Without one that is compared nothing is proven. */
    private static List<S3Location> artifacts(@Nullable ActionExecutionInput input) {
        return input == null
                ? List.of()
                : input.inputArtifacts().stream()
                        .map(ArtifactDetail::s3location)
                        .filter(Objects::nonNull)
                        .toList();
    }

    private static S3Location location(Artifact artifact) {
        return S3Location.builder()
                .bucket(artifact.bucket())
                .key(artifact.key())
                .build();
    }

    /** As far as CodePipeline tells them. */
    private static boolean hasParameters(ActionExecutionDetail action, Claim claim) {
        String parameters = action.input().resolvedConfiguration().get("UserParameters");
        return parameters == null || parse(parameters).equals(parse(claim.parameters()));
    }

    private static JsonNode parse(String parameters) {
        try {
            return JSON.readTree(parameters);
        } catch (JsonProcessingException e) {
            return TextNode.valueOf(parameters);
        }
    }

    private List<ActionExecutionDetail> actions(PipelineId pipeline, String execution) {
        try {
            return codePipeline
                    .listActionExecutionsPaginator(ListActionExecutionsRequest.builder()
                            .pipelineName(pipeline.stackName())
                            .filter(ActionExecutionFilter.builder()
                                    .pipelineExecutionId(execution)
                                    .build())
                            .maxResults(PAGE)
                            .build())
                    .stream()
                    .flatMap(page -> page.actionExecutionDetails().stream())
                    .toList();
        } catch (PipelineNotFoundException | PipelineExecutionNotFoundException e) {
            return List.of();
        }
    }

    private static Instant begun(ActionExecutionDetail action) {
        return action.startTime() == null ? Instant.EPOCH : action.startTime();
    }

    private static Result refused(String why) {
        return new Result.Refused(problem(why));
    }

    private static Result unknown(String why) {
        return new Result.Unknown(problem(why));
    }

    private static Problem problem(String why) {
        return Problem.user(
                "job-not-proven",
                "This job is not taken: " + why,
                "Jobs come from the actions of a declared pipeline: apply its spec, and start it anew.");
    }
}
