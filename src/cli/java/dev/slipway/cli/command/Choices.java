package dev.slipway.cli.command;

import java.util.ArrayList;
import java.util.List;

/** Words that an option takes, which the shell's completion offers and the command line holds it to. */
final class Choices {
    private Choices() {}

    /** Of {@code --output}. */
    static final class Formats extends ArrayList<String> {
        private static final long serialVersionUID = 1;

        Formats() {
            super(List.of("table", "json", "yaml"));
        }
    }

    /** Of {@code --strategy}. */
    static final class Strategies extends ArrayList<String> {
        private static final long serialVersionUID = 1;

        Strategies() {
            super(List.of("rolling", "blue-green", "canary", "linear"));
        }
    }

    /** Of {@code --concurrency-policy}. */
    static final class ConcurrencyPolicies extends ArrayList<String> {
        private static final long serialVersionUID = 1;

        ConcurrencyPolicies() {
            super(List.of("reject", "queue", "replace"));
        }
    }

    /** Of {@code delete --keep}. */
    static final class Keeps extends ArrayList<String> {
        private static final long serialVersionUID = 1;

        Keeps() {
            super(List.of("registry", "logs"));
        }
    }

    /** Of {@code status --state}. */
    static final class States extends ArrayList<String> {
        private static final long serialVersionUID = 1;

        States() {
            super(List.of("healthy", "changing", "degraded", "down", "stopped", "unknown"));
        }
    }

    /** Of {@code completion}. */
    static final class Shells extends ArrayList<String> {
        private static final long serialVersionUID = 1;

        Shells() {
            super(List.of("bash", "zsh", "fish"));
        }
    }
}
