package dev.slipway.app;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Which types Jackson finds when it is given one, and which of them a native image knows. */
final class Registrations {
    private Registrations() {}

    /** The product's types that Jackson looks into for {@code type}: its own, those of its components, all that it may be. */
    static Set<Class<?>> reached(Type type) {
        Set<Class<?>> reached = new TreeSet<>(Comparator.comparing(Class::getName));
        reach(type, reached);
        return reached;
    }

    /** The names of those that have no registration. */
    static List<String> missing(Set<Class<?>> types) {
        return types.stream()
                .filter(type -> !isRegistered(type))
                .map(Class::getName)
                .toList();
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

    static void reach(Type type, Set<Class<?>> reached) {
        switch (type) {
            case ParameterizedType generic -> {
                reach(generic.getRawType(), reached);
                Arrays.stream(generic.getActualTypeArguments()).forEach(argument -> reach(argument, reached));
            }
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
