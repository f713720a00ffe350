package dev.slipway.simulated.codepipeline;

import dev.slipway.simulated.ecr.ImageBehaviour;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A push to a repository: its newest commit, and how the build of it is going to behave.
 *
 * @param commit 40 hexadecimal digits
 * @param paths of files that it changes; empty says nothing of them, and every pattern matches
 * @param tag of the image that a build makes of it; null for the commit's first 12 digits. Its words say how the build
 *     behaves: {@code tests-fail}, {@code build-fails}, {@code build-hangs}, {@code no-dockerfile}, {@code no-definitions},
 *     {@code missing} (nothing is pushed); and how the image does, as {@link ImageBehaviour} tells
 * @param ownBuildspec whether the repository has a buildspec
 */
public record SourcePush(
        String commit,
        String branch,
        List<String> paths,
        @Nullable String tag,
        String message,
        String author,
        boolean ownBuildspec) {
    private static final int SHORT = 12;

    public SourcePush {
        paths = List.copyOf(paths);
    }

    /** One to the branch main of a repository with a buildspec. */
    public static SourcePush of(String commit, @Nullable String tag) {
        return new SourcePush(commit, "main", List.of(), tag, "Change something", "ann", true);
    }

    String imageTag() {
        return tag == null ? commit.substring(0, SHORT) : tag;
    }

    /** Whether the tag has this word. */
    boolean says(String word) {
        return tag != null && ("-" + tag + "-").contains("-" + word + "-");
    }
}
