package dev.slipway.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CidrTest {
    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/16, 10.0.255.0/24, true",
        "10.0.0.0/16, 10.1.0.0/16, false",
        "10.1.0.0/16, 10.0.0.0/16, false",
        "10.0.0.0/24, 10.0.0.0/24, true",
        "0.0.0.0/0, 255.255.255.255/32, true"
    })
    void overlapsWhereAnAddressIsInBoth(String one, String other, boolean overlap) {
        assertThat(Cidr.parse(one).overlaps(Cidr.parse(other))).isEqualTo(overlap);
        assertThat(Cidr.parse(other).overlaps(Cidr.parse(one))).isEqualTo(overlap);
        assertThat(Cidr.parse(one)).hasToString(one);
    }

    @Test
    void refusesWhatIsNoRange() {
        for (String text :
                new String[] {"", "10.0.0.0", "10.0.0/16", "10.0.0.0/33", "10.0.0.1/24", "300.0.0.0/8", "::/0"}) {
            assertThatIllegalArgumentException().as(text).isThrownBy(() -> Cidr.parse(text));
        }
    }
}
