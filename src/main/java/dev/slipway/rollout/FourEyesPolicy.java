package dev.slipway.rollout;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tells two callers apart by what IAM says of them; in doubt they are the same. The name of a role's session is chosen by whoever
 * assumes the role, so that the role alone counts. Where IAM Identity Center assumes it, the session is the user, in whichever
 * permission set. A federated user's name is chosen by the user who federates, so that it tells nothing. A person with two users or
 * two roles is two: who may have them is for trust policies to say.
 */
final class FourEyesPolicy {
    private static final Pattern SESSION =
            Pattern.compile("arn:[a-z-]+:sts::([0-9]{12}):assumed-role/([^/]+)/(.+)", Pattern.DOTALL);
    private static final Pattern FEDERATED =
            Pattern.compile("arn:[a-z-]+:sts::[0-9]{12}:federated-user/.+", Pattern.DOTALL);
    /** What the names of roles begin with that IAM Identity Center makes. */
    private static final String IDENTITY_CENTER = "AWSReservedSSO_";

    private FourEyesPolicy() {}

    /** Whether both may be one person. */
    static boolean mayBeTheSame(String one, String other) {
        return FEDERATED.matcher(one).matches()
                || FEDERATED.matcher(other).matches()
                || person(one).equals(person(other));
    }

    private static String person(String caller) {
        Matcher session = SESSION.matcher(caller);
        if (!session.matches()) {
            return caller;
        }
        return session.group(2).startsWith(IDENTITY_CENTER)
                ? "user " + session.group(3)
                : "role %s %s".formatted(session.group(1), session.group(2));
    }
}
