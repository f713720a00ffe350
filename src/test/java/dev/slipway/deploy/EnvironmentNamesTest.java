package dev.slipway.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.environment.EnvironmentRules;
import dev.slipway.id.EnvironmentId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What IAM allows for one environment by its name, it allows for no other one that can be beside it. */
class EnvironmentNamesTest {
    private static final List<String> NAMES = List.of("pr", "pr1", "pr-1", "pr-12", "pr-1234", "prod", "p2-1", "dev");
    private static final String API = "arn:aws:execute-api:eu-central-1:123456789012:API_ID/$default/";

    private static final Pattern NAMED = Pattern.compile("[^\\s'\"]*\\$\\{Environment}[^\\s'\"]*");

    private static boolean canBeBeside(String name, String other) {
        return EnvironmentRules.name(new EnvironmentId(name), Set.of(other)).isEmpty();
    }

    /** @param patterns by which people and templates name what is an environment's; {@code ENV} stands for its name */
    private static void reachNoOther(Stream<String> patterns) {
        List<String> all = patterns.filter(pattern -> pattern.contains("ENV")).toList();
        assertThat(all).isNotEmpty();
        for (String pattern : all) {
            for (String name : NAMES) {
                for (String other : NAMES) {
                    String others = pattern.replace("ENV", other).replace("*", "web-1");
                    if (!name.equals(other) && Iam.like(pattern.replace("ENV", name), others)) {
                        assertThat(canBeBeside(name, other))
                                .as("%s for %s and %s", pattern, name, other)
                                .isFalse();
                    }
                }
            }
        }
    }

    @Test
    void patternsThatEndAtAHyphenOrASlash() {
        reachNoOther(Stream.of(
                "arn:aws:ecr:eu-central-1:123456789012:repository/slipway-ENV-*",
                "arn:aws:iam::123456789012:role/slipway-ENV-*",
                "arn:aws:lambda:eu-central-1:123456789012:function:slipway-check-ENV-*",
                "arn:aws:sns:eu-central-1:123456789012:slipway-ENV-*",
                "arn:aws:cloudformation:eu-central-1:123456789012:stack/slipway-ENV/*",
                "arn:aws:cloudformation:eu-central-1:123456789012:stack/slipway-ENV-*/*",
                "arn:aws:ecs:eu-central-1:123456789012:service/slipway-ENV/*",
                "arn:aws:logs:eu-central-1:123456789012:log-group:/slipway/ENV/*",
                "arn:aws:secretsmanager:eu-central-1:123456789012:secret:ENV-*"));
        assertThat(canBeBeside("pr-1234", "pr"))
                .as("it is what they would reach")
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "src/main/resources/stacks/environment.yaml",
                "src/main/resources/stacks/service.yaml",
                "examples/github-actions/role.yml",
                "examples/gitlab/role.yml"
            })
    void whatTemplatesNameByTheirEnvironment(String file) throws IOException {
        reachNoOther(NAMED.matcher(Files.readString(Path.of(file)))
                .results()
                .map(found -> found.group().replace("${Environment}", "ENV").replaceAll("\\$\\{[^}]*}", "x")));
    }

    /** Paths end at a slash or at the name, so that even pr and pr-1 would be apart. */
    @Test
    void pathsOfTheApi() {
        for (String pattern :
                List.of("*/v1/environments/ENV", "*/v1/environments/ENV/*", "GET/v1/environments/ENV/*")) {
            for (String name : NAMES) {
                for (String other : NAMES) {
                    for (String path : List.of("", "/services/web", "/services/web/rollouts")) {
                        String request = API + "GET/v1/environments/" + other + path;
                        assertThat(name.equals(other) || !Iam.like(API + pattern.replace("ENV", name), request))
                                .as("%s for %s and %s", pattern, name, request)
                                .isTrue();
                    }
                }
            }
        }
    }
}
