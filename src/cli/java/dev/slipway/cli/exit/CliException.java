package dev.slipway.cli.exit;

import org.jspecify.annotations.Nullable;

/** Ends a command with a sentence, what to do about it, and an {@link ExitCode}. */
public final class CliException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int exitCode;
    private final @Nullable String action;

    public CliException(int exitCode, String message, @Nullable String action) {
        super(message);
        this.exitCode = exitCode;
        this.action = action;
    }

    /** Called wrongly. */
    public static CliException usage(String message, @Nullable String action) {
        return new CliException(ExitCode.USAGE, message, action);
    }

    public int exitCode() {
        return exitCode;
    }

    /** What to do about it; null when there is nothing. */
    public @Nullable String action() {
        return action;
    }

    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
