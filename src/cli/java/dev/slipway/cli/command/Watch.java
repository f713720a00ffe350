package dev.slipway.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.cli.api.ApiException;
import dev.slipway.cli.api.MissingCredentials;
import dev.slipway.cli.api.Target;
import dev.slipway.cli.api.UnreachableException;
import dev.slipway.cli.exit.CliException;
import dev.slipway.cli.exit.ExitCode;
import dev.slipway.cli.terminal.Terminal;
import dev.slipway.cli.terminal.Text;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Follows what is under way until it ends. On a terminal it is drawn again in place, elsewhere each change is a line. Answers that
 * fail are waited for up to ten minutes, said once: a rollout goes on without who watches it. All waiting ends at a moment of the
 * clock, whatever time the requests take.
 */
final class Watch {
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final Duration ON_AWS = Duration.ofSeconds(5);
    private static final Duration LOCALLY = Duration.ofMillis(500);
    // Beside each look at a rollout, a look at its service every so many.
    private static final int LOOKS_PER_SERVICE = 3;

    // A look is not given up at once, however little time is left.
    private static final Duration SHORTEST_LOOK = Duration.ofSeconds(1);

    private final Session session;
    private final Terminal terminal;
    private final Duration longest;
    private final Duration end;
    private @Nullable Duration silentSince;

    /** @param longest how long to wait from now on */
    Watch(Session session, Duration longest) {
        this.session = session;
        this.terminal = session.terminal();
        this.longest = longest;
        this.end = session.pause().now().plus(longest);
    }

    /**
     * Until a rollout has ended.
     *
     * @param atApproval whether to end when a person has to approve it
     */
    int rollout(Target service, String path, boolean atApproval) {
        String said = "";
        JsonNode live = null;
        try (Interrupted ignored = onCtrlC(service)) {
            for (int look = 0; ; look++) {
                JsonNode rollout = poll(path, service);
                if (session.draws()) {
                    if (look % LOOKS_PER_SERVICE == 0) {
                        live = unlessItFails(() -> session.api().get(service.path(), left()));
                    }
                    terminal.measure();
                    terminal.draw(RolloutView.picture(service, rollout, live, terminal));
                } else if (!RolloutView.gist(rollout).equals(said)) {
                    said = RolloutView.gist(rollout);
                    terminal.note(RolloutView.line(service, rollout));
                }
                String state = rollout.path("state").asText();
                if (!state.equals("QUEUED") && !state.equals("RUNNING")) {
                    terminal.keep();
                    return RolloutView.ended(rollout, session);
                }
                if (atApproval && rollout.has("approval")) {
                    terminal.keep();
                    return needsApproval(service, rollout);
                }
                rest(service);
            }
        }
    }

    /**
     * Until an operation has ended, such as an apply. Changed settings of the container are a release of their own, whose rollout is
     * a part of the apply: then to the rollout's end, or until a person has to approve it.
     */
    int operation(Target target, String path) {
        JsonNode last = endOrRollout(target, path);
        if (!last.has("rollout")) {
            return OperationView.ended(last, session);
        }
        int live = rollout(target, rolloutPath(target, last), true);
        if (live != ExitCode.OK) {
            return live;
        }
        // What is left of an apply after its rollout may fail.
        JsonNode whole =
                until(target, path, found -> !found.path("state").asText().equals("RUNNING"));
        if (whole.path("state").asText().equals("SUCCEEDED")) {
            return live;
        }
        if (session.wantsDocument()) {
            terminal.note(Advice.of(whole.path("failure"), "detail"));
            return ExitCode.FAILED;
        }
        return OperationView.ended(whole, session);
    }

    /** The path of the rollout that an operation is, or that is a part of it. */
    static String rolloutPath(Target service, JsonNode operation) {
        return service.path() + "/rollouts/" + operation.path("rollout").asText();
    }

    private JsonNode endOrRollout(Target target, String path) {
        String said = "";
        try (Interrupted ignored = onCtrlC(target)) {
            while (true) {
                JsonNode operation = poll(path, target);
                if (session.draws()) {
                    terminal.measure();
                    terminal.draw(OperationView.picture(target, operation, terminal));
                } else if (!OperationView.line(target, operation).equals(said)) {
                    said = OperationView.line(target, operation);
                    terminal.note(said);
                }
                if (operation.has("rollout")
                        || !operation.path("state").asText().equals("RUNNING")) {
                    terminal.keep();
                    return operation;
                }
                rest(target);
            }
        }
    }

    /** The document at a path as soon as it is as wanted. */
    JsonNode until(Target target, String path, Function<JsonNode, Boolean> wanted) {
        while (true) {
            JsonNode document = poll(path, target);
            if (wanted.apply(document)) {
                return document;
            }
            rest(target);
        }
    }

    private int needsApproval(Target service, JsonNode rollout) {
        if (session.wantsDocument()) {
            session.document(rollout);
        }
        JsonNode question = rollout.path("approval");
        RolloutView.otherEyes(rollout).ifPresent(terminal::note);
        terminal.note("Release %d waits for approval before it gets %s %% of the traffic.\nGo on: slipway approve %s"
                .formatted(question.path("release").asInt(), Text.number(question.path("percent")), service));
        return ExitCode.NEEDS_APPROVAL;
    }

    private JsonNode poll(String path, Target target) {
        while (true) {
            try {
                JsonNode document = session.api().get(path, left());
                if (silentSince != null) {
                    terminal.note("Slipway answers again.");
                    silentSince = null;
                }
                return document;
            } catch (ApiException e) {
                if (!e.isDenied() && !e.isPassing()) {
                    throw e;
                }
                if (e.isForCredentials()) {
                    session.api().signer().forget(); // somebody may log in meanwhile
                } else if (e.isDenied() && !session.api().signer().renewed()) {
                    throw e; // they hold: IAM refuses it
                }
                wait(e, e.isDenied() ? "The credentials are not accepted (they may have ended): " : "", target);
            } catch (UnreachableException e) {
                wait(e, "", target);
            } catch (RuntimeException e) {
                if (!MissingCredentials.isCauseOf(e)) {
                    throw e;
                }
                wait(e, "", target);
            }
        }
    }

    private void wait(RuntimeException failure, String what, Target target) {
        Duration now = session.pause().now();
        String why = what + MissingCredentials.message(failure);
        String action = what.isEmpty() && !MissingCredentials.isCauseOf(failure)
                ? ""
                : MissingCredentials.action(failure) + "\n";
        if (silentSince == null) {
            silentSince = now;
            terminal.keep();
            terminal.note("%s\n%sStill trying for %s; what was begun at %s goes on meanwhile."
                    .formatted(why, action, Text.duration(left().compareTo(PATIENCE) < 0 ? left() : PATIENCE), target));
        }
        if (now.minus(silentSince).compareTo(PATIENCE) >= 0 || now.compareTo(end) >= 0) {
            throw new CliException(
                    ExitCode.UNREACHABLE, why, action + "What was begun goes on. Look again: slipway watch " + target);
        }
        pause();
    }

    private void rest(Target target) {
        if (session.pause().now().compareTo(end) >= 0) {
            throw new CliException(
                    ExitCode.STILL_RUNNING,
                    "It has not ended within %s.".formatted(Text.duration(longest)),
                    "It goes on. Look again: slipway watch " + target);
        }
        pause();
    }

    private Duration left() {
        Duration left = end.minus(session.pause().now());
        return left.compareTo(SHORTEST_LOOK) < 0 ? SHORTEST_LOOK : left;
    }

    /** Until the next look, or to the end. */
    private void pause() {
        Duration time = session.api().isLocal() ? LOCALLY : ON_AWS;
        Duration left = end.minus(session.pause().now());
        try {
            session.pause().of(left.isPositive() && left.compareTo(time) < 0 ? left : time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CliException(ExitCode.STILL_RUNNING, "Interrupted.", null);
        }
    }

    private static @Nullable JsonNode unlessItFails(Supplier<JsonNode> read) {
        try {
            return read.get();
        } catch (ApiException | UnreachableException e) {
            return null;
        } catch (RuntimeException e) {
            if (MissingCredentials.isCauseOf(e)) {
                return null; // which the next look at the rollout tells
            }
            throw e;
        }
    }

    private Interrupted onCtrlC(Target target) {
        Thread hook = new Thread(() -> terminal.farewell(
                "\nNot watched any more; it goes on. Watch it again: slipway watch %s".formatted(target)));
        Runtime.getRuntime().addShutdownHook(hook);
        return () -> Runtime.getRuntime().removeShutdownHook(hook);
    }

    /** What is said when a person ends the watching. */
    private interface Interrupted extends AutoCloseable {
        @Override
        void close();
    }
}
