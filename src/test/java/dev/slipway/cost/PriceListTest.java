package dev.slipway.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class PriceListTest {
    /** Without these an estimate of an environment with a service would say next to nothing. */
    private static final Set<Item> ALWAYS = Set.of(
            Item.FARGATE_X86_VCPU_HOUR,
            Item.FARGATE_X86_GB_HOUR,
            Item.NAT_GATEWAY_HOUR,
            Item.LOAD_BALANCER_HOUR,
            Item.LOAD_BALANCER_UNIT_HOUR,
            Item.PUBLIC_IPV4_HOUR,
            Item.ALARM_METRIC_MONTH,
            Item.COMPOSITE_ALARM_MONTH,
            Item.DASHBOARD_MONTH,
            Item.FIREWALL_MONTH,
            Item.FIREWALL_RULE_MONTH,
            Item.LOGS_WRITTEN_GB,
            Item.LOGS_KEPT_GB_MONTH);

    static Set<String> regions() {
        return PriceList.load().regions();
    }

    static JsonNode file() throws IOException {
        return new ObjectMapper()
                .readTree(Path.of("src/main/resources/prices.json").toFile());
    }

    @Test
    void itSaysWhatEachPriceIsForAndWhereToFindIt() throws IOException {
        Set<String> declared = new TreeSet<>();
        file().path("items").fieldNames().forEachRemaining(declared::add);

        assertThat(declared)
                .isEqualTo(Arrays.stream(Item.values()).map(Item::key).collect(Collectors.toCollection(TreeSet::new)));
        assertThat(file().path("items")).allSatisfy(item -> {
            assertThat(item.path("per").asText()).isNotBlank();
            assertThat(item.has("page") || item.has("offer") && item.has("usageType"))
                    .as(item.toString())
                    .isTrue();
        });
        assertThat(file().path("regions"))
                .allSatisfy(region -> assertThat(region)
                        .allSatisfy(
                                part -> assertThat(part.path("source").asText()).isNotBlank()));
    }

    @ParameterizedTest
    @MethodSource("regions")
    void aRegionThatIsListedHasWhatEveryEnvironmentPays(String region) {
        Prices prices = PriceList.load().in(region);

        assertThat(ALWAYS)
                .allSatisfy(item -> assertThat(prices.find(item)).as(item.key()).isNotNull());
    }

    /** A slip of the decimal point would be within no other region's. */
    @ParameterizedTest
    @EnumSource(Item.class)
    void regionsDifferByHalfAndNotByTen(Item item) {
        PriceList list = PriceList.load();
        double[] prices = list.regions().stream()
                .map(region -> list.in(region).find(item))
                .filter(price -> price != null)
                .mapToDouble(Prices.Price::dollars)
                .sorted()
                .toArray();

        if (prices.length > 0) {
            assertThat(prices[0]).isPositive();
            assertThat(prices[prices.length - 1]).isLessThanOrEqualTo(1.6 * prices[0]);
        }
    }

    @Test
    void itTellsWhosePricesItHasAndOfWhen() {
        PriceList list = PriceList.load();

        assertThat(list.in("us-east-1").describe())
                .isEqualTo("AWS list prices of us-east-1, of 2023-02-01 to 2026-09-29");
        assertThat(list.in("mars-north-1").isEmpty()).isTrue();
        assertThat(list.in("mars-north-1").describe())
                .isEqualTo("There are no prices of mars-north-1 in the price list.");
    }

    @Test
    void aPriceThatIsThereTwiceIsRefused() throws IOException {
        ObjectNode list = file().deepCopy();
        ObjectNode older = (ObjectNode) list.at("/regions/us-east-1/1/prices");
        older.put("nat-gateway-hour", 0.045);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> PriceList.of(list))
                .withMessage("us-east-1 has nat-gateway-hour twice");
    }

    @Test
    void aPriceOfNothingKnownIsRefused() throws IOException {
        ObjectNode list = file().deepCopy();
        ((ObjectNode) list.at("/regions/us-east-1/0/prices")).put("nat-gateway-day", 1);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> PriceList.of(list))
                .withMessageContaining("nat-gateway-day");
    }
}
