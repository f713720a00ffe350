package dev.slipway.cli.terminal;

/** Colours of a word, by meaning. */
public enum Style {
    GOOD("32"),
    BAD("31"),
    WARNING("33"),
    UNDER_WAY("36"),
    STRONG("1"),
    FAINT("2"),
    PLAIN("");

    private final String code;

    Style(String code) {
        this.code = code;
    }

    String escape(String text) {
        return code.isEmpty() ? text : "\u001b[" + code + "m" + text + "\u001b[0m";
    }

    /** That of a state's word, such as HEALTHY, ROLLED_BACK or IN_PROGRESS. */
    public static Style ofState(String state) {
        return switch (state) {
            case "HEALTHY", "SUCCEEDED", "OK", "IN_SYNC", "READY", "Succeeded", "DONE" -> GOOD;
            case "DOWN", "FAILED", "ROLLED_BACK", "ALARM", "UNHEALTHY", "Failed" -> BAD;
            case "DEGRADED", "DRIFTED", "CANCELLED", "WARNING", "NOT_ENOUGH_EVIDENCE", "STOPPED", "FROZEN" -> WARNING;
            case "CHANGING", "IN_PROGRESS", "RUNNING", "QUEUED", "DETECTING", "InProgress", "APPLYING" -> UNDER_WAY;
            default -> PLAIN;
        };
    }
}
