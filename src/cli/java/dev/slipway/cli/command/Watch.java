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
 * fail are waited for up to ten minutes, said once: a rollout goes on without who watches it.
 */
final class Watch {
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final Duration ON_AWS = Duration.ofSeconds(5);
    private static final Duration LOCALLY = Duration.ofMillis(500);
    // Beside each look at a rollout, a look at its service every so many.
    private static final int LOOKS_PER_SERVICE = 3;

    private final Session session;
    private final Terminal terminal;
    private Duration silent = Duration.ZERO;

    Watch(Session session) {
        this.session = session;
        this.terminal = session.terminal();
    }

    /**
     * Until a rollout has ended.
     *
     * @param atApproval whether to end when a person has to approve it
     * @param longest how long to wait
     */
    int rollout(Target service, String path, boolean atApproval, Duration longest) {
        Duration waited = Duration.ZERO;
        String said = "";
        JsonNode live = null;
        try (Interrupted ignored = onCtrlC(service)) {
            for (int look = 0; ; look++) {
                JsonNode rollout = poll(path, service);
                if (session.draws()) {
                    if (look % LOOKS_PER_SERVICE == 0) {
                        live = unlessItFails(() -> session.api().get(service.path()));
                    }
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
                waited = waited.plus(rest(waited, longest, service));
            }
        }
    }

    /** Until an operation has ended, such as an apply. */
    int operation(Target target, String path, Duration longest) {
        Duration waited = Duration.ZERO;
        String said = "";
        try (Interrupted ignored = onCtrlC(target)) {
            while (true) {
                JsonNode operation = poll(path, target);
                if (session.draws()) {
                    terminal.draw(OperationView.picture(target, operation, terminal));
                } else if (!OperationView.line(target, operation).equals(said)) {
                    said = OperationView.line(target, operation);
                    terminal.note(said);
                }
                if (!operation.path("state").asText().equals("RUNNING")) {
                    terminal.keep();
                    return OperationView.ended(operation, session);
                }
                waited = waited.plus(rest(waited, longest, target));
            }
        }
    }

    /** The document at a path as soon as it is as wanted. */
    JsonNode until(Target target, String path, Duration longest, Function<JsonNode, Boolean> wanted) {
        Duration waited = Duration.ZERO;
        while (true) {
            JsonNode document = poll(path, target);
            if (wanted.apply(document)) {
                return document;
            }
            waited = waited.plus(rest(waited, longest, target));
        }
    }

    private int needsApproval(Target service, JsonNode rollout) {
        if (session.wantsDocument()) {
            session.document(rollout);
        }
        JsonNode question = rollout.path("approval");
        terminal.note("Release %d waits for approval before it gets %s %% of the traffic.\nGo on: slipway approve %s"
                .formatted(question.path("release").asInt(), Text.number(question.path("percent")), service));
        return ExitCode.NEEDS_APPROVAL;
    }

    private JsonNode poll(String path, Target target) {
        while (true) {
            try {
                JsonNode document = session.api().get(path);
                silent = Duration.ZERO;
                return document;
            } catch (ApiException e) {
                if (!e.isDenied() && !e.isPassing()) {
                    throw e;
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
        if (silent.isZero()) {
            terminal.keep();
            terminal.note("%s%s Still trying for %s; %s goes on meanwhile."
                    .formatted(what, MissingCredentials.message(failure), Text.duration(PATIENCE), target));
        }
        if (silent.compareTo(PATIENCE) >= 0) {
            throw new CliException(
                    ExitCode.UNREACHABLE,
                    what + failure.getMessage(),
                    "What was begun goes on. Look again: slipway watch " + target);
        }
        silent = silent.plus(pause());
    }

    private Duration rest(Duration waited, Duration longest, Target target) {
        if (waited.compareTo(longest) >= 0) {
            throw new CliException(
                    ExitCode.STILL_RUNNING,
                    "It has not ended within %s.".formatted(Text.duration(longest)),
                    "It goes on. Look again: slipway watch " + target);
        }
        return pause();
    }

    private Duration pause() {
        Duration time = session.api().isLocal() ? LOCALLY : ON_AWS;
        try {
            session.pause().of(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CliException(ExitCode.STILL_RUNNING, "Interrupted.", null);
        }
        return time;
    }

    private static @Nullable JsonNode unlessItFails(Supplier<JsonNode> read) {
        try {
            return read.get();
        } catch (ApiException | UnreachableException e) {
            return null;
        }
    }

    private Interrupted onCtrlC(Target target) {
        Thread hook = new Thread(() -> terminal.note(
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
