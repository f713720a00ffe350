package dev.slipway.aws;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CallBudgetTest {
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final CallBudget budget = new CallBudget(1, () -> now);

    private void registers(int times) {
        for (int i = 0; i < times; i++) {
            budget.spend("RegisterTaskDefinition");
        }
    }

    private Duration delay() {
        return Duration.between(now, budget.startsAt(null));
    }

    @Test
    void nobodyWaitsWhileThereAreCallsLeft() {
        registers(14);
        assertThat(delay()).isZero();
        assertThat(delay()).isZero();
    }

    @Test
    void afterThatStartsComeOneAfterTheOtherAsAwsRefillsItsBucket() {
        registers(15); // three quarters of 20
        List<Duration> waits = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            waits.add(delay());
        }
        // Three quarters of one a second are one in 1.334 seconds.
        assertThat(waits).containsExactly(Duration.ofMillis(1334), Duration.ofMillis(2668), Duration.ofMillis(4002));
    }

    @Test
    void startsThatPassedUnusedDoNotKeepAnybodyWaiting() {
        registers(15);
        budget.startsAt(null);
        now = now.plus(Duration.ofMinutes(1));
        assertThat(delay()).isZero();
    }

    /** A start is the latest that it can be: what has fallen away before it gives its place to those that wait. */
    @Test
    void whoAsksAgainBeginsAsSoonAsThereAreCallsAndTakesNoFurtherStart() {
        registers(15);
        Instant first = budget.startsAt(null);
        Instant second = budget.startsAt(null);
        assertThat(budget.startsAt(second)).isEqualTo(second);
        assertThat(budget.startsAt(second)).isEqualTo(second);
        assertThat(budget.startsAt(null)).isEqualTo(second.plus(Duration.between(first, second)));

        now = now.plusSeconds(2); // nobody has used what came back
        assertThat(budget.startsAt(second)).isEqualTo(now);
    }

    @Test
    void aBacklogThatIsGoneIsForgotten() {
        registers(15);
        for (int i = 0; i < 1000; i++) {
            budget.startsAt(null);
        }
        now = now.plusSeconds(30); // all have been cancelled, and everything is refilled
        assertThat(delay()).isZero();
        registers(15);

        assertThat(delay()).isEqualTo(Duration.ofMillis(1334));
    }

    @Test
    void whatIsNotLimitedIsNotCounted() {
        for (int i = 0; i < 10_000; i++) {
            budget.spend("SendMessage");
        }
        assertThat(delay()).isZero();
    }

    @Test
    void eachWorkerHasItsPartAndThereAreAsManyAsTheTemplateSays() throws IOException {
        JsonNode template = new YAMLMapper()
                .readTree(Files.readString(Path.of("template.yaml")).replaceAll("!\\w+", ""));
        assertThat(template.at("/Resources/WorkerFunction/Properties/Events/Work/Properties/ScalingConfig")
                        .path("MaximumConcurrency")
                        .asInt())
                .isEqualTo(CallBudget.WORKERS);

        CallBudget one = new CallBudget(CallBudget.WORKERS, () -> now);
        for (int i = 0; i < 3; i++) {
            one.spend("RegisterTaskDefinition");
        }
        assertThat(one.startsAt(null)).isAfter(now);
    }
}
