package dev.slipway.cost;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an environment with its services, or a service, costs in a month, and what of that is wasted.
 *
 * @param dollarsPerMonth all together, without what is paid by use; null where there are no prices
 * @param mostDollarsPerMonth likewise with the most tasks; null where it is the same
 * @param cost of the environment without its services, or of the service
 * @param services of an environment
 * @param waste what is paid for and hardly used, dearest first
 * @param unseen what of that could not be looked at, and why
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record CostReport(
        @Nullable Double dollarsPerMonth,
        @Nullable Double mostDollarsPerMonth,
        Cost cost,
        List<Member> services,
        List<Waste> waste,
        List<String> unseen) {
    public CostReport {
        services = List.copyOf(services);
        waste = List.copyOf(waste);
        unseen = List.copyOf(unseen);
    }

    /**
     * A service of an environment, see {@link Cost}.
     *
     * @param self path of the service
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Member(
            String service,
            String self,
            @Nullable Double dollarsPerMonth,
            @Nullable Double mostDollarsPerMonth,
            List<String> unpriced) {
        public Member {
            unpriced = List.copyOf(unpriced);
        }

        public static Member of(String service, String self, Cost cost) {
            return new Member(service, self, cost.dollarsPerMonth(), cost.mostDollarsPerMonth(), cost.unpriced());
        }

        private double least() {
            return dollarsPerMonth == null ? 0 : dollarsPerMonth;
        }

        private double most() {
            return mostDollarsPerMonth == null ? least() : mostDollarsPerMonth;
        }
    }

    /** All together. */
    public static CostReport of(Cost cost, List<Member> services, List<Waste> waste, List<String> unseen) {
        Double own = cost.dollarsPerMonth();
        Double most = cost.most();
        if (own == null || most == null) {
            return new CostReport(null, null, cost, services, List.of(), unseen);
        }
        double least =
                Cost.cents(own + services.stream().mapToDouble(Member::least).sum());
        double sum =
                Cost.cents(most + services.stream().mapToDouble(Member::most).sum());
        return new CostReport(
                least,
                sum == least ? null : (Double) sum,
                cost,
                services,
                waste.stream()
                        .sorted((one, other) -> Double.compare(other.savedPerMonth(), one.savedPerMonth()))
                        .toList(),
                unseen);
    }
}
