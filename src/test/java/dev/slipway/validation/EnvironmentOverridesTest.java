package dev.slipway.validation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.slipway.environment.EnvironmentSpec.ServiceDefaults;
import dev.slipway.problem.ProblemException;
import dev.slipway.service.ServiceSpec;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One spec for several environments: what holds in each, and what is said of what is wrong. */
class EnvironmentOverridesTest {
    private static final String SHOP = """
            container: {port: 8000, environment: {MODE: fast, REGION: eu}}
            routing: {paths: [/a/*, /b/*], hosts: [shop.example.com]}
            count: 1
            rollout: {strategy: canary, approval: {when: before-production}}
            environments:
              dev:
                container: {environment: {MODE: idle}}
                rollout: null
              prod:
                container: {cpu: 1024, memory: 2048, environment: {REGION: null, PIN: "4711"}}
                routing: {paths: [/*]}
                count: null
                scaling: {min: 2, max: 9, cpuPercent: 60}
            """;
    private static final Predicate<String> EVERY = _ -> true;

    private final SpecReader reader = new SpecReader();

    private SpecReader.Result<ServiceSpec> read(String yaml, String environment, Predicate<String> exists) {
        return reader.service(
                yaml.getBytes(StandardCharsets.UTF_8),
                "application/yaml",
                new SpecReader.Place(environment, ServiceDefaults.NONE, exists));
    }

    private ServiceSpec in(String environment) {
        return read(SHOP, environment, EVERY).spec();
    }

    /** What is refused, as "field message", in a service that listens and has more. */
    private List<String> refusals(String environment, String more) {
        ProblemException refused = catchThrowableOfType(
                ProblemException.class, () -> read("container: {port: 8000}\n" + more, environment, EVERY));
        return refused == null
                ? List.of()
                : refused.problem().errors().stream()
                        .map(error -> "%s %s (%s)".formatted(error.field(), error.message(), error.value()))
                        .toList();
    }

    @Test
    void eachEnvironmentHasWhatHoldsForAllAsItsOwnOverrideChangesIt() {
        assertThat(in("dev")).isEqualTo(SpecFixture.service("""
                container: {port: 8000, environment: {MODE: idle, REGION: eu}}
                routing: {paths: [/a/*, /b/*], hosts: [shop.example.com]}
                count: 1
                """));
        assertThat(in("prod")).isEqualTo(SpecFixture.service("""
                container: {port: 8000, cpu: 1024, memory: 2048, environment: {MODE: fast, PIN: "4711"}}
                routing: {paths: [/*], hosts: [shop.example.com]}
                scaling: {min: 2, max: 9, cpuPercent: 60}
                rollout: {strategy: canary, approval: {when: before-production}}
                """));
        assertThat(in("staging")).isEqualTo(SpecFixture.service(SHOP.substring(0, SHOP.indexOf("environments:"))));
    }

    @Test
    void whatIsForOthersIsInNoSpec() {
        assertThat(in("dev").toString()).doesNotContain("4711", "1024", "scaling=Sc");
        assertThat(in("prod").toString()).doesNotContain("idle");
    }

    @Test
    void theRestNeedNotBeASpecWhereEachEnvironmentMakesItOne() {
        String split = "count: 3\nenvironments: {dev: {container: {port: 80}}, prod: {container: {port: 8000}}}\n";

        assertThat(read(split, "dev", EVERY).spec().container().port()).isEqualTo(80);
        ProblemException refused = catchThrowableOfType(ProblemException.class, () -> read(split, "staging", EVERY));
        assertThat(refused.problem().errors())
                .singleElement()
                .satisfies(error -> assertThat(error.field()).isEqualTo("/container"));
    }

    @Test
    void anEnvironmentThatThereIsNotIsTold() {
        var read = read(SHOP, "dev", name -> !name.equals("prod"));

        assertThat(read.warnings()).extracting(SpecReader.Warning::field).containsExactly("/environments/prod");
        assertThat(read(SHOP, "prod", Predicate.isEqual("dev")).warnings())
                .as("the one that it is sent to is for others to find missing")
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                // in the override of another environment, and in that of this one
                "environments: {prod: {contianer: {cpu: 512}}}; /environments/prod/contianer; did you mean container",
                "environments: {prod: {contianer: null}}; /environments/prod/contianer; did you mean container",
                "environments: {prod: {container: {memroy: null}}}; /environments/prod/container/memroy; did you mean memory",
                "environments: {dev: {count: many}}; /environments/dev/count; must be a whole number",
                "environments: {prod: {routing: {paths: [/a, null]}}}; /environments/prod/routing/paths/1; is empty",
                "environments: {prod: {routing: {paths: [a]}}}; /environments/prod/routing/paths/0; must be a path",
                "environments: {prod: {container: {port: null}}}; /environments/prod/container/port; is required",
                "environments: {prod: {container: null}}; /environments/prod/container; is required",
                "environments: {prod: {container: 8000}}; /environments/prod/container; must be keys with values",
                "environments: {prod: {scaling: {min: 2, cpuPercent: 50}}}; /environments/prod/scaling/max; is required",
                "environments: {prod: {container: {cpu: 1024}}}; /environments/prod/container/memory; must be one of",
                "environments: {prod: {environments: {dev: {}}}}; /environments/prod/environments; no overrides of its own",
                "environments: {prod: {tags: {aws:x: y}}}; /environments/prod/tags/aws:x; must be named differently",
                // the environments themselves
                "environments: {prod: null}; /environments/prod; is empty",
                "environments: {prod: [1]}; /environments/prod; must be keys with values",
                "environments: {Prod: {}}; /environments/Prod; must be named differently",
                "environments: []; /environments; must be keys with values",
                "environments: ; /environments; is empty",
                // what is wrong for all, and what is only in one of them
                "count: many; /count; must be a whole number",
                "logs: {retentionDays: 2}|environments: {prod: {count: 3}}; /logs/retentionDays; must be one of",
            })
    void whatIsWrongIsNamedWhereItsAuthorWroteIt(String more, String field, String message) {
        assertThat(refusals("dev", more.replace('|', '\n')))
                .singleElement()
                .asString()
                .startsWith(field + " ")
                .contains(message);
    }

    @Test
    void whatIsOnlyWrongWithAnOverrideSaysWhose() {
        assertThat(refusals("dev", "count: 3\nenvironments: {prod: {scaling: {min: 2, max: 5, cpuPercent: 50}}}"))
                .singleElement()
                .asString()
                .startsWith("/count ")
                .contains("together with scaling", "it is so in prod, whose override can say otherwise, or null");
    }

    @Test
    void oneFaultIsToldOnceHoweverManyEnvironmentsHaveIt() {
        assertThat(refusals("dev", "count: many\nenvironments: {dev: {exec: true}, prod: {exec: false}}"))
                .singleElement()
                .asString()
                .startsWith("/count must be a whole number");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{PIN: 4711}", "{PIN: [4711]}", "{PIN: \"4711\\x07\"}", "{PIN: 1e999, A: 4711}"})
    void noValueOfAVariableIsRepeatedWhereverItStands(String variables) {
        assertThat(refusals("dev", "environments: {prod: {container: {environment: " + variables + "}}}"))
                .isNotEmpty()
                .allSatisfy(refusal -> assertThat(refusal)
                        .startsWith("/environments/prod/container/environment/")
                        .doesNotContain("4711"));
    }

    @Test
    void aWarningOfThisEnvironmentsOverridePointsThere() {
        String yaml = "container: {port: 8000}\nenvironments: {prod: {container: {environment: {DB_PASSWORD: x}}}}";

        assertThat(read(yaml, "prod", EVERY).warnings())
                .extracting(SpecReader.Warning::field)
                .containsExactly("/environments/prod/container/environment/DB_PASSWORD");
        assertThat(read(yaml, "dev", EVERY).warnings()).isEmpty();
    }

    @Test
    void whatOtherRulesFindInTheSpecIsLocatedLikewise() {
        var written = read(SHOP, "prod", EVERY).written();

        assertThat(written.apply("/routing/paths/0")).isEqualTo("/environments/prod/routing/paths/0");
        assertThat(written.apply("/routing/hosts/0")).isEqualTo("/routing/hosts/0");
        assertThat(written.apply("/container/secrets/KEY")).isEqualTo("/environments/prod/container/secrets/KEY");
        assertThat(written.apply("/tags/team")).isEqualTo("/tags/team");
        assertThat(written.apply("")).isEmpty();
    }

    @Test
    void aFileHasNoMoreEnvironmentsThanCanBeCheckedAtOnce() {
        StringBuilder many = new StringBuilder("environments:\n");
        for (int i = 0; i <= 50; i++) {
            many.append("  e%d: {count: %d}\n".formatted(i, i));
        }
        assertThat(refusals("dev", many.toString()))
                .singleElement()
                .asString()
                .startsWith("/environments must have at most 50 entries");
    }
}
