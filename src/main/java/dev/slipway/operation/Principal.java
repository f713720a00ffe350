package dev.slipway.operation;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Who stands behind a caller, by what IAM says of him. The name of a role's session is chosen by whoever assumes the role, and is
 * another one in every run of a build, so that the role alone counts. Where IAM Identity Center assumes it, the session is the
 * user, in whichever permission set.
 */
public final class Principal {
    /** Somebody of whom AWS does not tell who it is. */
    public static final String UNKNOWN = "unknown";

    /** CodePipeline's documentation shows sessions without their name, too. */
    private static final Pattern SESSION =
            Pattern.compile("arn:[a-z-]+:sts::([0-9]{12}):assumed-role/([^/]+)(?:/(.+))?", Pattern.DOTALL);

    private static final Pattern ROLE =
            Pattern.compile("arn:[a-z-]+:iam::([0-9]{12}):role/(?:.+/)?([^/]+)", Pattern.DOTALL);
    private static final Pattern ANY = Pattern.compile("arn:[a-z-]+:(iam|sts)::[0-9]{12}:.+", Pattern.DOTALL);
    /** What the names of roles begin with that IAM Identity Center makes. */
    private static final String IDENTITY_CENTER = "AWSReservedSSO_";

    private Principal() {}

    /** Whether a text is the ARN of somebody who can call AWS. */
    public static boolean isArn(String text) {
        return ANY.matcher(text).matches();
    }

    /**
     * The same text for all sessions of one principal.
     *
     * @param caller ARN, or another name for who is no principal of AWS
     */
    public static String of(String caller) {
        return Stream.of(SESSION, ROLE)
                .map(pattern -> pattern.matcher(caller))
                .filter(Matcher::matches)
                .findFirst()
                .map(found -> user(found)
                        .map("user "::concat)
                        .orElseGet(() -> "role %s %s".formatted(found.group(1), found.group(2))))
                .orElse(caller);
    }

    /** Whether it is a role of IAM Identity Center without the user who has it. */
    public static boolean isAnyUser(String caller) {
        return Stream.of(SESSION, ROLE)
                .map(pattern -> pattern.matcher(caller))
                .filter(Matcher::matches)
                .anyMatch(found -> found.group(2).startsWith(IDENTITY_CENTER)
                        && user(found).isEmpty());
    }

    private static Optional<String> user(Matcher found) {
        return found.groupCount() > 2 && found.group(2).startsWith(IDENTITY_CENTER)
                ? Optional.ofNullable(found.group(3))
                : Optional.empty();
    }
}
