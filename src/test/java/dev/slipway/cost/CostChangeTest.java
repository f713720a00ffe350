package dev.slipway.cost;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CostChangeTest {
    private static Cost of(String region, int gateways, boolean alarms) {
        return new Estimate(PriceList.load().in(region))
                .hourly("NAT gateways", gateways, Item.NAT_GATEWAY_HOUR)
                .hourly("load balancer", 1, Item.LOAD_BALANCER_HOUR)
                .monthly("alarms", alarms ? 5 : 0, Item.ALARM_METRIC_MONTH)
                .usage("data", Item.NAT_GATEWAY_GB)
                .cost();
    }

    /** 730 × $0.045 = $32.85; 730 × $0.0225 = $16.43 (16.425); 5 × $0.10 = $0.50. */
    @Test
    void onlyWhatChangesIsShownWithBothSums() {
        CostChange change = CostChange.between(of("us-east-1", 1, false), of("us-east-1", 2, true));

        assertThat(change.before()).isEqualTo(49.28); // 32.85 + 16.425 = 49.275
        assertThat(change.after()).isEqualTo(82.63); // 65.70 + 16.425 + 0.50 = 82.625
        assertThat(change.changes())
                .containsExactly(
                        new CostChange.PartChange(
                                "NAT gateways",
                                "$32.85 a month: 1 × 730 h × $0.045",
                                "$65.70 a month: 2 × 730 h × $0.045"),
                        new CostChange.PartChange("alarms", null, "$0.50 a month: 5 × $0.1"));
        assertThat(change.message())
                .isEqualTo("It will cost $82.63 a month instead of $49.28, and what is paid by use.");
    }

    @Test
    void whatIsNewHasNoBefore() {
        CostChange change = CostChange.between(null, of("us-east-1", 1, false));

        assertThat(change.before()).isNull();
        assertThat(change.changes()).extracting(CostChange.PartChange::before).containsOnlyNulls();
        assertThat(change.changes()).contains(new CostChange.PartChange("data", null, "by use, $0.045 per GB"));
        assertThat(change.message()).isEqualTo("It will cost $49.28 a month, and what is paid by use.");
    }

    @Test
    void whatStaysIsSaid() {
        Cost cost = of("us-east-1", 1, false);
        CostChange change = CostChange.between(cost, cost);

        assertThat(change.changes()).isEmpty();
        assertThat(change.message()).isEqualTo("It costs $49.28 a month as before, and what is paid by use.");
    }

    private static Cost tasks(String region, boolean arm) {
        PriceList list = PriceList.load();
        return new Estimate(list.in(region))
                .hours("tasks on demand", 2, 2, list.in(region).taskHour(1024, 2048, arm, null))
                .hourly("load balancer", 1, Item.LOAD_BALANCER_HOUR)
                .cost();
    }

    /** eu-central-1 has no price of ARM in the list: that must not look as if the tasks were gone, or free. */
    @Test
    void whatHasNoPriceIsNotCalledGone() {
        CostChange change = CostChange.between(tasks("eu-central-1", false), tasks("eu-central-1", true));

        assertThat(change.changes())
                .containsExactly(new CostChange.PartChange(
                        "tasks on demand",
                        "$82.90 a month: 2 × 730 h × $0.05678", // 0.04656 + 2 × 0.00511
                        "not in the price list"));
        assertThat(change.message())
                .isEqualTo("It will cost $19.71 a month instead of $102.61, and what is paid by use;"
                        + " not in the price list and not counted afterwards: tasks on demand.");
    }

    @Test
    void whatHadNoPriceIsNotCalledNew() {
        CostChange change = CostChange.between(tasks("eu-central-1", true), tasks("eu-central-1", false));

        assertThat(change.changes())
                .containsExactly(new CostChange.PartChange(
                        "tasks on demand", "not in the price list", "$82.90 a month: 2 × 730 h × $0.05678"));
        assertThat(change.message()).endsWith("; not in the price list and not counted before: tasks on demand.");
    }

    @Test
    void whatNeverHadAPriceIsNamedInTheSentence() {
        Cost cost = tasks("eu-central-1", true);
        CostChange change = CostChange.between(cost, cost);

        assertThat(change.changes()).isEmpty();
        assertThat(change.message())
                .isEqualTo("It costs $19.71 a month as before, and what is paid by use;"
                        + " not in the price list and not counted: tasks on demand.");
        assertThat(change.unpriced()).containsExactly("tasks on demand");
    }

    @Test
    void whereThereAreNoPricesThatIsAllThatIsSaid() {
        CostChange change = CostChange.between(of("sa-east-1", 1, false), of("sa-east-1", 2, false));

        assertThat(change.after()).isNull();
        assertThat(change.changes()).isEmpty();
        assertThat(change.message()).isEqualTo("There are no prices of sa-east-1 in the price list.");
    }
}
