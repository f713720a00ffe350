package dev.slipway.deployment;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.services.ecs.EcsClient;
import software.amazon.awssdk.services.ecs.model.ClientException;
import software.amazon.awssdk.services.ecs.model.ConflictException;
import software.amazon.awssdk.services.ecs.model.EcsException;

/** What StopServiceDeployment may answer, by the model of ECS. */
class StopDeploymentTest {
    private static AwsErrorDetails details(String code) {
        return AwsErrorDetails.builder().errorCode(code).errorMessage(code).build();
    }

    private static void stop(EcsException answer) {
        EcsClient ecs = (EcsClient) Proxy.newProxyInstance(
                EcsClient.class.getClassLoader(), new Class<?>[] {EcsClient.class}, (proxy, method, args) -> {
                    throw answer;
                });
        new EcsDeployments(ecs).stop("arn");
    }

    @Test
    void oneThatHasEndedOrIsStoppedAlreadyIsToldByTheNextLook() {
        assertThatCode(() -> stop((EcsException) ClientException.builder()
                        .awsErrorDetails(details("ClientException"))
                        .build()))
                .doesNotThrowAnyException();
        assertThatCode(() -> stop((EcsException) ConflictException.builder()
                        .awsErrorDetails(details("ConflictException"))
                        .build()))
                .doesNotThrowAnyException();
    }

    @Test
    void whatHidesARefusalIsNone() {
        assertThatThrownBy(() -> stop((EcsException) EcsException.builder()
                        .awsErrorDetails(details("AccessDeniedException"))
                        .build()))
                .isInstanceOf(EcsException.class);
    }
}
