package dev.slipway.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.cost.Cost;
import dev.slipway.cost.PriceList;
import dev.slipway.validation.SpecFixture;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * By hand, from the prices of eu-central-1: Fargate $0.04656 a vCPU and hour, $0.00511 a GB and hour; a task of 0.25 vCPU and 0.5 GB
 * is $0.014195 an hour and $10.36235 a month.
 */
class ServiceCostTest {
    private static final Instant NOW = Instant.parse("2026-03-02T00:00:00Z");
    private static final String SMALL = "container: {port: 8000, cpu: 256, memory: 512}\nalarms: {enabled: false}\n";

    private static Cost of(String yaml, String environment) {
        return ServiceCost.of(SpecFixture.service(yaml), SpecFixture.environment(environment), NOW, PriceList.load());
    }

    private static Cost of(String yaml) {
        return of(yaml, "{}");
    }

    @Test
    void twoSmallTasks() {
        Cost cost = of(SMALL + "count: 2");

        assertThat(cost.parts())
                .containsExactly(new Cost.Part("tasks on demand", "2 × 730 h × $0.014195", 20.72, null));
        assertThat(cost.dollarsPerMonth()).isEqualTo(20.72);
    }

    /** 8 + 4 + 2 + 2 + 2 + 1 + 1 + 1 metrics at $0.10, a composite alarm at $0.50, a dashboard at $3. */
    @Test
    void alarmsCostByTheirMetrics() {
        Cost cost = of("container: {port: 8000, cpu: 256, memory: 512}\ncount: 2");

        assertThat(cost.parts())
                .contains(
                        new Cost.Part("metrics that alarms look at", "21 × $0.1", 2.1, null),
                        new Cost.Part("composite alarm", "1 × $0.5", 0.5, null),
                        new Cost.Part("dashboard", "1 × $3", 3, null));
        assertThat(cost.dollarsPerMonth()).isEqualTo(26.32); // 20.7247 + 5.60
    }

    @Test
    void aServiceThatScalesCostsFromToo() {
        Cost cost = of(SMALL + "scaling: {min: 2, max: 6, cpuPercent: 60}");

        assertThat(cost.dollarsPerMonth()).isEqualTo(21.32); // 2 × 10.36235 + 0.60
        assertThat(cost.mostDollarsPerMonth()).isEqualTo(62.77); // 6 × 10.36235 + 0.60
        assertThat(cost.parts().getFirst().how()).isEqualTo("2 to 6 × 730 h × $0.014195");
    }

    /** Target tracking makes two alarms of each policy: 2 × 3 metrics of the CPU, 2 × 1 of memory, 2 × 3 of requests. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            cpuPercent: 60                                            | 6
            memoryPercent: 60                                         | 2
            requestsPerTask: 600                                      | 6
            cpuPercent: 60, memoryPercent: 60, requestsPerTask: 600   | 14
            """)
    void theAlarmsOfScalingAreCounted(String targets, int metrics) {
        assertThat(of(SMALL + "scaling: {min: 2, max: 6, %s}".formatted(targets))
                        .parts())
                .contains(new Cost.Part(
                        "metrics of the alarms by which it scales", metrics + " × $0.1", metrics / 10.0, null));
    }

    /** By day one of four on demand and three on Spot, by night none: the base is not paid for at night. */
    @Test
    void spotIsTakenForItsShareOfTheTasksThatThereAre() {
        Cost cost = of(SMALL + """
                capacity: {spotPercent: 100, onDemandBase: 1}
                scaling:
                  min: 4
                  max: 4
                  cpuPercent: 60
                  schedules:
                    - {name: night, start: 0 20 * * *, timeZone: UTC, min: 0, max: 0}
                    - {name: day, start: 0 8 * * *, timeZone: UTC, min: 4, max: 4}
                """);

        assertThat(cost.parts())
                .contains(
                        new Cost.Part("tasks on demand", "0.5 × 730 h × $0.014195", 5.18, null),
                        new Cost.Part("tasks on Fargate Spot", "1.5 × 730 h × $0.0042585", 4.66, null));
    }

    /** Stopped from 20:00 to 8:00: half of the tasks, whatever day and however the clocks go; and the alarms. */
    @Test
    void aServiceThatIsStoppedAtNightCostsHalf() {
        Cost cost = of(SMALL + """
                scaling:
                  min: 2
                  max: 4
                  cpuPercent: 60
                  schedules:
                    - {name: night, start: 0 20 * * *, timeZone: Europe/Berlin, min: 0, max: 0}
                    - {name: day, start: 0 8 * * *, timeZone: Europe/Berlin, min: 2, max: 4}
                """);

        assertThat(Objects.requireNonNull(cost.dollarsPerMonth())).isCloseTo(10.96, within(0.02));
        assertThat(Objects.requireNonNull(cost.mostDollarsPerMonth())).isCloseTo(21.32, within(0.04));
        assertThat(cost.assumptions()).anyMatch(sentence -> sentence.contains("averages"));
    }

    /** On work days only, 8 to 18: 50 of the 168 hours of a week; and the alarms. */
    @Test
    void aServiceThatRunsInOfficeHoursCostsThoseHours() {
        Cost cost = of(SMALL + """
                scaling:
                  min: 1
                  max: 1
                  cpuPercent: 60
                  schedules:
                    - {name: evening, start: 0 18 * * 1-5, timeZone: UTC, min: 0, max: 0}
                    - {name: morning, start: 0 8 * * 1-5, timeZone: UTC, min: 1, max: 1}
                """);

        assertThat(Objects.requireNonNull(cost.dollarsPerMonth())).isCloseTo(10.36235 * 50 / 168 + 0.60, within(0.02));
    }

    /** One on demand, of the other three 60 % on Spot, at 30 % of the price. */
    @Test
    void spotIsTakenForItsShareBeyondTheBase() {
        Cost cost = of(SMALL.replace("alarms", "count: 4\ncapacity: {spotPercent: 60, onDemandBase: 1}\nalarms"));

        // 3 × 60 % = 1.8 on Spot, 2.2 on demand
        assertThat(cost.parts())
                .containsExactly(
                        new Cost.Part("tasks on demand", "2.2 × 730 h × $0.014195", 22.8, null),
                        new Cost.Part("tasks on Fargate Spot", "1.8 × 730 h × $0.0042585", 5.6, null));
        assertThat(cost.assumptions()).anyMatch(sentence -> sentence.contains("Spot"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            eu-west-2    | arm64  | 25  | 26.29 | 0.25 × 0.03725 + 0.5 × 0.00409, and 5 GB of disk × 0.000129, × 730 × 3
            eu-west-1    | arm64  |     | 21.63 | 0.25 × 0.03238 + 0.5 × 0.00356, × 730 × 3
            us-east-1    | x86_64 |     | 27.03 | 0.25 × 0.04048 + 0.5 × 0.004445, × 730 × 3
            """)
    void processorDiskAndRegionCount(
            String region, String architecture, @Nullable Integer disk, double dollars, String how) {
        String yaml =
                "container: {port: 8000, cpu: 256, memory: 512, architecture: %s%s}\ncount: 3\nalarms: {enabled: false}"
                        .formatted(architecture, disk == null ? "" : ", ephemeralStorageGiB: " + disk);
        Cost cost = ServiceCost.of(
                SpecFixture.service(yaml), SpecFixture.environment("region: " + region), NOW, PriceList.load());

        assertThat(cost.dollarsPerMonth()).as(how).isEqualTo(dollars);
    }

    /** Prices of ARM in eu-central-1 are not in the list. */
    @Test
    void aTaskWhosePriceIsNotKnownIsNamed() {
        Cost cost = of("container: {port: 8000, architecture: arm64}\nalarms: {enabled: false}");

        assertThat(cost.unpriced()).contains("tasks on demand");
        assertThat(cost.dollarsPerMonth()).isZero();
    }

    @Test
    void withoutNatGatewayEveryTaskHasAnAddress() {
        Cost cost = of(SMALL + "count: 2", "network: {natGateways: none}");

        assertThat(cost.parts())
                .contains(new Cost.Part("public IPv4 addresses of tasks", "2 × 730 h × $0.005", 7.3, null));
        assertThat(cost.dollarsPerMonth()).isEqualTo(28.02);
    }

    @Test
    void aServiceWithoutTasksCostsNothingOfThem() {
        assertThat(of(SMALL + "count: 0").parts()).isEmpty();
        assertThat(of(SMALL + "count: 0").dollarsPerMonth()).isZero();
    }
}
