package dev.slipway.operation;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who stands behind a caller, by what IAM says of him. The name of a role's session is chosen by whoever assumes the role, and is
 * another one in every run of a build, so that the role alone counts. Where IAM Identity Center assumes it, the session is the
 * user, in whichever permission set.
 */
public final class Principal {
    private static final Pattern SESSION =
            Pattern.compile("arn:[a-z-]+:sts::([0-9]{12}):assumed-role/([^/]+)/(.+)", Pattern.DOTALL);
    /** What the names of roles begin with that IAM Identity Center makes. */
    private static final String IDENTITY_CENTER = "AWSReservedSSO_";

    private Principal() {}

    /**
     * The same text for all sessions of one principal.
     *
     * @param caller ARN, or another name for who is no principal of AWS
     */
    public static String of(String caller) {
        Matcher session = SESSION.matcher(caller);
        if (!session.matches()) {
            return caller;
        }
        return session.group(2).startsWith(IDENTITY_CENTER)
                ? "user " + session.group(3)
                : "role %s %s".formatted(session.group(1), session.group(2));
    }
}
