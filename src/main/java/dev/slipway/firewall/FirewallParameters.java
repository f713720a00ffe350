package dev.slipway.firewall;

import dev.slipway.firewall.FirewallSettings.Countries;
import dev.slipway.firewall.FirewallSettings.Mode;
import dev.slipway.firewall.FirewallSettings.RateLimit;
import dev.slipway.firewall.FirewallSettings.Rule;
import dev.slipway.stack.Parameters;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a firewall means for the parameters of {@code stacks/environment.yaml}. */
public final class FirewallParameters {
    private static final int NOTHING_KEPT = 30;

    private FirewallParameters() {}

    /** Adds them all, also where there is no firewall. */
    public static Parameters add(Parameters parameters, @Nullable FirewallSettings firewall) {
        parameters.put("Firewall", firewall != null);
        for (Rule rule : Rule.values()) {
            Mode mode = firewall == null ? Mode.NONE : firewall.mode(rule);
            parameters.put("Firewall" + rule.parameter(), mode.value());
            parameters.put(
                    "Firewall" + rule.parameter() + "Except",
                    firewall == null ? "" : PathPattern.of(firewall.exceptions(rule)));
        }
        parameters.put(
                "FirewallLargeBodies",
                firewall == null
                        ? Mode.BLOCK.value()
                        : firewall.managedRules().largeBodies().value());
        RateLimit limit = firewall == null ? null : firewall.rateLimit();
        Countries countries = firewall == null ? null : firewall.countries();
        return parameters
                .put("FirewallRequests", limit == null ? 2000 : limit.requests())
                .put("FirewallSeconds", limit == null ? 300 : 60 * limit.minutes())
                .put("FirewallAllowIpv4", ranges(firewall == null ? List.of() : firewall.allow(), true))
                .put("FirewallAllowIpv6", ranges(firewall == null ? List.of() : firewall.allow(), false))
                .put("FirewallBlockIpv4", ranges(firewall == null ? List.of() : firewall.block(), true))
                .put("FirewallBlockIpv6", ranges(firewall == null ? List.of() : firewall.block(), false))
                .put("FirewallCountries", countries == null ? List.of() : codes(countries))
                .put("FirewallCountriesAre", countries != null && countries.allow() != null ? "allowed" : "blocked")
                .put(
                        "FirewallLogDays",
                        firewall == null ? NOTHING_KEPT : firewall.logs().retentionDays());
    }

    private static List<String> ranges(List<String> all, boolean ipv4) {
        return all.stream()
                .filter(range -> AddressRange.parse(range).isIpv4() == ipv4)
                .sorted()
                .toList();
    }

    private static List<String> codes(Countries countries) {
        return Objects.requireNonNull(countries.allow() == null ? countries.block() : countries.allow()).stream()
                .sorted()
                .toList();
    }
}
