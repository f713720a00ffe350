package dev.slipway.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.operation.Accepted;
import dev.slipway.problem.ProblemDocument;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Everything that Jackson reads or writes is registered for native images, found from the kinds of items and the views. */
class ReflectionTest {
    private static final List<String> ROOTS = List.of(
            "operation.Operation",
            "operation.OperationLock",
            "operation.QueuedOperation",
            "ledger.LedgerEntry",
            "notification.Notification",
            "rollout.GateRecord",
            "rollout.AnalysisState",
            "service.OutOfBandDeployments$Recorded",
            "operation.Request$IdempotencyRecord",
            "environment.EnvironmentRecord",
            "environment.EnvironmentIndex",
            "service.Promotions$Candidate",
            "service.ServiceRecord",
            "pipeline.Grant",
            "pipeline.DeployJobs",
            "pipeline.PipelineRecord",
            "pipeline.PushRecord",
            "pipeline.PipelineExecutions",
            "plan.Plan",
            "ledger.LedgerEntry",
            "notification.Notification",
            "rollout.GateRecord",
            "rollout.AnalysisState",
            "rollout.Rollout",
            "release.Release",
            "release.Release$ContentIndex",
            "api.RequestBodies$ApprovalDecision",
            "api.RequestBodies$ApplyPlan",
            "api.RequestBodies$Promote",
            "api.RequestBodies$RollBack",
            "api.RequestBodies$RollOut",
            "api.RequestBodies$ApprovalDecision",
            "api.LedgerResource$EntryView",
            "api.EnvironmentResource$Summary",
            "api.EnvironmentView",
            "api.GrantView",
            "api.OperationView",
            "api.Paging$Items",
            "api.PipelineResource$Summary",
            "api.PipelineView",
            "api.PlanView",
            "api.RolloutView",
            "api.ServiceView",
            "api.ServiceView$Summary",
            "preflight.PreflightReport");

    @Test
    void namesEveryTypeThatIsReadOrWritten() throws ClassNotFoundException {
        Set<String> reached = new TreeSet<>();
        for (String root : ROOTS) {
            reach(Class.forName("dev.slipway." + root), reached);
        }
        reach(Accepted.class, reached);
        reach(ProblemDocument.class, reached);

        assertThat(Reflection.class.getAnnotation(RegisterForReflection.class).classNames())
                .containsExactlyInAnyOrderElementsOf(reached);
    }

    private static void reach(Type type, Set<String> reached) {
        switch (type) {
            case ParameterizedType generic ->
                Arrays.stream(generic.getActualTypeArguments()).forEach(argument -> reach(argument, reached));
            case WildcardType wildcard -> reach(wildcard.getUpperBounds()[0], reached);
            case Class<?> known
            when known.getName().startsWith("dev.slipway.") && reached.add(known.getName()) -> {
                if (known.isRecord()) {
                    for (RecordComponent component : known.getRecordComponents()) {
                        reach(component.getGenericType(), reached);
                    }
                }
                if (known.isSealed()) {
                    for (Class<?> permitted : known.getPermittedSubclasses()) {
                        reach(permitted, reached);
                    }
                }
            }
            default -> {}
        }
    }
}
