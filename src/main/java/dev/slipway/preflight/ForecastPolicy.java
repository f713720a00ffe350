package dev.slipway.preflight;

import dev.slipway.cost.Item;
import dev.slipway.cost.Prices;
import dev.slipway.cost.Spot;
import dev.slipway.deployment.RolloutSettings;
import dev.slipway.deployment.RolloutSettings.VerdictRules;
import dev.slipway.deployment.RolloutSettings.VerdictRules.OnNoEvidence;
import dev.slipway.deployment.TargetGroupMetrics;
import dev.slipway.preflight.Forecast.Evidence;
import dev.slipway.preflight.Forecast.Part;
import dev.slipway.release.ContainerSettings;
import dev.slipway.release.ContainerSettings.Architecture;
import dev.slipway.verdict.SampleSizeEstimate;
import dev.slipway.verdict.SampleSizeEstimate.Traffic;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** Tells what a rollout will take. Plain values in, a forecast out. */
final class ForecastPolicy {
    /**
     * Without a past of its own: for Fargate to place a task, pull an image of usual size and start it. An assumption;
     * past rollouts take its place as soon as there are any.
     */
    static final int LAUNCH_SECONDS = 60;
    /** ECS asks our gate twice before production traffic moves, and looks again every 30 s. */
    static final int GATE_SECONDS = 30;
    /** What a one-off task is taken for; nobody knows but the user. */
    static final int TASK_SECONDS = 60;
    /** CloudFormation, until it has made the ECS service of a first release. */
    static final int STACK_SECONDS = 120;
    /** Probes are sent for about so long until they are evidence. */
    private static final int PROBING_SECONDS = 300;

    private ForecastPolicy() {}

    /**
     * How the load balancer takes tasks in and lets them go.
     *
     * @param intervalSeconds between two health checks
     * @param threshold of healthy answers in a row
     * @param drainingSeconds that a leaving task may finish its requests
     */
    record Timing(int intervalSeconds, int threshold, int drainingSeconds) {
        /** The spec's defaults. */
        static final Timing DEFAULT = new Timing(5, 2, 15);

        int healthySeconds() {
            return intervalSeconds * threshold;
        }
    }

    /**
     * What a forecast is made from.
     *
     * @param first whether the service has no release yet
     * @param tasks of the service
     * @param spot which of them run on Fargate Spot
     * @param addresses whether each of them has a public address of its own
     * @param history seconds that past rollouts of the same kind took until their tasks were ready; until they were done,
     *     when rolling
     * @param traffic of the last hour; null when it is not known
     * @param prices of the service's region
     */
    @RecordBuilder
    record Input(
            RolloutSettings settings,
            boolean first,
            int tasks,
            Spot spot,
            boolean addresses,
            ContainerSettings container,
            Timing timing,
            List<Integer> history,
            @Nullable Traffic traffic,
            Prices prices)
            implements ForecastPolicyInputBuilder.With {
        Input {
            history = history.stream().sorted().toList();
        }

        @Nullable
        Integer median() {
            return history.isEmpty() ? null : history.get(history.size() / 2);
        }
    }

    static Forecast forecast(Input basis) {
        List<Part> parts = parts(basis);
        int seconds = sum(parts);
        int alone = oneOffTaskSeconds(basis) + stableSeconds(basis); // without tasks beyond those of the service
        Evidence evidence = basis.first() ? null : evidence(basis);
        Forecast.Extra extra = extra(basis, seconds - alone);
        List<Forecast.Saving> savings = ForecastSavings.of(basis);
        return new Forecast(seconds, parts, extra, savings, evidence, message(basis, seconds, extra, savings));
    }

    static int seconds(Input basis) {
        return sum(parts(basis));
    }

    private static int sum(List<Part> parts) {
        return parts.stream().mapToInt(Part::seconds).sum();
    }

    private static int oneOffTaskSeconds(Input basis) {
        return basis.settings().before() == null ? 0 : TASK_SECONDS;
    }

    private static int stableSeconds(Input basis) {
        return 60 * basis.settings().stableMinutes();
    }

    private static List<Part> parts(Input basis) {
        List<Part> parts = new ArrayList<>(partsOfDeployment(basis));
        if (stableSeconds(basis) > 0) {
            parts.add(new Part("stability", stableSeconds(basis), "stableMinutes"));
        }
        return parts;
    }

    private static List<Part> partsOfDeployment(Input basis) {
        List<Part> parts = new ArrayList<>();
        RolloutSettings settings = basis.settings();
        if (settings.before() != null) {
            parts.add(new Part(
                    "one-off task",
                    TASK_SECONDS,
                    "not known; at most %d s by before.timeoutSeconds"
                            .formatted(settings.before().timeoutSeconds())));
        }
        if (basis.first()) {
            parts.add(new Part("stack", STACK_SECONDS, "CloudFormation makes the ECS service"));
            parts.add(startUp(basis));
            return parts;
        }
        parts.add(startUp(basis));
        if (settings.isRolling()) {
            if (basis.median() == null) {
                parts.add(draining(basis));
            }
            return parts;
        }
        parts.add(new Part("gate", GATE_SECONDS, "checks and two questions of ECS"));
        shifts(basis, parts);
        parts.add(
                bake("final bake", settings.finalBakeMinutes(), "bakeMinutes, and until its last minutes are judged"));
        parts.add(draining(basis));
        return parts;
    }

    private static Part startUp(Input basis) {
        Integer median = basis.median();
        if (median != null && !basis.first()) {
            return new Part(
                    "start-up",
                    median,
                    basis.history().size() == 1
                            ? "as in the last rollout"
                            : "the median of the last %d rollouts"
                                    .formatted(basis.history().size()));
        }
        return new Part(
                "start-up",
                LAUNCH_SECONDS + basis.timing().healthySeconds(),
                "assumed: %d s to start, then %d health checks %d s apart"
                        .formatted(
                                LAUNCH_SECONDS,
                                basis.timing().threshold(),
                                basis.timing().intervalSeconds()));
    }

    private static void shifts(Input basis, List<Part> parts) {
        RolloutSettings settings = basis.settings();
        switch (settings.strategy()) {
            case ROLLING, BLUE_GREEN -> {}
            case CANARY -> parts.add(bake("canary bake", settings.canary().bakeMinutes(), "canary.bakeMinutes"));
            case LINEAR -> {
                int steps = settings.steps().size() - 1;
                parts.add(bake("step bakes", steps * settings.linear().bakeMinutes(), steps + " × linear.bakeMinutes"));
            }
        }
        int waiting = evidenceSeconds(basis);
        if (waiting > 0) {
            parts.add(
                    new Part("evidence", waiting, "before the traffic grows, it waits for a verdict beyond the bake"));
        }
    }

    /** How long the gate holds steps beyond their bakes. The first one that it holds in vain is the last, unless the rollout goes on. */
    private static int evidenceSeconds(Input basis) {
        RolloutSettings settings = basis.settings();
        Traffic traffic = basis.traffic();
        if (traffic == null) {
            return 0;
        }
        double seconds = 0;
        for (int step = 0; step < settings.steps().size() - 1; step++) {
            double most = settings.verdict().probes()
                    ? probingSeconds(settings, step, traffic)
                    : settings.evidenceTimeout().toSeconds();
            double needed = TargetGroupMetrics.LAG.toSeconds() + 60 * evidenceMinutes(settings, step, traffic);
            double beyond = Math.max(0, needed - 60.0 * settings.firstBakeMinutes());
            seconds += Math.min(beyond, most);
            if (beyond > most && endsWithoutEvidence(settings)) {
                break;
            }
        }
        return (int) seconds;
    }

    /** Beyond the bake; of slow answers probes tell after the warm-up, too. */
    private static double probingSeconds(RolloutSettings settings, int step, Traffic traffic) {
        int cold = step == 0 && traffic.slowRate() >= 0
                ? Math.max(0, settings.verdict().latencyWarmUpMinutes() - settings.firstBakeMinutes())
                : 0;
        return TargetGroupMetrics.LAG.plusMinutes(cold).toSeconds() + PROBING_SECONDS;
    }

    private static boolean endsWithoutEvidence(RolloutSettings settings) {
        return !settings.verdict().probes() && settings.verdict().onNoEvidence() != OnNoEvidence.PROMOTE;
    }

    private static Part bake(String name, int minutes, String setting) {
        return new Part(name, 60 * minutes, setting);
    }

    private static Part draining(Input basis) {
        return new Part("draining", basis.timing().drainingSeconds(), "routing.drainingSeconds");
    }

    /** Minutes of traffic from its shift until a step is HEALTHY; infinite when it is never enough. */
    private static double evidenceMinutes(RolloutSettings settings, int step, Traffic traffic) {
        double share = settings.steps().get(step) / 100;
        Duration warmUp = Duration.ofSeconds(settings.verdict().warmUpSeconds());
        Duration cold = Duration.ofMinutes(settings.verdict().latencyWarmUpMinutes());
        return step == 0
                ? SampleSizeEstimate.forHealthy(traffic, share, settings.criteria())
                        .minutes(warmUp, cold)
                : SampleSizeEstimate.forLaterStep(traffic, share, settings.criteria())
                        .minutes(warmUp, Duration.ZERO);
    }

    /** What it waits for, if not for errors. */
    private static String cold(RolloutSettings settings, Traffic traffic, double minutes) {
        return evidenceMinutes(settings, 0, traffic.withoutLatency()) < minutes
                ? ", in the first %d of which slow answers are not judged (verdict.latencyWarmUpMinutes)"
                        .formatted(settings.verdict().latencyWarmUpMinutes())
                : "";
    }

    private static @Nullable Evidence evidence(Input basis) {
        RolloutSettings settings = basis.settings();
        if (settings.steps().size() < 2) {
            return null;
        }
        Traffic traffic = basis.traffic();
        if (traffic == null) {
            return new Evidence(null, null, null, "The traffic of the last hour is not known.");
        }
        double perMinute = Math.round(traffic.requestsPerMinute() * 10) / 10.0;
        double minutes = evidenceMinutes(settings, 0, traffic);
        String at = "With %s requests a minute, of which the first step gets %s %%,"
                .formatted(
                        RolloutSettings.plain(perMinute),
                        RolloutSettings.plain(settings.steps().getFirst()));
        if (Double.isInfinite(minutes)) {
            return new Evidence(
                    perMinute,
                    null,
                    false,
                    at + " there is never enough to tell a good release: " + otherwise(settings));
        }
        int whole = (int) Math.min(Math.ceil(minutes), Integer.MAX_VALUE);
        long most = settings.firstBakeMinutes() + settings.evidenceTimeout().toMinutes();
        boolean enough = whole + TargetGroupMetrics.LAG.toMinutes() <= most;
        return new Evidence(
                perMinute,
                whole,
                enough,
                "%s a good release is known to be one after %d min of traffic%s%s"
                        .formatted(
                                at,
                                whole,
                                cold(settings, traffic, minutes),
                                enough ? "." : ", and the step waits %d min: ".formatted(most) + otherwise(settings)));
    }

    private static String otherwise(RolloutSettings settings) {
        VerdictRules rules = settings.verdict();
        if (rules.probes()) {
            return "requests of our own will be sent (verdict.probes).";
        }
        return switch (rules.onNoEvidence()) {
            case WAIT, ROLLBACK ->
                "it will be rolled back for want of evidence (verdict.onNoEvidence is %s)."
                        .formatted(rules.onNoEvidence() == OnNoEvidence.WAIT ? "wait" : "rollback");
            case APPROVE ->
                "people will be asked, for %d min, and without an answer it will be rolled back (verdict.onNoEvidence is approve)."
                        .formatted(settings.approval().timeoutMinutes());
            case PROMOTE -> "it will go on if nothing is found against it (verdict.onNoEvidence is promote).";
        };
    }

    /**
     * What the tasks cost that run beside the ones that run anyway: those of the new release, which are shared out as the ones before
     * them are, and the one-off task, which runs on demand for a minute, the least that Fargate charges for.
     *
     * @param seconds from the start of the new tasks to the end of the old ones, in which both run
     */
    private static Forecast.Extra extra(Input basis, int seconds) {
        int tasks = basis.first() ? 0 : basis.tasks();
        double each = seconds / 3600.0;
        double oneOff = oneOffTaskSeconds(basis) / 3600.0;
        double hours = tasks * each + oneOff;
        double onSpot = basis.spot().of(tasks) * each;
        double vCpuHours = hours * basis.container().cpu() / 1024;
        double memoryHours = hours * basis.container().memory() / 1024;
        OptionalDouble task = taskHour(basis);
        OptionalDouble address = basis.addresses() ? addressHour(basis) : OptionalDouble.of(0);
        return new Forecast.Extra(
                Math.max(tasks, oneOff > 0 ? 1 : 0),
                rounded(hours),
                rounded(vCpuHours),
                rounded(memoryHours),
                task.isEmpty() || address.isEmpty()
                        ? null
                        : (Double) rounded((hours - onSpot + onSpot * Prices.SPOT) * task.getAsDouble()
                                + hours * address.getAsDouble()),
                basis.prices().describe());
    }

    private static OptionalDouble addressHour(Input basis) {
        Prices.Price address = basis.prices().find(Item.PUBLIC_IPV4_HOUR);
        return address == null ? OptionalDouble.empty() : OptionalDouble.of(address.dollars());
    }

    private static OptionalDouble taskHour(Input basis) {
        return basis.prices()
                .taskHour(
                        basis.container().cpu(),
                        basis.container().memory(),
                        basis.container().architecture() == Architecture.ARM64,
                        basis.container().ephemeralStorageGiB());
    }

    private static double rounded(double value) {
        return Math.round(value * 10_000) / 10_000.0;
    }

    /** All of it in a sentence or two. */
    private static String message(Input basis, int seconds, Forecast.Extra extra, List<Forecast.Saving> savings) {
        StringBuilder text = new StringBuilder("About %s".formatted(time(seconds)));
        long approvals = basis.settings()
                .taskApprovalTimeout()
                .plus(
                        basis.first()
                                ? basis.settings().firstApprovalTimeout()
                                : basis.settings().totalApprovalTimeout())
                .toMinutes();
        if (approvals > 0) {
            text.append(", and at most %d min more for people to approve".formatted(approvals));
        }
        if (extra.tasks() > 0) {
            text.append(String.format(
                    Locale.ROOT,
                    "; %d more %s meanwhile%s",
                    extra.tasks(),
                    extra.tasks() == 1 ? "task" : "tasks",
                    extra.dollars() == null ? "" : String.format(Locale.ROOT, ", about $%.2f", extra.dollars())));
        }
        text.append('.');
        for (Forecast.Saving saving : savings) {
            text.append(" %s %s instead of %s would save %s."
                    .formatted(saving.setting(), saving.to(), saving.from(), time(saving.seconds())));
        }
        return text.toString();
    }

    private static String time(int seconds) {
        return seconds < 120 ? seconds + " s" : Math.round(seconds / 60.0) + " min";
    }
}
