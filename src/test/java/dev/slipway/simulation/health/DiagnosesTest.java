package dev.slipway.simulation.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.diagnosis.Diagnosis;
import dev.slipway.diagnosis.Diagnosis.RankedCause;
import dev.slipway.rollout.Rollout;
import dev.slipway.service.ServiceDiagnosis;
import dev.slipway.simulated.lambda.HookLog;
import dev.slipway.simulation.World;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentSkipListMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.services.ecs.model.EcsException;

/** Each failure that the simulated account can make is named, in the rollout that it ends and in its message. */
class DiagnosesTest {
    private final World world = new World(1);

    private void live(String rollout) {
        world.apply(World.DEV, "network: {cidr: 172.17.0.0/16}\nterminationProtection: false\n");
        world.apply(World.WEB, "container: {port: 8000, memory: 512}\nrollout: {strategy: %s}\n".formatted(rollout));
        world.rollOut(World.WEB, "v1");
        world.timeline.advance(Duration.ofMinutes(30));
    }

    private static List<String> codes(Diagnosis diagnosis) {
        return diagnosis.causes().stream().map(RankedCause::code).toList();
    }

    @ParameterizedTest
    @CsvSource({
        "v2-exits-1, exit-1",
        "v2-exits-126, exit-126",
        "v2-exits-127, exit-127",
        "v2-exits-139, exit-139",
        "v2-exits-143, exit-143",
        "v2-exits-0, exit-0",
        "v2-exits-42, exit-other",
        "v2-out-of-memory, out-of-memory",
        "v2-pull-denied, image-denied",
        "v2-pull-limited, image-rate-limit",
        "v2-no-route, registry-unreachable",
        "v2-wrong-platform, image-platform",
        "v2-secret-lost, secret-missing",
        "v2-secret-denied, secret-denied",
        "v2-secret-without-key, secret-key-missing",
        "v2-kms-denied, kms-denied",
        "v2-no-command, command-missing",
        "v2-no-capacity, no-capacity",
        "v2-no-addresses, no-addresses",
        "v2-no-vcpus, vcpu-quota",
        "v2-listens-on-3000, wrong-port",
        "v2-loopback, listens-on-loopback",
        "v2-answers-404, health-path-missing",
        "v2-answers-301, health-redirected",
        "v2-answers-503, health-error",
        "v2-hangs, health-timeout",
        "v2-never-healthy, not-listening",
        "v2-ready-after-600s, slow-start",
        // two at once: whichever is nearer to the root
        "v2-listens-on-3000-out-of-memory, out-of-memory|wrong-port",
        "v2-answers-404-crash-after-10s-exits-139, exit-139|health-path-missing",
        "v2-hangs-out-of-memory, out-of-memory|health-timeout",
        "v2-no-addresses-exits-1, no-addresses|exit-1"
    })
    void aRollingReleaseThatFailsIsToldWhy(String image, String expected) {
        live("rolling");

        Rollout rollout = world.rollOut(World.WEB, image);

        Diagnosis diagnosis = Objects.requireNonNull(
                rollout.requireOutcome().diagnosis(),
                () -> rollout.requireOutcome().detail());
        assertThat(rollout.state()).isNotEqualTo(Rollout.State.SUCCEEDED);
        assertThat(codes(diagnosis)).as(diagnosis.toString()).first().isIn((Object[]) expected.split("\\|"));
        assertThat(rollout.requireOutcome().detail())
                .contains("Likely cause: " + diagnosis.causes().getFirst().cause());
        assertThat(Objects.requireNonNull(rollout.requireOutcome().failure()).detail())
                .contains(diagnosis.causes().getFirst().cause());
        assertThat(diagnosis.unread()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"v2-exits-127, exit-127", "v2-answers-404, health-path-missing", "v2-out-of-memory, out-of-memory"})
    void aCanaryThatFailsIsToldWhy(String image, String code) {
        live("canary");

        Rollout rollout = world.rollOut(World.WEB, image);

        assertThat(codes(Objects.requireNonNull(rollout.requireOutcome().diagnosis())))
                .first()
                .isEqualTo(code);
    }

    @ParameterizedTest
    @CsvSource({"v1-exits-127, exit-127", "v1-secret-denied, secret-denied", "v1-answers-404, health-path-missing"})
    void aFirstReleaseThatFailsThroughTheStackIsToldWhy(String image, String code) {
        world.apply(World.DEV, "network: {cidr: 172.17.0.0/16}\nterminationProtection: false\n");
        world.apply(World.WEB, "container: {port: 8000}\n");

        Rollout rollout = world.rollOut(World.WEB, image);

        assertThat(rollout.state()).isEqualTo(Rollout.State.FAILED);
        Diagnosis diagnosis = Objects.requireNonNull(rollout.requireOutcome().diagnosis());
        assertThat(codes(diagnosis)).as(diagnosis.toString()).first().isEqualTo(code);
    }

    /** Nothing is wrong with a service that is deployed, scaled and judged as every day. */
    @ParameterizedTest
    @ValueSource(strings = {"rolling", "canary", "blue-green"})
    void aServiceThatDoesWellHasNoCause(String strategy) {
        live(strategy);
        Rollout rollout = world.rollOut(World.WEB, "v2");
        world.timeline.advance(Duration.ofMinutes(5));

        ServiceDiagnosis.Report report = world.plane.serviceDiagnosis().report(World.WEB, List.of());

        assertThat(rollout.requireOutcome().diagnosis()).isNull();
        assertThat(report.diagnosis().causes()).as(report.toString()).isEmpty();
        assertThat(report.diagnosis().evidence()).as(report.toString()).isEmpty();
        assertThat(report.lastFailure()).isNull();
        assertThat(report.release()).isEqualTo(2);
    }

    @Test
    void aReleaseThatDiesLongAfterItWentLiveIsDiagnosedAndWhatEcsHasForgottenIsKept() {
        live("rolling");
        world.rollOut(World.WEB, "v2-exits-127");
        world.timeline.advance(Duration.ofHours(3));

        ServiceDiagnosis.Report later = world.plane.serviceDiagnosis().report(World.WEB, List.of());

        assertThat(later.diagnosis().causes()).as(later.toString()).isEmpty();
        assertThat(codes(Objects.requireNonNull(
                        Objects.requireNonNull(later.lastFailure()).diagnosis())))
                .first()
                .isEqualTo("exit-127");

        world.rollOut(World.WEB, "v3-leaks");
        world.timeline.advance(Duration.ofMinutes(32));

        ServiceDiagnosis.Report leaking = world.plane.serviceDiagnosis().report(World.WEB, List.of());
        assertThat(codes(leaking.diagnosis())).as(leaking.toString()).first().isEqualTo("out-of-memory");
        assertThat(leaking.diagnosis().summary()).contains("512 MiB");
    }

    /** A rollback without a number goes to the release that was live before, which after a rollback is the bad one. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aRollbackIsAdvisedOnlyWhereItGoesToAnEarlierRelease(boolean rolledBack) {
        live("rolling");
        world.rollOut(World.WEB, rolledBack ? "v2-crash-after-50m" : "v2");
        world.timeline.advance(Duration.ofMinutes(5));
        world.rollOut(World.WEB, rolledBack ? "v3" : "v3-crash-after-40m");
        if (rolledBack) {
            world.rollBack(World.WEB, null);
        }
        world.timeline.advance(Duration.ofMinutes(55));

        ServiceDiagnosis.Report report = world.plane.serviceDiagnosis().report(World.WEB, List.of());

        assertThat(report.release()).isEqualTo(rolledBack ? 2 : 3);
        RankedCause first = report.diagnosis().first().orElseThrow();
        assertThat(first.code()).isEqualTo("exit-1");
        assertThat(first.action().contains("/rollback")).as(first.action()).isEqualTo(!rolledBack);
    }

    /** As the function ends when it throws; and its log has lines of other environments, too. */
    private Diagnosis hookThrows(String message) {
        live("canary");
        if (!world.account.rawLogs().exists("/aws/lambda/slipway-hook")) { // without it the line of prod goes nowhere
            world.account.rawLogs().createLogGroup(request -> request.logGroupName("/aws/lambda/slipway-hook"));
        }
        world.account.functions().register(World.HOOK, HookLog.writing(world.account.rawLogs(), World.HOOK, event -> {
            for (int line = 0; line < 2; line++) {
                world.account
                        .rawLogs()
                        .write(
                                "/aws/lambda/slipway-hook",
                                "hook",
                                "{\"level\": \"ERROR\", \"message\": \"of prod\", \"mdc\": {\"deployment\":"
                                        + " \"arn:aws:ecs:eu-central-1:123456789012:service-deployment/slipway-prod/web/1\"}}");
            }
            throw new IllegalStateException(message);
        }));
        Rollout rollout = world.rollOut(World.WEB, "v2");
        return Objects.requireNonNull(rollout.requireOutcome().diagnosis());
    }

    @Test
    void aHookThatFailsIsToldWithWhatItHasLoggedOfTheDeployment() {
        Diagnosis diagnosis = hookThrows("the table is not there, password=hunter2");

        assertThat(codes(diagnosis)).as(diagnosis.toString()).containsExactly("hook-fault");
        assertThat(diagnosis.summary()).contains("the table is not there");
        assertThat(diagnosis.evidence()).extracting(Diagnosis.Line::source).contains("hook", "deployment");
        assertThat(diagnosis.toString()).doesNotContain("hunter2").doesNotContain("of prod");
        assertThat(diagnosis.unread()).isEmpty();
    }

    @Test
    void aHooksLogThatIsLongerThanWhatIsReadIsSaidToBe() {
        world.account.rawLogs().lookedAt(1);

        Diagnosis diagnosis = hookThrows("the table is not there");

        assertThat(diagnosis.unread())
                .containsExactly(
                        "the hook's log: it has more lines of that time than two calls show, and its last ones are missing");
    }

    @Test
    void aHooksLogThatMayNotBeReadIsSaidToBeUnread() {
        world.chaos.watcher = (operation, request) -> {
            if (operation.equals("filterLogEvents")) {
                throw EcsException.builder()
                        .message("not authorized to perform " + operation)
                        .statusCode(400)
                        .awsErrorDetails(AwsErrorDetails.builder()
                                .errorCode("AccessDeniedException")
                                .errorMessage("not authorized")
                                .build())
                        .build();
            }
            return () -> {};
        };

        Diagnosis diagnosis = hookThrows("the table is not there");

        assertThat(codes(diagnosis)).as(diagnosis.toString()).containsExactly("hook-failed");
        assertThat(diagnosis.unread()).singleElement().asString().startsWith("the hook's log: AWS refuses it");
    }

    /** Whatever AWS refuses is told, and the rest is still diagnosed; and there is a bound on what is asked. */
    @Test
    void atMostEightCallsBesideThoseOfAStatusAndEachMayBeRefused() {
        live("rolling");
        world.rollOut(World.WEB, "v2-leaks");
        world.timeline.advance(Duration.ofMinutes(32));
        world.plane.statuses().of(World.WEB); // is kept for seconds
        Map<String, Integer> calls = new ConcurrentSkipListMap<>(); // they come side by side
        world.chaos.watcher = (operation, request) -> {
            calls.merge(operation, 1, Integer::sum);
            return () -> {};
        };
        assertThat(codes(world.plane
                        .serviceDiagnosis()
                        .report(World.WEB, List.of())
                        .diagnosis()))
                .contains("out-of-memory");
        assertThat(calls.values().stream().mapToInt(Integer::intValue).sum())
                .as(calls.toString())
                .isBetween(5, 8);
        Map<String, Integer> asked = Map.copyOf(calls);
        world.timeline.advance(Duration.ofSeconds(4));
        world.plane.serviceDiagnosis().report(World.WEB, List.of());
        assertThat(calls).as("within five seconds").isEqualTo(asked);

        for (String refused : asked.keySet()) {
            world.timeline.advance(Duration.ofSeconds(6));
            world.chaos.watcher = (operation, request) -> {
                if (operation.equals(refused)) {
                    throw EcsException.builder()
                            .message("not authorized to perform " + operation)
                            .statusCode(400)
                            .awsErrorDetails(AwsErrorDetails.builder()
                                    .errorCode("AccessDeniedException")
                                    .errorMessage("not authorized")
                                    .build())
                            .build();
                }
                return () -> {};
            };

            Diagnosis diagnosis =
                    world.plane.serviceDiagnosis().report(World.WEB, List.of()).diagnosis();

            assertThat(diagnosis.unread()).as(refused).isNotEmpty();
            boolean needed = Arrays.asList("Tasks").stream().anyMatch(refused::contains);
            assertThat(codes(diagnosis).contains("out-of-memory"))
                    .as(refused + ": " + diagnosis)
                    .isEqualTo(!needed);
        }
    }
}
