package dev.slipway.cli.api;

import java.net.URI;

/** Nobody has answered. */
public final class UnreachableException extends RuntimeException {
    private static final long serialVersionUID = 1;

    UnreachableException(URI uri, Throwable cause) {
        super(
                "%s does not answer: %s"
                        .formatted(
                                uri.resolve("/"),
                                cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage()),
                cause);
    }
}
