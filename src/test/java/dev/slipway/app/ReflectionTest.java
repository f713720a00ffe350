package dev.slipway.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.slipway.operation.Acceptance.Accepted;
import dev.slipway.problem.ProblemDocument;
import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.lang.reflect.Field;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Everything that Jackson reads or writes is registered for native images, found from the types of items and the views. */
class ReflectionTest {
    /** What is written or read beside the items of the store, which are found by themselves. */
    private static final List<String> ROOTS = List.of(
            "service.Promotions$Candidate",
            "preflight.PreflightReport",
            "api.RequestBodies$OverridingApplyPlan",
            "api.RequestBodies$ApplyPlan",
            "api.RequestBodies$ApprovalDecision",
            "api.RequestBodies$OverridingPromote",
            "api.RequestBodies$Promote",
            "api.RequestBodies$OverridingRollBack",
            "api.RequestBodies$RollBack",
            "api.RequestBodies$OverridingRollOut",
            "api.RequestBodies$RollOut",
            "api.EnvironmentResource$EnvironmentView",
            "api.GrantResource$GrantView",
            "api.RequestContext$Items",
            "api.ListingResource$EnvironmentSummary",
            "api.ListingResource$PipelineSummary",
            "api.OperationView",
            "api.PipelineResource$PipelineView",
            "api.RolloutResource$RolloutView",
            "api.ServiceResource$ServiceView",
            "api.ServiceResource$ServiceView$Summary",
            "api.TargetResource$EntryView",
            "api.TargetResource$PlanView");

    /** The product's own, without the tests and the simulation. */
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .importUrl(ControlPlane.class.getProtectionDomain().getCodeSource().getLocation());

    @Test
    void everyTypeThatIsReadOrWrittenIsRegistered() throws ReflectiveOperationException {
        Set<Class<?>> reached = reached();
        assertThat(reached).hasSizeGreaterThan(ROOTS.size());
        assertThat(reached.stream().filter(type -> !isRegistered(type))).isEmpty();
    }

    @Test
    void noTypeIsRegisteredInVain() throws ReflectiveOperationException {
        Set<Class<?>> reached = reached();
        for (JavaClass type : CLASSES) {
            if (type.isAnnotatedWith(RegisterForReflection.class)) {
                assertThat(reached)
                        .as(type.getName())
                        .anyMatch(known -> known.getName().startsWith(type.getName()));
            }
        }
    }

    private static Set<Class<?>> reached() throws ReflectiveOperationException {
        Set<Class<?>> reached = new TreeSet<>((a, b) -> a.getName().compareTo(b.getName()));
        for (String root : ROOTS) {
            reach(Class.forName("dev.slipway." + root), reached);
        }
        reach(Accepted.class, reached);
        reach(ProblemDocument.class, reached);
        for (JavaClass type : CLASSES) {
            for (var field : type.getFields()) {
                if (field.getRawType().isEquivalentTo(ItemType.class)
                        || field.getRawType().isEquivalentTo(Key.class)) {
                    Field itemType = Class.forName(type.getName(), false, ReflectionTest.class.getClassLoader())
                            .getDeclaredField(field.getName());
                    reach(itemType.getGenericType(), reached);
                }
            }
        }
        return reached;
    }

    /** By its own annotation or by that of a class around it. */
    private static boolean isRegistered(Class<?> type) {
        for (Class<?> around = type; around != null; around = around.getEnclosingClass()) {
            RegisterForReflection registration = around.getAnnotation(RegisterForReflection.class);
            if (registration != null && (around == type || !registration.ignoreNested())) {
                return true;
            }
        }
        return false;
    }

    private static void reach(Type type, Set<Class<?>> reached) {
        switch (type) {
            case ParameterizedType generic ->
                Arrays.stream(generic.getActualTypeArguments()).forEach(argument -> reach(argument, reached));
            case WildcardType wildcard -> reach(wildcard.getUpperBounds()[0], reached);
            case Class<?> known
            when known.getName().startsWith("dev.slipway.") && reached.add(known) -> {
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
