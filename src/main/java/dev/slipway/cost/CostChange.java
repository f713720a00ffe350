package dev.slipway.cost;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a change does to what something costs in a month, see {@link Cost}.
 *
 * @param message the change in a sentence
 * @param before null where there was nothing, or there are no prices
 * @param mostBefore with the most tasks; null where it is the same
 * @param after null where there are no prices
 * @param mostAfter likewise
 * @param changes the parts that cost something else than before, and those that are paid by use and are new or gone
 * @param unpriced what costs something afterwards, too, but whose price the list does not have
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record CostChange(
        String message,
        String prices,
        @Nullable Double before,
        @Nullable Double mostBefore,
        @Nullable Double after,
        @Nullable Double mostAfter,
        List<PartChange> changes,
        List<String> unpriced) {
    public CostChange {
        changes = changes == null ? List.of() : List.copyOf(changes); // an empty list is not written
        unpriced = unpriced == null ? List.of() : List.copyOf(unpriced);
    }

    /**
     * A part before and after, as text; absent where there was or will be none.
     *
     * @param before the dollars a month and how they come about, or the price of one, or that the list has none
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record PartChange(
            String what, @Nullable String before, @Nullable String after) {}

    /** @param before null where there was nothing */
    public static CostChange between(@Nullable Cost before, Cost after) {
        Map<String, String> were = before == null ? Map.of() : texts(before);
        Map<String, String> will = texts(after);
        List<PartChange> changes = new ArrayList<>();
        Map<String, String> all = new LinkedHashMap<>(were);
        all.putAll(will);
        all.keySet().forEach(what -> {
            if (!Objects.equals(were.get(what), will.get(what))) {
                changes.add(new PartChange(what, were.get(what), will.get(what)));
            }
        });
        return new CostChange(
                message(before, after),
                after.prices(),
                before == null ? null : before.dollarsPerMonth(),
                before == null ? null : before.mostDollarsPerMonth(),
                after.dollarsPerMonth(),
                after.mostDollarsPerMonth(),
                changes,
                after.unpriced());
    }

    private static Map<String, String> texts(Cost cost) {
        Map<String, String> texts = new LinkedHashMap<>();
        cost.parts()
                .forEach(part ->
                        texts.put(part.what(), range(part.dollarsPerMonth(), part.most()) + " a month: " + part.how()));
        cost.usage()
                .forEach(use -> texts.put(
                        use.what(), "by use, $%s per %s".formatted(Estimate.plain(use.dollars()), use.per())));
        cost.unpriced().forEach(what -> texts.put(what, "not in the price list"));
        return texts;
    }

    private static String message(@Nullable Cost before, Cost after) {
        if (after.dollarsPerMonth() == null) {
            return after.prices();
        }
        String will = range(after.dollarsPerMonth(), Objects.requireNonNull(after.most()));
        if (before == null || before.dollarsPerMonth() == null) {
            return "It will cost %s a month, and what is paid by use%s."
                    .formatted(will, uncounted(after.uncounted(), ""));
        }
        String was = range(before.dollarsPerMonth(), Objects.requireNonNull(before.most()));
        String sums = was.equals(will)
                ? "It costs %s a month as before, and what is paid by use".formatted(will)
                : "It will cost %s a month instead of %s, and what is paid by use".formatted(will, was);
        return sums + uncounted(before, after) + ".";
    }

    private static String uncounted(Cost before, Cost after) {
        List<String> were = new ArrayList<>(before.uncounted());
        were.removeAll(after.uncounted());
        List<String> will = new ArrayList<>(after.uncounted());
        will.removeAll(before.uncounted());
        List<String> both = new ArrayList<>(after.uncounted());
        both.retainAll(before.uncounted());
        return uncounted(both, "") + uncounted(were, " before") + uncounted(will, " afterwards");
    }

    private static String uncounted(List<String> parts, String when) {
        return parts.isEmpty()
                ? ""
                : "; not in the price list and not counted%s: %s".formatted(when, String.join(", ", parts));
    }

    private static String range(double least, double most) {
        return least == most
                ? String.format(Locale.ROOT, "$%.2f", least)
                : String.format(Locale.ROOT, "$%.2f to $%.2f", least, most);
    }
}
