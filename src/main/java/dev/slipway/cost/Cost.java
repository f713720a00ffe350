package dev.slipway.cost;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What something costs in a month of 730 hours, by AWS's list prices.
 *
 * @param prices whose prices they are and on which days they held, or that there are none of this region
 * @param dollarsPerMonth what is paid without any use, with the fewest tasks; null where there are no prices
 * @param mostDollarsPerMonth likewise with the most tasks; null where it is the same
 * @param parts what that is made of
 * @param usage what is paid by use on top of it, with the price of one
 * @param unpriced what costs something, too, but whose price the list does not have
 * @param uncounted of that, what is not paid by use: the sums are too low by it
 * @param assumptions what was taken for granted
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Cost(
        String region,
        String prices,
        @Nullable Double dollarsPerMonth,
        @Nullable Double mostDollarsPerMonth,
        List<Part> parts,
        List<Usage> usage,
        List<String> unpriced,
        List<String> uncounted,
        List<String> assumptions) {
    public Cost {
        parts = parts == null ? List.of() : List.copyOf(parts); // an empty list is not written
        usage = usage == null ? List.of() : List.copyOf(usage);
        unpriced = unpriced == null ? List.of() : List.copyOf(unpriced);
        uncounted = uncounted == null ? List.of() : List.copyOf(uncounted);
        assumptions = assumptions == null ? List.of() : List.copyOf(assumptions);
    }

    /**
     * One thing that is paid for as long as it is there.
     *
     * @param how the arithmetic
     * @param mostDollarsPerMonth with the most tasks; null where it is the same
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Part(
            String what,
            String how,
            double dollarsPerMonth,
            @Nullable Double mostDollarsPerMonth) {
        double most() {
            return mostDollarsPerMonth == null ? dollarsPerMonth : mostDollarsPerMonth;
        }
    }

    /**
     * One thing that is paid for by use.
     *
     * @param dollars for one
     * @param per of what
     */
    @RegisterForReflection
    public record Usage(String what, double dollars, String per) {}

    /** With the most tasks; null where there are no prices. */
    public @Nullable Double most() {
        return mostDollarsPerMonth == null ? dollarsPerMonth : mostDollarsPerMonth;
    }

    /** To the cent; sums are made before. */
    static double cents(double dollars) {
        return Math.round(dollars * 100) / 100.0;
    }
}
