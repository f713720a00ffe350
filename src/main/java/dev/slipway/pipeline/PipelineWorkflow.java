package dev.slipway.pipeline;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.id.PipelineId;
import dev.slipway.ledger.LedgerEntry;
import dev.slipway.operation.IdGenerator;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Transaction;
import dev.slipway.pipeline.ImagePushes.PushRecord;
import dev.slipway.pipeline.PipelineModule.Connections;
import dev.slipway.plan.StackWorkflow;
import dev.slipway.problem.Problem;
import dev.slipway.service.ServiceRecord;
import dev.slipway.service.Services;
import dev.slipway.stack.Risk;
import dev.slipway.stack.StackReconciler;
import dev.slipway.store.Key;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the operations of a pipeline do: its one stack is planned, applied or deleted. A pipeline whose images are built
 * elsewhere has none.
 */
final class PipelineWorkflow extends StackWorkflow<PipelineId, PipelineSpec, PipelineRecord> {
    /** Environments that it has ever deployed to; a transaction has room for a hundred items. */
    private static final int MAX_JOBS = 50;

    private final PipelineStack stack;
    private final Services services;
    private final Connections connections;
    private final IdGenerator ids;

    PipelineWorkflow(
            Store store,
            StackReconciler stacks,
            PipelineStack stack,
            Services services,
            Connections connections,
            IdGenerator ids,
            ObjectMapper json) {
        super(store, stacks, json, PipelineSpec.class);
        this.stack = stack;
        this.services = services;
        this.connections = connections;
        this.ids = ids;
    }

    @Override
    protected Key<PipelineRecord> key(PipelineId id) {
        return PipelineRecord.key(id);
    }

    @Override
    protected Desired desired(PipelineId id, PipelineSpec spec, Operation operation, @Nullable String expected) {
        if (spec.repository() == null) {
            return new Desired.None(risksWithoutStack(id));
        }
        List<ServiceRecord> deployed = deployed(id, spec);
        return deployed.size() < spec.deploy().size()
                ? new Desired.Impossible(onDeleted(id, spec, deployed))
                : new Desired.Stack(stack.change(id, spec, deployed, operation, expected));
    }

    /** Where images are built elsewhere now, the pipeline in CodePipeline is gone, if there ever was one. */
    @Override
    protected ReconcileResult applied(
            Operation operation, Stored<PipelineRecord> record, Map<String, String> outputs, Instant now) {
        Operation ended = record.value().declared().repository() == null
                ? withRetainedNote(operation, record.value())
                : operation;
        String arn = outputs.get("ConnectionArn");
        if (arn != null && connections.isPending(arn)) {
            ended = ended.withNote(
                    "The connection to the repository waits for a person, once: open %s, choose %s and sign in."
                                    .formatted(outputs.get("ConnectionUrl"), arn)
                            + " Until then executions fail at their source.");
        }
        return ReconcileResult.proceed(
                ended.succeeded(now),
                new Transaction().update(record, record.value().withOutputs(outputs)));
    }

    @Override
    protected ReconcileResult deleted(Operation operation, Stored<PipelineRecord> record, Instant now) {
        PipelineId id = record.value().id();
        List<Stored<?>> gone = new ArrayList<>(List.of(record));
        store.get(PipelineExecutions.key(id)).ifPresent(gone::add);
        gone.addAll(store.list(
                        DeployJobs.PARTITION,
                        DeployJobs.prefix(id.service()),
                        DeployJobs.ITEM_TYPE,
                        false,
                        MAX_JOBS,
                        null)
                .items());
        record.value()
                .declared()
                .environments()
                .forEach(environment ->
                        store.get(PushRecord.key(id.serviceIn(environment))).ifPresent(gone::add));
        Transaction deleted = new Transaction()
                .entry(LedgerEntry.of(
                        ids.next(),
                        id,
                        LedgerEntry.EventType.DELETED,
                        LedgerEntry.SLIPWAY,
                        "The pipeline is gone.",
                        now));
        for (Stored<?> item : gone) {
            deleted = deleted.delete(item);
        }
        return ReconcileResult.proceed(
                withRetainedNote(operation, record.value()).succeeded(now), deleted);
    }

    private static Operation withRetainedNote(Operation operation, PipelineRecord record) {
        String bucket = record.outputs().get("ArtifactBucket");
        return bucket == null
                ? operation
                : operation.withNote(
                        "Left: sources and build results in the bucket %s, which expire by its own rule. To remove"
                                        .formatted(bucket)
                                + " them now, with all their versions: empty and delete it in the console of S3.");
    }

    @Override
    protected PipelineRecord notDeleted(PipelineRecord record) {
        return record.withDeleting(false);
    }

    private List<Risk> risksWithoutStack(PipelineId id) {
        return store.get(PipelineRecord.key(id))
                .filter(found -> !found.value().outputs().isEmpty())
                .map(_ -> List.of(new Risk(
                        "Pipeline",
                        "The pipeline in CodePipeline is deleted with its builds, since the spec names no repository.",
                        false)))
                .orElse(List.of());
    }

    /** The services that it deploys to, in order, without those that are gone. */
    private List<ServiceRecord> deployed(PipelineId id, PipelineSpec spec) {
        return spec.environments().stream()
                .map(environment -> services.find(id.serviceIn(environment)))
                .flatMap(Optional::stream)
                .filter(PipelineStack::hasRegistry)
                .toList();
    }

    /** They were there when the spec was accepted. */
    private static Problem onDeleted(PipelineId id, PipelineSpec spec, List<ServiceRecord> deployed) {
        List<String> there =
                deployed.stream().map(service -> service.id().environment()).toList();
        String missing = spec.environments().stream()
                .filter(environment -> !there.contains(environment))
                .map(environment -> id.serviceIn(environment).key())
                .toList()
                .toString();
        return Problem.user(
                "service-not-ready",
                "What the pipeline deploys to was deleted meanwhile: %s.".formatted(missing),
                "Create the services again, or take their environments out of the pipeline's spec.");
    }
}
