package dev.slipway.cost;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an environment with its services, or a service, costs in a month, and what of that is wasted.
 *
 * @param basis whether it is paid already
 * @param dollarsPerMonth all together, without what is paid by use; null where there are no prices
 * @param mostDollarsPerMonth likewise with the most tasks; null where it is the same
 * @param declaredDollarsPerMonth of the first sum, what is declared and not paid yet; null where all is
 * @param cost of the environment without its services, or of the service
 * @param services of an environment
 * @param waste what is paid for and hardly used, dearest first
 * @param unseen what of that could not be looked at, and why
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record CostReport(
        Basis basis,
        @Nullable Double dollarsPerMonth,
        @Nullable Double mostDollarsPerMonth,
        @Nullable Double declaredDollarsPerMonth,
        Cost cost,
        List<Member> services,
        List<Waste> waste,
        List<String> unseen) {
    public CostReport {
        services = List.copyOf(services);
        waste = List.copyOf(waste);
        unseen = List.copyOf(unseen);
    }

    /** What a sum stands for. */
    @RegisterForReflection
    public enum Basis {
        /** It has been made, and is paid for as long as it is there. */
        LIVE,
        /** It is declared, and not running: an environment that was not made yet, a service without a release. */
        DECLARED
    }

    /**
     * A service of an environment, see {@link Cost}.
     *
     * @param basis whether it is paid already
     * @param self path of the service
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Member(
            String service,
            String self,
            Basis basis,
            @Nullable Double dollarsPerMonth,
            @Nullable Double mostDollarsPerMonth,
            List<String> unpriced) {
        public Member {
            unpriced = List.copyOf(unpriced);
        }

        public static Member of(String service, String self, Basis basis, Cost cost) {
            return new Member(
                    service, self, basis, cost.dollarsPerMonth(), cost.mostDollarsPerMonth(), cost.unpriced());
        }

        private double least() {
            return dollarsPerMonth == null ? 0 : dollarsPerMonth;
        }

        private double most() {
            return mostDollarsPerMonth == null ? least() : mostDollarsPerMonth;
        }
    }

    /** All together. */
    public static CostReport of(Basis basis, Cost cost, List<Member> services, List<Waste> waste, List<String> unseen) {
        Double own = cost.dollarsPerMonth();
        Double most = cost.most();
        if (own == null || most == null) {
            return new CostReport(basis, null, null, null, cost, services, List.of(), unseen);
        }
        double least =
                Cost.cents(own + services.stream().mapToDouble(Member::least).sum());
        double sum =
                Cost.cents(most + services.stream().mapToDouble(Member::most).sum());
        double declared = Cost.cents((basis == Basis.DECLARED ? own : 0)
                + services.stream()
                        .filter(service -> service.basis() == Basis.DECLARED)
                        .mapToDouble(Member::least)
                        .sum());
        return new CostReport(
                basis,
                least,
                sum == least ? null : (Double) sum,
                declared == 0 ? null : (Double) declared,
                cost,
                services,
                waste.stream()
                        .sorted((one, other) -> Double.compare(other.savedPerMonth(), one.savedPerMonth()))
                        .toList(),
                unseen);
    }
}
