package dev.slipway.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.cli.api.ApiClient;
import dev.slipway.cli.api.Target;
import dev.slipway.cli.exit.CliException;
import dev.slipway.cli.exit.ExitCode;
import dev.slipway.cli.terminal.Terminal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A verb of the command line; its result is an exit code. */
@Command
abstract class Verb implements Callable<Integer> {
    @SuppressWarnings("NullAway.Init") // set by picocli
    @Spec
    CommandSpec spec;

    Session session() {
        return (Session) spec.root().userObject();
    }

    ApiClient api() {
        return session().api();
    }

    Terminal terminal() {
        return session().terminal();
    }

    /** Follows what is begun; how long, is counted from now. */
    Watch watch(Waiting waiting) {
        return new Watch(session(), waiting.timeout);
    }

    static ObjectNode body() {
        return JsonNodeFactory.instance.objectNode();
    }

    /** The items of a list, page by page, up to so many. */
    List<JsonNode> items(String path, Map<String, ? extends @Nullable Object> parameters, int most) {
        if (most < 1) {
            throw CliException.usage("--limit %d asks for nothing.".formatted(most), "Give a number from 1.");
        }
        List<JsonNode> items = new ArrayList<>();
        Map<String, @Nullable Object> query = new LinkedHashMap<>(parameters);
        while (items.size() < most) {
            query.put("limit", Math.min(100, most - items.size()));
            JsonNode page = api().get(ApiClient.withQuery(path, query));
            page.path("items").forEach(items::add);
            if (!page.has("next")) {
                break;
            }
            query.put("next", page.path("next").asText());
        }
        return items;
    }

    /** The rollout that began last; empty before the first. */
    Optional<JsonNode> newestRollout(Target service) {
        return items(service.path() + "/rollouts", Map.of(), 1).stream().findFirst();
    }

    /** Asks, unless the answer was given beforehand. Throws {@link CliException} when it is not yes. */
    void confirm(boolean yes, String question) {
        if (yes) {
            return;
        }
        if (!terminal().isInteractive()) {
            throw CliException.usage("Nobody is here to say yes.", "Give --yes to go on without a question.");
        }
        if (!terminal().confirms(question)) {
            throw new CliException(ExitCode.REFUSED, "Nothing has changed.", null);
        }
    }

    /** Writes the items as a list of documents. */
    void documents(List<JsonNode> items) {
        session().document(JsonNodeFactory.instance.arrayNode().addAll(items));
    }

    /** Warnings of an answer that accepts something. */
    JsonNode accepted(JsonNode answer) {
        answer.path("warnings").forEach(warning -> terminal().note("Warning: " + Advice.asVerbs(warning.asText())));
        return answer;
    }
}
