package dev.slipway.cli.api;

/** A profile's credentials have ended, or are not to be had. */
final class CredentialsException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String action;

    CredentialsException(String message, String action, Throwable cause) {
        super(message, cause);
        this.action = action;
    }

    /** What to do about it. */
    String action() {
        return action;
    }
}
