package dev.slipway.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.slipway.stack.TemplateResources.Resource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StackCostsTest {
    private static final Pattern TYPE = Pattern.compile("(?m)^    Type: (AWS::[A-Za-z0-9:]+)$");

    private static Estimate estimate() {
        return new Estimate(PriceList.load().in("us-east-1"));
    }

    static Stream<Path> templates() throws IOException {
        try (Stream<Path> stacks = Files.list(Path.of("src/main/resources/stacks"))) {
            return Stream.concat(stacks.toList().stream(), Stream.of(Path.of("template.yaml")));
        }
    }

    private static Set<String> types(Path template) throws IOException {
        return TYPE.matcher(Files.readString(template).split("\nResources:\n", -1)[1])
                .results()
                .map((MatchResult found) -> found.group(1))
                .collect(TreeSet::new, Set::add, Set::addAll);
    }

    /** Whoever adds a resource says what it costs. */
    @ParameterizedTest
    @MethodSource("templates")
    void everyTypeOfEveryTemplateIsKnown(Path template) throws IOException {
        assertThat(types(template)).hasSizeGreaterThan(1);
        for (String type : types(template)) {
            StackCosts.add(estimate(), List.of(new Resource(type, 1)));
        }
    }

    @Test
    void aTypeOfWhichNobodyHasSaidWhatItCostsIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StackCosts.add(estimate(), List.of(new Resource("AWS::RDS::DBInstance", 0))))
                .withMessage("what does AWS::RDS::DBInstance cost?");
    }

    @Test
    void anAlarmCostsAsManyAsItHasMetrics() {
        Estimate estimate = estimate();
        StackCosts.add(
                estimate,
                List.of(new Resource("AWS::CloudWatch::Alarm", 8), new Resource("AWS::CloudWatch::Alarm", 1)));

        assertThat(estimate.cost().parts())
                .containsExactly(new Cost.Part("metrics that alarms look at", "9 × $0.1", 0.9, null));
    }

    /** A region of which the list has not everything: what is missing is named, and nothing stands in for it. */
    @Test
    void whatHasNoPriceIsNamed() {
        Estimate estimate = new Estimate(PriceList.load().in("ap-southeast-2"));
        StackCosts.add(estimate, List.of(new Resource("AWS::ECR::Repository", 0), new Resource("AWS::EC2::EIP", 0)));

        assertThat(estimate.cost().unpriced()).containsExactly("images that are kept");
        assertThat(estimate.cost().dollarsPerMonth()).isEqualTo(3.65);
    }

    @Test
    void whereThereAreNoPricesThereIsNoNumber() {
        Estimate estimate = new Estimate(PriceList.load().in("sa-east-1"));
        StackCosts.add(estimate, List.of(new Resource("AWS::EC2::NatGateway", 0)));
        Cost cost = estimate.cost();

        assertThat(cost.dollarsPerMonth()).isNull();
        assertThat(cost.parts()).isEmpty();
        assertThat(cost.prices()).isEqualTo("There are no prices of sa-east-1 in the price list.");
    }
}
