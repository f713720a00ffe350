package dev.slipway.rollout;

import dev.slipway.rollout.Preflight.Input;
import dev.slipway.rollout.PreflightSnapshot.Group;
import java.util.List;

/** Whether production traffic goes where the tasks are. */
final class PreflightTraffic {
    private PreflightTraffic() {}

    static void findings(Input question, PreflightSnapshot seen, List<Finding> findings) {
        if (seen.ruleMissing()) {
            // A rolling update does not touch the rule; without it nobody is served, before and after.
            boolean impossible = !question.rollback() || !question.settings().isRolling();
            findings.add(new Finding(
                    "listener-rule-missing",
                    impossible,
                    "The service's listener rule was deleted outside Slipway.",
                    "Apply the spec again: PUT " + question.service().path()));
        }
        PreflightSnapshot.Traffic traffic = seen.traffic();
        if (traffic == null || question.first() || question.rollback()) {
            return;
        }
        Group a = traffic.a();
        Group b = traffic.b();
        boolean deploying = seen.service() != null && seen.service().deploying();
        if (a.weight() > 0 && b.weight() > 0) {
            if (!deploying) {
                findings.add(PreflightPolicy.warning(
                        "traffic-split",
                        "Production traffic is divided, %d to %d, though no deployment is under way."
                                .formatted(a.weight(), b.weight()),
                        "The rollout ends it. If it fails, look at the rule: " + describe(traffic)));
            }
            return;
        }
        Group live = b.weight() > 0 ? b : a;
        Group other = b.weight() > 0 ? a : b;
        if (live.hasNoHealthy() && other.hasHealthy()) {
            findings.add(PreflightPolicy.blocking(
                    "traffic-misrouted",
                    "Production traffic goes to a target group without healthy tasks, while the %d healthy tasks are in the"
                                    .formatted(other.healthy())
                            + " other one: users get errors now, and after the rollout they would still.",
                    "Send it to the tasks: aws elbv2 modify-rule --rule-arn %s --actions '%s'"
                            .formatted(traffic.rule(), actions(other, live))));
        } else if (live.hasNoHealthy() && other.hasNoHealthy()) {
            findings.add(PreflightPolicy.warning(
                    "no-healthy-tasks",
                    "No task of the service is healthy now, so there is nothing to compare with or to go back to.",
                    "Look at its stopped tasks and their logs, unless this release is to fix it."));
        }
    }

    private static String describe(PreflightSnapshot.Traffic traffic) {
        return "aws elbv2 describe-rules --rule-arns " + traffic.rule();
    }

    private static String actions(Group to, Group from) {
        return ("[{\"Type\":\"forward\",\"ForwardConfig\":{\"TargetGroups\":[{\"TargetGroupArn\":\"%s\",\"Weight\":1},"
                        + "{\"TargetGroupArn\":\"%s\",\"Weight\":0}]}}]")
                .formatted(to.arn(), from.arn());
    }
}
