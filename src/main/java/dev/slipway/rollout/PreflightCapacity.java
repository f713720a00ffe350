package dev.slipway.rollout;

import dev.slipway.rollout.Preflight.Input;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Whether there is room for the new tasks beside the old ones. */
final class PreflightCapacity {
    private static final double UNITS = 1024;

    private PreflightCapacity() {}

    static void findings(Input question, PreflightSnapshot seen, List<Finding> findings) {
        int extra = seen.service() == null ? question.count() : seen.service().desired();
        addresses(question, seen, extra, findings);
        quota(question, seen, extra, findings);
    }

    /** A rolling update can do with one task more at a time; what shifts traffic needs all of them. */
    private static int minimumTasks(Input question, int extra) {
        return question.settings().isRolling() || question.first() ? Math.min(1, extra) : extra;
    }

    private static void addresses(Input question, PreflightSnapshot seen, int extra, List<Finding> findings) {
        Map<String, Integer> free = seen.freeAddresses();
        if (free == null || extra == 0) {
            return;
        }
        int all = free.values().stream().mapToInt(Integer::intValue).sum();
        String remedy =
                "Stop tasks that are not needed, or make the environment anew with a larger network.cidr; each task has an"
                        + " address of its own.";
        if (all < extra) {
            findings.add(new Finding(
                    "insufficient-addresses",
                    all < minimumTasks(question, extra),
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
                    "subnet-addresses-low",
                    "ECS spreads %d new tasks over %d subnets, and some have fewer than %d addresses free: %s."
                            .formatted(extra, free.size(), share, PreflightPolicy.listed(narrow)),
                    remedy));
        }
    }

    private static void quota(Input question, PreflightSnapshot seen, int extra, List<Finding> findings) {
        PreflightSnapshot.Quota quota = seen.quota();
        if (quota == null) {
            return;
        }
        double each = question.container().cpu() / UNITS;
        double left = quota.limit() - quota.used();
        if (extra * each <= left) {
            return;
        }
        findings.add(new Finding(
                "insufficient-quota",
                minimumTasks(question, extra) * each > left,
                "%d new tasks take %s vCPUs beside the old ones. The account runs %s of the %s that its quota allows."
                        .formatted(
                                extra,
                                ForecastSummary.number(extra * each),
                                ForecastSummary.number(quota.used()),
                                ForecastSummary.number(quota.limit())),
                "Ask for more in Service Quotas (Fargate On-Demand vCPU resource count), or run fewer tasks."));
    }
}
