package dev.slipway.pipeline;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.ledger.Entry;
import dev.slipway.operation.Ids;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Work;
import dev.slipway.plan.Plan;
import dev.slipway.plan.Plans;
import dev.slipway.problem.Problem;
import dev.slipway.service.ServiceRecord;
import dev.slipway.service.Services;
import dev.slipway.stack.Difference;
import dev.slipway.stack.Progress;
import dev.slipway.stack.Risk;
import dev.slipway.stack.StackChange;
import dev.slipway.stack.Stacks;
import dev.slipway.stack.Step;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import dev.slipway.store.Write;
import dev.slipway.target.PipelineId;
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
final class PipelineWork implements Work {
    /** Environments that it has ever deployed to; a transaction has room for a hundred items. */
    private static final int MOST_RUNS = 50;

    private final Store store;
    private final Stacks stacks;
    private final PipelineStack stack;
    private final Services services;
    private final Connections connections;
    private final Ids ids;
    private final ObjectMapper json;

    PipelineWork(
            Store store,
            Stacks stacks,
            PipelineStack stack,
            Services services,
            Connections connections,
            Ids ids,
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
    public Pass advance(Operation operation, Instant now) {
        PipelineId id = (PipelineId) operation.target();
        Progress progress = operation.progress() == null ? Progress.start(now) : operation.progress();
        return switch (operation.type()) {
            case APPLY -> apply(operation, id, progress, now);
            case DELETE -> delete(operation, id, progress, now);
            case PLAN -> plan(operation, id, progress, now);
            case ROLLOUT -> throw new IllegalStateException("a pipeline has no releases");
        };
    }

    private Pass apply(Operation operation, PipelineId id, Progress progress, Instant now) {
        Stored<PipelineRecord> record = store.get(PipelineRecord.key(id)).orElseThrow();
        PipelineSpec spec = record.value().declared();
        if (spec.repository() == null) {
            return withoutStack(
                    operation, record, stacks.delete(progress, id.stackName(), operation.id(), false, now), now);
        }
        List<ServiceRecord> deployed = deployed(id, spec);
        if (deployed.size() < spec.deploy().size()) {
            return Pass.next(operation.failed(gone(id, spec, deployed), now));
        }
        StackChange change =
                stack.change(id, spec, deployed, operation.allow(), Plans.digest(store, operation), operation.id());
        return switch (stacks.apply(progress, change, now)) {
            case Step.Again again -> Pass.again(operation.progressed(again.progress()), again.lookAgain());
            case Step.Done done -> applied(operation, record, done, now);
            case Step.Failed failed ->
                Pass.next(operation.progressed(failed.progress()).failed(failed.cause(), now));
            case Step.Planned _ -> throw new IllegalStateException("not a plan");
            case Step.Deleted _ -> throw new IllegalStateException("not a deletion");
        };
    }

    private Pass applied(Operation operation, Stored<PipelineRecord> record, Step.Done done, Instant now) {
        Operation ended = operation.progressed(done.progress());
        if (!done.changed()) {
            ended = ended.noting("Nothing to change: the stack is as the spec says.");
        }
        String arn = done.outputs().get("ConnectionArn");
        if (arn != null && connections.isPending(arn)) {
            ended = ended.noting(
                    "The connection to the repository waits for a person, once: open %s, choose %s and sign in."
                                    .formatted(done.outputs().get("ConnectionUrl"), arn)
                            + " Until then executions fail at their source.");
        }
        return Pass.next(
                ended.succeeded(now), new Write.Update<>(record, record.value().applied(done.outputs())));
    }

    /** Images are built elsewhere now: the pipeline in CodePipeline, if there ever was one, goes. */
    private Pass withoutStack(Operation operation, Stored<PipelineRecord> record, Step step, Instant now) {
        return switch (step) {
            case Step.Again again -> Pass.again(operation.progressed(again.progress()), again.lookAgain());
            case Step.Deleted _ ->
                Pass.next(
                        leaving(operation, record.value()).succeeded(now),
                        new Write.Update<>(record, record.value().applied(Map.of())));
            case Step.Failed failed ->
                Pass.next(operation.progressed(failed.progress()).failed(failed.cause(), now));
            case Step.Done _ -> throw new IllegalStateException("not an update");
            case Step.Planned _ -> throw new IllegalStateException("not a plan");
        };
    }

    private Pass delete(Operation operation, PipelineId id, Progress progress, Instant now) {
        Stored<PipelineRecord> record = store.get(PipelineRecord.key(id)).orElseThrow();
        return switch (stacks.delete(progress, id.stackName(), operation.id(), false, now)) {
            case Step.Again again -> Pass.again(operation.progressed(again.progress()), again.lookAgain());
            case Step.Deleted _ -> deleted(operation, record, now);
            case Step.Failed failed ->
                Pass.next(
                        operation.progressed(failed.progress()).failed(failed.cause(), now),
                        new Write.Update<>(record, record.value().deleting(false)));
            case Step.Done _ -> throw new IllegalStateException("not an update");
            case Step.Planned _ -> throw new IllegalStateException("not a plan");
        };
    }

    private Pass deleted(Operation operation, Stored<PipelineRecord> record, Instant now) {
        PipelineId id = record.value().id();
        List<Write> writes = new ArrayList<>();
        writes.add(Entry.of(ids.next(), id, Entry.What.DELETED, Entry.SLIPWAY, "The pipeline is gone.", now)
                .write());
        writes.add(new Write.Delete<>(record));
        store.get(PipelineView.key(id)).ifPresent(view -> writes.add(new Write.Delete<>(view)));
        store.list(PipelineRuns.PARTITION, PipelineRuns.prefix(id.service()), PipelineRuns.KIND, false, MOST_RUNS, null)
                .items()
                .forEach(runs -> writes.add(new Write.Delete<>(runs)));
        record.value().declared().environments().stream()
                .map(environment -> store.get(PushRecord.key(id.in(environment))))
                .flatMap(Optional::stream)
                .forEach(push -> writes.add(new Write.Delete<>(push)));
        return new Pass(leaving(operation, record.value()).succeeded(now), writes, Duration.ZERO);
    }

    private static Operation leaving(Operation operation, PipelineRecord record) {
        String bucket = record.outputs().get("ArtifactBucket");
        return bucket == null
                ? operation
                : operation.noting(
                        "Left: sources and build results in the bucket %s, which expire by its own rule. To remove"
                                        .formatted(bucket)
                                + " them now, with all their versions: empty and delete it in the console of S3.");
    }

    private Pass plan(Operation operation, PipelineId id, Progress progress, Instant now) {
        Stored<Plan> plan = Plans.of(store, operation).orElseThrow();
        PipelineSpec spec = json.convertValue(plan.value().spec(), PipelineSpec.class);
        if (spec.repository() == null) {
            return Plans.pass(operation, plan, withoutStack(id), now);
        }
        List<ServiceRecord> deployed = deployed(id, spec);
        Step step = deployed.size() < spec.deploy().size()
                ? new Step.Failed(progress, gone(id, spec, deployed))
                : stacks.plan(progress, stack.change(id, spec, deployed, operation.allow(), null, operation.id()), now);
        return Plans.pass(operation, plan, step, now);
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
                .map(environment -> services.find(id.in(environment)))
                .flatMap(Optional::stream)
                .filter(PipelineStack::hasRegistry)
                .toList();
    }

    /** They were there when the spec was accepted. */
    private static Problem gone(PipelineId id, PipelineSpec spec, List<ServiceRecord> deployed) {
        List<String> there =
                deployed.stream().map(service -> service.id().environment()).toList();
        String missing = spec.environments().stream()
                .filter(environment -> !there.contains(environment))
                .map(environment -> id.in(environment).key())
                .toList()
                .toString();
        return Problem.user(
                "service-not-ready",
                "What the pipeline deploys to was deleted meanwhile: %s.".formatted(missing),
                "Create the services again, or take their environments out of the pipeline's spec.");
    }

    @Override
    public List<Write> abandon(Operation operation, Problem why, Instant now) {
        List<Write> writes = new ArrayList<>(Plans.abandoned(store, operation, why));
        if (operation.type() == Operation.Type.DELETE) {
            store.get(PipelineRecord.key((PipelineId) operation.target()))
                    .ifPresent(found ->
                            writes.add(new Write.Update<>(found, found.value().deleting(false))));
        }
        return writes;
    }
}
