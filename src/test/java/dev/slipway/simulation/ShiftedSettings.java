package dev.slipway.simulation;

import java.util.List;
import java.util.Random;

/** How a history wants its next release to be rolled out. */
record ShiftedSettings(
        String strategy,
        double canaryPercent,
        int stepPercent,
        int stepBake,
        int bake,
        int timeLimit,
        Checks checks,
        String approval,
        boolean silenceApproves,
        int approvalMinutes,
        boolean probes,
        String onNoEvidence,
        int holdMinutes,
        boolean latency,
        boolean alarm,
        boolean task,
        boolean notices) {
    /** Above this an answer is slow; a good release answers in 80 ms at the median and nearly always in 400 ms. */
    private static final int SLOW_MILLIS = 400;

    enum Checks {
        NONE,
        RIGHT,
        /** No release can meet it. */
        WRONG
    }

    static ShiftedSettings drawn(Random random) {
        return new ShiftedSettings(
                List.of("rolling", "blue-green", "blue-green", "canary", "canary", "canary", "linear", "linear")
                        .get(random.nextInt(8)),
                List.of(1.0, 5.0, 10.0, 10.0, 25.0, 50.0).get(random.nextInt(6)),
                List.of(25, 34, 50).get(random.nextInt(3)),
                List.of(0, 2, 8, 12).get(random.nextInt(4)),
                List.of(0, 2, 10).get(random.nextInt(3)),
                random.nextInt(4) == 0 ? 300 : 900,
                random.nextInt(3) > 0 ? Checks.NONE : random.nextInt(6) == 0 ? Checks.WRONG : Checks.RIGHT,
                List.of("none", "none", "none", "none", "before-production", "each-step")
                        .get(random.nextInt(6)),
                random.nextBoolean(),
                5 + random.nextInt(30),
                random.nextInt(4) == 0,
                List.of("wait", "approve", "promote", "rollback").get(random.nextInt(4)),
                random.nextBoolean() ? 5 : 20,
                random.nextInt(3) == 0,
                random.nextInt(6) == 0,
                random.nextInt(8) == 0,
                random.nextInt(4) == 0);
    }

    /** Nothing but a strategy, so that every good release goes live. */
    static ShiftedSettings plain(Random random) {
        String strategy = List.of("rolling", "blue-green", "canary").get(random.nextInt(3));
        return new ShiftedSettings(
                strategy,
                50,
                50,
                12,
                0,
                900,
                Checks.NONE,
                "none",
                true,
                5,
                false,
                "promote",
                5,
                false,
                false,
                false,
                false);
    }

    boolean isRolling() {
        return strategy.equals("rolling");
    }

    /** Percent of the production requests that the new release gets first. */
    double firstStep() {
        return switch (strategy) {
            case "canary" -> canaryPercent;
            case "linear" -> stepPercent;
            default -> 100;
        };
    }

    boolean asksPeople() {
        return !approval.equals("none") || onNoEvidence.equals("approve");
    }

    String yaml(int mode) {
        String check = checks == Checks.WRONG ? "{path: /, contains: Nobody says this}" : "{path: /}";
        return """
                container: {port: 8000, environment: {MODE: m%d}}
                gracePeriodSeconds: 60
                rollout:
                  strategy: %s
                  timeLimitSeconds: %d
                  bakeMinutes: %d
                  canary: {percent: %s, bakeMinutes: %d}
                  linear: {stepPercent: %d, bakeMinutes: %d}
                  checks: [%s]
                  approval: {when: %s, timeoutMinutes: %d, onTimeout: %s}
                  verdict: {probes: %s, onNoEvidence: %s, holdMinutes: %d%s}
                  alarms: [%s]
                %s%s""".formatted(
                        mode,
                        strategy,
                        timeLimit,
                        bake,
                        canaryPercent,
                        stepBake,
                        stepPercent,
                        stepBake,
                        checks == Checks.NONE ? "" : check,
                        approval,
                        approvalMinutes,
                        silenceApproves ? "approve" : "reject",
                        probes,
                        onNoEvidence,
                        holdMinutes,
                        latency ? ", slowMillis: " + SLOW_MILLIS : "",
                        alarm ? ShiftedHistory.ALARM : "",
                        task ? "  before: {command: [migrate], timeoutSeconds: 300}\n" : "",
                        notices ? "  notifyTopic: " + ShiftedHistory.TOPIC + "\n" : "");
    }
}
