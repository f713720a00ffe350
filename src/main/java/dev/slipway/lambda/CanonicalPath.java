package dev.slipway.lambda;

import java.util.regex.Pattern;

/**
 * Which paths are let in at all.
 *
 * <p>IAM policies allow or refuse paths by their text, so a path must have one spelling only. Names in Slipway need no
 * character that would have to be encoded; a path with {@code %}, an empty segment, a {@code .} or {@code ..} segment,
 * or anything else that a router may read differently from an IAM policy is refused rather than normalised.
 *
 * <p>HTTP APIs hand over {@code rawPath} decoded once. A {@code %} that is still there was encoded twice; an encoded
 * slash has already become a slash, so that {@code dev%2F..%2Fprod} arrives with the {@code ..} that is refused here. A
 * letter that was encoded cannot be told from a plain one, which is why policies must allow environments by name and
 * not rely on a Deny by name.
 */
final class CanonicalPath {
    private static final int MAX_LENGTH = 1024;
    private static final Pattern SEGMENTS = Pattern.compile("(/[A-Za-z0-9._:@~-]+)+/?");
    private static final Pattern DOTS_ONLY = Pattern.compile("(^|/)\\.{1,2}(/|$)");

    private CanonicalPath() {}

    /** Whether the path, with or without its stage, is spelled in the one way that is allowed. */
    static boolean isCanonical(String path) {
        return path.equals("/")
                || (path.length() <= MAX_LENGTH
                        && SEGMENTS.matcher(path).matches()
                        && !DOTS_ONLY.matcher(path).find());
    }

    /**
     * The path as the application knows it. A named stage is the first segment of every path of the API's own domain
     * ({@code /live/v1/environments}); the stage {@code $default} is not. A custom domain leaves the stage out.
     */
    static String withoutStage(String path, String stage) {
        var prefix = prefix(path, stage);
        return path.length() == prefix.length() ? "/" : path.substring(prefix.length());
    }

    /** The stage as the first segment of the path; empty when the path has none. */
    static String prefix(String path, String stage) {
        var prefix = "/" + stage;
        boolean named = !stage.isEmpty() && !stage.equals("$default");
        return named && (path.equals(prefix) || path.startsWith(prefix + "/")) ? prefix : "";
    }
}
