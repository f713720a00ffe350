package dev.slipway.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.cli.exit.CliException;
import dev.slipway.cli.exit.ExitCode;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "apply",
        description = "Create or change what a spec declares: show the plan, ask, run it, wait for its end")
final class ApplyCommand extends PlanCommand {
    @Option(
            names = {"-y", "--yes"},
            description = "Do not ask")
    boolean yes;

    @Option(
            names = {"-q", "--quiet"},
            description = "Do not show the plan; only with --yes")
    boolean quiet;

    @Option(
            names = "--allow",
            paramLabel = "RESOURCE",
            description =
                    "A resource that may be replaced or deleted although it holds data or traffic. May be repeated")
    List<String> allow = List.of();

    @Mixin
    Overriding overriding = new Overriding();

    @Override
    public Integer call() {
        if (quiet && !yes) {
            throw CliException.usage("Nobody can say yes to what is not shown.", "Give --yes with --quiet.");
        }
        Watch planning = watch(waiting);
        JsonNode plan = plan(planning);
        if (!session().wantsDocument() && !quiet) {
            show(plan);
        }
        if (!plan.path("state").asText().equals("READY")) {
            if (session().wantsDocument()) {
                session().document(plan);
            }
            return ExitCode.FAILED;
        }
        if (PlanView.isEmpty(plan) && plan.path("risks").isEmpty()) {
            if (session().wantsDocument()) {
                session().document(plan);
            }
            return ExitCode.OK;
        }
        List<String> blocking = new ArrayList<>();
        plan.path("risks").forEach(risk -> {
            if (risk.path("blocking").asBoolean()
                    && !allow.contains(risk.path("logicalId").asText())) {
                blocking.add(risk.path("logicalId").asText());
            }
        });
        if (!blocking.isEmpty()) {
            throw new CliException(
                    ExitCode.REFUSED,
                    "Data or traffic would go with " + String.join(", ", blocking) + ".",
                    "If that is meant: --allow " + String.join(" --allow ", blocking));
        }
        confirm(yes, "Apply this to " + target + "?");
        ObjectNode body = body();
        if (!allow.isEmpty()) {
            allow.forEach(body.putArray("allow")::add);
        }
        String path = overriding.path(target, body)
                + plan.path("apply").asText().substring(target.path().length());
        JsonNode accepted = accepted(api().post(path, body));
        // What a person took to answer is no waiting.
        return (yes ? planning : watch(waiting))
                .operation(target, accepted.path("location").asText());
    }
}
