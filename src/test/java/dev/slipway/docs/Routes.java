package dev.slipway.docs;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** The methods and paths that the resources of the API declare, and those that only the simulated account has. */
record Routes(List<Route> routes) {
    private static final Pattern PARAMETER = Pattern.compile("\\{[^}]+}");

    /** @param path with {@code [^/]+} for each parameter */
    record Route(String method, Pattern path) {}

    static Routes ofTheApi() {
        List<Route> routes = new ArrayList<>();
        new ClassFileImporter()
                .importPackages("dev.slipway.api", "dev.slipway.simulated").stream()
                        .filter(type -> type.isAnnotatedWith(Path.class))
                        .map(type -> type.reflect())
                        .forEach(resource -> {
                            for (Method method : resource.getMethods()) {
                                add(resource, method, routes);
                            }
                        });
        return new Routes(List.copyOf(routes));
    }

    private static void add(Class<?> resource, Method method, List<Route> routes) {
        for (Annotation annotation : method.getAnnotations()) {
            HttpMethod verb = annotation.annotationType().getAnnotation(HttpMethod.class);
            if (verb != null) {
                Path own = method.getAnnotation(Path.class);
                String path = resource.getAnnotation(Path.class).value() + (own == null ? "" : "/" + own.value());
                routes.add(new Route(
                        verb.value(), Pattern.compile(PARAMETER.matcher(path).replaceAll("[^/]+"))));
            }
        }
    }

    boolean has(String method, String path) {
        return routes.stream()
                .anyMatch(route -> route.method().equals(method)
                        && route.path().matcher(path).matches());
    }
}
