package dev.slipway.cost;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;

/** A {@link Cost}, put together part by part. What the list has no price for is named, never guessed. */
public final class Estimate {
    /** What AWS takes for a month in its own calculator. */
    public static final int HOURS = 730;

    private final Prices prices;
    private final List<Amount> parts = new ArrayList<>();
    private final Map<String, Cost.Usage> usage = new LinkedHashMap<>();
    private final Set<String> unpriced = new LinkedHashSet<>();
    private final Set<String> uncounted = new LinkedHashSet<>();
    private final Set<String> assumptions = new LinkedHashSet<>();

    private record Amount(String what, String how, double least, double most) {}

    public Estimate(Prices prices) {
        this.prices = prices;
    }

    public Prices prices() {
        return prices;
    }

    /** So many that are there all month, paid by the hour. */
    public Estimate hourly(String what, int number, Item item) {
        return hourly(what, number, number, item);
    }

    /** At least and at most so many on average, paid by the hour. */
    public Estimate hourly(String what, double least, double most, Item item) {
        Prices.Price price = prices.find(item);
        return most == 0
                ? this
                : hours(what, least, most, price == null ? OptionalDouble.empty() : OptionalDouble.of(price.dollars()));
    }

    /** Likewise, at a price that is put together of several. */
    public Estimate hours(String what, double least, double most, OptionalDouble price) {
        if (most == 0) {
            return this;
        }
        if (price.isEmpty()) {
            return uncounted(what);
        }
        double hour = price.getAsDouble();
        String number = least == most ? plain(least) : plain(least) + " to " + plain(most);
        String how = "%s × %d h × $%s".formatted(number, HOURS, plain(hour));
        parts.add(new Amount(what, how, least * HOURS * hour, most * HOURS * hour));
        return this;
    }

    /** So many, paid by the month. */
    public Estimate monthly(String what, int number, Item item) {
        Prices.Price price = prices.find(item);
        if (number == 0) {
            return this;
        }
        if (price == null) {
            return uncounted(what);
        }
        double dollars = number * price.dollars();
        parts.add(new Amount(what, "%d × $%s".formatted(number, plain(price.dollars())), dollars, dollars));
        return this;
    }

    private Estimate uncounted(String what) {
        unpriced.add(what);
        uncounted.add(what);
        return this;
    }

    /** Something that is paid by use, nobody knows of how much. */
    public Estimate usage(String what, Item item) {
        Prices.Price price = prices.find(item);
        if (price == null) {
            unpriced.add(what);
        } else {
            usage.put(what, new Cost.Usage(what, price.dollars(), price.per()));
        }
        return this;
    }

    public Estimate assume(String sentence) {
        assumptions.add(sentence);
        return this;
    }

    /** All of it; of a region without prices no number. */
    public Cost cost() {
        if (prices.isEmpty()) {
            return new Cost(
                    prices.region(),
                    prices.describe(),
                    null,
                    null,
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of());
        }
        double least = Cost.cents(parts.stream().mapToDouble(Amount::least).sum());
        double most = Cost.cents(parts.stream().mapToDouble(Amount::most).sum());
        return new Cost(
                prices.region(),
                prices.describe(),
                least,
                most == least ? null : (Double) most,
                parts.stream().map(Estimate::part).toList(),
                List.copyOf(usage.values()),
                List.copyOf(unpriced),
                List.copyOf(uncounted),
                List.copyOf(assumptions));
    }

    private static Cost.Part part(Amount amount) {
        double least = Cost.cents(amount.least());
        double most = Cost.cents(amount.most());
        return new Cost.Part(amount.what(), amount.how(), least, most == least ? null : (Double) most);
    }

    /** A number with as few digits as it needs. */
    static String plain(double value) {
        return new BigDecimal(value, new MathContext(6)).stripTrailingZeros().toPlainString();
    }
}
