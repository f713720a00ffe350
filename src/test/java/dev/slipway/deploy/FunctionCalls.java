package dev.slipway.deploy;

import com.amazonaws.services.lambda.runtime.Context;
import io.quarkus.amazon.lambda.runtime.QuarkusStreamHandler;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Calls the function as Lambda's runtime does. It runs in a process of its own, on the class path of an unpacked
 * function.zip; Lambda's own runtime client exists for Linux only.
 */
final class FunctionCalls {
    private FunctionCalls() {}

    /** {@code args}: files of events, and after each the file for its answer. */
    public static void main(String[] args) throws Exception {
        var handler = new QuarkusStreamHandler();
        for (int i = 0; i < args.length; i += 2) {
            try (var event = Files.newInputStream(Path.of(args[i]));
                    var answer = Files.newOutputStream(Path.of(args[i + 1]))) {
                handler.handleRequest(event, answer, context());
            }
        }
        System.exit(0);
    }

    private static Context context() {
        return (Context) Proxy.newProxyInstance(
                Context.class.getClassLoader(),
                new Class<?>[] {Context.class},
                (_, method, _) -> method.getReturnType() == int.class ? (Object) 29_000 : null);
    }
}
