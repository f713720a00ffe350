package dev.slipway.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class JudgeTest {
    private static final Criteria CRITERIA = Criteria.DEFAULT;
    private static final Instant NOW = Traffic.START.plus(Duration.ofMinutes(20));

    @Test
    void condemnsWhatFailsMuchMoreOftenThanWhatServesBesideIt() {
        Verdict verdict =
                Judge.verdict(after(12, new Sample(103, 2, 101, 0), new Sample(925, 1, 924, 1)), CRITERIA, NOW);

        assertThat(verdict.outcome()).isEqualTo(Outcome.UNHEALTHY);
        assertThat(verdict.basis()).isEqualTo(Basis.COMPARISON);
        assertThat(verdict.sentence())
                .startsWith(
                        "1.9 % of 1,236 requests failed on the new release, 0.1 % of 11,100 on the old one in the same"
                                + " 12 minutes; so large a difference comes by chance less than once in ");
    }

    @Test
    void survivesStorageAsJson() throws JsonProcessingException {
        ObjectMapper json = new ObjectMapper().registerModule(new JavaTimeModule());
        Evidence evidence = after(12, new Sample(103, 2, 101, 0), new Sample(925, 1, 924, 1));

        String stored = json.writeValueAsString(evidence);

        assertThat(json.readValue(stored, Evidence.class)).isEqualTo(evidence);
        assertThat(stored).hasSizeLessThan(2_000);
    }

    private static Evidence after(int minutes, Sample candidate, Sample baseline) {
        Evidence evidence = Evidence.none(Traffic.START, null);
        for (int number = 1; number <= minutes; number++) {
            evidence = Judge.weigh(evidence, Traffic.minute(number, candidate, baseline), CRITERIA);
        }
        return evidence;
    }
}
