package dev.slipway.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ManyTest {

    @ParameterizedTest
    @ValueSource(ints = {10_000, 1_000, 200, 7})
    void eachSeedIsInOneShare(int number) {
        LongStream seeds = IntStream.rangeClosed(1, 20)
                .mapToObj(which -> Many.share(which + "/20", 5, number))
                .flatMapToLong(share -> LongStream.range(share.first(), share.end()));

        assertThat(seeds.toArray())
                .containsExactly(LongStream.range(5, 5 + number).toArray());
    }

    @ParameterizedTest
    @ValueSource(strings = {"0/20", "21/20"})
    void ofTwentySharesThereAreTheFirstToTheTwentieth(String share) {
        assertThatThrownBy(() -> Many.share(share, 1, 100)).hasMessageContaining(share);
    }

    @Test
    void theWholeIsOneShareOfOne() {
        assertThat(Many.share("1/1", 1, 100)).isEqualTo(new Many.Seeds(1, 101));
    }
}
