package dev.slipway.firewall;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The paths of exceptions, as a regular expression of AWS WAF. It is held against the path decoded once and with {@code ..}
 * resolved, so that {@code /upload/../login} is no upload; a {@code *} stands for anything in which nothing is left to decode, no
 * {@code ;} (behind which some servers look for {@code ..} again) and no backslash.
 */
public final class PathPattern {
    /** Characters of a regular expression: waf/latest/developerguide/limits.html. */
    public static final int LONGEST = 200;

    private static final String ANYTHING = "[^%;\\\\]*";

    private PathPattern() {}

    /** What matches all of these paths; empty for none. */
    public static String of(List<String> paths) {
        return paths.isEmpty()
                ? ""
                : paths.stream().map(PathPattern::one).collect(Collectors.joining("|", "^(?:", ")$"));
    }

    private static String one(String path) {
        return path.replace(".", "\\.").replace("*", ANYTHING);
    }

    /** What is wrong with a path; empty when nothing is. */
    public static Optional<String> wrong(String path) {
        if (path.replace("*", "").replace("/", "").isEmpty()) {
            return Optional.of("is every path; set the rule itself to none instead");
        }
        if (path.contains("//") || path.matches(".*/\\.{1,2}(/.*)?")) {
            return Optional.of("is never asked for: // and .. are resolved before paths are compared");
        }
        return Optional.empty();
    }
}
