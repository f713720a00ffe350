package dev.slipway.simulated.ecs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.simulated.aws.Faults;
import dev.slipway.simulated.cloudformation.SdkRequests;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.document.Document;
import software.amazon.awssdk.services.ecs.model.*;

class SimulatedEcsHooksTest {
    private static final String IN_PROGRESS = "{\"hookStatus\":\"IN_PROGRESS\"}";

    private final SimulatedEcsFixture account = new SimulatedEcsFixture();
    private final SimulatedEcsStages service = new SimulatedEcsStages(account);

    @Test
    void aHookRunsAtEveryStageThatCanHaveOne() {
        service.running();
        service.answering(event -> SimulatedEcsStages.SUCCEEDED);
        String[] all = Arrays.stream(EcsStage.values())
                .filter(EcsStage::hasHooks)
                .map(EcsStage::name)
                .toArray(String[]::new);
        service.deploy("v2", SimulatedEcsStages.blueGreen(0), SimulatedEcsStages.hook(all));
        service.finish();
        assertThat(service.status()).isEqualTo(ServiceDeploymentStatus.SUCCESSFUL);
        assertThat(service.stagesOfPayloads())
                .containsExactly(
                        "PRE_SCALE_UP",
                        "POST_SCALE_UP",
                        "TEST_TRAFFIC_SHIFT",
                        "POST_TEST_TRAFFIC_SHIFT",
                        "PRE_PRODUCTION_TRAFFIC_SHIFT",
                        "PRODUCTION_TRAFFIC_SHIFT",
                        "POST_PRODUCTION_TRAFFIC_SHIFT");
    }

    @Test
    void thePayloadIsWhatAwsLogs() {
        service.running();
        service.answering(event -> SimulatedEcsStages.SUCCEEDED);
        service.deploy("v2", SimulatedEcsStages.blueGreen(0), SimulatedEcsStages.hook("POST_TEST_TRAFFIC_SHIFT"));
        service.finish();
        JsonNode payload = service.payloads.getFirst();
        assertThat(payload.path("executionId").asText()).hasSize(36);
        assertThat(payload.path("lifecycleStage").asText()).isEqualTo("POST_TEST_TRAFFIC_SHIFT");
        assertThat(payload.path("resourceArn").asText())
                .isEqualTo(account.deployment().serviceDeploymentArn());
        JsonNode details = payload.path("executionDetails");
        assertThat(details.path("serviceArn").asText())
                .isEqualTo(account.service().serviceArn());
        assertThat(details.path("targetServiceRevisionArn").asText())
                .isEqualTo(account.deployment().targetServiceRevision().arn());
        assertThat(details.path("testTrafficWeights").isObject()).isTrue();
        assertThat(details.path("testTrafficWeights")).isEmpty();
        assertThat(details.path("productionTrafficWeights")).isEmpty();
        assertThat(payload.has("hookDetails")).isFalse();
    }

    @Test
    void weightsAreFilledAtTheShiftsOnly() {
        service.running();
        service.answering(event -> SimulatedEcsStages.SUCCEEDED);
        service.deploy(
                "v2",
                SimulatedEcsStages.canary(10, 1, 0),
                SimulatedEcsStages.hook(
                        "TEST_TRAFFIC_SHIFT", "PRE_PRODUCTION_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT"));
        service.finish();
        String target = account.deployment().targetServiceRevision().arn();
        String source = account.deployment().sourceServiceRevisions().getFirst().arn();
        JsonNode test = service.payloads.get(0).path("executionDetails");
        assertThat(test.path("testTrafficWeights").path(target).asInt()).isEqualTo(100);
        assertThat(test.path("testTrafficWeights").path(source).asInt(-1)).isZero();
        assertThat(test.path("productionTrafficWeights")).isEmpty();
        assertThat(service.payloads.get(1).path("executionDetails").path("productionTrafficWeights"))
                .isEmpty();
        JsonNode production = service.payloads.get(2).path("executionDetails").path("productionTrafficWeights");
        assertThat(production.path(target).asInt()).isEqualTo(10);
        assertThat(production.path(source).asInt()).isEqualTo(90);
    }

    @Test
    void theProductionHooksRunAtEveryStep() {
        service.running();
        service.answering(event -> SimulatedEcsStages.SUCCEEDED);
        service.deploy(
                "v2",
                SimulatedEcsStages.linear(40, 1, 0),
                SimulatedEcsStages.hook("PRE_PRODUCTION_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT"));
        service.finish();
        assertThat(service.stagesOfPayloads())
                .containsExactly(
                        "PRE_PRODUCTION_TRAFFIC_SHIFT",
                        "PRODUCTION_TRAFFIC_SHIFT",
                        "PRE_PRODUCTION_TRAFFIC_SHIFT",
                        "PRODUCTION_TRAFFIC_SHIFT",
                        "PRE_PRODUCTION_TRAFFIC_SHIFT",
                        "PRODUCTION_TRAFFIC_SHIFT");
        assertThat(service.payloads)
                .extracting(payload -> payload.path("executionId").asText())
                .doesNotHaveDuplicates();
    }

    @Test
    void inProgressIsAskedAgainAfterThirtySecondsOrTheDelayItNames() {
        List<Instant> times = new ArrayList<>();
        service.running();
        service.answering(event -> {
            times.add(account.timeline.instant());
            return switch (times.size()) {
                case 1 -> IN_PROGRESS;
                case 2 -> "{\"hookStatus\":\"IN_PROGRESS\",\"callBackDelay\":90}";
                default -> SimulatedEcsStages.SUCCEEDED;
            };
        });
        service.deploy("v2", SimulatedEcsStages.blueGreen(0), SimulatedEcsStages.hook("POST_SCALE_UP"));
        service.finish();
        assertThat(Duration.between(times.get(0), times.get(1))).isEqualTo(Duration.ofSeconds(30));
        assertThat(Duration.between(times.get(1), times.get(2))).isEqualTo(Duration.ofSeconds(90));
        assertThat(service.payloads)
                .extracting(payload -> payload.path("executionId").asText())
                .containsOnly(service.payloads.getFirst().path("executionId").asText());
    }

    @Test
    void configuredDetailsComeWithEveryInvocationAndReturnedOnesWithTheNext() {
        service.running();
        service.answering(event -> service.payloads.size() < 2
                ? "{\"hookStatus\":\"IN_PROGRESS\",\"hookDetails\":{\"attempt\":1}}"
                : SimulatedEcsStages.SUCCEEDED);
        DeploymentLifecycleHook hook = SimulatedEcsStages.hook("POST_SCALE_UP").toBuilder()
                .hookDetails(
                        Document.mapBuilder().putString("rollout", "dev/web/1").build())
                .build();
        service.deploy("v2", SimulatedEcsStages.blueGreen(0), hook);
        service.finish();
        assertThat(service.payloads.get(0).path("hookDetails").toString()).isEqualTo("{\"rollout\":\"dev/web/1\"}");
        assertThat(service.payloads.get(1).path("hookDetails").toString())
                .isEqualTo("{\"rollout\":\"dev/web/1\",\"attempt\":1}");
    }

    @ParameterizedTest
    @ValueSource(strings = {SimulatedEcsStages.FAILED, "{}", "not JSON", "{\"hookStatus\":\"succeeded\"}", "throws"})
    void whatIsNotAnAnswerRollsBack(String answer) {
        service.running();
        service.answering(event -> {
            if (answer.equals("throws")) {
                throw new IllegalStateException("no");
            }
            return answer;
        });
        service.deploy("v2", SimulatedEcsStages.blueGreen(0), SimulatedEcsStages.hook("POST_TEST_TRAFFIC_SHIFT"));
        service.finish();
        assertThat(service.status()).isEqualTo(ServiceDeploymentStatus.ROLLBACK_SUCCESSFUL);
        assertThat(account.messages())
                .anyMatch(message -> message.endsWith("deployment failed: hook execution failure(s) detected."));
    }

    @Test
    void aFunctionThatDoesNotExistRollsBack() {
        service.running();
        service.deploy("v2", SimulatedEcsStages.blueGreen(0), SimulatedEcsStages.hook("PRE_SCALE_UP"));
        service.finish();
        assertThat(service.status()).isEqualTo(ServiceDeploymentStatus.ROLLBACK_SUCCESSFUL);
    }

    @Test
    void hooksOfAStageRunInParallelAndAnyFailureWins() {
        String other = SimulatedEcsStages.HOOK.replace("hook:live", "other:live");
        service.running();
        service.answering(event -> IN_PROGRESS);
        account.account.functions().register(other, payload -> SimulatedEcsStages.FAILED);
        service.deploy(
                "v2",
                SimulatedEcsStages.blueGreen(0),
                SimulatedEcsStages.hook("POST_SCALE_UP"),
                SimulatedEcsStages.hook("POST_SCALE_UP").toBuilder()
                        .hookTargetArn(other)
                        .build());
        service.finish();
        assertThat(service.payloads).hasSize(1);
        assertThat(service.status()).isEqualTo(ServiceDeploymentStatus.ROLLBACK_SUCCESSFUL);
    }

    @Test
    void aRollbackRunsTheHooksOfTheTwoShiftsAgainWithTheWeightsTheyReturnTo() {
        service.running();
        service.answering(event -> event.path("lifecycleStage").asText().equals("POST_PRODUCTION_TRAFFIC_SHIFT")
                ? SimulatedEcsStages.FAILED
                : SimulatedEcsStages.SUCCEEDED);
        service.deploy(
                "v2",
                SimulatedEcsStages.blueGreen(0),
                SimulatedEcsStages.hook(
                        "POST_SCALE_UP",
                        "TEST_TRAFFIC_SHIFT",
                        "PRODUCTION_TRAFFIC_SHIFT",
                        "POST_PRODUCTION_TRAFFIC_SHIFT"));
        service.finish();
        assertThat(service.stagesOfPayloads())
                .containsExactly(
                        "POST_SCALE_UP",
                        "TEST_TRAFFIC_SHIFT",
                        "PRODUCTION_TRAFFIC_SHIFT",
                        "POST_PRODUCTION_TRAFFIC_SHIFT",
                        "PRODUCTION_TRAFFIC_SHIFT",
                        "TEST_TRAFFIC_SHIFT");
        String source = account.deployment().sourceServiceRevisions().getFirst().arn();
        assertThat(service.payloads
                        .get(4)
                        .path("executionDetails")
                        .path("productionTrafficWeights")
                        .path(source)
                        .asInt())
                .isEqualTo(100);
    }

    @Test
    void aFirstCreateInvokesItsHooksLikeAnyOtherDeployment() {
        service.answering(event -> SimulatedEcsStages.SUCCEEDED);
        account.ecs.createService(account.service(account.definition("v1"), 1)
                .deploymentConfiguration(SimulatedEcsStages.blueGreen(0)
                        .andThen(builder -> builder.lifecycleHooks(
                                SimulatedEcsStages.hook("POST_TEST_TRAFFIC_SHIFT", "TEST_TRAFFIC_SHIFT"))))
                .build());
        account.advance(SimulatedEcsFixture.LONG_ENOUGH);
        assertThat(service.stagesOfPayloads()).containsExactly("TEST_TRAFFIC_SHIFT", "POST_TEST_TRAFFIC_SHIFT");
        assertThat(service.payloads.getFirst().at("/executionDetails/testTrafficWeights"))
                .hasSize(1);
    }

    @Test
    void aHookMayBeDeliveredTwiceAndItsFirstAnswerCounts() {
        service.running();
        account.aws.faults(new Faults() {
            @Override
            public boolean hookTwice() {
                return true;
            }
        });
        service.answering(
                event -> service.payloads.size() == 1 ? SimulatedEcsStages.SUCCEEDED : SimulatedEcsStages.FAILED);
        service.deploy("v2", SimulatedEcsStages.blueGreen(0), SimulatedEcsStages.hook("POST_SCALE_UP"));
        service.finish();
        assertThat(service.payloads).hasSize(2);
        assertThat(service.payloads.get(1)).isEqualTo(service.payloads.get(0));
        assertThat(service.status()).isEqualTo(ServiceDeploymentStatus.SUCCESSFUL);
    }

    @Test
    void eventsTellHowAHookGoes() {
        service.running();
        service.answering(event -> service.payloads.size() == 1 ? IN_PROGRESS : SimulatedEcsStages.SUCCEEDED);
        service.deploy("v2", SimulatedEcsStages.blueGreen(0), SimulatedEcsStages.hook("POST_SCALE_UP"));
        service.finish();
        List<JsonNode> events = account.events("ECS Hook State Change");
        assertThat(events)
                .extracting(event -> event.at("/detail/eventName").asText())
                .containsExactly("HOOK_IN_PROGRESS", "HOOK_SUCCEEDED");
        JsonNode detail = events.getFirst().path("detail");
        assertThat(detail.path("hookType").asText()).isEqualTo("AWS_LAMBDA");
        assertThat(detail.path("lifecycleStage").asText()).isEqualTo("POST_SCALE_UP");
        assertThat(detail.path("serviceDeploymentArn").asText())
                .isEqualTo(account.deployment().serviceDeploymentArn());
    }

    @Test
    void aHookMayStopItsOwnDeployment() {
        service.running();
        service.answering(event -> {
            service.stop();
            return SimulatedEcsStages.SUCCEEDED;
        });
        service.deploy("v2", SimulatedEcsStages.blueGreen(0), SimulatedEcsStages.hook("POST_TEST_TRAFFIC_SHIFT"));
        service.finish();
        assertThat(service.status()).isEqualTo(ServiceDeploymentStatus.ROLLBACK_SUCCESSFUL);
        assertThat(service.production()).containsExactly(1, 0);
    }

    @Test
    void aRollingUpdateInvokesNoHooks() {
        service.running();
        service.deploy(
                "v2",
                configuration -> configuration.strategy(DeploymentStrategy.ROLLING),
                SimulatedEcsStages.hook("PRE_SCALE_UP", "POST_SCALE_UP"));
        service.finish();
        assertThat(service.status()).isEqualTo(ServiceDeploymentStatus.SUCCESSFUL);
        assertThat(service.payloads).isEmpty();
    }

    @Test
    void theServicesConfigurationWithHookDetailsSurvivesDriftDetection() {
        service.running();
        service.answering(event -> SimulatedEcsStages.SUCCEEDED);
        DeploymentLifecycleHook hook = SimulatedEcsStages.hook("POST_SCALE_UP").toBuilder()
                .hookDetails(Document.mapBuilder().putString("rollout", "1").build())
                .build();
        service.deploy("v2", SimulatedEcsStages.blueGreen(0), hook);
        assertThat(SdkRequests.json(account.service())
                        .at("/deploymentConfiguration/lifecycleHooks/0/hookDetails/rollout")
                        .asText())
                .isEqualTo("1");
    }
}
