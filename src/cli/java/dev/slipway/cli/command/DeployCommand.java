package dev.slipway.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.cli.api.ApiClient;
import dev.slipway.cli.api.Target;
import dev.slipway.cli.exit.CliException;
import dev.slipway.cli.exit.ExitCode;
import dev.slipway.cli.terminal.Style;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "deploy", description = "Roll an image out")
final class DeployCommand extends RolloutCommand {
    /** Of the digits of a commit, so many are the tag that a pipeline gives its image. */
    private static final int TAG_DIGITS = 12;

    @SuppressWarnings("NullAway.Init") // set by picocli
    @Parameters(index = "0", paramLabel = "SERVICE", description = "Such as prod/web")
    Target service;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "IMAGE",
            description = "Tag or digest in the service's registry; left out: the tag of --commit")
    @Nullable
    String image;

    @Option(
            names = "--commit",
            paramLabel = "COMMIT",
            description = "The commit that the image was built from, or HEAD")
    @Nullable
    String commit;

    @Option(
            names = "--strategy",
            paramLabel = "NAME",
            completionCandidates = Choices.Strategies.class,
            description = "rolling, blue-green, canary, linear; for this once")
    @Nullable
    String strategy;

    @Option(
            names = "--concurrency-policy",
            paramLabel = "POLICY",
            completionCandidates = Choices.ConcurrencyPolicies.class,
            description = "reject, queue or replace what is under way; else reject")
    @Nullable
    String concurrencyPolicy;

    @Option(names = "--dry-run", description = "Tell what it would meet and take; nothing changes")
    boolean dryRun;

    @Override
    public Integer call() {
        String full = commit == null ? null : Git.commit(session().directory(), commit);
        if (image == null && full == null) {
            throw CliException.usage("What is to be rolled out?", "Say an image's tag or digest, or --commit.");
        }
        ObjectNode body = body();
        body.put("image", image != null ? image : tag(full));
        if (full != null) {
            body.put("commit", full);
        }
        if (strategy != null) {
            body.putObject("rollout").put("strategy", strategy.toLowerCase(Locale.ROOT));
        }
        if (concurrencyPolicy != null) {
            body.put("concurrencyPolicy", concurrencyPolicy.toLowerCase(Locale.ROOT));
        }
        String path = overriding.path(service.service(), body) + "/rollouts";
        if (dryRun) {
            return preview(api().post(ApiClient.withQuery(path, Map.of("dryRun", true)), body));
        }
        return begun(service, api().post(path, body));
    }

    private static String tag(@Nullable String commit) {
        return commit == null || commit.length() <= TAG_DIGITS
                ? String.valueOf(commit)
                : commit.substring(0, TAG_DIGITS);
    }

    private int preview(JsonNode preview) {
        if (session().wantsDocument()) {
            session().document(preview);
        } else {
            for (JsonNode finding : preview.path("findings")) {
                boolean blocks = finding.path("blocks").asBoolean();
                terminal()
                        .line(terminal().styled(blocks ? Style.BAD : Style.WARNING, blocks ? "Blocks: " : "Mind: ")
                                + Advice.of(finding, "detail"));
                terminal().line("  " + Advice.of(finding, "action"));
            }
            JsonNode forecast = preview.path("forecast");
            if (forecast.has("message")) {
                terminal().line(Advice.of(forecast, "message"));
            }
            if (forecast.at("/evidence/message").isTextual()) {
                terminal().line(Advice.of(forecast.path("evidence"), "message"));
            }
        }
        return isBlocked(preview) ? ExitCode.REFUSED : ExitCode.OK;
    }
}
