package dev.slipway.simulated.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.simulated.ecs.SimulatedEcsFixture;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.lambda.model.InvocationType;
import software.amazon.awssdk.services.lambda.model.InvokeResponse;
import software.amazon.awssdk.services.lambda.model.ResourceNotFoundException;

class SimulatedLambdaTest {
    private static final String ARN = "arn:aws:lambda:eu-central-1:123456789012:function:check";

    private final SimulatedEcsFixture account = new SimulatedEcsFixture();

    @Test
    void aFunctionAnswersUnderItsNameItsArnAndItsAlias() {
        account.account.functions().register(ARN, payload -> payload + "!");
        account.account.functions().register(ARN + ":live", payload -> payload + "?");
        assertThat(invoke("check").payload().asUtf8String()).isEqualTo("{}!");
        assertThat(invoke(ARN).payload().asUtf8String()).isEqualTo("{}!");
        assertThat(invoke("check:live").payload().asUtf8String()).isEqualTo("{}?");
        assertThat(account.account
                        .lambda()
                        .invoke(request -> request.functionName("check").qualifier("live"))
                        .payload()
                        .asUtf8String())
                .isEqualTo("{}?");
        assertThat(account.aws.calls()).containsEntry("Lambda.invoke", 4);
    }

    private InvokeResponse invoke(String name) {
        return account.account
                .lambda()
                .invoke(request -> request.functionName(name).payload(SdkBytes.fromUtf8String("{}")));
    }

    @Test
    void anExceptionIsAFunctionErrorOfASuccessfulCall() {
        account.account.functions().register(ARN, payload -> {
            throw new IllegalStateException("no");
        });
        InvokeResponse response = invoke("check");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.functionError()).isEqualTo("Unhandled");
        assertThat(response.payload().asUtf8String()).contains("\"errorMessage\":\"no\"");
    }

    @Test
    void aFunctionThatIsNotThereCannotBeInvoked() {
        assertThatThrownBy(() -> invoke("check")).isInstanceOf(ResourceNotFoundException.class);
        account.account.functions().register(ARN, payload -> payload);
        account.account.functions().unregister(ARN);
        assertThatThrownBy(() -> invoke("check")).isInstanceOf(ResourceNotFoundException.class);
    }

    @Test
    void anEventIsAcceptedAtOnceAndHandledLater() {
        List<String> handled = new ArrayList<>();
        account.account.functions().register(ARN, payload -> {
            handled.add(payload);
            return "";
        });
        InvokeResponse response = account.account
                .lambda()
                .invoke(request -> request.functionName(ARN).invocationType(InvocationType.EVENT));
        assertThat(response.statusCode()).isEqualTo(202);
        assertThat(handled).isEmpty();
        account.seconds(1);
        assertThat(handled).containsExactly("{}");
    }
}
