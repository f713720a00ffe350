package dev.slipway.lambda;

import com.amazonaws.services.lambda.runtime.Context;
import java.util.ArrayList;
import java.util.List;
import org.jboss.logging.MDC;
import org.jspecify.annotations.Nullable;

/** What each line has that is logged while it is open, under {@code mdc}: the id of the invocation, and what that is about. */
final class LogFields implements AutoCloseable {
    private final List<String> names = new ArrayList<>();

    private LogFields() {}

    /** @param context null in tests */
    static LogFields of(@Nullable Context context) {
        return new LogFields().and("request", context == null ? null : context.getAwsRequestId());
    }

    /** The same with another; without it where the value is null. */
    LogFields and(String name, @Nullable Object value) {
        if (value != null) {
            names.add(name);
            MDC.put(name, value);
        }
        return this;
    }

    @Override
    public void close() {
        names.forEach(MDC::remove);
    }
}
