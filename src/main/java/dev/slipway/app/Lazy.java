package dev.slipway.app;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Clients that are made at their first call. */
final class Lazy<C> {
    private final Supplier<C> maker;
    private @Nullable C made;

    private Lazy(Supplier<C> maker) {
        this.maker = maker;
    }

    /** A client of an SDK interface. In a native image the interface must be known as one that is proxied. */
    static <C> C client(Class<C> type, Supplier<C> maker) {
        Lazy<C> lazy = new Lazy<>(maker);
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    try {
                        return method.invoke(lazy.get(), arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }

    private synchronized C get() {
        if (made == null) {
            made = maker.get();
        }
        return made;
    }
}
