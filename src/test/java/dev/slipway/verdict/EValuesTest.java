package dev.slipway.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EValuesTest {
    @ParameterizedTest
    @CsvSource({
        "199.99999999999997, 200", // a threshold that was just reached
        "1.2345678, 1.23457",
        "485165195.409, 485165000",
        "0.00073848123, 0.000738481",
        "0, 0",
        "4.9E-324, 4.9E-324",
        "1.7976931348623157E308, 1.79769E308",
        "Infinity, 1.79769E308",
        "NaN, 0"
    })
    void sixDigitsAreKeptAndAllAreNumbers(double value, double kept) {
        assertThat(new EValues(value, 1)).isEqualTo(new EValues(kept, 1));
        assertThat(new EValues(1, value).nonInferiorEValue()).isEqualTo(kept);
    }
}
