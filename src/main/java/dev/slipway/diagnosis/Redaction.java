package dev.slipway.diagnosis;

import java.util.regex.Pattern;

/** Takes obvious credentials out of a line of a log, and shortens it. */
public final class Redaction {
    private static final int LONGEST = 300;
    /** What stands behind it is not shown: a value that is cut off keeps its name before it, and is masked. */
    private static final int LONGEST_LOOKED_AT = 1000;

    private static final String MASK = "***";

    private static final Pattern PEM =
            Pattern.compile("-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*-----|$)", Pattern.DOTALL);
    private static final Pattern SCHEME = Pattern.compile("(?i)\\b(bearer|basic)\\s+[\\w+/=.~-]{8,}");
    private static final Pattern USER = Pattern.compile("(://[^:/@\\s]*):[^@\\s]+@");
    private static final Pattern KEYS = Pattern.compile(
            "\\b(?:AKIA|ASIA)[A-Z0-9]{16}\\b|\\beyJ[\\w-]{5,}\\.[\\w-]+\\.[\\w-]*|\\bgh[pousr]_\\w{20,}|\\bxox[abprs]-[\\w-]{10,}|\\bsk[-_](?:live|test|proj)?[-_]?\\w{16,}");
    private static final Pattern NAMED = Pattern.compile(
            "(?i)((?:passw(?:or)?d|pwd|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential|authorization|cookie)[\\w.-]*"
                    + "[\"']?\\s*(?:=>|[:=])\\s*)(?!\\s|\\*\\*\\*)(\"[^\"]*\"|'[^']*'|[^\\s,;&}\\]]+)");

    private Redaction() {}

    public static String mask(String line) {
        String masked = PEM.matcher(line.length() > LONGEST_LOOKED_AT ? line.substring(0, LONGEST_LOOKED_AT) : line)
                .replaceAll(MASK);
        masked = SCHEME.matcher(masked).replaceAll("$1 " + MASK);
        masked = USER.matcher(masked).replaceAll("$1:" + MASK + "@");
        masked = KEYS.matcher(masked).replaceAll(MASK);
        masked = NAMED.matcher(masked).replaceAll("$1" + MASK);
        return shorten(masked);
    }

    /** Both ends stay: AWS says what failed at the beginning, and why at the end. */
    static String shorten(String text) {
        String line = text.strip().replaceAll("\\s+", " ");
        return line.length() <= LONGEST
                ? line
                : line.substring(0, LONGEST * 2 / 3) + " … " + line.substring(line.length() - LONGEST / 3 + 3);
    }
}
