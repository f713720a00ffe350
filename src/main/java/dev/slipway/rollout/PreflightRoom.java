package dev.slipway.rollout;

import dev.slipway.rollout.Preflight.Question;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Whether there is room for the new tasks beside the old ones. */
final class PreflightRoom {
    private static final double UNITS = 1024;

    private PreflightRoom() {}

    static void findings(Question question, PreflightSeen seen, List<Finding> findings) {
        int extra = seen.running() == null ? question.count() : seen.running().desired();
        addresses(question, seen, extra, findings);
        quota(question, seen, extra, findings);
    }

    /** A rolling update can do with one task more at a time; what shifts traffic needs all of them. */
    private static int least(Question question, int extra) {
        return question.settings().isRolling() || question.first() ? Math.min(1, extra) : extra;
    }

    private static void addresses(Question question, PreflightSeen seen, int extra, List<Finding> findings) {
        Map<String, Integer> free = seen.free();
        if (free == null || extra == 0) {
            return;
        }
        int all = free.values().stream().mapToInt(Integer::intValue).sum();
        String remedy =
                "Stop tasks that are not needed, or make the environment anew with a larger network.cidr; each task has an"
                        + " address of its own.";
        if (all < extra) {
            findings.add(new Finding(
                    "addresses-short",
                    all < least(question, extra),
                    "%d new tasks need an address each, and %d are free in the subnets of tasks: %s."
                            .formatted(extra, all, PreflightPolicy.listed(free)),
                    remedy));
            return;
        }
        int share = Math.ceilDiv(extra, free.size());
        Map<String, Integer> narrow = new HashMap<>(free);
        narrow.values().removeIf(count -> count >= share);
        if (!narrow.isEmpty()) {
            findings.add(PreflightPolicy.warning(
                    "subnet-narrow",
                    "ECS spreads %d new tasks over %d subnets, and some have fewer than %d addresses free: %s."
                            .formatted(extra, free.size(), share, PreflightPolicy.listed(narrow)),
                    remedy));
        }
    }

    private static void quota(Question question, PreflightSeen seen, int extra, List<Finding> findings) {
        PreflightSeen.Quota quota = seen.quota();
        if (quota == null) {
            return;
        }
        double each = question.container().cpu() / UNITS;
        double left = quota.limit() - quota.used();
        if (extra * each <= left) {
            return;
        }
        findings.add(new Finding(
                "quota-short",
                least(question, extra) * each > left,
                "%d new tasks take %s vCPUs beside the old ones. The account runs %s of the %s that its quota allows."
                        .formatted(
                                extra,
                                ForecastWords.number(extra * each),
                                ForecastWords.number(quota.used()),
                                ForecastWords.number(quota.limit())),
                "Ask for more in Service Quotas (Fargate On-Demand vCPU resource count), or run fewer tasks."));
    }
}
