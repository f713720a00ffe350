package dev.slipway.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.cost.Cost;
import dev.slipway.cost.PriceList;
import dev.slipway.release.ContainerSettings.Architecture;
import dev.slipway.validation.SpecFixture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** From AWS's prices of us-east-1: a minute of an action $0.002, of a build machine $0.005, $0.01 and $0.02 by its size. */
class PipelineCostTest {
    private static final String DEPLOY = "deploy: [{environment: dev}]\n";

    private static Cost of(String yaml, Architecture architecture, String region) {
        return PipelineCost.of(SpecFixture.pipeline(yaml), architecture, region, PriceList.load());
    }

    private static Cost of(String yaml) {
        return of("repository: {id: acme/web}\n" + yaml, Architecture.X86_64, "us-east-1");
    }

    @ParameterizedTest
    @CsvSource({"small, 0.005", "medium, 0.01", "large, 0.02"})
    void aBuildIsPaidByTheMinuteOfItsMachine(String size, double dollars) {
        Cost cost = of(DEPLOY + "build: {size: %s}".formatted(size));

        assertThat(cost.usage())
                .contains(
                        new Cost.Usage("builds", dollars, "minute"),
                        new Cost.Usage("actions of the pipeline", 0.002, "minute of an action"));
        assertThat(cost.dollarsPerMonth()).isZero(); // nothing is paid while nobody pushes
        assertThat(cost.uncounted()).isEmpty();
    }

    @Test
    void testsAndCopiesAreNamed() {
        Cost cost = of("deploy: [{environment: dev}, {environment: prod}]\nbuild: {test: {commands: [make test]}}");

        assertThat(cost.usage())
                .contains(
                        new Cost.Usage("builds and tests", 0.005, "minute"),
                        new Cost.Usage("copies of images to further registries", 0.005, "minute"));
    }

    /** us-east-1 has no price of ARM's build machines in the list. */
    @Test
    void aMachineWithoutAPriceIsNamed() {
        Cost cost = of("repository: {id: acme/web}\n" + DEPLOY, Architecture.ARM64, "us-east-1");

        assertThat(cost.unpriced()).contains("builds");
        assertThat(cost.uncounted()).isEmpty();
    }

    @Test
    void whatIsBuiltElsewhereCostsNothingHere() {
        Cost cost = of("tagPattern: v*\n" + DEPLOY, Architecture.X86_64, "us-east-1");

        assertThat(cost.usage()).isEmpty();
        assertThat(cost.dollarsPerMonth()).isZero();
    }

    @Test
    void aRegionWithoutPricesHasNoNumbers() {
        Cost cost = of("repository: {id: acme/web}\n" + DEPLOY, Architecture.X86_64, "sa-east-1");

        assertThat(cost.dollarsPerMonth()).isNull();
        assertThat(cost.usage()).isEmpty();
    }
}
