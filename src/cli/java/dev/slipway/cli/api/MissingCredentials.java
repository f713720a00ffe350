package dev.slipway.cli.api;

/** What is said when there are no AWS credentials, or none that hold any more. */
public final class MissingCredentials {
    /** What to do about it. */
    public static final String ACTION =
            "Log in (aws sso login, aws login), or name a profile with --profile or AWS_PROFILE.";

    private MissingCredentials() {}

    /** The AWS SDK's own exceptions, told by name: nothing of it is loaded against a laptop. */
    public static boolean isCauseOf(Exception failure) {
        return failure instanceof CredentialsException
                || failure.getClass().getName().startsWith("software.amazon.awssdk.");
    }

    /** What to do about it. */
    public static String action(Exception failure) {
        return failure instanceof CredentialsException missing ? missing.action() : ACTION;
    }

    /** Of a chain of providers that all have failed, what the profile's says: the others speak of places where nobody is. */
    public static String message(Exception failure) {
        String message = String.valueOf(failure.getMessage());
        int profile = message.lastIndexOf(", ProfileCredentialsProvider(");
        int why = message.indexOf(")): ", profile);
        int next = message.indexOf(", ContainerCredentialsProvider(): ", profile);
        if (message.startsWith("Profile file ")) {
            return "No AWS credentials were found: " + message.replaceFirst("(?s): ProfileFile\\(.*", "");
        }
        if (profile < 0 || why < 0 || next < why) {
            return message;
        }
        return "No AWS credentials were found: "
                + message.substring(why + 4, next).replaceFirst("(?s): ProfileFile\\(.*", "");
    }
}
