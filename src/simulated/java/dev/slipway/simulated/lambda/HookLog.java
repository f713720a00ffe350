package dev.slipway.simulated.lambda;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.simulated.logs.SimulatedLogs;
import java.util.function.Function;

/** The log group of Slipway's hook function, with a line for each question of ECS, as the function writes them. */
public final class HookLog {
    private static final ObjectMapper JSON = new ObjectMapper();

    private HookLog() {}

    /** The same function, which writes down what it is asked and answers. */
    public static Function<String, String> writing(
            SimulatedLogs logs, String functionArn, Function<String, String> function) {
        String name = functionArn.split(":")[6];
        return question -> {
            try {
                String answer = function.apply(question);
                write(logs, name, question, answer.contains("faultSince") ? "ERROR" : "INFO", "answer=" + answer);
                return answer;
            } catch (RuntimeException e) {
                write(logs, name, question, "ERROR", String.valueOf(e.getMessage()));
                throw e;
            }
        };
    }

    private static void write(SimulatedLogs logs, String function, String question, String level, String message) {
        String group = "/aws/lambda/" + function;
        if (!logs.exists(group)) {
            logs.createLogGroup(request -> request.logGroupName(group));
        }
        try {
            JsonNode asked = JSON.readTree(question);
            String deployment = asked.path("resourceArn").asText();
            ObjectNode line = JSON.createObjectNode()
                    .put("level", level)
                    .put(
                            "message",
                            "deployment=%s stage=%s %s"
                                    .formatted(
                                            deployment,
                                            asked.path("lifecycleStage").asText(),
                                            message));
            line.putObject("mdc").put("deployment", deployment);
            logs.write(group, "hook", line.toString());
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
