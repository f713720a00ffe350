package dev.slipway.cost;

import java.time.LocalDate;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** The list prices of one region, in US dollars before tax, discounts and free tiers. One that is not known is left out. */
public final class Prices {
    private final String region;
    private final Map<Item, Price> prices;

    /**
     * One price.
     *
     * @param dollars for one of what it is for
     * @param per what it is for
     * @param date on which it held
     */
    public record Price(double dollars, String per, LocalDate date) {}

    Prices(String region, Map<Item, Price> prices) {
        this.region = region;
        this.prices = Collections.unmodifiableMap(prices.isEmpty() ? Map.of() : new EnumMap<>(prices));
    }

    public String region() {
        return region;
    }

    /** Null where the list does not have it. */
    public @Nullable Price find(Item item) {
        return prices.get(item);
    }

    /** Whether none is known. */
    public boolean isEmpty() {
        return prices.isEmpty();
    }

    /** Whose prices they are and on which days they held, or that there are none. */
    public String describe() {
        if (isEmpty()) {
            return "There are no prices of %s in the price list.".formatted(region);
        }
        LocalDate first = prices.values().stream()
                .map(Price::date)
                .min(LocalDate::compareTo)
                .orElseThrow();
        LocalDate last = prices.values().stream()
                .map(Price::date)
                .max(LocalDate::compareTo)
                .orElseThrow();
        return "AWS list prices of %s, of %s%s".formatted(region, first, first.equals(last) ? "" : " to " + last);
    }

    /**
     * What a task on Fargate costs in an hour.
     *
     * @param cpu in units of 1/1024 vCPU
     * @param memory in MiB
     * @param storage in GiB, of which 20 are free; null for those
     * @return empty where one of the prices is not known
     */
    public OptionalDouble taskHour(int cpu, int memory, boolean arm, @Nullable Integer storage) {
        Price vCpu = find(arm ? Item.FARGATE_ARM_VCPU_HOUR : Item.FARGATE_X86_VCPU_HOUR);
        Price gb = find(arm ? Item.FARGATE_ARM_GB_HOUR : Item.FARGATE_X86_GB_HOUR);
        Price disk = find(Item.FARGATE_STORAGE_GB_HOUR);
        int charged = storage == null ? 0 : Math.max(0, storage - FREE_STORAGE);
        if (vCpu == null || gb == null || charged > 0 && disk == null) {
            return OptionalDouble.empty();
        }
        double hour = cpu / 1024.0 * vCpu.dollars() + memory / 1024.0 * gb.dollars();
        return OptionalDouble.of(disk == null ? hour : hour + charged * disk.dollars());
    }

    /** What Fargate Spot is taken for, of the price on demand; AWS says "up to 70 %" less. https://aws.amazon.com/fargate/pricing/ */
    public static final double SPOT = 0.3;

    /** GiB of disk that every task has at no extra cost. https://aws.amazon.com/fargate/pricing/ */
    static final int FREE_STORAGE = 20;
}
