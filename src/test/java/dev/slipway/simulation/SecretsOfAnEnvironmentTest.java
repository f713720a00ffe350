package dev.slipway.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.plan.Declarations.Order;
import dev.slipway.preflight.Finding;
import dev.slipway.problem.Problem;
import dev.slipway.problem.ProblemException;
import dev.slipway.rollout.Rollout;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A spec names secrets and parameters of its own environment, and no others. */
class SecretsOfAnEnvironmentTest {
    private static final String ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:";

    private final World world = new World(7);

    SecretsOfAnEnvironmentTest() {
        assertThat(world.apply(World.DEV, "terminationProtection: false\n").failure())
                .isNull();
    }

    private void tagged(String name, String environment) {
        world.account.tag(name, Map.of("slipway:environment", environment));
    }

    private static String naming(String... secrets) {
        StringBuilder yaml = new StringBuilder("container:\n  port: 8000\n  secrets:\n");
        for (int i = 0; i < secrets.length; i++) {
            yaml.append("    S%d: '%s'\n".formatted(i, secrets[i]));
        }
        return yaml.toString();
    }

    private Problem refusal(ThrowingCallable call) {
        Problem[] problem = new Problem[1];
        assertThatThrownBy(call).isInstanceOfSatisfying(ProblemException.class, e -> problem[0] = e.problem());
        return problem[0];
    }

    private Problem refusal(String yaml) {
        Problem applied = refusal(() -> world.plane
                .services()
                .apply(World.WEB, World.serviceSpec(yaml), new Order(null, Set.of(), null), World.by("eve")));
        Problem planned =
                refusal(() -> world.plane.services().plan(World.WEB, World.serviceSpec(yaml), World.by("eve")));
        assertThat(planned).isEqualTo(applied);
        assertThat(world.plane.services().find(World.WEB)).isEmpty();
        return applied;
    }

    @Test
    void aSecretOfAnotherEnvironmentIsRefusedWithTheReasonAndTheCommandThatTagsIt() {
        tagged(ARN + "db-AbCdEf", "prod");

        Problem problem = refusal(naming(ARN + "db-AbCdEf:password::"));

        assertThat(problem.code()).isEqualTo("invalid-spec");
        assertThat(problem.errors()).singleElement().satisfies(error -> {
            assertThat(error.field()).isEqualTo("/container/secrets/S0");
            assertThat(error.value()).isEqualTo("\"" + ARN + "db-AbCdEf:password::\"");
            assertThat(error.message())
                    .isEqualTo(
                            "is another environment's: its tag slipway:environment is prod and not dev. If dev/web may"
                                    + " read it: aws secretsmanager tag-resource --secret-id '" + ARN
                                    + "db-AbCdEf' --tags Key=slipway:environment,Value=dev");
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "db-AbCdEf | | | has no tag slipway:environment, and is not on the deployment's list AllowedSecrets",
                "db-AbCdEf | slipway:environment=prod | | is another environment's",
                "db-AbCdEf | Slipway:Environment=prod | | is another environment's",
                "db-AbCdEf | slipway:environment=dev | Slipway:environment=prod | has the tag slipway:environment more than once",
                "db-AbCdEf | slipway:environment=dev | slipway:service=other | is another service's",
                "prod/db-AbCdEf | | | is another environment's",
                "shared/db-AbCdEf | slipway:environment=prod | | is another environment's",
            })
    void whatIsNotItsOwnIsRefused(String name, String one, String another, String why) {
        Map<String, String> tags = new HashMap<>();
        for (String tag : new String[] {one, another}) {
            if (tag != null) {
                tags.put(tag.split("=")[0], tag.split("=")[1]);
            }
        }
        if (!tags.isEmpty()) {
            world.account.tag(ARN + name, tags);
        }

        assertThat(refusal(naming(ARN + name)).errors())
                .singleElement()
                .satisfies(error -> assertThat(error.message()).startsWith(why));
    }

    @ParameterizedTest
    @CsvSource({
        "arn:aws:secretsmanager:us-east-1:123456789012:secret:dev/db-AbCdEf",
        "arn:aws:secretsmanager:eu-central-1:210987654321:secret:dev/db-AbCdEf",
        "arn:aws:ssm:us-east-1:123456789012:parameter/dev/db"
    })
    void whatLiesElsewhereIsRefused(String arn) {
        assertThat(refusal(naming(arn)).errors())
                .singleElement()
                .satisfies(error -> assertThat(error.message()).contains("where nobody can tell here whose it is"));
    }

    @Test
    void aParameterIsNamedByItsNameOrItsArnAndListedByEither() {
        tagged("db-password", "dev");

        assertThat(world.apply(
                                World.WEB,
                                naming(
                                        "db-password",
                                        "/dev/a",
                                        "arn:aws:ssm:eu-central-1:123456789012:parameter/dev/b",
                                        "/shared/c"))
                        .failure())
                .isNull();
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(Rollout.State.SUCCEEDED);
        assertThat(world.account
                        .ecs()
                        .describeTaskDefinition(request -> request.taskDefinition(World.WEB.family()))
                        .taskDefinition()
                        .containerDefinitions()
                        .getFirst()
                        .secrets())
                .extracting(secret -> secret.valueFrom())
                .contains("db-password", "/dev/a");
    }

    @Test
    void whatDoesNotExistIsRefused() {
        world.account.remove("nothing");

        assertThat(refusal(naming("nothing")).errors())
                .singleElement()
                .satisfies(error -> assertThat(error.message()).startsWith("does not exist"));
    }

    @Test
    void whatCannotBeLookedAtIsRefused() {
        world.account.hideSecrets();

        assertThat(refusal(naming(ARN + "dev/db-AbCdEf")).errors())
                .singleElement()
                .satisfies(error -> assertThat(error.message()).startsWith("cannot be looked at, so nobody can tell"));
    }

    /** More than one parameter of a stack would carry, and twice as many while the live release has others. */
    @Test
    void fortySecretsAndFortyRenamedOnes() {
        String[] first = new String[40];
        String[] second = new String[40];
        for (int i = 0; i < first.length; i++) {
            first[i] =
                    ARN + "dev/a-rather-long-name-of-a-team/and-its-application/secret-number-%d-AbCdEf".formatted(i);
            second[i] = first[i].replace("secret-number", "renamed-number");
        }
        assertThat(world.apply(World.WEB, naming(first)).failure()).isNull();
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(Rollout.State.SUCCEEDED);

        assertThat(world.apply(World.WEB, naming(second)).failure()).isNull();
        assertThat(world.record(World.WEB).live()).isEqualTo(2);

        Rollout back = back(1);
        assertThat(back.state()).isEqualTo(Rollout.State.SUCCEEDED);
        assertThat(world.record(World.WEB).live()).isEqualTo(1);
        assertThat(world.traffic(World.WEB).allServed()).isTrue();
    }

    private Rollout back(int release) {
        return world.rollBack(World.WEB, release);
    }

    /** Whose a secret is may change after the spec was accepted. */
    @Test
    void aSecretThatBecameAnothersStopsRolloutsAndRollbacks() {
        tagged(ARN + "db-AbCdEf", "dev");
        assertThat(world.apply(World.WEB, naming(ARN + "db-AbCdEf")).failure()).isNull();
        world.rollOut(World.WEB, "v1");
        world.rollOut(World.WEB, "v2");
        tagged(ARN + "db-AbCdEf", "prod");

        assertThat(world.plane.dryRun().rollOut(World.WEB, World.asking("v3")).findings())
                .extracting(Finding::code)
                .containsExactly("secret-not-allowed");
        Rollout next = world.rollOut(World.WEB, "v3");
        assertThat(next.state()).isEqualTo(Rollout.State.FAILED);
        assertThat(next.outcome().failure().code()).isEqualTo("secret-not-allowed");
        assertThat(next.outcome().failure().action()).contains("aws secretsmanager tag-resource");
        assertThat(back(1).outcome().failure().code()).isEqualTo("secret-not-allowed");
        assertThat(world.record(World.WEB).live()).isEqualTo(2);
    }

    /** What AWS does not show may be in order: nobody has to wait for our own rights to go back. */
    @Test
    void aRollbackDoesNotNeedTheRightToLook() {
        tagged(ARN + "db-AbCdEf", "dev");
        world.apply(World.WEB, naming(ARN + "db-AbCdEf"));
        world.rollOut(World.WEB, "v1");
        world.rollOut(World.WEB, "v2");
        world.account.hideSecrets();

        assertThat(world.plane.dryRun().rollOut(World.WEB, World.asking("v3")).findings())
                .extracting(Finding::code)
                .contains("secret-unreadable");
        Rollout back = back(1);

        assertThat(back.state()).isEqualTo(Rollout.State.SUCCEEDED);
        assertThat(back.preflight().findings()).extracting(Finding::code).containsExactly("secret-unreadable");
    }
}
