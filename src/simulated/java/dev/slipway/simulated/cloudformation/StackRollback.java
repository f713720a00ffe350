package dev.slipway.simulated.cloudformation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import software.amazon.awssdk.services.cloudformation.model.StackStatus;

/**
 * Rolls an update back: every touched resource gets the previous template's values, whatever has happened to it since;
 * what the update made is deleted afterwards. Also the deletions: of a failed creation's resources and of whole stacks.
 * AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-continueupdaterollback.html
 */
final class StackRollback {
    private final StackEngine engine;
    private final StackRecord stack;
    /** What is still to be rolled back. */
    private final Map<String, StackDeployment.Undo> left;

    private final List<ResourceRecord> surplus = new ArrayList<>();

    StackRollback(StackEngine engine, StackRecord stack, Map<String, StackDeployment.Undo> undo) {
        this.engine = engine;
        this.stack = stack;
        this.left = new LinkedHashMap<>(undo);
    }

    void start(String reason) {
        engine.events().stack(stack, StackStatus.UPDATE_ROLLBACK_IN_PROGRESS, reason);
        engine.account().clock().after(Duration.ofSeconds(2), this::walk);
    }

    /** ContinueUpdateRollback: tries again, and counts {@code skipped} as rolled back. */
    void resume(Collection<String> skipped) {
        // API_ContinueUpdateRollback.html, ResourcesToSkip: not those that are UPDATE_FAILED
        // because they were cancelled.
        for (String id : skipped) {
            ResourceRecord resource = stack.resources.get(id);
            if (!left.containsKey(id)
                    || resource == null
                    || !resource.status.equals("UPDATE_FAILED")
                    || resource.reason.equals(ResourceAction.UPDATE_CANCELLED)) {
                throw CloudFormationErrors.validation(
                        "Resource [" + id + "] is not in a valid state to be skipped: its own rollback has not failed");
            }
        }
        for (String id : skipped) {
            left.remove(id);
            ResourceRecord resource = Objects.requireNonNull(stack.resources.get(id));
            resource.skipped = true;
            engine.events().resource(stack, resource, "UPDATE_COMPLETE", "");
        }
        start("User Initiated");
    }

    private void walk() {
        TemplateGraph graph = TemplateGraph.of(engine.evaluator(stack, stack.live));
        Map<String, Set<String>> waits = new LinkedHashMap<>();
        for (String id : graph.order()) {
            if (left.containsKey(id)) {
                waits.put(id, graph.needs(id));
            }
        }
        left.keySet().forEach(id -> waits.putIfAbsent(id, Set.of()));
        new DependencyWalk(waits, true, this::begin, ended -> finish(ended.failed())).advance();
    }

    private void begin(String id, DependencyWalk walk) {
        switch (Objects.requireNonNull(left.get(id))) {
            case StackDeployment.Undo.Made ignored -> {
                ResourceRecord made = stack.resources.remove(id);
                if (made != null) {
                    surplus.add(made);
                }
                done(id, walk);
            }
            case StackDeployment.Undo.Replaced(ResourceRecord old) -> {
                ResourceRecord made = stack.resources.put(id, old);
                if (made != null) {
                    surplus.add(made);
                }
                engine.events().resource(stack, old, "UPDATE_COMPLETE", "");
                done(id, walk);
            }
            case StackDeployment.Undo.Drifted(var actual, var declared, var byHand) -> {
                ResourceRecord resource = Objects.requireNonNull(stack.resources.get(id));
                update(id, resource, actual, walk, () -> {
                    resource.properties = declared;
                    byHand.ifPresent(changed -> engine.changeByHand(resource.physicalId, changed));
                });
            }
            case StackDeployment.Undo.Changed(var before) ->
                update(id, Objects.requireNonNull(stack.resources.get(id)), before, walk, () -> {});
        }
    }

    private void update(String id, ResourceRecord resource, ObjectNode before, DependencyWalk walk, Runnable then) {
        ResourceAction work =
                new ResourceAction(engine, stack, resource, ResourceAction.Verb.UPDATE, before, reason -> {
                    if (reason.isEmpty()) {
                        then.run();
                        done(id, walk);
                    } else {
                        walk.failed(id);
                    }
                });
        walk.running(id, work);
        work.start();
    }

    private void done(String id, DependencyWalk walk) {
        left.remove(id);
        walk.done(id);
    }

    private void finish(Set<String> failed) {
        if (!failed.isEmpty()) {
            engine.events()
                    .stack(
                            stack,
                            StackStatus.UPDATE_ROLLBACK_FAILED,
                            "The following resource(s) failed to update: [" + String.join(", ", failed) + "]. ");
            return;
        }
        // What the update has made goes in this state: view-stack-events.html, stack status codes.
        engine.events().stack(stack, StackStatus.UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS, "");
        StackRemoval cleanup = new StackRemoval(engine, stack, surplus, this::unlessOnCreate, left -> {
                    stack.rollback = null;
                    TemplateGraph graph = TemplateGraph.of(engine.evaluator(stack, stack.live));
                    engine.remember(stack, graph, stack.live.template());
                    engine.events().stack(stack, StackStatus.UPDATE_ROLLBACK_COMPLETE, StackRemoval.summary(left));
                })
                .afterUpdate();
        engine.account().clock().after(Duration.ofSeconds(1), cleanup::start);
    }

    private String unlessOnCreate(ResourceRecord resource) {
        return unlessOnCreate(stack, resource);
    }

    /**
     * The policy over a resource that the failed operation itself has made. API_CreateStack.html, RetainExceptOnCreate: it deletes
     * also what the template says to retain.
     */
    private static String unlessOnCreate(StackRecord stack, ResourceRecord resource) {
        return stack.retainExceptOnCreate || resource.deletionPolicy.equals("RetainExceptOnCreate")
                ? "Delete"
                : resource.deletionPolicy;
    }

    /** Deletes what a failed creation has made. */
    static void ofCreate(StackEngine engine, StackRecord stack) {
        StackRemoval removal = new StackRemoval(
                engine, stack, List.copyOf(stack.resources.values()), made -> unlessOnCreate(stack, made), left -> {
                    if (left.isEmpty()) {
                        engine.events().stack(stack, StackStatus.ROLLBACK_COMPLETE, "");
                    } else {
                        engine.events().stack(stack, StackStatus.ROLLBACK_FAILED, notDeleted(left));
                    }
                });
        engine.account().clock().after(Duration.ofSeconds(2), removal::start);
    }

    private static String notDeleted(List<ResourceRecord> left) {
        Set<String> ids = new LinkedHashSet<>();
        left.stream()
                .filter(resource -> resource.status.equals("DELETE_FAILED"))
                .forEach(r -> ids.add(r.logicalId));
        return "The following resource(s) failed to delete: [" + String.join(", ", ids) + "]. ";
    }

    /**
     * DeleteStack; {@code retained} are left alone, and with {@code force} so is what cannot be deleted.
     * AWSCloudFormation/latest/APIReference/API_DeleteStack.html
     */
    static void delete(
            StackEngine engine, StackRecord stack, Collection<String> retained, boolean force, String reason) {
        engine.events().stack(stack, StackStatus.DELETE_IN_PROGRESS, reason);
        List<ResourceRecord> victims = new ArrayList<>();
        if (stack.rollback != null) {
            victims.addAll(stack.rollback.surplus);
            stack.rollback = null;
        }
        stack.resources.values().stream()
                .filter(resource -> !resource.status.equals("DELETE_COMPLETE"))
                .forEach(victims::add);
        StackRemoval removal = new StackRemoval(
                engine,
                stack,
                victims,
                resource -> retained.contains(resource.logicalId) ? "Retain" : resource.deletionPolicy,
                left -> {
                    if (left.isEmpty() || force) {
                        stack.deleted = engine.account().clock().instant();
                        stack.changeSets.clear();
                        engine.events().stack(stack, StackStatus.DELETE_COMPLETE, "");
                    } else {
                        engine.events().stack(stack, StackStatus.DELETE_FAILED, notDeleted(left));
                    }
                });
        engine.account().clock().after(Duration.ofSeconds(2), removal::start);
    }
}
