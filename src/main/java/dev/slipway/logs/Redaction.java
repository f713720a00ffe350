package dev.slipway.logs;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** Takes obvious credentials out of lines of a log. */
public final class Redaction {
    private static final int LONGEST = 300;
    /** What stands behind it is not shown: a value that is cut off keeps its name before it, and is masked. */
    private static final int LONGEST_LOOKED_AT = 1000;
    /** Of a line that is shown whole. */
    static final int LONGEST_WHOLE = 4000;

    private static final String MASK = "***";

    private static final Pattern PEM =
            Pattern.compile("-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*-----|$)", Pattern.DOTALL);
    private static final Pattern KEY_BEGINS = Pattern.compile("-----BEGIN [A-Z ]*PRIVATE KEY-----");
    private static final Pattern KEY_ENDS = Pattern.compile("-----END [A-Z ]*PRIVATE KEY-----");
    private static final Pattern IN_A_KEY = Pattern.compile("\\s*[\\w+/=]+\\s*");
    /** As long as lines of a key are but for the last, of which neither beginning nor end need be read. */
    private static final Pattern OF_A_KEY = Pattern.compile("\\s*[A-Za-z0-9+/]{60,76}={0,2}\\s*");

    /** To its end, or to that of a line that was cut. A text within a JSON text has backslashes before its own quotes. */
    private static final String QUOTED =
            "\"(?:[^\"\\\\]++|\\\\.)*+(?:\"|$)|\\\\++\"(?:[^\\\\]++|\\\\(?!\"))*+(?:\\\\\"|$)|'[^']*+(?:'|$)";

    private static final Pattern HEADER =
            Pattern.compile("(?i)(\\b(?:(?:proxy-)?authorization|(?:set-)?cookie)\\\\*[\"']?\\s*[:=]\\s*)(" + QUOTED
                    + "|[^\"'\\\\].*)");
    private static final Pattern SCHEME = Pattern.compile("(?i)\\b(bearer|basic)\\s+[\\w+/=.~-]{8,}");
    /** A password may have an @ itself. */
    private static final Pattern USER = Pattern.compile("(://[^:/@\\s]*):(?:[^/\\s]+|[^@\\s]+)@");

    private static final Pattern KEYS = Pattern.compile(
            "\\b(?:AKIA|ASIA)[A-Z0-9]{16}\\b|\\beyJ[\\w-]{5,}\\.[\\w-]+\\.[\\w-]*|\\b(?:gh[pousr]|github_pat|dckr_pat|npm|hf)_\\w{20,}|\\bglpat-[\\w-]{20,}"
                    + "|\\bxox[abprs]-[\\w-]{10,}|\\bhooks\\.slack\\.com/services/[\\w/]+|\\bAIza[\\w-]{35}|\\bSG\\.[\\w-]{16,}\\.[\\w-]{16,}|\\bsk-[\\w-]{20,}|\\brk_live_\\w{16,}|\\bsk[-_](?:live|test|proj)?[-_]?\\w{16,}");
    /** What is called so has a credential as its value, wherever the word stands in the name. */
    private static final String WORDS =
            "(?:passw(?!ordless)|pwd|passphrase|passcode|secret(?!ar)|token(?!iz|[_-]?(?:bucket|count|expir|limit|ttl|type)|s\\\\*[\"']?\\s*[:=]\\s*\\d)"
                    + "|(?:api|access|private|account|master|encryption|signing|shared|license)[_-]?key|credential|authorization|cookie|jwt)[\\w.-]*";
    /** A key that is no secret: it finds something, or names one that only AWS has. */
    private static final String FOUND_BY =
            "primary|foreign|unique|natural|surrogate|composite|business|candidate|partition|sort|range|hash|shard|cluster|cache|redis|routing|group|join"
                    + "|idempotency|deduplication|dedup|object|s3|row|index|lookup|map|config|context|event|message|record|item|entity|lock|i18n|translation"
                    + "|feature|flag|tag|label|metric|issue|project|public|kms";
    /** A symmetric key is found by no metric. */
    private static final String WORD_BEGINS = "(?:(?<![a-z])|(?-i:(?=[A-Z][a-z0-9])|(?<=[a-z])(?=[A-Z])))";
    /** A name of several words that ends in key: ENCRYPTION_KEY, signing-key-2, masterKey. A file may be called server.key. */
    private static final String KEY = "(?=key)(?<!" + WORD_BEGINS + "(?:" + FOUND_BY + ")[_.-]?)"
            + "(?:(?<=[a-z0-9][_-])keys?|(?<=[a-z0-9]\\.)keys?(?=\\s*=)|(?-i:(?<=[a-z0-9])Keys?))(?:[_-]?\\d+)?(?![\\w.-])";
    /** Also words of everyday language. */
    private static final String SHORT =
            "(?:(?=pass|auth)(?<![a-z0-9])(?:pass|auth)|(?-i:(?=[PA])(?<=[a-z0-9])(?:Pass|Auth)))";

    private static final Pattern CREDENTIAL = Pattern.compile("(?i)" + WORDS + "|" + KEY + "|" + SHORT + "$");
    /** A separator belongs to the value where nothing new begins behind it. */
    private static final String OF_A_VALUE =
            "(?:[^\\s,;&}\\]]|[,;&](?!\\s|$|\\\\*[\"'{\\[]|[\\w.-]++\\\\*[\"']?\\s*[=:])|[}\\]](?![\\s,;}\\])\"']|$))";

    private static final String BARE = OF_A_VALUE + "++";
    /** What tells that there is none. */
    private static final String NOTHING =
            "(?:null|nil|none|undefined|true|false|yes|no|on|off|ok|\\d{1,3})(?:(?=\\))|(?!" + OF_A_VALUE + "))";

    private static final String LIST = "\\[[^\\]]*+(?:\\]|$)";

    private static final Pattern NAMED = Pattern.compile("(?i)((?:" + WORDS + "|" + KEY
            + "|(?=pass)(?<=[_.-])pass(?![a-z])[\\w.-]*|" + SHORT
            + "(?=\\\\*[\"']?\\s*=|\\\\*[\"']\\s*:))\\\\*[\"']?\\s*(?:=>|[:=])\\s*)(?!\\s|\\*\\*\\*|"
            + NOTHING + ")(" + QUOTED + "|" + LIST + "|" + BARE + ")");
    /** Words that are a credential's name in an address only. */
    private static final Pattern QUERY =
            Pattern.compile("(?i)([?&](?:key|sig|[\\w-]*signature)=)(?!\\*\\*\\*)[^&\\s\"'#]+");

    private static final Pattern OPTION = Pattern.compile("(?i)((?<!\\S)--?[\\w-]*(?:" + WORDS + "|" + KEY + "|" + SHORT
            + ")\\s+)(?!-|\\*\\*\\*)(" + QUOTED + "|\\S+)");

    private Redaction() {}

    /** Whether the value of what is called so is a credential. */
    public static boolean isCredential(String name) {
        return CREDENTIAL.matcher(name).find();
    }

    /** Lines that follow each other, shortened: a key is written over many of them. */
    public static List<String> mask(List<String> lines) {
        return each(lines, Redaction::mask);
    }

    /** The same lines with their spaces, and not shortened before 4,000 characters. */
    static List<String> hide(List<String> lines) {
        return each(lines, line -> {
            String hidden = hide(line, LONGEST_WHOLE);
            return line.length() > LONGEST_WHOLE ? hidden + " …" : hidden;
        });
    }

    private static List<String> each(List<String> lines, UnaryOperator<String> masked) {
        Set<Integer> key = new HashSet<>();
        for (int i = 0; i < lines.size(); i++) {
            boolean begins = KEY_BEGINS.matcher(lines.get(i)).find();
            boolean ends = KEY_ENDS.matcher(lines.get(i)).find();
            if (begins && !ends) {
                IntStream.rangeClosed(i, end(lines, i)).forEach(key::add);
            } else if (ends && !begins) {
                key.add(i);
                for (int j = i - 1; j >= 0 && IN_A_KEY.matcher(lines.get(j)).matches(); j--) {
                    key.add(j);
                }
            } else if (OF_A_KEY.matcher(lines.get(i)).matches()) {
                key.add(i);
            }
        }
        return IntStream.range(0, lines.size())
                .mapToObj(i -> key.contains(i) ? MASK : masked.apply(lines.get(i)))
                .toList();
    }

    /** The last line of a key that begins in one of them. */
    private static int end(List<String> lines, int begin) {
        int last = begin;
        for (int i = begin + 1; i < lines.size(); i++) {
            if (KEY_ENDS.matcher(lines.get(i)).find()) {
                return i;
            }
            if (last == i - 1 && IN_A_KEY.matcher(lines.get(i)).matches()) {
                last = i;
            }
        }
        return last;
    }

    /** Shortened, too. */
    public static String mask(String line) {
        return shorten(hide(line, LONGEST_LOOKED_AT));
    }

    private static String hide(String line, int most) {
        String masked = PEM.matcher(beginning(line, most)).replaceAll(MASK);
        masked = HEADER.matcher(masked).replaceAll("$1" + MASK);
        masked = SCHEME.matcher(masked).replaceAll("$1 " + MASK);
        masked = USER.matcher(masked).replaceAll("$1:" + MASK + "@");
        masked = KEYS.matcher(masked).replaceAll(MASK);
        masked = NAMED.matcher(masked).replaceAll("$1" + MASK);
        masked = QUERY.matcher(masked).replaceAll("$1" + MASK);
        return OPTION.matcher(masked).replaceAll("$1" + MASK);
    }

    /** Both ends stay: AWS says what failed at the beginning, and why at the end. */
    public static String shorten(String text) {
        String line = text.strip().replaceAll("\\s+", " ");
        return line.length() <= LONGEST ? line : beginning(line, LONGEST * 2 / 3) + " … " + end(line, LONGEST / 3 - 3);
    }

    /** So many characters, and not half of one: a surrogate alone cannot be written as JSON. */
    private static String beginning(String text, int most) {
        if (text.length() <= most) {
            return text;
        }
        return text.substring(0, Character.isHighSurrogate(text.charAt(most - 1)) ? most - 1 : most);
    }

    private static String end(String text, int most) {
        int from = text.length() - most;
        return text.substring(Character.isLowSurrogate(text.charAt(from)) ? from + 1 : from);
    }
}
