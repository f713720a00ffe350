package dev.slipway.rollout;

import dev.slipway.release.ContainerSettings.Architecture;
import dev.slipway.rollout.Preflight.Input;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Decides from what was seen what stands in a rollout's way. What would make it fail, or reach users unjudged, blocks;
 * what may pass by itself, or only cannot be told, warns. A rollback is blocked by what makes it impossible only: its
 * image is gone, or the listener rule by which traffic would be shifted.
 */
final class PreflightPolicy {
    /**
     * CloudFormation refuses longer ones, with which the service's stack could not be updated any more.
     * AWSCloudFormation/latest/TemplateReference/aws-properties-ecs-service-canaryconfiguration.html
     */
    private static final Duration MAX_BAKES = Duration.ofHours(33);

    private static final int JUDGED_MINUTES = 10;

    private PreflightPolicy() {}

    static List<Finding> findings(Input question, PreflightSnapshot seen) {
        List<Finding> findings = new ArrayList<>();
        image(question, seen, findings);
        PreflightTraffic.findings(question, seen, findings);
        bakes(question, findings);
        if (!question.rollback()) {
            alarms(seen, findings);
            changesInProgress(question, seen, findings);
            dependencies(question, seen, findings);
            PreflightCapacity.findings(question, seen, findings);
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

    static Finding blocking(String code, String detail, String remedy) {
        return new Finding(code, true, detail, remedy);
    }

    static Finding warning(String code, String detail, String remedy) {
        return new Finding(code, false, detail, remedy);
    }

    private static void image(Input question, PreflightSnapshot seen, List<Finding> findings) {
        if (question.unresolved() != null) {
            findings.add(question.unresolved());
            return;
        }
        if (seen.imageMissing()) {
            findings.add(blocking(
                    "image-expired",
                    "The registry has no image %s any more: no task of it could start.".formatted(question.image()),
                    question.rollback()
                            ? "Roll back to another release, or push the image again."
                            : "Push it again, or roll out another image."));
        }
        String wanted = question.container().architecture() == Architecture.ARM64 ? "arm64" : "amd64";
        if (!seen.architectures().isEmpty() && !seen.architectures().contains(wanted)) {
            String built = String.join(", ", new TreeSet<>(seen.architectures()));
            findings.add(new Finding(
                    "image-architecture",
                    !question.rollback(),
                    "The image is built for %s, and the spec wants %s: its tasks would end with \"exec format error\"."
                            .formatted(built, wanted),
                    "Build it with docker build --platform linux/%s, or change container.architecture."
                            .formatted(wanted)));
        }
    }

    private static void bakes(Input question, List<Finding> findings) {
        RolloutSettings settings = question.settings();
        Duration bakes = settings.totalBakeTime();
        if (bakes.compareTo(MAX_BAKES) > 0) {
            findings.add(new Finding(
                    "bakes-too-long",
                    !question.rollback(),
                    "The bakes take %d minutes together, and more than %d (33 hours) are refused by CloudFormation."
                            .formatted(bakes.toMinutes(), MAX_BAKES.toMinutes()),
                    "Make rollout.bakeMinutes or the bake of the steps shorter."));
        }
        boolean judged = !question.first() && !question.rollback() && !settings.isRolling();
        int first = ForecastEvidence.firstBakeMinutes(settings);
        if (judged && first < JUDGED_MINUTES) {
            findings.add(warning(
                    "bake-too-short",
                    "The first bake takes %d minutes. Metrics come up to four minutes late: it can hardly be judged."
                            .formatted(first),
                    "Bake for 10 minutes or more."));
        }
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

    private static void changesInProgress(Input question, PreflightSnapshot seen, List<Finding> findings) {
        if (seen.service() != null && seen.service().deploying()) {
            findings.add(warning(
                    "deployment-running",
                    "Another deployment of the service is under way; this one waits for its end.",
                    "Nothing, or stop it: aws ecs stop-service-deployment."));
        }
        PreflightSnapshot.Stack stack = seen.stack();
        if (stack == null || question.first()) {
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
                        "Apply the service's spec again: PUT "
                                + question.service().path()));
            case MISSING, REVIEW, STABLE, ROLLED_BACK, CREATE_FAILED -> {}
        }
    }

    private static void dependencies(Input question, PreflightSnapshot seen, List<Finding> findings) {
        for (PreflightSnapshot.MissingDependency gone : seen.missing()) {
            boolean role = gone.kind().equals("role");
            findings.add(blocking(
                    role ? "role-missing" : "secret-missing",
                    "The %s %s does not exist or is about to be deleted: no task could start."
                            .formatted(gone.kind(), gone.name()),
                    role
                            ? "It was deleted outside Slipway. Make it again under the same name, or delete and"
                                    + " create the service."
                            : "Make or restore it, or take it out of container.secrets."));
        }
        if (seen.stack() == null) {
            return;
        }
        Set<String> unreadable = new TreeSet<>(PreflightSecrets.secretArns(question.container()));
        unreadable.removeAll(seen.stack().secrets());
        for (String arn : unreadable) {
            findings.add(blocking(
                    "secret-not-granted",
                    "The tasks may not read %s: no apply that names it has succeeded.".formatted(arn),
                    "Apply the service's spec: PUT " + question.service().path()));
        }
    }

    /** {@code subnet-a has 3, subnet-b has 0}. */
    static String listed(Map<String, Integer> numbers) {
        return new TreeMap<>(numbers)
                .entrySet().stream()
                        .map(entry -> entry.getKey() + " has " + entry.getValue())
                        .reduce((a, b) -> a + ", " + b)
                        .orElse("");
    }
}
