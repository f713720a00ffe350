package dev.slipway.stack;

import java.util.regex.Pattern;

/**
 * The names that one change gives to its acts. CloudFormation writes the client request token of an operation on every
 * event of it, which is how we tell ours from somebody else's after a crash.
 *
 * @param base {@link StackChange#token()}
 */
record RequestTokens(String base) {
    private static final int UUID_PART = 8;
    private static final Pattern TOKEN = Pattern.compile("[a-zA-Z0-9][-a-zA-Z0-9]{0,104}");

    RequestTokens {
        if (!TOKEN.matcher(base).matches()) {
            throw new IllegalArgumentException("not a token: " + base);
        }
    }

    /** Those of a change. A sync and the change or mend after it may have the same token and are still told apart. */
    static RequestTokens of(StackChange change) {
        String suffix = change.isMend() ? "-mend" : change.template() == null ? "-sync" : "";
        return new RequestTokens(change.token() + suffix);
    }

    /** What one of our operations is for. */
    enum Purpose {
        CHANGE,
        IMPORT,
        CONTINUE_ROLLBACK,
        DELETE,
        FOREIGN
    }

    String create() {
        return base + "-create";
    }

    String update() {
        return base + "-update";
    }

    String execute() {
        return base + "-execute";
    }

    String importRetained() {
        return base + "-adopt";
    }

    String continueRollback() {
        return base + "-recover";
    }

    String delete() {
        return base + "-delete";
    }

    /** One per stack that is cleared away: one change may clear an abandoned plan and later what it left itself. */
    String cleanUp(String stackId) {
        String uuid = stackId.substring(stackId.lastIndexOf('/') + 1);
        return base + "-clear-" + uuid.substring(0, Math.min(UUID_PART, uuid.length()));
    }

    String applyChangeSet() {
        return "apply-" + base;
    }

    String importChangeSet() {
        return "adopt-" + base;
    }

    String planChangeSet() {
        return "plan-" + base;
    }

    Purpose purposeOf(String token) {
        if (token.equals(create()) || token.equals(update()) || token.equals(execute())) {
            return Purpose.CHANGE;
        }
        if (token.equals(importRetained())) {
            return Purpose.IMPORT;
        }
        if (token.equals(continueRollback())) {
            return Purpose.CONTINUE_ROLLBACK;
        }
        if (token.equals(delete()) || token.startsWith(base + "-clear-")) {
            return Purpose.DELETE;
        }
        return Purpose.FOREIGN;
    }
}
