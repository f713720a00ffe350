package dev.slipway.simulated.cloudformation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** Works through nodes that wait for each other: as many at once as the dependencies allow, in a fixed order. */
final class DependencyWalk {
    /** Begins one node and tells the walk when it ends. */
    interface Step {
        void begin(String node, DependencyWalk walk);
    }

    private final Map<String, Set<String>> waitsFor;
    private final boolean stopsAtFailure;
    private final Step step;
    private final Consumer<DependencyWalk> ended;
    private final Set<String> done = new LinkedHashSet<>();
    private final Set<String> failed = new LinkedHashSet<>();
    private final Set<String> begun = new LinkedHashSet<>();
    private final Map<String, ResourceAction> running = new LinkedHashMap<>();
    private boolean over;
    private boolean advancing;

    DependencyWalk(
            Map<String, Set<String>> waitsFor, boolean stopsAtFailure, Step step, Consumer<DependencyWalk> ended) {
        this.waitsFor = waitsFor;
        this.stopsAtFailure = stopsAtFailure;
        this.step = step;
        this.ended = ended;
    }

    void running(String node, ResourceAction work) {
        if (begun.contains(node) && !done.contains(node) && !failed.contains(node)) {
            running.put(node, work);
        }
    }

    void done(String node) {
        running.remove(node);
        done.add(node);
        advance();
    }

    /** Stops the whole walk where {@code stopsAtFailure}: what is still running is cancelled and counts as failed. */
    void failed(String node) {
        running.remove(node);
        failed.add(node);
        if (stopsAtFailure) {
            stop();
        } else {
            advance();
        }
    }

    /** Cancels what is running and ends the walk. */
    private void stop() {
        if (over) {
            return;
        }
        over = true;
        List<Map.Entry<String, ResourceAction>> left = new ArrayList<>(running.entrySet());
        running.clear();
        left.forEach(entry -> {
            failed.add(entry.getKey());
            entry.getValue().cancel();
        });
        ended.accept(this);
    }

    /** Forgets what is running without a word: the stack is being deleted. */
    void abandon() {
        over = true;
        running.values().forEach(ResourceAction::abandon);
        running.clear();
    }

    Set<String> failed() {
        return failed;
    }

    Set<String> done() {
        return done;
    }

    void advance() {
        if (advancing || over) {
            return; // a step that ends at once comes back here through done()
        }
        advancing = true;
        boolean found = true;
        while (found && !over) {
            found = false;
            for (Map.Entry<String, Set<String>> entry : waitsFor.entrySet()) {
                if (!over && !begun.contains(entry.getKey()) && ready(entry.getValue())) {
                    begun.add(entry.getKey());
                    step.begin(entry.getKey(), this);
                    found = true;
                }
            }
        }
        advancing = false;
        if (!over && running.isEmpty() && done.size() + failed.size() == begun.size()) {
            over = true;
            ended.accept(this);
        }
    }

    private boolean ready(Set<String> needed) {
        return needed.stream().allMatch(node -> done.contains(node) || !waitsFor.containsKey(node));
    }
}
