package dev.slipway.plan;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.cost.CostChange;
import dev.slipway.id.Target;
import dev.slipway.problem.Problem;
import dev.slipway.stack.Difference;
import dev.slipway.stack.Risk;
import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What applying a spec would change.
 *
 * @param spec complete, with every default
 * @param revision of the declared spec when the plan was made; 0 when there was none
 * @param environmentDigest digest of what the target has of its environment; null for an environment
 * @param stack what would change in the stack; null while it is being computed
 * @param release what would change in the container, by setting, with its value before and after; a change here means a
 *     rollout
 * @param settings what else the spec says otherwise than the one declared before, by path; null in plans of earlier versions
 * @param cost what it does to the cost of a month; null in plans of earlier versions
 * @param failure why it could not be computed
 */
@RegisterForReflection
@RecordBuilder
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Plan(
        String id,
        Target target,
        State state,
        JsonNode spec,
        long revision,
        @Nullable String environmentDigest,
        @Nullable Difference stack,
        Map<String, Change> release,
        Map<String, Change> settings,
        List<Risk> risks,
        @Nullable CostChange cost,
        String createdBy,
        Instant createdAt,
        Instant expiresAt,
        @Nullable Problem failure)
        implements PlanBuilder.With {
    /** How a plan stands. */
    public enum State {
        COMPUTING,
        READY,
        /** It could not be computed. */
        FAILED
    }

    /** One setting before and after, as JSON text; null when it was or will be absent. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Change(@Nullable String before, @Nullable String after) {}

    /** How long a plan can be run. */
    public static final Duration TTL = Duration.ofDays(7);

    public static final ItemType<Plan> ITEM_TYPE = new ItemType<>("plan", Plan.class, 1);

    public Plan {
        release = Map.copyOf(release);
        settings = settings == null ? Map.of() : Map.copyOf(settings); // plans from before there were any
        risks = List.copyOf(risks);
    }

    /** The prefix of the sort keys of plans. */
    public static final String SORT = "plan#";

    public static Key<Plan> key(Target target, String id) {
        return new Key<>(target.partition(), SORT + id, ITEM_TYPE);
    }

    /**
     * A plan whose difference in the stack is not known yet; it can be run for {@link #TTL} from {@code now} on.
     *
     * @param by ARN of who asked for it
     */
    public static Plan computing(
            String id,
            Target target,
            JsonNode spec,
            long revision,
            Declarations.Basis basis,
            Map<String, Change> settings,
            CostChange cost,
            String by,
            Instant now) {
        return new Plan(
                id,
                target,
                State.COMPUTING,
                spec,
                revision,
                basis.environmentDigest(),
                null,
                basis.release(),
                settings,
                basis.allRisks(),
                cost,
                by,
                now,
                now.plus(TTL),
                null);
    }

    /** Its difference is known, and with it more that a reader should know. */
    public Plan ready(Difference difference, List<Risk> more) {
        List<Risk> all = Stream.concat(risks.stream(), more.stream()).toList();
        return with(copy -> copy.state(State.READY).stack(difference).risks(all));
    }

    public Plan failed(Problem why) {
        return with(copy -> copy.state(State.FAILED).failure(why));
    }
}
