package dev.slipway.pipeline;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.id.PipelineId;
import dev.slipway.ledger.LedgerEntry;
import dev.slipway.operation.IdGenerator;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Transaction;
import dev.slipway.operation.Workflow;
import dev.slipway.plan.Plan;
import dev.slipway.plan.Plans;
import dev.slipway.problem.Problem;
import dev.slipway.service.ServiceRecord;
import dev.slipway.service.Services;
import dev.slipway.stack.ApplyResult;
import dev.slipway.stack.DeleteResult;
import dev.slipway.stack.Difference;
import dev.slipway.stack.PlanResult;
import dev.slipway.stack.Progress;
import dev.slipway.stack.Risk;
import dev.slipway.stack.StackChange;
import dev.slipway.stack.StackReconciler;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the operations of a pipeline do: its one stack is planned, applied or deleted. A pipeline whose images are built
 * elsewhere has none.
 */
final class PipelineWorkflow implements Workflow {
    /** Environments that it has ever deployed to; a transaction has room for a hundred items. */
    private static final int MAX_JOBS = 50;

    private final Store store;
    private final StackReconciler stacks;
    private final PipelineStack stack;
    private final Services services;
    private final Connections connections;
    private final IdGenerator ids;
    private final ObjectMapper json;

    PipelineWorkflow(
            Store store,
            StackReconciler stacks,
            PipelineStack stack,
            Services services,
            Connections connections,
            IdGenerator ids,
            ObjectMapper json) {
        this.store = store;
        this.stacks = stacks;
        this.stack = stack;
        this.services = services;
        this.connections = connections;
        this.ids = ids;
        this.json = json;
    }

    @Override
    public ReconcileResult reconcile(Operation operation, Instant now) {
        PipelineId id = (PipelineId) operation.target();
        Progress progress = operation.progress() == null ? Progress.start(now) : operation.progress();
        return switch (operation.type()) {
            case APPLY -> apply(operation, id, progress, now);
            case DELETE -> delete(operation, id, progress, now);
            case PLAN -> plan(operation, id, progress, now);
            case ROLLOUT -> throw new IllegalStateException("a pipeline has no releases");
        };
    }

    private ReconcileResult apply(Operation operation, PipelineId id, Progress progress, Instant now) {
        Stored<PipelineRecord> record = store.get(PipelineRecord.key(id)).orElseThrow();
        PipelineSpec spec = record.value().declared();
        if (spec.repository() == null) {
            return withoutStack(
                    operation, record, stacks.delete(progress, id.stackName(), operation.id(), false, now), now);
        }
        List<ServiceRecord> deployed = deployed(id, spec);
        if (deployed.size() < spec.deploy().size()) {
            return ReconcileResult.proceed(operation.failed(onDeleted(id, spec, deployed), now));
        }
        StackChange change =
                stack.change(id, spec, deployed, operation, Plans.digest(store, operation));
        return switch (stacks.apply(progress, change, now)) {
            case ApplyResult.InProgress again ->
                ReconcileResult.requeue(operation.withProgress(again.progress()), again.requeueAfter());
            case ApplyResult.Succeeded done -> applied(operation, record, done, now);
            case ApplyResult.Failed failed ->
                ReconcileResult.proceed(
                        operation.withProgress(failed.progress()).failed(failed.cause(), now));
        };
    }

    private ReconcileResult applied(Operation operation, Stored<PipelineRecord> record, ApplyResult.Succeeded done, Instant now) {
        Operation ended = operation.withProgress(done.progress());
        if (!done.changed()) {
            ended = ended.withNote("Nothing to change: the stack is as the spec says.");
        }
        String arn = done.outputs().get("ConnectionArn");
        if (arn != null && connections.isPending(arn)) {
            ended = ended.withNote(
                    "The connection to the repository waits for a person, once: open %s, choose %s and sign in."
                                    .formatted(done.outputs().get("ConnectionUrl"), arn)
                            + " Until then executions fail at their source.");
        }
        return ReconcileResult.proceed(
                ended.succeeded(now),
                new Transaction().update(record, record.value().withOutputs(done.outputs())));
    }

    /** Images are built elsewhere now: the pipeline in CodePipeline, if there ever was one, goes. */
    private ReconcileResult withoutStack(Operation operation, Stored<PipelineRecord> record, DeleteResult result, Instant now) {
        return switch (result) {
            case DeleteResult.InProgress again ->
                ReconcileResult.requeue(operation.withProgress(again.progress()), again.requeueAfter());
            case DeleteResult.Deleted _ ->
                ReconcileResult.proceed(
                        withRetainedNote(operation, record.value()).succeeded(now),
                        new Transaction().update(record, record.value().withOutputs(Map.of())));
            case DeleteResult.Failed failed ->
                ReconcileResult.proceed(
                        operation.withProgress(failed.progress()).failed(failed.cause(), now));
        };
    }

    private ReconcileResult delete(Operation operation, PipelineId id, Progress progress, Instant now) {
        Stored<PipelineRecord> record = store.get(PipelineRecord.key(id)).orElseThrow();
        return switch (stacks.delete(progress, id.stackName(), operation.id(), false, now)) {
            case DeleteResult.InProgress again ->
                ReconcileResult.requeue(operation.withProgress(again.progress()), again.requeueAfter());
            case DeleteResult.Deleted _ -> deleted(operation, record, now);
            case DeleteResult.Failed failed ->
                ReconcileResult.proceed(
                        operation.withProgress(failed.progress()).failed(failed.cause(), now),
                        new Transaction().update(record, record.value().withDeleting(false)));
        };
    }

    private ReconcileResult deleted(Operation operation, Stored<PipelineRecord> record, Instant now) {
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

    private ReconcileResult plan(Operation operation, PipelineId id, Progress progress, Instant now) {
        Stored<Plan> plan = Plans.of(store, operation).orElseThrow();
        PipelineSpec spec = json.convertValue(plan.value().spec(), PipelineSpec.class);
        if (spec.repository() == null) {
            return Plans.toReconcileResult(operation, plan, withoutStack(id), now);
        }
        List<ServiceRecord> deployed = deployed(id, spec);
        PlanResult result = deployed.size() < spec.deploy().size()
                ? new PlanResult.Failed(progress, onDeleted(id, spec, deployed))
                : stacks.plan(progress, stack.change(id, spec, deployed, operation, null), now);
        return Plans.toReconcileResult(operation, plan, result, now);
    }

    private PlanResult.Planned withoutStack(PipelineId id) {
        boolean built = store.get(PipelineRecord.key(id))
                .filter(found -> !found.value().outputs().isEmpty())
                .isPresent();
        return new PlanResult.Planned(
                new Difference(List.of(), "none"),
                built
                        ? List.of(new Risk(
                                "Pipeline",
                                "The pipeline in CodePipeline is deleted with its builds, since the spec names no repository.",
                                false))
                        : List.of());
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

    @Override
    public Transaction abandon(Operation operation, Problem why, Instant now) {
        Transaction plan = Plans.onAbandoned(store, operation, why);
        return store.get(PipelineRecord.key((PipelineId) operation.target()))
                .filter(_ -> operation.type() == Operation.Type.DELETE)
                .map(found -> plan.update(found, found.value().withDeleting(false)))
                .orElse(plan);
    }
}
