package dev.slipway.allowlist;

/** Patterns as in IAM: {@code *} for any characters, {@code ?} for exactly one. */
final class Glob {
    private Glob() {}

    /** Goes back to the last {@code *} only, so that no pattern takes long. */
    static boolean matches(String pattern, String text) {
        int at = 0;
        int in = 0;
        int star = -1;
        int retry = 0;
        while (in < text.length()) {
            char wanted = at < pattern.length() ? pattern.charAt(at) : '\0';
            if (wanted == '*') {
                star = at++;
                retry = in;
            } else if (at < pattern.length() && (wanted == '?' || wanted == text.charAt(in))) {
                at++;
                in++;
            } else if (star >= 0) {
                at = star + 1;
                in = ++retry;
            } else {
                return false;
            }
        }
        return pattern.substring(at).chars().allMatch(left -> left == '*');
    }
}
