package dev.slipway.api;

import dev.slipway.diagnosis.Evidence.Origin;
import dev.slipway.diagnosis.Evidence.Statement;
import dev.slipway.id.ServiceId;
import dev.slipway.pipeline.PipelineEvent;
import dev.slipway.pipeline.PipelineExecutions;
import dev.slipway.pipeline.PipelineModule;
import dev.slipway.service.ServiceDiagnosis;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is wrong with a service, why, and what mends it. */
@Path("/v1/environments/{environment}/services/{service}/diagnosis")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
public class DiagnosisResource {
    private final ServiceDiagnosis diagnoses;
    private final PipelineModule pipelines;
    private final RequestContext context;

    DiagnosisResource(ServiceDiagnosis serviceDiagnosis, PipelineModule pipelines, RequestContext context) {
        this.diagnoses = serviceDiagnosis;
        this.pipelines = pipelines;
        this.context = context;
    }

    @GET
    public ServiceDiagnosis.Report diagnosis() {
        ServiceId id = context.service();
        return diagnoses.report(id, failed(id));
    }

    /** The stage that failed in the newest execution of the pipeline, from what its events have told: no call to AWS. */
    private List<Statement> failed(ServiceId id) {
        return pipelines.deploysTo(id)
                ? pipelines.newestExecution(id).stream()
                        .flatMap(execution -> execution.stages().stream())
                        .filter(stage -> stage.state() == PipelineEvent.State.FAILED)
                        .filter(stage -> !stage.name().startsWith("Deploy-")) // its rollout tells
                        .limit(1)
                        .map(stage -> new Statement(Origin.PIPELINE, stage.changedAt(), told(stage)))
                        .toList()
                : List.of();
    }

    private static String told(PipelineExecutions.StageState stage) {
        PipelineEvent.@Nullable Result result = stage.result();
        return stage.name() + " failed: " + (result == null ? "CodePipeline gives no reason" : result.summary());
    }
}
