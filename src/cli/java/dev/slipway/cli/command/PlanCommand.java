package dev.slipway.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.cli.api.Target;
import dev.slipway.cli.exit.ExitCode;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "plan", description = "Show what applying a spec would change, with its risks and its cost")
class PlanCommand extends Verb {
    @SuppressWarnings("NullAway.Init") // set by picocli
    @Parameters(paramLabel = "TARGET", description = "prod, prod/web or pipeline:web")
    Target target;

    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            description = "The spec; left out: slipway/environments/…, slipway/services/…, slipway/pipelines/…")
    @Nullable
    Path file;

    @Mixin
    Waiting waiting = new Waiting();

    @Override
    public Integer call() {
        JsonNode plan = plan(watch(waiting));
        if (session().wantsDocument()) {
            session().document(plan);
        } else {
            show(plan);
        }
        return plan.path("state").asText().equals("READY") ? ExitCode.OK : ExitCode.FAILED;
    }

    JsonNode plan(Watch watch) {
        byte[] spec = SpecFiles.read(session().directory(), target, file);
        JsonNode accepted = accepted(api().postSpec(target.path() + "/plans", spec));
        return watch.until(
                target,
                accepted.path("location").asText(),
                plan -> !plan.path("state").asText().equals("COMPUTING"));
    }

    void show(JsonNode plan) {
        if (!plan.path("state").asText().equals("READY")) {
            terminal().line(Advice.of(plan.path("failure"), "detail"));
            terminal().line(Advice.of(plan.path("failure"), "action"));
        } else if (PlanView.isEmpty(plan)) {
            terminal().line(target + ": nothing to change.");
        } else {
            terminal().line(target + ":");
            PlanView.print(plan, terminal());
        }
    }
}
