package dev.slipway.rollout;

import dev.slipway.operation.Principal;
import java.util.regex.Pattern;

/**
 * Tells two callers apart by their {@link Principal}; in doubt they are the same. A federated user's name is chosen by the user who
 * federates, so that it tells nothing, no more than a role that many users have, or AWS's silence. A person with two users or two roles is two: who may have them is for trust policies to say.
 */
final class FourEyesPolicy {
    private static final Pattern FEDERATED =
            Pattern.compile("arn:[a-z-]+:sts::[0-9]{12}:federated-user/.+", Pattern.DOTALL);

    private FourEyesPolicy() {}

    /** Whether both may be one person. */
    static boolean mayBeTheSame(String one, String other) {
        return isAnybody(one) || isAnybody(other) || Principal.of(one).equals(Principal.of(other));
    }

    private static boolean isAnybody(String caller) {
        return caller.equals(Principal.UNKNOWN) || FEDERATED.matcher(caller).matches() || Principal.isAnyUser(caller);
    }
}
