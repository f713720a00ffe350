package dev.slipway.pipeline;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.id.PipelineId;
import dev.slipway.ledger.LedgerEntry;
import dev.slipway.operation.IdGenerator;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Workflow;
import dev.slipway.plan.Plan;
import dev.slipway.plan.Plans;
import dev.slipway.problem.Problem;
import dev.slipway.service.ServiceRecord;
import dev.slipway.service.Services;
import dev.slipway.stack.Difference;
import dev.slipway.stack.Progress;
import dev.slipway.stack.Risk;
import dev.slipway.stack.StackChange;
import dev.slipway.stack.StackReconciler;
import dev.slipway.stack.Step;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import dev.slipway.store.Write;
import java.time.Duration;
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
    static final String STACK = "stack";
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
        StackChange change = stack.change(id, spec, deployed, operation, Plans.digest(store, operation));
        return switch (stacks.apply(progress, change, now)) {
            case Step.Requeue again ->
                ReconcileResult.requeue(operation.withProgress(again.progress()), again.requeueAfter());
            case Step.Done done -> applied(operation, record, done, now);
            case Step.Failed failed ->
                ReconcileResult.proceed(
                        operation.withProgress(failed.progress()).failed(failed.cause(), now));
            case Step.Planned _ -> throw new IllegalStateException("not a plan");
            case Step.Deleted _ -> throw new IllegalStateException("not a deletion");
        };
    }

    private ReconcileResult applied(Operation operation, Stored<PipelineRecord> record, Step.Done done, Instant now) {
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
                ended.succeeded(now), new Write.Update<>(record, record.value().withOutputs(done.outputs())));
    }

    /** Images are built elsewhere now: the pipeline in CodePipeline, if there ever was one, goes. */
    private ReconcileResult withoutStack(Operation operation, Stored<PipelineRecord> record, Step step, Instant now) {
        return switch (step) {
            case Step.Requeue again ->
                ReconcileResult.requeue(operation.withProgress(again.progress()), again.requeueAfter());
            case Step.Deleted _ ->
                ReconcileResult.proceed(
                        withRetainedNote(operation, record.value()).succeeded(now),
                        new Write.Update<>(record, record.value().withOutputs(Map.of())));
            case Step.Failed failed ->
                ReconcileResult.proceed(
                        operation.withProgress(failed.progress()).failed(failed.cause(), now));
            case Step.Done _ -> throw new IllegalStateException("not an update");
            case Step.Planned _ -> throw new IllegalStateException("not a plan");
        };
    }

    private ReconcileResult delete(Operation operation, PipelineId id, Progress progress, Instant now) {
        Stored<PipelineRecord> record = store.get(PipelineRecord.key(id)).orElseThrow();
        return switch (stacks.delete(progress, id.stackName(), operation.id(), false, now)) {
            case Step.Requeue again ->
                ReconcileResult.requeue(operation.withProgress(again.progress()), again.requeueAfter());
            case Step.Deleted _ -> deleted(operation, record, now);
            case Step.Failed failed ->
                ReconcileResult.proceed(
                        operation.withProgress(failed.progress()).failed(failed.cause(), now),
                        new Write.Update<>(record, record.value().withDeleting(false)));
            case Step.Done _ -> throw new IllegalStateException("not an update");
            case Step.Planned _ -> throw new IllegalStateException("not a plan");
        };
    }

    private ReconcileResult deleted(Operation operation, Stored<PipelineRecord> record, Instant now) {
        PipelineId id = record.value().id();
        List<Write> writes = new ArrayList<>();
        writes.add(LedgerEntry.of(
                        ids.next(),
                        id,
                        LedgerEntry.EventType.DELETED,
                        LedgerEntry.SLIPWAY,
                        "The pipeline is gone.",
                        now)
                .write());
        writes.add(new Write.Delete<>(record));
        store.get(PipelineExecutions.key(id)).ifPresent(view -> writes.add(new Write.Delete<>(view)));
        store.list(DeployJobs.PARTITION, DeployJobs.prefix(id.service()), DeployJobs.ITEM_TYPE, false, MAX_JOBS, null)
                .items()
                .forEach(runs -> writes.add(new Write.Delete<>(runs)));
        record.value().declared().environments().stream()
                .map(environment -> store.get(PushRecord.key(id.serviceIn(environment))))
                .flatMap(Optional::stream)
                .forEach(push -> writes.add(new Write.Delete<>(push)));
        return new ReconcileResult(withRetainedNote(operation, record.value()).succeeded(now), writes, Duration.ZERO);
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
        Step step = deployed.size() < spec.deploy().size()
                ? new Step.Failed(progress, onDeleted(id, spec, deployed))
                : stacks.plan(progress, stack.change(id, spec, deployed, operation, null), now);
        return Plans.toReconcileResult(operation, plan, step, now);
    }

    private Step.Planned withoutStack(PipelineId id) {
        boolean built = store.get(PipelineRecord.key(id))
                .filter(found -> !found.value().outputs().isEmpty())
                .isPresent();
        return new Step.Planned(
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
    public List<Write> abandon(Operation operation, Problem why, Instant now) {
        List<Write> writes = new ArrayList<>(Plans.onAbandoned(store, operation, why));
        if (operation.type() == Operation.Type.DELETE) {
            store.get(PipelineRecord.key((PipelineId) operation.target()))
                    .ifPresent(found ->
                            writes.add(new Write.Update<>(found, found.value().withDeleting(false))));
        }
        return writes;
    }
}
