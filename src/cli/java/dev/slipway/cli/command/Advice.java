package dev.slipway.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.cli.terminal.Text;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the API advises, with verbs of the command line in place of its calls; where there is no verb, the call stays. */
final class Advice {
    /** Below each: {@code ENV} and {@code SERVICE}, or {@code NAME} of a pipeline. */
    private static final String NAME = "[\\w{}-]+";

    private static final Pattern CALL = Pattern.compile(("\\b(?<method>GET|PUT|POST|DELETE) "
                    + "(?:/v1/environments/(?<env>%1$s)(?<override>/override)?(?:/services/(?<service>%1$s))?"
                    + "|/v1/pipelines/(?<pipeline>%1$s))"
                    + "(?<rest>(?:/%1$s)*)(?:\\?(?:reason|freezes)=[^\\s,)]*?(?=[.]?(?:[\\s,)]|$)))?")
            .formatted(NAME));

    /** What a sentence names by its path, where nothing is to be called. */
    private static final Pattern NAMED = Pattern.compile(
            ("(?<!\\S)(?<![A-Z] )/v1/environments/%1$s(?:/services/%1$s)?/(?<what>rollout|operation)s/(?<id>%1$s)(?![\\w/-])")
                    .formatted(NAME));

    // By method and what follows the target in the path; an identifier is written as *.
    private static final Map<String, String> VERBS = new LinkedHashMap<>();

    static {
        VERBS.put("GET ", "status TARGET");
        VERBS.put("GET /status", "status TARGET");
        VERBS.put("GET /diagnosis", "why TARGET");
        VERBS.put("GET /logs", "logs TARGET");
        VERBS.put("GET /cost", "cost TARGET");
        VERBS.put("GET /ledger", "ledger TARGET");
        VERBS.put("GET /releases", "releases TARGET");
        VERBS.put("GET /rollouts", "rollouts TARGET");
        VERBS.put("GET /rollouts/*", "watch TARGET");
        VERBS.put("GET /operations/*", "watch TARGET");
        VERBS.put("GET /drift", "drift TARGET");
        VERBS.put("POST /drift", "drift TARGET --detect");
        VERBS.put("POST /drift/mend", "drift TARGET --mend");
        VERBS.put("PUT ", "apply TARGET");
        VERBS.put("POST /plans", "plan TARGET");
        VERBS.put("DELETE ", "delete TARGET");
        VERBS.put("POST /rollouts", "deploy TARGET IMAGE");
        VERBS.put("POST /rollouts/*/approve", "approve TARGET");
        VERBS.put("POST /rollouts/*/reject", "reject TARGET");
        VERBS.put("POST /rollouts/*/cancel", "cancel TARGET");
        VERBS.put("POST /rollback", "rollback TARGET");
        VERBS.put("POST /restart", "restart TARGET");
        VERBS.put("POST /promotions", "promote ENVIRONMENT/SERVICE ENV");
        VERBS.put("PUT /grants/*", "grant TARGET ID");
        VERBS.put("DELETE /grants/*", "revoke TARGET ID");
    }

    private static final Pattern ANSWERS = Pattern.compile("(POST (/v1/\\S+)/approve) or /reject with \\{[^}]*}");
    private static final Pattern FREEZES =
            Pattern.compile("send the same below \\S*/override\\S*, with \"freezes\": \\[(?<names>"
                    + "[^\\]]*)] and a \"reason\" in the body, or with a PUT as \\?freezes=…&reason=…");
    private static final Pattern REASON =
            Pattern.compile("send the same below \\S*/override\\S*, with \\?reason=… behind a PUT, or"
                    + " with a \"reason\" in the body of a plan's apply");

    private static final Pattern SAME =
            Pattern.compile("send the same request below \\S*/override\\S*, with a \"reason\"");

    private Advice() {}

    /** A field's text; empty when it is not there. */
    static String of(JsonNode parent, String field) {
        return asVerbs(Text.of(parent, field));
    }

    static String asVerbs(String text) {
        String words = ANSWERS.matcher(text).replaceAll("$1 or POST $2/reject");
        words = FREEZES.matcher(words)
                .replaceAll(found -> Matcher.quoteReplacement("do the same with --override REASON --freeze "
                        + found.group("names").replace("\"", "").replace(", ", " --freeze ")));
        words = SAME.matcher(words).replaceAll("do the same with --override REASON");
        words = REASON.matcher(words).replaceAll("do the same with --override REASON");
        words = words.replace("PUT its spec", "Apply its spec").replace("POST …/promotions", "`slipway promote`");
        words = NAMED.matcher(words).replaceAll("${what} ${id}");
        return CALL.matcher(words).replaceAll(found -> Matcher.quoteReplacement(verb((Matcher) found)));
    }

    private static String verb(Matcher call) {
        String pipeline = call.group("pipeline");
        String service = call.group("service");
        String rest = call.group("rest");
        String[] parts = rest.split("/");
        String id = parts.length > 2 ? parts[2] : "";
        boolean named = rest.matches("/(rollouts|operations|grants)/.+");
        String verb = VERBS.get(
                call.group("method") + " " + (named ? rest.replaceFirst("(?<=^/\\w{1,20}/)[^/]+", "*") : rest));
        if (verb == null
                || service == null
                        && verb.matches(
                                "(why|logs|releases|rollouts|deploy|approve|reject|cancel|rollback|restart|promote) .*")
                || service != null && verb.matches("(grant|revoke) .*")
                || pipeline != null && verb.matches("(cost|grant|revoke) .*")) {
            return call.group();
        }
        String target =
                pipeline != null ? "pipeline:" + pipeline : call.group("env") + (service == null ? "" : "/" + service);
        return "`slipway "
                + verb.replace("TARGET", target)
                        .replace("ENV/", "ENVIRONMENT/")
                        .replace("/SERVICE ENV", "/" + service + " " + call.group("env"))
                        .replace(" ID", " " + id)
                + (call.group("override") == null ? "" : " --override REASON")
                + "`";
    }
}
