package dev.slipway.stack;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a stack shall become.
 *
 * <p>A change without a template is a sync: it commits values of parameters to the stack as it is. Parameters that it
 * does not name, tags and termination protection stay as they are (a sync that took over the next template's tags would
 * make the stack look as though it had that template).
 *
 * @param stackName for example {@code slipway-prod-web}
 * @param template the template's body, or null for the stack's present one
 * @param parameters every parameter of the template; {@link Parameter.Previous} keeps what the stack has
 * @param tags of the stack, which CloudFormation puts on its resources; {@link #TEMPLATE_TAG} tells without a further
 *     call whether the stack has this template
 * @param terminationProtection whether CloudFormation shall refuse to delete the stack
 * @param allowed logical ids of resources that hold data or traffic and may be replaced or deleted by this change
 * @param expectedDigest when not null, the only difference that may be executed: a {@link Difference#digest()}
 * @param rollBack whether CloudFormation puts the previous values back when the change fails. A sync of what is live must
 *     not: the previous values are just what is no longer true
 * @param mended logical ids of the only resources that may be touched where the change puts back what differs from the stack as
 *     it is; null for every other change
 * @param token makes the change idempotent: the same for every attempt at it and another for every other change (but a
 *     sync and the change after it may share one); letters, digits and hyphens, at most 100 characters
 */
public record StackChange(
        String stackName,
        @Nullable String template,
        Map<String, Parameter> parameters,
        Map<String, String> tags,
        boolean terminationProtection,
        Set<String> allowed,
        @Nullable String expectedDigest,
        boolean rollBack,
        @Nullable Set<String> mended,
        String token) {
    /** The tag that carries the digest of the template. */
    public static final String TEMPLATE_TAG = "slipway:template";

    public StackChange {
        parameters = Map.copyOf(parameters);
        tags = Map.copyOf(tags);
        allowed = Set.copyOf(allowed);
        mended = mended == null ? null : Set.copyOf(mended);
    }

    /** A change that is rolled back when it fails. */
    public StackChange(
            String stackName,
            @Nullable String template,
            Map<String, Parameter> parameters,
            Map<String, String> tags,
            boolean terminationProtection,
            Set<String> allowed,
            @Nullable String expected,
            String token) {
        this(stackName, template, parameters, tags, terminationProtection, allowed, expected, true, null, token);
    }

    /** The template's body, of a change that has one of its own. */
    String ownTemplate() {
        return Objects.requireNonNull(template, "a change without a template keeps that of the stack");
    }

    /** The given values of parameters, without those that the stack keeps. */
    Map<String, String> values() {
        return Parameters.given(parameters);
    }

    /** New values of parameters on the template that the stack has; what is not named stays as it is. */
    public static StackChange update(String stackName, Map<String, String> values, String token) {
        Map<String, Parameter> parameters = new HashMap<>();
        values.forEach((name, value) -> parameters.put(name, Parameter.of(value)));
        return new StackChange(stackName, null, parameters, Map.of(), false, Set.of(), null, token);
    }

    /** A sync that leaves things as they are when it fails. */
    public static StackChange sync(String stackName, Map<String, Parameter> parameters, String token) {
        return new StackChange(stackName, null, parameters, Map.of(), false, Set.of(), null, false, null, token);
    }

    /**
     * Puts back what somebody has changed outside the stack: template, parameters and tags stay as the stack has them.
     *
     * @param resources logical ids of those that may be touched
     */
    public static StackChange mend(String stackName, Set<String> resources, String token) {
        return new StackChange(stackName, null, Map.of(), Map.of(), false, Set.of(), null, true, resources, token);
    }

    boolean isMend() {
        return mended != null;
    }

    /** The value of a template parameter. */
    public sealed interface Parameter {
        /** This value. */
        record Value(String value) implements Parameter {}

        /** What the stack has. Where there is no stack yet, {@code initially}. For secrets, which we do not keep. */
        record Previous(@Nullable String initialValue) implements Parameter {}

        /** A given value. */
        static Parameter of(String value) {
            return new Value(value);
        }
    }
}
