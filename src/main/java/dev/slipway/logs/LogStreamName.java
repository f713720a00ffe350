package dev.slipway.logs;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The name of a stream as the awslogs driver makes it: {@code prefix/container/task id}. A release's task definition has a prefix of
 * its own, which names the release by its content; those from before there were any have {@link #SHARED}.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specify-log-config.html
 */
public record LogStreamName(String prefix, String container, String task) {
    /** The prefix of all task definitions from before each had its own. */
    public static final String SHARED = "release";

    private static final String OWN = "release-";
    /** Nothing that would mean something in a query. */
    private static final Pattern PREFIX = Pattern.compile(OWN + "[\\w-]+");

    /** @param content hash of what makes the release */
    public static String prefix(String content) {
        return OWN + content;
    }

    /** Whether a prefix is one release's, as {@link #prefix} makes it. */
    public static boolean isOwn(String prefix) {
        return PREFIX.matcher(prefix).matches();
    }

    public static Optional<LogStreamName> parse(String name) {
        String[] parts = name.split("/", -1);
        return parts.length == 3 ? Optional.of(new LogStreamName(parts[0], parts[1], parts[2])) : Optional.empty();
    }

    /** Hash of what makes the release; empty where the stream does not tell. */
    public Optional<String> content() {
        return prefix.startsWith(OWN) ? Optional.of(prefix.substring(OWN.length())) : Optional.empty();
    }

    @Override
    public String toString() {
        return prefix + "/" + container + "/" + task;
    }
}
