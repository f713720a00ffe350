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
            "operation.Idempotency$Answer",
            "ledger.LedgerEntry",
            "notification.Notification",
            "plan.Plan",
            "environment.EnvironmentRecord",
            "environment.EnvironmentIndex",
            "service.ServiceRecord",
            "service.Promotions$Candidate",
            "preflight.PreflightReport",
            "service.OutOfBandDeployments$Recorded",
            "release.Release",
            "release.Release$ContentIndex",
            "rollout.Rollout",
            "rollout.GateRecord",
            "rollout.AnalysisState",
            "pipeline.Grant",
            "pipeline.DeployJobs",
            "pipeline.PipelineRecord",
            "pipeline.PushRecord",
            "pipeline.PipelineExecutions",
            "api.RequestBodies$ApplyPlan",
            "api.RequestBodies$ApprovalDecision",
            "api.RequestBodies$Promote",
            "api.RequestBodies$RollBack",
            "api.RequestBodies$RollOut",
            "api.EnvironmentResource$EnvironmentView",
            "api.GrantResource$GrantView",
            "api.Items",
            "api.ListingResource$EnvironmentSummary",
            "api.ListingResource$PipelineSummary",
            "api.OperationView",
            "api.PipelineView",
            "api.RolloutView",
            "api.ServiceView",
            "api.ServiceView$Summary",
            "api.TargetResource$EntryView",
            "api.TargetResource$PlanView");

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
