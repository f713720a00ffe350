package dev.slipway.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdviceTest {
    private static final String WEB = "/v1/environments/prod/services/web";
    /** A call in a sentence of the product; what is not written in it is a target's path. */
    private static final Pattern CALL = Pattern.compile(
            "\\b(GET|PUT|POST|DELETE) (\\{path}|%s|/v1/|\" \\+ [\\w.()]+ath\\(\\)(?: \\+ \"(?=/))?)([\\w/{}%-]*)");

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            PUT /v1/environments/prod with more.              | `slipway apply prod` with more.
            PUT %s again, which                               | `slipway apply prod/web` again, which
            POST %s/rollback; then look                       | `slipway rollback prod/web`; then look
            Roll it out: POST %s/rollouts                     | Roll it out: `slipway deploy prod/web IMAGE`
            out (POST %s/rollouts).                           | out (`slipway deploy prod/web IMAGE`).
            Wait: GET %s/operations/1m8.                      | Wait: `slipway watch prod/web`.
            See: GET %s/rollouts/1m8                          | See: `slipway watch prod/web`
            at: GET %s/operations                             | at: GET %s/operations
            Replaced by %s/rollouts/1m8 of ann.               | Replaced by rollout 1m8 of ann.
            the end of %s/operations/1m8.                     | the end of operation 1m8.
            the end of /v1/environments/prod/operations/1m8   | the end of operation 1m8
            POST %s/drift does it now.                        | `slipway drift prod/web --detect` does it now.
            POST %s/drift/mend. An apply                      | `slipway drift prod/web --mend`. An apply
            DELETE /v1/environments/prod/services/{service}   | `slipway delete prod/{service}`
            PUT /v1/environments/prod/override?reason=…       | `slipway apply prod --override REASON`
            PUT /v1/environments/prod/override?reason=….      | `slipway apply prod --override REASON`.
            PUT /v1/environments/prod/grants/web.             | `slipway grant prod web`.
            (GET /v1/pipelines/web), correct                  | (`slipway status pipeline:web`), correct
            GET /v1/dead-letters.                             | GET /v1/dead-letters.
            services move by POST …/promotions.               | services move by `slipway promote`.
            PUT its spec once more                            | Apply its spec once more
            POST %s/promotions                                | `slipway promote ENVIRONMENT/web prod`
            POST %s/rollouts/1/approve or /reject with {"release": 2}. | `slipway approve prod/web` or `slipway reject prod/web`.
            it: send the same below /v1/environments/prod/override/services/web, with "freezes": ["a", "b"] and a "reason" in the body, or with a PUT as ?freezes=…&reason=…. | it: do the same with --override REASON --freeze a --freeze b.
            Keep them, or: send the same request below /v1/environments/prod/override/services/web, with a "reason". | Keep them, or: do the same with --override REASON.
            """)
    void aCallOfTheApiIsToldAsAVerb(String advice, String told) {
        assertThat(Advice.asVerbs(advice.replace("%s", WEB))).isEqualTo(told.replace("%s", WEB));
    }

    /** So that no sentence of the product, of whatever package, sends a person from the command line to curl. */
    @Test
    void eachCallThatTheProductAdvisesHasAVerbOrIsKnownToHaveNone() throws IOException {
        TreeSet<String> left = new TreeSet<>();
        int calls = 0;
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            for (Path file : files.filter(path -> path.toString().endsWith(".java"))
                    .filter(path -> !path.endsWith("StartResource.java"))
                    .toList()) {
                String code = Files.readString(file)
                        .replaceAll("(?m)^\\s*(\\*|/\\*\\*|//).*$", "")
                        .replaceAll("\"\\s*\\+\\s*\"", "");
                Matcher matcher = CALL.matcher(code);
                while (matcher.find()) {
                    calls++;
                    String path = (matcher.group(2).equals("/v1/") ? "/v1/" : WEB)
                            + matcher.group(3).replace("%s", "x1");
                    String call = matcher.group(1) + " "
                            + path.replaceFirst("/services/web/(grants|services)/", "/$1/")
                                    .replaceFirst("/web/cancel", "/web/rollouts/x1/cancel");
                    if (Advice.asVerbs(call).equals(call) && !call.endsWith("/")) {
                        left.add(call);
                    }
                }
            }
        }
        assertThat(calls).isGreaterThan(60);
        assertThat(left).containsExactlyInAnyOrder("GET " + WEB + "/operations", "GET /v1/dead-letters");
    }
}
