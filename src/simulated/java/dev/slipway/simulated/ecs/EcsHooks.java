package dev.slipway.simulated.ecs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.simulated.lambda.SimulatedLambda;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Lifecycle hooks: Lambda functions that ECS invokes in a stage ("Lambda hooks for Amazon ECS service deployments").
 * Those of one stage run in parallel, and one that fails is enough.
 */
final class EcsHooks {
    /** What the hooks of a stage say together. */
    enum Verdict {
        DONE,
        WAIT,
        FAILED
    }

    /** "By default, the delay is 30 seconds." */
    private static final Duration CALL_BACK = Duration.ofSeconds(30);

    private static final ObjectMapper JSON = new ObjectMapper();

    private final EcsState state;
    private final EcsEvents events;
    private final EcsPast past;

    EcsHooks(EcsState state, EcsEvents events, EcsPast past) {
        this.state = state;
        this.events = events;
        this.past = past;
    }

    /** The hooks that {@code deployment} has in {@code stage}, to be invoked at once. */
    List<EcsHookRun> of(EcsServiceDeployment deployment, EcsStage stage) {
        if (!stage.hasHooks()) {
            return List.of();
        }
        return deployment.configuration.lifecycleHooks().stream()
                .filter(hook -> hook.lifecycleStagesAsStrings().contains(stage.name()))
                .map(hook -> new EcsHookRun(state.aws.uuid(), hook, EcsHookRun.Status.WAITING, now(), null))
                .toList();
    }

    /** Invokes those that are due. A function may call ECS itself: look at the deployment again afterwards. */
    Verdict run(EcsServiceDeployment deployment) {
        EcsProgress progress = deployment.progress();
        List<EcsHookRun> after = new ArrayList<>();
        for (EcsHookRun run : progress.hooks()) {
            boolean due = run.open() && !run.due().isAfter(now());
            after.add(due ? invoke(deployment, progress, run) : run);
        }
        if (deployment.progress().equals(progress)) {
            deployment.progress(progress.withHooks(after));
        }
        if (after.stream().anyMatch(run -> run.status() == EcsHookRun.Status.FAILED)) {
            return Verdict.FAILED;
        }
        return after.stream().anyMatch(EcsHookRun::open) ? Verdict.WAIT : Verdict.DONE;
    }

    private EcsHookRun invoke(EcsServiceDeployment deployment, EcsProgress progress, EcsHookRun run) {
        if (run.status() == EcsHookRun.Status.WAITING) {
            events.hook(deployment, progress.stage(), run, "INFO", "HOOK_IN_PROGRESS");
        }
        past.keep();
        String payload = payload(deployment, progress, run).toString();
        EcsHookRun after = answered(run, state.lambda.call(run.hook().hookTargetArn(), payload));
        if (state.aws.faults().hookTwice()) {
            state.lambda.call(run.hook().hookTargetArn(), payload); // the first answer counts
        }
        switch (after.status()) {
            case SUCCEEDED -> events.hook(deployment, progress.stage(), after, "INFO", "HOOK_SUCCEEDED");
            case FAILED -> events.hook(deployment, progress.stage(), after, "ERROR", "HOOK_FAILED");
            case WAITING, IN_PROGRESS -> {}
        }
        return after;
    }

    /** "If your function doesn't return a valid hookStatus, or if it fails, Amazon ECS rolls back the deployment." */
    private EcsHookRun answered(EcsHookRun run, SimulatedLambda.Outcome outcome) {
        if (!(outcome instanceof SimulatedLambda.Answer(String text))) {
            return run.ended(EcsHookRun.Status.FAILED);
        }
        JsonNode answer;
        try {
            answer = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            return run.ended(EcsHookRun.Status.FAILED);
        }
        return switch (answer.path("hookStatus").asText()) {
            case "SUCCEEDED" -> run.ended(EcsHookRun.Status.SUCCEEDED);
            case "IN_PROGRESS" -> {
                long seconds = answer.path("callBackDelay").asLong(CALL_BACK.toSeconds());
                JsonNode details = answer.path("hookDetails");
                yield run.again(
                        now().plusSeconds(Math.max(1, seconds)), details.isObject() ? details : run.handedBack());
            }
            default -> run.ended(EcsHookRun.Status.FAILED);
        };
    }

    private static ObjectNode payload(EcsServiceDeployment deployment, EcsProgress progress, EcsHookRun run) {
        ObjectNode payload = JSON.createObjectNode();
        payload.put("executionId", run.id());
        payload.put("lifecycleStage", progress.stage().name());
        payload.put("resourceArn", deployment.arn);
        ObjectNode details = payload.putObject("executionDetails");
        details.put("serviceArn", deployment.service.arn);
        details.put("targetServiceRevisionArn", deployment.target.revision.arn());
        ObjectNode test = details.putObject("testTrafficWeights");
        ObjectNode production = details.putObject("productionTrafficWeights");
        switch (progress.stage()) {
            case RECONCILE_SERVICE -> {
                weights(test, deployment, progress.testPercent());
                weights(production, deployment, progress.productionPercent());
            }
            case TEST_TRAFFIC_SHIFT -> weights(test, deployment, progress.testPercent());
            case PRODUCTION_TRAFFIC_SHIFT -> weights(production, deployment, progress.productionPercent());
            default -> {}
        }
        JsonNode hookDetails = hookDetails(run);
        if (hookDetails != null) {
            payload.set("hookDetails", hookDetails);
        }
        return payload;
    }

    /** By revision ARN; the example payloads of the developer guide have whole numbers. */
    private static void weights(ObjectNode node, EcsServiceDeployment deployment, double percent) {
        number(node, deployment.target.revision.arn(), percent);
        EcsDeployment source = deployment.source;
        if (source != null) {
            number(node, source.revision.arn(), 100 - percent);
        }
    }

    private static void number(ObjectNode node, String name, double percent) {
        if (percent == Math.rint(percent)) {
            node.put(name, (int) percent);
        } else {
            node.put(name, Math.round(percent * 10) / 10.0);
        }
    }

    /** The configured details come with every invocation, what the function handed back with the next one. */
    private static @Nullable JsonNode hookDetails(EcsHookRun run) {
        JsonNode configured = run.hook().hookDetails() == null
                ? null
                : EcsDocuments.json(run.hook().hookDetails());
        JsonNode handedBack = run.handedBack();
        if (configured instanceof ObjectNode both && handedBack != null) {
            handedBack.properties().forEach(entry -> both.set(entry.getKey(), entry.getValue()));
            return both;
        }
        return handedBack == null ? configured : handedBack;
    }

    private Instant now() {
        return state.aws.clock().instant();
    }
}
