package dev.slipway.preflight;

import dev.slipway.deployment.RolloutSettings;
import dev.slipway.preflight.Preflight.Input;
import dev.slipway.preflight.PreflightSnapshot.Group;
import dev.slipway.release.ContainerSettings.Architecture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Decides from what was seen what stands in a rollout's way. What would make it fail, or reach users unjudged, blocks;
 * what may pass by itself, or only cannot be told, warns. A rollback is blocked by what makes it impossible only: its
 * image or a secret is gone or not its own, or the listener rule by which traffic would be shifted is gone.
 */
final class PreflightPolicy {
    /**
     * CloudFormation refuses longer ones, with which the service's stack could not be updated any more.
     * AWSCloudFormation/latest/TemplateReference/aws-properties-ecs-service-canaryconfiguration.html
     */
    private static final Duration MAX_BAKES = Duration.ofHours(33);

    /** The service has no tasks. */
    static final String STOPPED = "service-stopped";

    private static final int JUDGED_MINUTES = 10;
    private static final double UNITS = 1024;

    private PreflightPolicy() {}

    static List<Finding> findings(Input input, PreflightSnapshot seen) {
        List<Finding> findings = new ArrayList<>();
        image(input, seen, findings);
        traffic(input, seen, findings);
        logs(input, seen, findings);
        bakes(input, seen, findings);
        secrets(input, seen, findings);
        if (isStopped(seen) && !input.settings().isRolling()) {
            findings.add(stopped());
        }
        if (!input.rollback()) {
            alarms(seen, findings);
            for (PreflightSnapshot.Unreadable refused : seen.refusedMetrics()) {
                findings.add(
                        blocking(
                                "metric-refused",
                                "CloudWatch does not take the metric %s: %s"
                                        .formatted(refused.what(), refused.reason()),
                                "Put it right in rollout.verdict.metrics: aws cloudwatch list-metrics shows those that there are."));
            }
            changesInProgress(input, seen, findings);
            roles(seen, findings);
            capacity(input, seen, findings);
        }
        for (PreflightSnapshot.Unreadable unseen : seen.unreadable()) {
            findings.add(
                    warning(
                            "check-skipped",
                            "%s could not be read: %s".formatted(unseen.what(), unseen.reason()),
                            "The rollout goes on without. Compare the roles of the deployed template with the version in use."));
        }
        return findings;
    }

    static boolean isStopped(PreflightSnapshot seen) {
        return seen.service() != null && seen.service().desired() == 0;
    }

    /** What a rollout of a service without tasks cannot do. */
    static Finding stopped() {
        return warning(
                STOPPED,
                "The service has no tasks: the release can be neither checked nor judged, and goes live at once.",
                "Nothing, if it is to be so. When the service is started it serves: set count and look at it, or start the"
                        + " service before the rollout.");
    }

    private static Finding blocking(String code, String detail, String action) {
        return new Finding(code, true, detail, action);
    }

    private static Finding warning(String code, String detail, String action) {
        return new Finding(code, false, detail, action);
    }

    private static void image(Input input, PreflightSnapshot seen, List<Finding> findings) {
        if (input.unresolved() != null) {
            findings.add(input.unresolved());
            return;
        }
        if (seen.imageMissing()) {
            findings.add(blocking(
                    "image-expired",
                    "The registry has no image %s any more: no task of it could start.".formatted(input.image()),
                    input.rollback()
                            ? "Roll back to another release, or push the image again."
                            : "Push it again, or roll out another image."));
        }
        String wanted = input.container().architecture() == Architecture.ARM64 ? "arm64" : "amd64";
        if (!seen.architectures().isEmpty() && !seen.architectures().contains(wanted)) {
            String built = String.join(", ", new TreeSet<>(seen.architectures()));
            findings.add(new Finding(
                    "image-architecture",
                    !input.rollback(),
                    "The image is built for %s, and the spec wants %s: its tasks would end with \"exec format error\"."
                            .formatted(built, wanted),
                    "Build it with docker build --platform linux/%s, or change container.architecture."
                            .formatted(wanted)));
        }
    }

    /** Nor can a rollback do without. */
    private static void logs(Input input, PreflightSnapshot seen, List<Finding> findings) {
        String name = seen.logGroupMissing();
        if (name != null) {
            findings.add(blocking(
                    "log-group-missing",
                    "The log group %s was deleted outside Slipway: ECS starts no task that cannot write to it."
                            .formatted(name),
                    "Apply the spec again, which makes it anew: PUT "
                            + input.service().path()));
        }
    }

    private static void bakes(Input input, PreflightSnapshot seen, List<Finding> findings) {
        RolloutSettings settings = input.settings();
        Duration bakes = settings.totalBakeTime();
        if (bakes.compareTo(MAX_BAKES) > 0) {
            findings.add(new Finding(
                    "bakes-too-long",
                    !input.rollback(),
                    "The bakes take %d minutes together, and more than %d (33 hours) are refused by CloudFormation."
                            .formatted(bakes.toMinutes(), MAX_BAKES.toMinutes()),
                    "Make rollout.bakeMinutes or the bake of the steps shorter."));
        }
        boolean judged = !input.first() && !input.rollback() && !settings.isRolling() && !isStopped(seen);
        int first = settings.firstBakeMinutes();
        if (judged && first < JUDGED_MINUTES) {
            findings.add(warning(
                    "bake-too-short",
                    "The first bake takes %d minutes. Metrics come up to four minutes late: it can hardly be judged."
                            .formatted(first),
                    "Bake for 10 minutes or more."));
        }
    }

    /** The rollout says beforehand that it will not be able to tell a good release. */
    static List<Finding> evidence(Forecast forecast) {
        Forecast.Evidence evidence = forecast.evidence();
        return evidence == null || evidence.enough() == null || evidence.enough()
                ? List.of()
                : List.of(warning(
                        "little-evidence",
                        evidence.message(),
                        "Let the first step have more of the traffic or bake for longer, wait for busier hours, or say in rollout.verdict what"
                                + " follows (onNoEvidence, probes)."));
    }

    private static void alarms(PreflightSnapshot seen, List<Finding> findings) {
        if (seen.alarms() == null) {
            return;
        }
        new TreeMap<>(seen.alarms()).forEach((name, state) -> {
            if (state.equals("ALARM")) {
                findings.add(blocking(
                        "alarm-firing",
                        "The alarm %s is firing already: ECS would ignore it during the whole deployment."
                                .formatted(name),
                        "Find out why it fires, or take it out of rollout.alarms."));
            } else if (state.isEmpty()) {
                findings.add(warning(
                        "alarm-missing",
                        "There is no alarm %s: it will stop nothing.".formatted(name),
                        "Create it, or take it out of rollout.alarms."));
            }
        });
    }

    private static void changesInProgress(Input input, PreflightSnapshot seen, List<Finding> findings) {
        if (seen.service() != null && seen.service().deploying()) {
            findings.add(warning(
                    "deployment-running",
                    "Another deployment of the service is under way; this one waits for its end.",
                    "Nothing, or stop it: aws ecs stop-service-deployment."));
        }
        PreflightSnapshot.Stack stack = seen.stack();
        if (stack == null || input.first()) {
            return;
        }
        switch (stack.phase()) {
            case IN_PROGRESS, DELETING -> {
                // The cleanup after an update deletes what was replaced, and touches nothing that serves.
                if (!stack.status().contains("CLEANUP")) {
                    findings.add(blocking(
                            "stack-changing",
                            "The service's stack %s is changing (%s), and might put the release before back."
                                    .formatted(stack.name(), stack.status()),
                            "Wait until it is done, then repeat the request."));
                }
            }
            case ROLLBACK_FAILED, IMPORT_ROLLBACK_FAILED, UPDATE_FAILED, DELETE_FAILED ->
                findings.add(warning(
                        "stack-stuck",
                        "The service's stack %s is %s. The rollout does not need it, the next apply does."
                                .formatted(stack.name(), stack.status()),
                        "Apply the service's spec again: PUT " + input.service().path()));
            case MISSING, REVIEW, STABLE, ROLLED_BACK, CREATE_FAILED -> {}
        }
    }

    private static void roles(PreflightSnapshot seen, List<Finding> findings) {
        for (String role : seen.missingRoles()) {
            findings.add(
                    blocking(
                            "role-missing",
                            "The role %s does not exist: no task could start.".formatted(role),
                            "It was deleted outside Slipway. Make it again under the same name, or delete and create the service."));
        }
    }

    /** A task that cannot have a secret does not start, of an old release as little as of a new one. */
    private static void secrets(Input input, PreflightSnapshot seen, List<Finding> findings) {
        for (SecretAccess.Refusal refusal : seen.secrets()) {
            String code = switch (refusal.reason()) {
                case NOT_ALLOWED -> "secret-not-allowed";
                case MISSING -> "secret-missing";
                case UNREADABLE -> "secret-unreadable";
            };
            // What cannot be looked at may be there for all that, and going back must not wait for our own rights.
            boolean blocks = !input.rollback() || refusal.reason() != SecretAccess.Reason.UNREADABLE;
            findings.add(new Finding(
                    code,
                    blocks,
                    "The %s %s of %s %s."
                            .formatted(refusal.noun(), refusal.value(), refusal.variable(), refusal.detail()),
                    refusal.action()));
        }
    }

    /** {@code subnet-a has 3, subnet-b has 0}. */
    private static String listed(Map<String, Integer> numbers) {
        return new TreeMap<>(numbers)
                .entrySet().stream()
                        .map(entry -> entry.getKey() + " has " + entry.getValue())
                        .reduce((a, b) -> a + ", " + b)
                        .orElse("");
    }

    /** Whether production traffic goes where the tasks are. */
    private static void traffic(Input input, PreflightSnapshot seen, List<Finding> findings) {
        if (seen.ruleMissing()) {
            // A rolling update does not touch the rule; without it nobody is served, before and after. ECS deploys
            // nothing into target groups that belong to no load balancer (CreateService, loadBalancers).
            boolean impossible = !input.rollback() || !input.settings().isRolling() || seen.rulesMissing();
            findings.add(new Finding(
                    "listener-rule-missing",
                    impossible,
                    seen.rulesMissing()
                            ? "Both listener rules of the service were deleted outside Slipway, and ECS deploys nothing without."
                            : "A listener rule of the service was deleted outside Slipway.",
                    "Apply the spec again: PUT " + input.service().path()));
        }
        PreflightSnapshot.Traffic traffic = seen.traffic();
        if (traffic == null || input.first() || input.rollback()) {
            return;
        }
        Group a = traffic.a();
        Group b = traffic.b();
        boolean deploying = seen.service() != null && seen.service().deploying();
        if (a.weight() > 0 && b.weight() > 0) {
            if (!deploying) {
                findings.add(warning(
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
            findings.add(blocking(
                    "traffic-misrouted",
                    "Production traffic goes to a target group without healthy tasks, while the %d healthy tasks are in the"
                                    .formatted(other.healthy())
                            + " other one: users get errors now, and after the rollout they would still.",
                    "Send it to the tasks: aws elbv2 modify-rule --rule-arn %s --actions '%s'"
                            .formatted(traffic.rule(), actions(other, live))));
        } else if (live.hasNoHealthy() && other.hasNoHealthy() && !isStopped(seen)) {
            findings.add(warning(
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

    /** Whether there is room for the new tasks beside the old ones. */
    private static void capacity(Input input, PreflightSnapshot seen, List<Finding> findings) {
        int extra = seen.service() == null ? input.count() : seen.service().desired();
        addresses(input, seen, extra, findings);
        quota(input, seen, extra, findings);
    }

    /** A rolling update can do with one task more at a time; what shifts traffic needs all of them. */
    private static int minimumTasks(Input input, int extra) {
        return input.settings().isRolling() || input.first() ? Math.min(1, extra) : extra;
    }

    private static void addresses(Input input, PreflightSnapshot seen, int extra, List<Finding> findings) {
        Map<String, Integer> free = seen.freeAddresses();
        if (free == null || extra == 0) {
            return;
        }
        int all = free.values().stream().mapToInt(Integer::intValue).sum();
        String action =
                "Stop tasks that are not needed, or make the environment anew with a larger network.cidr; each task has an"
                        + " address of its own.";
        if (all < extra) {
            findings.add(new Finding(
                    "insufficient-addresses",
                    all < minimumTasks(input, extra),
                    "%d new tasks need an address each, and %d are free in the subnets of tasks: %s."
                            .formatted(extra, all, listed(free)),
                    action));
            return;
        }
        int share = Math.ceilDiv(extra, free.size());
        Map<String, Integer> narrow = new HashMap<>(free);
        narrow.values().removeIf(count -> count >= share);
        if (!narrow.isEmpty()) {
            findings.add(warning(
                    "subnet-addresses-low",
                    "ECS spreads %d new tasks over %d subnets, and some have fewer than %d addresses free: %s."
                            .formatted(extra, free.size(), share, listed(narrow)),
                    action));
        }
    }

    private static void quota(Input input, PreflightSnapshot seen, int extra, List<Finding> findings) {
        PreflightSnapshot.Quota quota = seen.quota();
        if (quota == null) {
            return;
        }
        double each = input.container().cpu() / UNITS;
        double left = quota.limit() - quota.used();
        if (extra * each <= left) {
            return;
        }
        findings.add(new Finding(
                "insufficient-quota",
                minimumTasks(input, extra) * each > left,
                "%d new tasks take %s vCPUs beside the old ones. The account runs %s of the %s that its quota allows."
                        .formatted(
                                extra,
                                RolloutSettings.plain(extra * each),
                                RolloutSettings.plain(quota.used()),
                                RolloutSettings.plain(quota.limit())),
                "Ask for more in Service Quotas (Fargate On-Demand vCPU resource count), or run fewer tasks."));
    }
}
