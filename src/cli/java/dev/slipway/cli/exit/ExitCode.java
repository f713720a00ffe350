package dev.slipway.cli.exit;

/** How the command line ends, for scripts; docs/cli.md has the table. */
public final class ExitCode {
    /** What was asked for is so: a release is live, an apply is done, a question is answered. */
    public static final int OK = 0;
    /** It was begun and has ended otherwise: failed, rolled back, cancelled. */
    public static final int FAILED = 1;
    /** Slipway has refused it, and nothing has begun. */
    public static final int REFUSED = 2;
    /** The command line was called wrongly. */
    public static final int USAGE = 3;
    /** A rollout waits for a person's approval. */
    public static final int NEEDS_APPROVAL = 4;
    /** Nobody answers, or there are no credentials that are accepted: how it stands is not known. */
    public static final int UNREACHABLE = 5;
    /** The time that was to be waited at most is up, and what was begun goes on. */
    public static final int STILL_RUNNING = 6;

    private ExitCode() {}
}
