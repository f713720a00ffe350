package dev.slipway.lambda;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import dev.slipway.rollout.Gate;
import jakarta.inject.Named;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The hook function: ECS asks it at stages of a deployment whether to go on.
 *
 * <p>An error or an answer without a status would roll the deployment back at once. A fault of ours is no reason to take
 * a customer's release back, so it is answered with IN_PROGRESS and ECS asks again, for {@link #MAX_FAULT_DURATION}; only then
 * does it fail, since nothing has been judged. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/
 * lambda-lifecycle-hooks.html
 */
@Named("hook")
public final class HookHandler implements RequestHandler<Map<String, Object>, Map<String, Object>> {
    static final Duration MAX_FAULT_DURATION = Duration.ofMinutes(15);
    private static final Duration RETRY_AFTER = Duration.ofSeconds(30);
    private static final String ROLLOUT = "rollout";
    private static final String STEP = "step";
    private static final String FAULT_SINCE = "faultSince";
    private static final String UNSEEN_SINCE = "unseenSince";
    private static final Logger LOG = Logger.getLogger(HookHandler.class);

    private final Gate gate;
    private final InstantSource clock;

    public HookHandler(Gate gate, InstantSource clock) {
        this.gate = gate;
        this.clock = clock;
    }

    @Override
    public Map<String, Object> handleRequest(Map<String, Object> event, @Nullable Context context) {
        Map<String, Object> details = details(event);
        try (LogFields _ =
                LogFields.of(context).and(ROLLOUT, details.get(ROLLOUT)).and("deployment", event.get("resourceArn"))) {
            return answer(event, details);
        }
    }

    private Map<String, Object> answer(Map<String, Object> event, Map<String, Object> details) {
        try {
            Gate.HookResponse answer = gate.handle(new Gate.HookRequest(
                    text(event.get("lifecycleStage")),
                    text(event.get("resourceArn")),
                    details.get(ROLLOUT) instanceof String rollout ? rollout : null,
                    details.get(STEP) instanceof Number step ? step.intValue() : null,
                    details.get(UNSEEN_SINCE) instanceof String since ? Instant.parse(since) : null));
            LOG.infof(
                    "deployment=%s stage=%s answer=%s", event.get("resourceArn"), event.get("lifecycleStage"), answer);
            return answer(answer, details);
        } catch (RuntimeException e) {
            return fault(e, details);
        }
    }

    private static Map<String, Object> answer(Gate.HookResponse answer, Map<String, Object> details) {
        return switch (answer) {
            case Gate.HookResponse.Proceed _ -> Map.of("hookStatus", "SUCCEEDED");
            case Gate.HookResponse.Fail fail -> Map.of("hookStatus", "FAILED");
            case Gate.HookResponse.Hold hold -> {
                Map<String, Object> next = new HashMap<>(details);
                next.remove(FAULT_SINCE);
                next.remove(UNSEEN_SINCE);
                if (hold.step() != null) {
                    next.put(STEP, hold.step());
                }
                yield inProgress(hold.retryAfter(), next);
            }
        };
    }

    private Map<String, Object> fault(RuntimeException fault, Map<String, Object> details) {
        Instant now = clock.instant();
        Instant since = details.get(FAULT_SINCE) instanceof String text ? Instant.parse(text) : now;
        boolean over = since.plus(MAX_FAULT_DURATION).isBefore(now);
        LOG.logf(
                fault instanceof Gate.NotInSightException && !over ? Logger.Level.INFO : Logger.Level.ERROR,
                fault,
                "rollout=%s fault since=%s decided=%s",
                details.get(ROLLOUT),
                since,
                over ? "fail" : "again");
        if (over) {
            return Map.of("hookStatus", "FAILED");
        }
        Map<String, Object> next = new HashMap<>(details);
        next.put(FAULT_SINCE, since.toString());
        if (fault instanceof Gate.StepPassedException) {
            next.putIfAbsent(UNSEEN_SINCE, now.toString());
        }
        return inProgress(RETRY_AFTER, next);
    }

    private static Map<String, Object> inProgress(Duration again, Map<String, Object> details) {
        return Map.of("hookStatus", "IN_PROGRESS", "callBackDelay", again.toSeconds(), "hookDetails", details);
    }

    private static Map<String, Object> details(Map<String, Object> event) {
        Map<String, Object> details = new HashMap<>();
        if (event.get("hookDetails") instanceof Map<?, ?> map) {
            map.forEach((key, value) -> {
                if (key instanceof String name && value != null) {
                    details.put(name, value);
                }
            });
        }
        return details;
    }

    private static String text(@Nullable Object value) {
        return value == null ? "" : value.toString();
    }
}
