package dev.slipway.simulated.cloudformation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.services.cloudformation.model.ExecutionStatus;
import software.amazon.awssdk.services.cloudformation.model.OnFailure;
import software.amazon.awssdk.services.cloudformation.model.Output;
import software.amazon.awssdk.services.cloudformation.model.StackStatus;

/**
 * Creates or updates a stack. CloudFormation compares what the last deployment declared with what this one declares, and
 * touches only what differs; a touched resource is sent everything that is declared, whatever it looks like live.
 * AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html
 */
final class StackDeployment {
    /** What a rollback has to revert for one resource. */
    sealed interface Undo {
        record Made() implements Undo {}

        record Changed(ObjectNode before) implements Undo {}

        /** So it was, whatever was declared; a rollback gives that back (drift-aware-change-sets.html). */
        record Drifted(ObjectNode actual, ObjectNode declared, Optional<ObjectNode> byHand) implements Undo {}

        record Replaced(ResourceRecord old) implements Undo {}
    }

    private final StackEngine engine;
    private final StackRecord stack;
    private final StackInput desired;
    private final boolean creating;
    private final OnFailure onFailure;
    /** The change set that is being executed, if it is one. */
    private final @Nullable ChangeSetRecord changeSet;

    private final TemplateEvaluator evaluator;
    private final TemplateGraph graph;
    private final DependencyWalk walk;
    private final Map<String, Undo> undo = new LinkedHashMap<>();
    private final Set<String> failedToCreate = new LinkedHashSet<>();
    private final Set<String> failedToUpdate = new LinkedHashSet<>();
    private boolean abandoned;

    StackDeployment(
            StackEngine engine,
            StackRecord stack,
            StackInput desired,
            boolean creating,
            OnFailure onFailure,
            @Nullable ChangeSetRecord changeSet) {
        this.engine = engine;
        this.stack = stack;
        this.desired = desired;
        this.creating = creating;
        this.onFailure = onFailure;
        this.changeSet = changeSet;
        this.evaluator = engine.evaluator(stack, desired);
        this.graph = TemplateGraph.of(evaluator);
        this.walk = new DependencyWalk(graph.needs(), true, this::begin, ended -> finish());
    }

    void start() {
        stack.deployment = this;
        stack.mask = NoEchoMask.of(desired, stack.live);
        engine.events()
                .stack(
                        stack,
                        creating ? StackStatus.CREATE_IN_PROGRESS : StackStatus.UPDATE_IN_PROGRESS,
                        "User Initiated");
        engine.account().clock().after(Duration.ofSeconds(2), walk::advance);
    }

    /** The stack is being deleted: nothing further of this deployment happens. */
    void abandon() {
        abandoned = true;
        walk.abandon();
    }

    private void begin(String id, DependencyWalk walk) {
        ObjectNode properties;
        try {
            properties = StackEngine.properties(evaluator, desired, id);
        } catch (AwsServiceException e) {
            failToEvaluate(id, e.awsErrorDetails().errorMessage());
            return;
        }
        ResourceRecord resource = stack.resources.get(id);
        if (resource == null) {
            resource = new ResourceRecord(id, desired.template().type(id));
            stack.resources.put(id, resource);
            undo.put(id, new Undo.Made());
            run(id, resource, ResourceAction.Verb.CREATE, properties);
        } else if (changeSet != null && changeSet.drifted.contains(id)) {
            revert(id, resource, properties);
        } else if (resource.properties.equals(properties)) {
            walk.done(id);
        } else if (ResourceChanges.replaces(resource.type, resource.properties, properties)) {
            replace(id, resource, properties);
        } else {
            undo.put(id, new Undo.Changed(resource.properties));
            run(id, resource, ResourceAction.Verb.UPDATE, properties);
        }
    }

    /** What is gone is made anew; all else is sent what is declared. A rollback puts back what people had made of it. */
    private void revert(String id, ResourceRecord resource, ObjectNode properties) {
        boolean gone = engine.actual(resource).isEmpty();
        undo.put(id, new Undo.Drifted(engine.asItIs(resource), resource.properties, engine.byHand(resource)));
        run(id, resource, gone ? ResourceAction.Verb.CREATE : ResourceAction.Verb.UPDATE, properties);
    }

    private void failToEvaluate(String id, String reason) {
        ResourceRecord known = stack.resources.get(id);
        if (known == null) {
            ResourceRecord made = new ResourceRecord(id, desired.template().type(id));
            stack.resources.put(id, made);
            undo.put(id, new Undo.Made());
            engine.events().resource(stack, made, "CREATE_FAILED", reason);
            walk.failed(id);
        } else {
            undo.put(id, new Undo.Changed(known.properties));
            fail(id, known, reason);
        }
    }

    private void replace(String id, ResourceRecord old, ObjectNode properties) {
        String naming = ResourceType.of(old.type).naming();
        String name = naming.isEmpty() ? "" : properties.path(naming).asText("");
        undo.put(id, new Undo.Changed(old.properties));
        if (!name.isEmpty() && name.equals(old.properties.path(naming).asText())) {
            fail(
                    id,
                    old,
                    "CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename "
                            + name + " and update the stack again.");
            return;
        }
        ResourceRecord made = new ResourceRecord(id, old.type);
        made.needs = old.needs;
        undo.put(id, new Undo.Replaced(old));
        stack.resources.put(id, made);
        run(id, made, ResourceAction.Verb.REPLACE, properties);
    }

    private void fail(String id, ResourceRecord resource, String reason) {
        engine.events().resource(stack, resource, "UPDATE_FAILED", reason);
        walk.failed(id);
    }

    private void run(String id, ResourceRecord resource, ResourceAction.Verb verb, ObjectNode properties) {
        ResourceAction work = new ResourceAction(engine, stack, resource, verb, properties, reason -> {
            if (reason.isEmpty()) {
                walk.done(id);
            } else {
                walk.failed(id);
            }
        });
        walk.running(id, work);
        work.start();
    }

    private void finish() {
        if (abandoned) {
            return;
        }
        stack.deployment = null;
        engine.remember(stack, graph, desired.template());
        if (!walk.failed().isEmpty()) {
            walk.failed().forEach(id -> (undo.get(id) instanceof Undo.Made ? failedToCreate : failedToUpdate).add(id));
            rollBack(failures());
        } else {
            succeed();
        }
    }

    private String failures() {
        StringBuilder text = new StringBuilder();
        if (!failedToCreate.isEmpty()) {
            text.append(
                    "The following resource(s) failed to create: [%s]. ".formatted(String.join(", ", failedToCreate)));
        }
        if (!failedToUpdate.isEmpty()) {
            text.append(
                    "The following resource(s) failed to update: [%s]. ".formatted(String.join(", ", failedToUpdate)));
        }
        return text.toString();
    }

    private void succeed() {
        List<Output> outputs;
        try {
            outputs = outputs();
        } catch (AwsServiceException e) {
            rollBack(e.awsErrorDetails().errorMessage());
            return;
        }
        executed(ExecutionStatus.EXECUTE_COMPLETE);
        stack.live = desired;
        stack.outputs = outputs;
        if (creating) {
            engine.events().stack(stack, StackStatus.CREATE_COMPLETE, "");
            return;
        }
        engine.events().stack(stack, StackStatus.UPDATE_COMPLETE_CLEANUP_IN_PROGRESS, "");
        List<ResourceRecord> old = new ArrayList<>();
        undo.values().forEach(entry -> {
            if (entry instanceof Undo.Replaced replaced) {
                old.add(replaced.old());
            }
        });
        Set<ResourceRecord> replaced = new LinkedHashSet<>(old);
        List<String> removed = stack.resources.keySet().stream()
                .filter(id -> !graph.needs().containsKey(id))
                .toList();
        removed.forEach(id -> old.add(stack.resources.get(id)));
        StackRemoval cleanup = new StackRemoval(
                        engine,
                        stack,
                        old,
                        resource ->
                                replaced.contains(resource) ? resource.updateReplacePolicy : resource.deletionPolicy,
                        left -> {
                            removed.forEach(stack.resources::remove);
                            engine.events().stack(stack, StackStatus.UPDATE_COMPLETE, StackRemoval.summary(left));
                        })
                .afterUpdate();
        engine.account().clock().after(Duration.ofSeconds(1), cleanup::start);
    }

    private List<Output> outputs() {
        List<Output> outputs = new ArrayList<>();
        desired.template().entries("Outputs").forEach((name, output) -> {
            if (output.has("Condition")
                    && !evaluator.condition(output.get("Condition").asText())) {
                return;
            }
            JsonNode value = evaluator.evaluate(output.path("Value"));
            Output.Builder builder =
                    Output.builder().outputKey(name).outputValue(TemplateFunctions.text(value, "Outputs"));
            if (output.has("Description")) {
                builder.description(output.get("Description").asText());
            }
            if (output.path("Export").has("Name")) {
                builder.exportName(
                        evaluator.evaluate(output.get("Export").get("Name")).asText());
            }
            outputs.add(builder.build());
        });
        return outputs;
    }

    private void executed(ExecutionStatus status) {
        if (changeSet != null) {
            changeSet.executionStatus = status;
        }
    }

    private void rollBack(String reason) {
        executed(ExecutionStatus.EXECUTE_FAILED);
        if (!creating && onFailure == OnFailure.DO_NOTHING) {
            // AWSCloudFormation/latest/UserGuide/stack-failure-options.html: what was updated stays as it is
            engine.events().stack(stack, StackStatus.UPDATE_FAILED, reason);
            return;
        }
        if (!creating) {
            stack.rollback = new StackRollback(engine, stack, undo);
            stack.rollback.start(reason);
            return;
        }
        if (onFailure == OnFailure.DO_NOTHING) {
            engine.events().stack(stack, StackStatus.CREATE_FAILED, reason);
            return;
        }
        if (onFailure == OnFailure.DELETE) {
            StackRollback.delete(engine, stack, Set.of(), false, reason + "Delete requested by user.");
            return;
        }
        engine.events().stack(stack, StackStatus.ROLLBACK_IN_PROGRESS, reason + "Rollback requested by user.");
        StackRollback.ofCreate(engine, stack);
    }
}
