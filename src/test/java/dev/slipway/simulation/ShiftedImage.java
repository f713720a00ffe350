package dev.slipway.simulation;

import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * What is wrong with an image, by the words in its tag.
 *
 * @param words after the version; empty for a good one
 */
record ShiftedImage(String words) {
    private static final List<String> BAD = List.of(
            "-crash",
            "-crash-after-30s",
            "-crash-after-10m",
            "-never-healthy",
            "-errors-3",
            "-errors-20",
            "-errors-60",
            "-lb-crashes-20",
            "-slow-8",
            "-slow-under-load-8",
            "-prod-errors-20",
            "-zone-errors-40");

    static ShiftedImage drawn(Random random) {
        return new ShiftedImage(random.nextInt(5) < 2 ? "" : BAD.get(random.nextInt(BAD.size())));
    }

    static ShiftedImage of(@Nullable String tag) {
        int words = tag == null ? -1 : tag.indexOf('-');
        return new ShiftedImage(words < 0 ? "" : tag.substring(words));
    }

    boolean isGood() {
        return words.isEmpty();
    }

    /** Whether its tasks become healthy and stay so. */
    boolean stands() {
        return !words.contains("-crash-after") && !words.equals("-crash") && !words.equals("-never-healthy");
    }

    /** Whether no task of it ever gets ready for requests. */
    boolean neverServes() {
        return words.equals("-crash") || words.equals("-never-healthy");
    }

    /** Whether at least a fifth of its production requests fail, which is beyond every limit and chance. */
    boolean failsPlainly() {
        return List.of("-errors-20", "-errors-60", "-lb-crashes-20", "-prod-errors-20")
                .contains(words);
    }
}
