package dev.slipway.firewall;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;

/**
 * What a firewall costs, in US dollars before tax. AWS WAF costs the same in every region; logs differ by region by a third.
 *
 * @param dollarsPerMonth what is charged also when nobody asks for anything
 * @param parts what is charged, one by one
 * @param prices where and when they held
 */
@RegisterForReflection
public record FirewallCost(double dollarsPerMonth, List<Part> parts, String prices) {
    /** https://aws.amazon.com/waf/pricing/ and https://aws.amazon.com/cloudwatch/pricing/; AWS's own groups cost what a rule costs. */
    static final String PRICES = "list prices in us-east-1, 2026";

    private static final double WEB_ACL = 5;
    private static final double RULE = 1;
    private static final double MILLION_REQUESTS = 0.60;
    private static final double GIGABYTE_LOGGED = 0.50;
    private static final double GIGABYTE_KEPT = 0.03;
    private static final double GIGABYTE_SEARCHED = 0.005;

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
    public static FirewallCost of(FirewallSettings firewall) {
        int rules = firewall.rules();
        return new FirewallCost(
                WEB_ACL + RULE * rules,
                List.of(
                        new Part("web ACL", WEB_ACL, "month"),
                        new Part(rules == 1 ? "1 rule" : rules + " rules", RULE * rules, "month"),
                        new Part("requests, refused ones among them", MILLION_REQUESTS, "million"),
                        new Part("log of what matches", GIGABYTE_LOGGED, "GB written"),
                        new Part("log that is kept", GIGABYTE_KEPT, "GB and month"),
                        new Part("report", GIGABYTE_SEARCHED, "GB of the log looked through")),
                PRICES);
    }
}
