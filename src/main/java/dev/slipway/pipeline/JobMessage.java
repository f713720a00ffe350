package dev.slipway.pipeline;

/** A failure's message as CodePipeline shows it: the cause in one sentence, then where to read on. */
public final class JobMessage {
    /** Source: CodePipeline API reference, FailureDetails, {@code message}. */
    static final int MAX_LENGTH = 5_000;

    private JobMessage() {}

    /**
     * @param cause cut where it is too long: line breaks become spaces, since the console shows one line
     * @param link absolute; never cut
     */
    public static String of(String cause, String link) {
        String line = cause.strip().replaceAll("\\s+", " ");
        int room = MAX_LENGTH - link.length() - 1;
        String cut = line.length() <= room ? line : line.substring(0, room - 1) + "…";
        return cut + " " + link;
    }
}
