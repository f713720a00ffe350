package dev.slipway.stack;

import java.lang.Character.UnicodeScript;
import java.text.Normalizer;
import java.text.Normalizer.Form;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Names of tags. The tags of a stack are on its roles, and policies decide by them whose something is. IAM compares their names
 * without case and takes no role with two that differ by it alone.
 */
public final class Tags {
    /** Scripts that are written together with others. */
    private static final Set<UnicodeScript> MIXED = EnumSet.of(
            UnicodeScript.COMMON,
            UnicodeScript.INHERITED,
            UnicodeScript.HAN,
            UnicodeScript.HIRAGANA,
            UnicodeScript.KATAKANA,
            UnicodeScript.HANGUL,
            UnicodeScript.BOPOMOFO);

    private Tags() {}

    /** What is wrong with the name of a user's tag, to be read after it; empty when nothing is. */
    public static Optional<String> wrong(String name) {
        String plain = Normalizer.normalize(name, Form.NFKD)
                .replaceAll("[\\p{M}\\p{Z}\\p{C}]", "")
                .replaceAll("\\p{Lm}", ":")
                .toUpperCase(Locale.ROOT)
                .toLowerCase(Locale.ROOT);
        if (plain.startsWith("slipway:") || plain.startsWith("aws:")) {
            return Optional.of(
                    "is taken: names that begin with slipway: or aws: are not yours, however they are spelt");
        }
        Set<UnicodeScript> scripts = EnumSet.noneOf(UnicodeScript.class);
        name.codePoints().mapToObj(UnicodeScript::of).forEach(scripts::add);
        scripts.removeAll(MIXED);
        return scripts.size() < 2
                ? Optional.empty()
                : Optional.of("mixes letters of "
                        + String.join(
                                " and ",
                                scripts.stream()
                                        .map(script -> script.name().toLowerCase(Locale.ROOT))
                                        .toList())
                        + ", which look alike; write it in one alphabet");
    }

    /** Names that another one differs from by case alone. */
    public static Set<String> twice(Iterable<String> names) {
        Set<String> known = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        Set<String> twice = new TreeSet<>();
        for (String name : names) {
            if (!known.add(name)) {
                twice.add(name);
            }
        }
        return twice;
    }

    /**
     * The tags of a stack.
     *
     * @param own Slipway's, which hold whatever users say
     * @param users later ones hold before earlier ones, whatever their case
     */
    @SafeVarargs
    public static Map<String, String> of(Map<String, String> own, Map<String, String>... users) {
        Map<String, String> tags = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (Map<String, String> more : users) {
            more.forEach((name, value) -> {
                tags.remove(name); // or the spelling of the earlier one would stay
                tags.put(name, value);
            });
        }
        tags.keySet().removeIf(name -> wrong(name).isPresent()); // of specs from before they were refused
        tags.putAll(own);
        return Collections.unmodifiableMap(new TreeMap<>(tags));
    }
}
