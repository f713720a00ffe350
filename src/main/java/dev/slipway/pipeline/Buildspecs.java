package dev.slipway.pipeline;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Chooses whose buildspec a commit is built with. CodeBuild takes one file or fails: it has no fall-back. So the
 * pipeline's action {@code SelectBuildspec} asks us, and its action {@code Build} overrides the project's buildspec by the answer.
 */
public final class Buildspecs {
    /** The output variable that the pipeline reads: {@code #{SelectBuildspec.buildspec}}. */
    public static final String VARIABLE = "buildspec";

    /** A name in a zip may hold a file of any size; of a buildspec only its being there matters. */
    private static final int MAX_BYTES = 1024 * 1024;

    private Buildspecs() {}

    /**
     * The value for {@code BuildspecOverride}: the path when the source has it, else our buildspec itself.
     *
     * @param source the zip of the source; it is read to the buildspec or to its end, not closed
     * @param path of the repository's buildspec
     * @throws IOException when the stream breaks, or is no zip: then nobody could build it
     */
    public static String choose(InputStream source, String path) throws IOException {
        return switch (Artifacts.unzip(source, List.of(path), MAX_BYTES)) {
            case Artifacts.Contents.Files(var wanted, var _) -> wanted.containsKey(path) ? path : bundled();
            case Artifacts.Contents.TooLarge _ -> path;
            case Artifacts.Contents.NotAZip(String why) -> throw new IOException("the source is no zip file: " + why);
        };
    }

    /** Our buildspec: a line that runs the script which the project brings along in SLIPWAY_BUILD. */
    static String bundled() {
        try (InputStream in = Buildspecs.class.getResourceAsStream("/buildspecs/slipway.json")) {
            if (in == null) {
                throw new IllegalStateException("/buildspecs/slipway.json is missing from the build");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
