package dev.slipway.firewall;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.slipway.cost.Item;
import dev.slipway.cost.Prices;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a firewall costs, in US dollars before tax.
 *
 * @param dollarsPerMonth what is charged also when nobody asks for anything; null where there are no prices
 * @param parts what is charged, one by one, as far as its price is known
 * @param prices whose they are and on which days they held, or that there are none
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
public record FirewallCost(@Nullable Double dollarsPerMonth, List<Part> parts, String prices) {
    public FirewallCost {
        parts = List.copyOf(parts);
    }

    /**
     * One thing that is charged.
     *
     * @param per what the dollars are for
     */
    @RegisterForReflection
    public record Part(String what, double dollars, String per) {}

    /** Of a firewall whose web ACL fits into AWS's base price for requests, as all that settings can ask for does. */
    public static FirewallCost of(FirewallSettings firewall, Prices prices) {
        int rules = firewall.rules();
        List<Part> parts = new ArrayList<>();
        add(parts, "web ACL", 1, "month", Item.FIREWALL_MONTH, prices);
        add(parts, rules == 1 ? "1 rule" : rules + " rules", rules, "month", Item.FIREWALL_RULE_MONTH, prices);
        add(parts, "requests, refused ones among them", 1, "million", Item.FIREWALL_MILLION_REQUESTS, prices);
        add(parts, "log of what matches", 1, "GB written", Item.LOGS_WRITTEN_GB, prices);
        add(parts, "log that is kept", 1, "GB and month", Item.LOGS_KEPT_GB_MONTH, prices);
        add(parts, "report", 1, "GB of the log looked through", Item.LOGS_SEARCHED_GB, prices);
        Prices.Price acl = prices.find(Item.FIREWALL_MONTH);
        Prices.Price rule = prices.find(Item.FIREWALL_RULE_MONTH);
        return new FirewallCost(
                acl == null || rule == null ? null : (Double) (acl.dollars() + rules * rule.dollars()),
                parts,
                prices.describe());
    }

    private static void add(List<Part> parts, String what, int number, String per, Item item, Prices prices) {
        if (prices.find(item) != null) {
            parts.add(new Part(
                    what, number * Objects.requireNonNull(prices.find(item)).dollars(), per));
        }
    }
}
