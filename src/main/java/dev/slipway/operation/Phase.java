package dev.slipway.operation;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.PipelineId;
import dev.slipway.id.ServiceId;
import dev.slipway.id.Target;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Where an operation is. {@link Transitions} says which phase may follow which. */
@RegisterForReflection
public enum Phase {
    /** Looks at what is live, and says where to begin. */
    OBSERVE,
    /** Takes an ECS service that is gone out of the stack. */
    REPAIR,
    /** Commits what is live to the stack. */
    SYNC,
    /** Has the stack planned, changed or deleted. */
    STACK,
    /** Has an environment's tasks move before their NAT gateways go. */
    MOVE_OUT,
    /** An environment's services take over what has changed for them. */
    SERVICES,
    /** Sets the number of tasks. */
    COUNT,
    /** Has a rollout begin where the container's settings have changed. */
    CONTAINER,
    /** Has what was live go out again. */
    RESTORE,
    /** Looks at what a rollout will rest on. */
    PREFLIGHT,
    /** Registers the release. */
    REGISTER,
    /** Marks the release's image in the registry. */
    TAG_IMAGE,
    /** Runs the one-off task. */
    TASK,
    /** Has ECS start the deployment. */
    START,
    /** Asks people before a release that no gate holds: a service's first. */
    APPROVAL,
    /** The stack lets the release start: it opens its port. */
    GRANT_ACCESS,
    /** The stack makes the ECS service, with the first release. */
    CREATE_SERVICE,
    /** Sets the number of tasks of the first release. */
    SCALE,
    WAIT_FOR_TASKS,
    /** Watches the deployment until its end. */
    MONITOR,
    /** Watches whether the tasks of what has been deployed stay up. */
    STABILIZE,
    /** Deletes what a stack leaves. */
    CLEANUP,
    DELETE_RELEASES,
    /** It has succeeded; one that failed stays where it was. */
    DONE;

    /** As the API and the log show it: {@code tag-image}. */
    @JsonValue
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * The table: which phase may follow which, by what an operation is. {@code docs/architecture.md}, section Phases, draws it;
     * a test holds the two together.
     */
    enum Transitions {
        ROLLOUT(
                PREFLIGHT,
                from(PREFLIGHT, REGISTER),
                from(REGISTER, TAG_IMAGE, TASK, START),
                from(TAG_IMAGE, TASK, START),
                from(TASK, START),
                from(START, APPROVAL, MONITOR, GRANT_ACCESS, CREATE_SERVICE, DONE),
                from(APPROVAL, START),
                from(MONITOR, STABILIZE, DONE),
                from(STABILIZE, PREFLIGHT, DONE),
                from(GRANT_ACCESS, START, SYNC),
                from(SYNC, GRANT_ACCESS),
                from(CREATE_SERVICE, SCALE, REPAIR),
                from(REPAIR, PREFLIGHT),
                from(SCALE, WAIT_FOR_TASKS),
                from(WAIT_FOR_TASKS, STABILIZE, DONE)),

        /** It may come to a rollout. */
        SERVICE_APPLY(
                ROLLOUT,
                OBSERVE,
                from(OBSERVE, REPAIR, SYNC, STACK),
                from(REPAIR, OBSERVE),
                from(SYNC, STACK),
                from(STACK, COUNT, RESTORE),
                from(COUNT, CONTAINER),
                from(CONTAINER, PREFLIGHT, DONE),
                from(RESTORE, PREFLIGHT)),

        SERVICE_MEND(
                OBSERVE, //
                from(OBSERVE, SYNC, STACK),
                from(SYNC, STACK),
                from(STACK, DONE)),

        SERVICE_DELETION(
                STACK, //
                from(STACK, CLEANUP),
                from(CLEANUP, DELETE_RELEASES),
                from(DELETE_RELEASES, DONE)),

        ENVIRONMENT_APPLY(
                STACK, //
                from(STACK, MOVE_OUT, SERVICES, DONE),
                from(MOVE_OUT, SERVICES),
                from(SERVICES, STACK, DONE)),

        /** Plans, deletion and mend of an environment, and all operations of a pipeline. */
        STACK_ONLY(STACK, from(STACK, DONE));

        private final Phase first;
        private final Map<Phase, Set<Phase>> next = new EnumMap<>(Phase.class);

        Transitions(Phase first, Row... rows) {
            this.first = first;
            for (Row row : rows) {
                next.put(row.from(), row.to());
            }
        }

        Transitions(Transitions goesOnAs, Phase first, Row... rows) {
            this(first, rows);
            goesOnAs.next.forEach((from, to) -> next.merge(
                    from,
                    to,
                    (ours, theirs) -> EnumSet.copyOf(
                            Stream.of(ours, theirs).flatMap(Set::stream).toList())));
        }

        private record Row(Phase from, Set<Phase> to) {}

        private static Row from(Phase phase, Phase... next) {
            return new Row(phase, EnumSet.copyOf(Arrays.asList(next)));
        }

        static Transitions of(Target target, Operation.Type type) {
            return switch (target) {
                case EnvironmentId _ -> type == Operation.Type.APPLY ? ENVIRONMENT_APPLY : STACK_ONLY;
                case PipelineId _ -> STACK_ONLY;
                case ServiceId _ ->
                    switch (type) {
                        case APPLY -> SERVICE_APPLY;
                        case ROLLOUT -> ROLLOUT;
                        case MEND -> SERVICE_MEND;
                        case DELETE -> SERVICE_DELETION;
                        case PLAN -> STACK_ONLY;
                    };
            };
        }

        /** In which an operation begins. */
        Phase first() {
            return first;
        }

        Map<Phase, Set<Phase>> next() {
            return next;
        }

        /** The phase that is entered. A step that the table does not have is a fault of ours. */
        Phase enter(Phase from, Phase to) {
            if (!next.getOrDefault(from, Set.of()).contains(to)) {
                throw new IllegalStateException("%s: %s does not follow %s".formatted(this, to, from));
            }
            return to;
        }
    }
}
