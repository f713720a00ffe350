package dev.slipway.rollout;

import static dev.slipway.deployment.SettingsFixture.NOON;

import dev.slipway.app.ControlPlane;
import dev.slipway.deployment.RolloutSettings;
import dev.slipway.deployment.TargetGroupMetrics;
import dev.slipway.store.MemoryStore;
import dev.slipway.verdict.Sample;
import dev.slipway.verdict.SequentialAnalysis.Minute;
import dev.slipway.verdict.Verdict;
import dev.slipway.verdict.Verdict.Outcome;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/** A rollout as CloudWatch counts it, weighed as in production: counts in, verdicts out. Minutes are numbered from the first shift. */
public final class CountedRollout {
    private static final MemoryStore NO_ROLLOUT_BEFORE = new MemoryStore(ControlPlane.json(), () -> NOON);
    /** After so many minutes no figures are waited for. */
    private static final int SETTLED = (int) RolloutAnalysis.NO_TRAFFIC_AFTER.toMinutes();

    private final FakeCloudWatch cloudWatch = new FakeCloudWatch();
    private final RolloutAnalysis analysis = new RolloutAnalysis(new TargetGroupMetrics(cloudWatch), NO_ROLLOUT_BEFORE);
    private final Rollout rollout;
    private AnalysisState state = AnalysisState.none("r1");

    /** @param settings where answers over 500 ms are slow, or none are */
    public CountedRollout(RolloutSettings settings) {
        this.rollout = LoadBalancerErrorsTest.rollout(settings);
    }

    /** Whose requests they are. */
    public enum Group {
        LIVE(LoadBalancerErrorsTest.LIVE),
        CANDIDATE(LoadBalancerErrorsTest.CANDIDATE),
        /** All other services of the load balancer. */
        NEIGHBOURS(LoadBalancerErrorsTest.NEIGHBOUR);

        private final String dimension;

        Group(String dimension) {
            this.dimension = dimension;
        }
    }

    /**
     * What became of a minute's requests.
     *
     * @param answered by targets, whose own 5xx are the failures
     * @param late those of these answers that are counted a minute later
     * @param silent without an answer and no failures: given up by clients (460) or upgraded (101)
     * @param refused connections that were not established (502)
     * @param broken off without an answer (502)
     * @param hung until the load balancer's timeout (504), which is counted a minute later
     */
    public record Counts(Sample answered, Sample late, int silent, int refused, int broken, int hung) {
        private long requests() {
            return answered.requests() + silent + refused + broken + hung;
        }
    }

    public void count(Group group, int number, Counts counts) {
        if (counts.requests() == 0) {
            return;
        }
        add(group, "RequestCount", number, counts.requests());
        add(group, "TargetConnectionErrorCount", number, counts.refused);
        add(group, number, counts.answered.minus(counts.late));
        add(group, number + 1, counts.late);
        add(Group.NEIGHBOURS, "HTTPCode_ELB_502_Count", number, counts.refused + counts.broken);
        add(Group.NEIGHBOURS, "HTTPCode_ELB_504_Count", number + 1, counts.hung);
        add(Group.NEIGHBOURS, "HTTPCode_ELB_4XX_Count", number, counts.silent);
    }

    private void add(Group group, int number, Sample answers) {
        add(group, "HTTPCode_Target_5XX_Count", number, answers.failures());
        add(group, "HTTPCode_Target_2XX_Count", number, answers.requests() - answers.failures());
        add(group, "TargetResponseTime SampleCount", number, answers.timed());
        add(group, "TargetResponseTime TC(0.5:)", number, answers.slow());
        add(group, "TargetResponseTime TC(1:)", number, answers.verySlow());
    }

    private void add(Group group, String metric, int number, long value) {
        if (value != 0) {
            cloudWatch.add(group.dimension + " " + metric, at(number), value);
        }
    }

    private static Instant at(int number) {
        return NOON.plusSeconds(60L * number);
    }

    /** From then on the new release has so much of the traffic. */
    public void shift(int number, double percent) {
        state = state.shifted(at(number), percent);
    }

    /** Weighs what is due at the beginning of a minute. */
    public void look(int number) {
        state = analysis.update(state, rollout, at(number));
    }

    /** Weighs all minutes before that one, long after it. */
    public void lookBack(int number) {
        look(number + SETTLED);
    }

    public Outcome outcome(int number) {
        Verdict verdict = RolloutAnalysis.verdict(state, rollout.settings(), at(number));
        return verdict == null ? Outcome.NOT_ENOUGH_EVIDENCE : verdict.outcome();
    }

    /** What was known after each minute since the first shift. */
    public List<Outcome> outcomes() {
        return state.minutes().stream()
                .map(minute -> Objects.requireNonNullElse(minute.outcome(), Outcome.NOT_ENOUGH_EVIDENCE))
                .toList();
    }

    /** The figures of each minute since the first shift, with the failures that are likely. */
    public List<Minute> minutes() {
        return state.minutes().stream()
                .map(minute -> new Minute(
                        minute.start(),
                        Objects.requireNonNullElse(minute.candidate(), Sample.NONE),
                        minute.baseline(),
                        minute.percent() / 100,
                        null))
                .toList();
    }
}
