package dev.slipway.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.slipway.cli.api.Target;
import dev.slipway.cli.exit.CliException;
import dev.slipway.cli.exit.ExitCode;
import dev.slipway.cli.terminal.Table;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "open",
        description = "Open the service itself or its pages of the AWS console; without PAGE, list them")
final class OpenCommand extends Verb {
    @SuppressWarnings("NullAway.Init") // set by picocli
    @Parameters(index = "0", paramLabel = "TARGET", description = "prod, prod/web or pipeline:web")
    Target target;

    @Parameters(index = "1", arity = "0..1", paramLabel = "PAGE", description = "url, service, logs, stack, …")
    @Nullable
    String page;

    @Override
    public Integer call() {
        JsonNode found = api().get(target.path());
        Map<String, String> pages = new LinkedHashMap<>();
        if (!found.path("urls").isEmpty()) {
            pages.put("url", found.path("urls").get(0).asText());
        } else if (found.has("address")) {
            pages.put("url", found.path("address").asText());
        }
        found.path("console")
                .properties()
                .forEach(link -> pages.put(link.getKey(), link.getValue().asText()));
        if (session().wantsDocument()) {
            session().document(JsonMapper.builder().build().valueToTree(pages));
            return ExitCode.OK;
        }
        if (page == null) {
            Table table = new Table("PAGE", "ADDRESS");
            pages.forEach(table::row);
            table.print(terminal());
            return ExitCode.OK;
        }
        String address = pages.get(page);
        if (address == null) {
            throw CliException.usage(
                    "%s has no page %s.".formatted(target, page), "There is: " + String.join(", ", pages.keySet()));
        }
        terminal().line(address);
        Browser.open(session(), address);
        return ExitCode.OK;
    }
}
