package dev.slipway.cli.dashboard;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** What of Slipway can be asked through the dashboard: its page, and what its page asks. */
final class ForwardedPaths {
    static final String PAGE = "/ui/";

    private static final Pattern FORWARDED = Pattern.compile("/(ui|v1|schemas)/.*|/q/openapi");
    private static final Pattern VISIBLE = Pattern.compile("/[\\x21-\\x7e]*");
    private static final Pattern EMPTY_SEGMENT = Pattern.compile("//");
    // Decoded; what stands after a semicolon belongs to no name.
    private static final Pattern NO_NAME = Pattern.compile("\\.{1,2}(;.*)?|.*[/\\\\\\p{Cntrl}].*", Pattern.DOTALL);

    private ForwardedPaths() {}

    /** Whether the page is meant by an address without a path. */
    static boolean isStart(URI asked) {
        return "/".equals(asked.getRawPath()) || "/ui".equals(asked.getRawPath());
    }

    /**
     * The path and query that Slipway is asked, spelled as they came but for a plus in the query, which servers and signatures
     * read in different ways. Throws {@link RefusalException} when it is none of Slipway's, or could be read in two ways.
     */
    static String target(URI asked) {
        String path = path(asked);
        if (!FORWARDED.matcher(path).matches()) {
            throw new RefusalException(
                    404, "no-such-path", "The dashboard has nothing at this path.", "Open its page: " + PAGE);
        }
        String query = asked.getRawQuery();
        return query == null ? path : path + "?" + query.replace("+", "%20");
    }

    /** The path. Throws {@link RefusalException} when it could be read in two ways. */
    static String path(URI asked) {
        String path = asked.getRawPath();
        boolean plain = asked.getScheme() == null
                && asked.getRawAuthority() == null
                && asked.getRawFragment() == null
                && path != null
                && VISIBLE.matcher(path).matches()
                && !EMPTY_SEGMENT.matcher(path).find();
        if (plain) {
            for (String segment : path.split("/")) {
                // Keeps a plus, which is no space in a path.
                String name = URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
                plain &= !NO_NAME.matcher(name).matches();
            }
        }
        if (!plain) {
            throw new RefusalException(
                    400,
                    "path-not-canonical",
                    "The path can be read in more than one way.",
                    "Write it without empty segments, dot segments, encoded slashes and a host.");
        }
        return path;
    }
}
