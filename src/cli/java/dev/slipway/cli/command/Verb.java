package dev.slipway.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.cli.api.ApiClient;
import dev.slipway.cli.terminal.Terminal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
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

    Watch watch() {
        return new Watch(session());
    }

    static ObjectNode body() {
        return JsonNodeFactory.instance.objectNode();
    }

    /** The items of a list, page by page, up to so many. */
    List<JsonNode> items(String path, Map<String, ?> parameters, int most) {
        List<JsonNode> items = new ArrayList<>();
        Map<String, Object> query = new LinkedHashMap<>(parameters);
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

    /** Writes the items as a list of documents. */
    void documents(List<JsonNode> items) {
        session().document(JsonNodeFactory.instance.arrayNode().addAll(items));
    }

    /** Warnings of an answer that accepts something. */
    JsonNode accepted(JsonNode answer) {
        answer.path("warnings").forEach(warning -> terminal().note("Warning: " + warning.asText()));
        return answer;
    }
}
