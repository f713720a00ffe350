package dev.slipway.environment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.environment.EnvironmentSpec.AdditionalDomain;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdditionalDomainSlotsTest {
    /** What the stack has, slot by slot; what is wanted, in the spec's order; what each slot gets. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                  | a b         | a b
            a     | a           | a
            a b   | b a         | a b
            a b   | b           | - b
            - b   | b c         | c b
            a b   | c b         | - b c
            a b   | c d         | - - c d
            a b c d | d b e f   | e b f d
            a b c d | e f g h   | e f g h
            a - - b | b c a     | a c - b
            """)
    void aDomainKeepsItsSlotAndANewOneTakesOneThatNobodyHas(@Nullable String known, String wanted, String expected) {
        List<String> has =
                known == null ? List.of() : Arrays.asList(known.trim().split(" +"));
        Map<String, String> parameters = new TreeMap<>();
        for (int i = 0; i < has.size(); i++) {
            parameters.put(AdditionalDomainSlots.NAME + (i + 1), has.get(i).replace("-", ""));
        }
        List<AdditionalDomain> domains = Arrays.stream(wanted.trim().split(" +"))
                .map(name -> new AdditionalDomain(name, "Z1", null))
                .toList();

        Map<Integer, AdditionalDomain> assigned = AdditionalDomainSlots.assign(parameters, domains);

        List<String> slots = new ArrayList<>();
        for (int slot = 1; slots.size() < expected.trim().split(" +").length; slot++) {
            slots.add(assigned.containsKey(slot) ? assigned.get(slot).name() : "-");
        }
        assertThat(String.join(" ", slots)).isEqualTo(expected.trim());
        assertThat(assigned).hasSize(domains.size());
    }
}
