package dev.slipway.simulated.cloudformation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/** Deletes resources, those that need others before the others; goes on past a failure as far as it can. */
final class StackRemoval {
    private final StackEngine engine;
    private final StackRecord stack;
    /** By a node's own name, since an old and a new resource can share a logical id. */
    private final Map<String, ResourceRecord> victims = new LinkedHashMap<>();
    /** The policy that decides over a resource: Delete, Retain or RetainExceptOnCreate. */
    private final Function<ResourceRecord, String> policy;

    private final Consumer<List<ResourceRecord>> ended;

    private final Map<String, Integer> tries = new HashMap<>();
    private int mostTries = 1;

    /** {@code ended} gets the resources that could not be deleted. */
    StackRemoval(
            StackEngine engine,
            StackRecord stack,
            List<ResourceRecord> victims,
            Function<ResourceRecord, String> policy,
            Consumer<List<ResourceRecord>> ended) {
        this.engine = engine;
        this.stack = stack;
        this.policy = policy;
        this.ended = ended;
        for (ResourceRecord victim : victims) {
            this.victims.put(this.victims.size() + "/" + victim.logicalId, victim);
        }
    }

    /** "tries to delete a resource three times before CloudFormation skips the resource": repost.aws/knowledge-center/cloudformation-stack-cleanup-stuck */
    StackRemoval afterUpdate() {
        mostTries = 3;
        return this;
    }

    /** What the stack says at the end of an update: docs/assumptions.md. */
    static String summary(List<ResourceRecord> left) {
        return left.isEmpty() ? "" : "Update successful. One or more resources could not be deleted.";
    }

    void start() {
        new DependencyWalk(waits(), false, this::begin, walk -> {
                    List<ResourceRecord> left = new ArrayList<>();
                    victims.forEach((node, victim) -> {
                        if (!walk.done().contains(node)) {
                            left.add(victim);
                        }
                    });
                    ended.accept(left);
                })
                .advance();
    }

    private Map<String, Set<String>> waits() {
        Map<String, Set<String>> waits = new LinkedHashMap<>();
        victims.forEach((node, victim) -> {
            Set<String> first = new LinkedHashSet<>();
            victims.forEach((other, needing) -> {
                if (!other.equals(node) && needing.needs.contains(victim.logicalId)) {
                    first.add(other);
                }
            });
            waits.put(node, first);
        });
        return waits;
    }

    private void begin(String node, DependencyWalk walk) {
        ResourceRecord victim = Objects.requireNonNull(victims.get(node));
        if (victim.physicalId.isEmpty()) {
            engine.events().resource(stack, victim, "DELETE_COMPLETE", "");
            walk.done(node);
            return;
        }
        // RetainExceptOnCreate retains, too, but for the rollback of the operation that made the resource:
        // AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
        if (policy.apply(victim).startsWith("Retain")) {
            engine.events().resource(stack, victim, "DELETE_SKIPPED", "");
            walk.done(node);
            return;
        }
        delete(node, victim, walk);
    }

    private void delete(String node, ResourceRecord victim, DependencyWalk walk) {
        ResourceAction work =
                new ResourceAction(engine, stack, victim, ResourceAction.Verb.DELETE, victim.properties, reason -> {
                    if (reason.isEmpty()) {
                        walk.done(node);
                    } else if (tries.merge(node, 1, Integer::sum) < mostTries) {
                        delete(node, victim, walk);
                    } else {
                        walk.failed(node);
                    }
                });
        walk.running(node, work);
        work.start();
    }
}
