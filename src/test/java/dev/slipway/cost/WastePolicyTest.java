package dev.slipway.cost;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.cost.WastePolicy.Gateway;
import dev.slipway.cost.WastePolicy.Load;
import dev.slipway.cost.WastePolicy.Size;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** By hand, from the prices of us-east-1. */
class WastePolicyTest {
    private static final Prices PRICES = PriceList.load().in("us-east-1");
    private static final Prices NONE = PriceList.load().in("sa-east-1");

    /** A gateway and its address are 730 × ($0.045 + $0.005) = $36.50; a task's address is 730 × $0.005 = $3.65. */
    @Test
    void anIdleGatewayIsNamedWithWhatItCosts() {
        Map<String, Gateway> gateways = Map.of("nat-a", new Gateway(3e6, 14), "nat-b", new Gateway(8e9, 14));

        assertThat(WastePolicy.gateways(gateways, 2, PRICES)).get().satisfies(waste -> {
            assertThat(waste.what()).isEqualTo("nat-a");
            assertThat(waste.savedPerMonth()).isEqualTo(36.5);
            assertThat(waste.action()).startsWith("network.natGateways: one.");
        });
    }

    @Test
    void withoutAnyGatewayTheAddressesOfTasksAreTakenOff() {
        Map<String, Gateway> gateways = Map.of("nat-a", new Gateway(0, 14), "nat-b", new Gateway(0, 14));

        assertThat(WastePolicy.gateways(gateways, 3, PRICES)).get().satisfies(waste -> {
            assertThat(waste.what()).isEqualTo("nat-a, nat-b");
            assertThat(waste.savedPerMonth()).isEqualTo(62.05); // 2 × 36.50 − 3 × 3.65
            assertThat(waste.action()).startsWith("network.natGateways: none.").contains("$10.95");
        });
        assertThat(WastePolicy.gateways(gateways, 20, PRICES)).isEmpty(); // 73.00 − 20 × 3.65: nothing to save
    }

    @ParameterizedTest
    @CsvSource({"11000000, 14", "0, 6", "0, 0"})
    void aGatewayThatIsUsedOrYoungIsNot(double bytes, int days) {
        assertThat(WastePolicy.gateways(Map.of("nat-a", new Gateway(bytes, days)), 1, PRICES))
                .isEmpty();
    }

    /** 730 × ($0.0225 + 2 × $0.005) = $23.725. */
    @Test
    void aLoadBalancerWithoutServicesIsNamed() {
        assertThat(WastePolicy.balancer("slipway-dev", 0, 2, PRICES))
                .map(Waste::savedPerMonth)
                .contains(23.73);
        assertThat(WastePolicy.balancer("slipway-dev", 1, 2, PRICES)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(nullValues = "-", textBlock = """
            # cpu, memory, % on average, in the busiest minute, of memory, days → cpu, memory
            1024, 2048, 3,  20, 40, 14, 512,  2048
            1024, 2048, 3,  20, 37, 14, 512,  1024
            512,  1024, 3,  20, 30, 14, 256,  512
            512,  1024, 3,  20, 60, 14, 256,  1024
            256,  2048, 3,  20, 10, 14, 256,  512
            256,  512,  0,  1,  1,  14, -,    -
            1024, 2048, 6,  20, 10, 14, -,    -
            1024, 2048, 3,  50, 10, 14, -,    -
            1024, 2048, 3,  20, 10, 6,  -,    -
            1024, 8192, 3,  20, 90, 14, -,    -
            16384, 32768, 1, 9, 10, 14, 8192, 16384
            """)
    void tasksThatIdleHaveASmallerSizeNamed(
            int cpu,
            int memory,
            double average,
            double highest,
            double used,
            int days,
            @Nullable Integer smallerCpu,
            @Nullable Integer smallerMemory) {
        Optional<Waste> waste = WastePolicy.tasks(
                "prod/web", new Size(cpu, memory), false, null, 100, new Load(average, highest, used, days), PRICES);

        assertThat(waste.map(Waste::action))
                .isEqualTo(Optional.ofNullable(smallerCpu)
                        .map(_ -> "container: {cpu: %d, memory: %d} instead of %d and %d."
                                .formatted(smallerCpu, smallerMemory, cpu, memory)));
    }

    /** An hour of 1 vCPU and 2 GB is $0.04937, of 0.5 and 1 the half: so is what is saved of $72.08. */
    @Test
    void whatASmallerSizeSavesIsItsPartOfTheTasks() {
        assertThat(WastePolicy.tasks(
                        "prod/web", new Size(1024, 2048), false, null, 72.08, new Load(2, 10, 20, 14), PRICES))
                .map(Waste::savedPerMonth)
                .contains(36.04);
    }

    /** A disk of 120 GB is 100 × $0.000111 an hour and stays: $0.06047 become $0.035785, of $88.29 a month. */
    @Test
    void aSmallerTaskKeepsItsDisk() {
        assertThat(WastePolicy.tasks(
                                "prod/web", new Size(1024, 2048), false, 120, 88.29, new Load(2, 10, 20, 14), PRICES)
                        .map(Waste::savedPerMonth))
                .contains(36.04);
    }

    /** eu-central-1 has no price of disks in the list. */
    @Test
    void whereItsDiskHasNoPriceNothingIsSaidOfATask() {
        Prices prices = PriceList.load().in("eu-central-1");

        assertThat(WastePolicy.tasks(
                        "prod/web", new Size(1024, 2048), false, 120, 88.29, new Load(2, 10, 20, 14), prices))
                .isEmpty();
    }

    @Test
    void aLoadThatIsNotKnownIsNotIdle() {
        assertThat(WastePolicy.tasks("prod/web", new Size(1024, 2048), false, null, 72.08, null, PRICES))
                .isEmpty();
    }

    /** 100 GB × $0.03 = $3 a month, of which as many days' worth is saved as go beyond 30. */
    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {"365, 400, 2.75", "365, 120, 2.25", "-, 300, 2.7", "90, 400, -", "-, 80, -"})
    void logsThatAreKeptLongAreNamed(@Nullable Integer days, long age, @Nullable Double saved) {
        assertThat(WastePolicy.logs("/slipway/prod/web", 100e9, days, age, PRICES)
                        .map(Waste::savedPerMonth))
                .isEqualTo(Optional.ofNullable(saved));
    }

    @Test
    void whatIsOnlyPenniesIsNotWorthALine() {
        assertThat(WastePolicy.logs("/slipway/prod/web", 3e9, null, 400, PRICES))
                .isEmpty();
        assertThat(WastePolicy.images("slipway-prod-web", 3, 0.9e9, PRICES)).isEmpty();
    }

    /** 12 GB × $0.10. */
    @Test
    void imagesThatWereNeverReleasedAreNamed() {
        assertThat(WastePolicy.images("slipway-prod-web", 40, 12e9, PRICES))
                .map(Waste::savedPerMonth)
                .contains(1.2);
    }

    @Test
    void withoutPricesThereIsNothingToSave() {
        assertThat(WastePolicy.gateways(Map.of("nat-a", new Gateway(0, 14)), 0, NONE))
                .isEmpty();
        assertThat(WastePolicy.balancer("slipway-dev", 0, 2, NONE)).isEmpty();
        assertThat(WastePolicy.tasks("prod/web", new Size(1024, 2048), false, null, 0, new Load(2, 10, 20, 14), NONE))
                .isEmpty();
        assertThat(WastePolicy.logs("/slipway/prod/web", 100e9, null, 400, NONE))
                .isEmpty();
        assertThat(WastePolicy.images("slipway-prod-web", 40, 12e9, NONE)).isEmpty();
    }

    /** As many as AWS's table of task sizes has for Linux. */
    @Test
    void allSizesOfFargateAreThere() {
        assertThat(WastePolicy.sizes()).hasSize(3 + 4 + 7 + 13 + 23 + 12 + 12).doesNotHaveDuplicates();
    }
}
