package dev.slipway.cli.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.cli.api.Target;
import dev.slipway.cli.exit.CliException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Doing something in spite of declared controls, which IAM lets few people and which stands in the ledger. */
final class Overriding {
    @Option(
            names = "--override",
            paramLabel = "REASON",
            description = "In spite of declared controls, if IAM lets you; the reason stands in the ledger")
    @Nullable
    String reason;

    @Option(
            names = "--freeze",
            paramLabel = "NAME",
            description = "A freeze window that is open and shall not hold it; only with --override. May be repeated")
    List<String> freezes = List.of();

    /** Where to ask: below the target, or below its override. Adds reason and freezes to the body. */
    String path(Target target, ObjectNode body) {
        if (reason == null) {
            if (!freezes.isEmpty()) {
                throw CliException.usage("--freeze needs --override REASON.", null);
            }
            return target.path();
        }
        body.put("reason", reason);
        if (!freezes.isEmpty()) {
            freezes.forEach(body.putArray("freezes")::add);
        }
        return target.overridePath();
    }
}
