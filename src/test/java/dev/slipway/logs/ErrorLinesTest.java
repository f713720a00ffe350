package dev.slipway.logs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErrorLinesTest {
    @ParameterizedTest
    @CsvSource({
        "order 17 is lost, order 23 is lost",
        "request 12345678-abcd-4abc-9def-abcdefabcdef failed, request 87654321-dcba-4fed-8abc-fedcbafedcba failed",
        "request abcdefab-abcd-4abc-9def-abcdefabcdef failed, request 87654321-dcba-4fed-8abc-fedcbafedcba failed",
        "commit deadbeef01 failed, commit 0badf00d failed",
        "at 2026-11-29T04:26:43Z, at 2025-01-02T03:04:05Z"
    })
    void linesOfOneShapeDifferInNumbersAndIds(String one, String other) {
        assertThat(ErrorLines.shape(one)).isEqualTo(ErrorLines.shape(other));
    }

    @ParameterizedTest
    @CsvSource({"no column price, no column prize", "the facade failed, the decade failed"})
    void wordsMakeAnother(String one, String other) {
        assertThat(ErrorLines.shape(one)).isNotEqualTo(ErrorLines.shape(other));
    }

    @Test
    void ofEachNewShapeTheFirstLineStandsForAll() {
        assertThat(ErrorLines.fresh(List.of("b 3", "a 1", "b 4", "c"), Function.identity(), List.of("a 9")))
                .isEqualTo(Map.of("b 3", 2, "c", 1));
    }
}
