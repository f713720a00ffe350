package dev.slipway.simulated.lambda;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.simulated.aws.SimulatedAws;
import dev.slipway.simulated.aws.SimulatedErrors;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.lambda.model.InvocationType;
import software.amazon.awssdk.services.lambda.model.InvokeRequest;
import software.amazon.awssdk.services.lambda.model.InvokeResponse;
import software.amazon.awssdk.services.lambda.model.ResourceNotFoundException;

/** Lambda: functions by ARN that answer at once. ECS invokes them as hooks, callers through {@link #invoke}. */
public final class SimulatedLambda implements LambdaClient {
    /** How a synchronous invocation ended. */
    public sealed interface Outcome {}

    public record Answer(String payload) implements Outcome {}

    /** The function threw. */
    record Unhandled(String payload) implements Outcome {}

    /** There is no such function. */
    record Missing() implements Outcome {}

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration ASYNCHRONOUS = Duration.ofSeconds(1);

    private final SimulatedAws aws;
    private final Map<String, Function<String, String>> functions = new LinkedHashMap<>();

    public SimulatedLambda(SimulatedAws aws) {
        this.aws = aws;
    }

    /**
     * Makes {@code function} answer under an ARN, with its alias or version if it is to be invoked by one. Payload and
     * answer are JSON; an exception is a function error. The clock stands still meanwhile.
     */
    public void register(String functionArn, Function<String, String> function) {
        synchronized (aws.clock()) {
            functions.put(functionArn, function);
        }
    }

    /** As if the function had been deleted. */
    public void unregister(String functionArn) {
        synchronized (aws.clock()) {
            functions.remove(functionArn);
        }
    }

    /** What a service of the account gets when it invokes a function. */
    public Outcome call(String functionArn, String payload) {
        Function<String, String> function = functions.get(functionArn);
        if (function == null) {
            return new Missing();
        }
        try {
            return new Answer(function.apply(payload));
        } catch (RuntimeException e) {
            return new Unhandled(JSON.createObjectNode()
                    .put("errorMessage", e.getMessage())
                    .put("errorType", e.getClass().getName())
                    .toString());
        }
    }

    @Override
    public InvokeResponse invoke(InvokeRequest request) {
        String arn = arn(request.functionName(), request.qualifier());
        if (!functions.containsKey(arn)) {
            throw SimulatedErrors.fill(
                            ResourceNotFoundException.builder(),
                            "Lambda",
                            "ResourceNotFoundException",
                            "Function not found: " + arn)
                    .build();
        }
        String payload = request.payload() == null ? "{}" : request.payload().asUtf8String();
        if (request.invocationType() == InvocationType.DRY_RUN) {
            return InvokeResponse.builder().statusCode(204).build();
        }
        if (request.invocationType() == InvocationType.EVENT) {
            aws.clock().after(ASYNCHRONOUS, () -> call(arn, payload));
            return InvokeResponse.builder().statusCode(202).build();
        }
        return switch (call(arn, payload)) {
            case Answer(String answer) ->
                InvokeResponse.builder()
                        .statusCode(200)
                        .payload(SdkBytes.fromUtf8String(answer))
                        .build();
            case Unhandled(String error) ->
                InvokeResponse.builder()
                        .statusCode(200)
                        .functionError("Unhandled")
                        .payload(SdkBytes.fromUtf8String(error))
                        .build();
            case Missing() -> throw new IllegalStateException("the function unregistered itself");
        };
    }

    /** Invoke takes a name, a partial or a whole ARN; the qualifier stands in it or beside it. */
    private String arn(String name, @Nullable String qualifier) {
        String plain = name.startsWith("arn:") ? name : name.replaceFirst("^(\\d+:)?(function:)?", "");
        String arn = name.startsWith("arn:") ? name : aws.arn("lambda", "function:" + plain);
        return qualifier == null ? arn : arn + ":" + qualifier;
    }

    @Override
    public String serviceName() {
        return SERVICE_NAME;
    }

    @Override
    public void close() {}
}
