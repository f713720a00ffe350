package dev.slipway.drift;

import dev.slipway.id.ServiceId;
import dev.slipway.id.Target;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a difference means, and what a target's state is by all of them. */
final class DriftPolicy {
    /** A value may be a whole policy document. */
    private static final int LONGEST = 400;

    private static final String MASK = "***";
    /** Variables of builds are shown by their names alone: people put passwords into them although they should not. */
    private static final Pattern SECRET = Pattern.compile(
            "(?i).*(environmentvariables|/environment/|password|secret|token|credential|apikey|privatekey).*");

    private static final String TARGET_GROUP = "AWS::ElasticLoadBalancingV2::TargetGroup ";
    /** Fields of a service's spec by the properties that they become. */
    private static final Map<String, String> SERVICE_FIELDS = Map.of(
            "AWS::Logs::LogGroup /RetentionInDays",
            "logs.retentionDays",
            "AWS::ECS::Service /HealthCheckGracePeriodSeconds",
            "gracePeriodSeconds",
            "AWS::ECS::Service /EnableExecuteCommand",
            "exec",
            TARGET_GROUP + "/HealthCheckPath",
            "routing.healthCheck.path",
            TARGET_GROUP + "/HealthCheckIntervalSeconds",
            "routing.healthCheck.intervalSeconds",
            TARGET_GROUP + "/HealthCheckTimeoutSeconds",
            "routing.healthCheck.timeoutSeconds",
            TARGET_GROUP + "/HealthyThresholdCount",
            "routing.healthCheck.healthyThreshold",
            TARGET_GROUP + "/UnhealthyThresholdCount",
            "routing.healthCheck.unhealthyThreshold",
            TARGET_GROUP + "/Matcher/HttpCode",
            "routing.healthCheck.codes");

    private DriftPolicy() {}

    /** @param problem what could not be compared; null when all was */
    static DriftState state(List<DriftDifference> differences, @Nullable String problem) {
        if (differences.stream().anyMatch(DriftDifference::isDrift)) {
            return DriftState.DRIFTED;
        }
        return problem == null ? DriftState.IN_SYNC : DriftState.UNKNOWN;
    }

    /** A property that CloudFormation finds otherwise than it was deployed. */
    static DriftDifference property(
            Target target,
            String resource,
            String type,
            String physicalId,
            String path,
            @Nullable String expected,
            @Nullable String actual) {
        Optional<DriftExclusion> excluded = DriftExclusion.of(type, path);
        boolean secret = SECRET.matcher(path).matches();
        return new DriftDifference(
                resource,
                type,
                physicalId,
                path,
                shown(expected, secret),
                shown(actual, secret),
                excluded.orElse(null),
                excluded.map(DriftExclusion::reason).orElse(null),
                null,
                excluded.isPresent() ? "Nothing to mend." : mend(target, type, path, actual));
    }

    /** A resource that is gone. */
    static DriftDifference deleted(Target target, String resource, String type, String physicalId) {
        return new DriftDifference(
                resource,
                type,
                physicalId,
                null,
                "there",
                "deleted",
                null,
                null,
                null,
                target instanceof ServiceId && type.equals("AWS::ECS::Service")
                        ? "PUT its spec once more: an apply makes the missing ECS service anew."
                        : "Make it anew by hand as the stack has it, or delete and create %s.".formatted(target.key()));
    }

    /**
     * An apply of the same spec changes nothing: CloudFormation leaves a resource alone whose template is as before. A revert of
     * drift by CloudFormation uses the parameters that a service's stack was deployed with, and would move the traffic to where
     * it was then.
     */
    private static String mend(Target target, String type, String path, @Nullable String actual) {
        String byHand = target instanceof ServiceId
                ? "Set it back by hand: an apply of the same spec leaves it as it is."
                : "Set it back by hand, or have CloudFormation do it: aws cloudformation create-change-set --stack-name %s"
                                .formatted(target.stackName())
                        + " --change-set-name revert --deployment-mode REVERT_DRIFT --use-previous-template, with the previous"
                        + " value of every parameter, and execute it. An apply of the same spec leaves it as it is.";
        String field = target instanceof ServiceId ? SERVICE_FIELDS.get(type + " " + path) : null;
        return field == null || actual == null
                ? byHand
                : byHand + " To keep it, say %s: %s in the spec and apply that.".formatted(field, actual);
    }

    private static @Nullable String shown(@Nullable String value, boolean secret) {
        if (value == null || value.isEmpty() || value.equals("null")) {
            return null;
        }
        if (secret) {
            return MASK;
        }
        return value.length() <= LONGEST ? value : value.substring(0, LONGEST - 1) + "…";
    }

    /** Drift first, then by resource and path. */
    static List<DriftDifference> sorted(List<DriftDifference> differences) {
        return differences.stream()
                .sorted(Comparator.comparing((DriftDifference difference) -> !difference.isDrift())
                        .thenComparing(DriftDifference::resource)
                        .thenComparing(difference -> difference.path() == null ? "" : difference.path()))
                .toList();
    }

    /** The ledger's sentence about what has changed since people were told; empty when nothing has. */
    static Optional<String> news(Optional<DriftReport> before, DriftReport now) {
        List<DriftDifference> earlier = before.map(DriftReport::differences).orElse(List.of());
        List<DriftDifference> drift =
                now.differences().stream().filter(DriftDifference::isDrift).toList();
        boolean drifted = before.map(DriftReport::known).orElse(DriftState.IN_SYNC) == DriftState.DRIFTED;
        if (now.state() == DriftState.IN_SYNC && drifted) {
            return Optional.of("Nothing differs any more from what was deployed.");
        }
        List<DriftDifference> fresh = drift.stream()
                .filter(difference -> !drifted || earlier.stream().noneMatch(difference::isSame))
                .toList();
        return fresh.isEmpty()
                ? Optional.empty()
                : Optional.of("Changed outside Slipway: %s%s."
                        .formatted(
                                describe(fresh.getFirst()),
                                fresh.size() == 1 ? "" : ", and %d more".formatted(fresh.size() - 1)));
    }

    private static String describe(DriftDifference difference) {
        String who = difference.changedBy() == null
                ? ""
                : " by " + difference.changedBy().who();
        return difference.path() == null
                ? "%s (%s) was deleted%s".formatted(difference.resource(), difference.type(), who)
                : "%s%s is %s, expected %s%s"
                        .formatted(
                                difference.resource(),
                                difference.path(),
                                difference.actual() == null ? "missing" : difference.actual(),
                                difference.expected() == null ? "nothing" : difference.expected(),
                                who);
    }
}
