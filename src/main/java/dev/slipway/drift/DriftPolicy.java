package dev.slipway.drift;

import dev.slipway.id.ServiceId;
import dev.slipway.id.Target;
import dev.slipway.stack.DriftExclusion;
import dev.slipway.stack.MendPolicy;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a difference means, and what a target's state is by all of them. */
final class DriftPolicy {
    /** A value may be a whole policy document. */
    private static final int LONGEST = 400;

    /** What an apply of a service's spec makes anew. */
    private static final Set<String> APPLY_MAKES =
            Set.of("AWS::ECS::Service", "AWS::ElasticLoadBalancingV2::ListenerRule");

    private static final String MASK = "***";
    /** Variables of builds are shown by their names alone: people put passwords into them although they should not. */
    private static final Pattern SECRET = Pattern.compile(
            "(?i).*(environmentvariables|/environment(/|$)|password|secret|token|credential|apikey|privatekey).*");

    /** Names of fields of a document that is shown whole, likewise. */
    private static final Pattern SECRET_FIELD = Pattern.compile(
            "(?is).*\"[^\"]*(environmentvariables|password|secret|token|credential|apikey|privatekey)[^\"]*\"\\s*:.*");

    private static final Pattern FORWARDED = Pattern.compile("arn:[^\"\\s]+:targetgroup/[^\"\\s,\\]}]+");
    private static final Pattern ACTION_TYPE = Pattern.compile("(?i)\"Type\"\\s*:\\s*\"(?!forward\")");
    /** Its conditions have the header that marks test requests. */
    private static final String TEST_RULE = "TestRule";

    /**
     * Types of ours that CloudFormation compares, as its guide lists them; of others nothing is known, with or without a rollback.
     * AWSCloudFormation/latest/UserGuide/resource-import-supported-resources.html
     */
    private static final Set<String> COMPARABLE = Set.of(
            "AWS::CloudWatch::Alarm",
            "AWS::CloudWatch::CompositeAlarm",
            "AWS::EC2::EIP",
            "AWS::EC2::FlowLog",
            "AWS::EC2::InternetGateway",
            "AWS::EC2::NatGateway",
            "AWS::EC2::RouteTable",
            "AWS::EC2::SecurityGroup",
            "AWS::EC2::Subnet",
            "AWS::EC2::VPC",
            "AWS::ECS::Cluster",
            "AWS::ECS::Service",
            "AWS::ElasticLoadBalancingV2::Listener",
            "AWS::ElasticLoadBalancingV2::ListenerRule",
            "AWS::ElasticLoadBalancingV2::LoadBalancer",
            "AWS::Events::Rule",
            "AWS::IAM::Role",
            "AWS::Logs::LogGroup",
            "AWS::S3::Bucket",
            "AWS::SNS::Topic",
            "AWS::WAFv2::IPSet",
            "AWS::WAFv2::WebACL",
            "AWS::WAFv2::WebACLAssociation");

    private DriftPolicy() {}

    /** Whether a detection of the stack tells of resources of the type, as a rule. */
    static boolean isComparable(String type) {
        return COMPARABLE.contains(type);
    }

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
        Optional<DriftExclusion> excluded =
                DriftExclusion.of(type, path).filter(live -> isOfRollouts(live, expected, actual));
        boolean secret = SECRET.matcher(path).matches()
                || resource.startsWith(TEST_RULE) && path.startsWith("/Conditions")
                || isSecret(expected)
                || isSecret(actual);
        @Nullable String shown = shown(actual, secret);
        Optional<SpecField> spec =
                excluded.isPresent() || secret ? Optional.empty() : SpecField.of(target, resource, type, path, shown);
        return new DriftDifference(
                resource,
                type,
                physicalId,
                path,
                shown(expected, secret),
                shown,
                excluded.orElse(null),
                excluded.map(DriftExclusion::reason).orElse(null),
                null,
                spec.orElse(null),
                excluded.isPresent() ? "Nothing to mend." : action(target, type, path));
    }

    private static boolean isSecret(@Nullable String value) {
        return value != null && SECRET_FIELD.matcher(value).matches();
    }

    /**
     * Rollouts move the traffic between the two target groups that the stack has: a rule that answers by itself, or forwards to a
     * third group, and a service without load balancer, are not of their making.
     */
    private static boolean isOfRollouts(DriftExclusion owned, @Nullable String expected, @Nullable String actual) {
        return switch (owned) {
            case TRAFFIC_WEIGHTS, LIVE_TARGET_GROUP -> {
                if (actual == null || !(actual.startsWith("{") || actual.startsWith("["))) {
                    yield true;
                }
                boolean known = FORWARDED
                        .matcher(actual)
                        .results()
                        .allMatch(group -> expected != null && expected.contains(group.group()));
                boolean empty = owned == DriftExclusion.LIVE_TARGET_GROUP && actual.equals("[]");
                yield known && !empty && !ACTION_TYPE.matcher(actual).find();
            }
            case LIVE_TASK_DEFINITION, ROLLOUT_STRATEGY, TASK_COUNT, SCALING_LIMITS -> true;
        };
    }

    /** A resource that is gone. */
    static DriftDifference deleted(Target target, String resource, String type, String physicalId) {
        return gone(
                resource,
                type,
                physicalId,
                MendPolicy.isMadeAnew(type)
                        ? putBack(target)
                        : target instanceof ServiceId && APPLY_MAKES.contains(type)
                                ? "PUT its spec once more: an apply makes it anew with what is live."
                                : "Make it anew by hand as the stack has it, or delete and create %s."
                                        .formatted(target.key()));
    }

    /** The whole stack is gone. */
    static DriftDifference stackDeleted(Target target) {
        return gone(
                target.stackName(),
                "AWS::CloudFormation::Stack",
                null,
                "PUT its spec once more: an apply makes the stack anew. What the stack's deletion left behind is in the way, or is taken over.");
    }

    private static DriftDifference gone(String resource, String type, @Nullable String physicalId, String action) {
        return new DriftDifference(
                resource, type, physicalId, null, "there", "deleted", null, null, null, null, action);
    }

    /** What is live is left alone by a mend, and set by hand. */
    private static String action(Target target, String type, String path) {
        return DriftExclusion.of(type, path).isPresent()
                ? "Set it back by hand: it decides what is live, so that neither an apply nor a mend touches it."
                : putBack(target);
    }

    /** An apply of the same spec does not: CloudFormation leaves a resource alone whose template is as before. */
    private static String putBack(Target target) {
        return "Have it put back: POST %s/drift/mend. An apply of the same spec leaves it as it is."
                .formatted(target.path());
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

    /** What people have been told of and, as far as is known, is still so: identities of differences. */
    static Set<String> told(Optional<DriftReport> before, DriftReport now) {
        Set<String> told = new TreeSet<>();
        now.differences().stream()
                .filter(DriftDifference::isDrift)
                .map(DriftDifference::identity)
                .forEach(told::add);
        if (now.detail() != null) { // not all could be compared
            before.map(DriftReport::told).ifPresent(told::addAll);
        }
        return told;
    }

    /** The ledger's sentence about what has changed since people were told; empty when nothing has. */
    static Optional<String> news(Optional<DriftReport> before, DriftReport now) {
        boolean drifted = before.map(DriftReport::known).orElse(DriftState.IN_SYNC) == DriftState.DRIFTED;
        if (now.state() == DriftState.IN_SYNC && drifted) {
            return Optional.of("Nothing differs any more from what was deployed.");
        }
        Set<String> told = before.map(DriftReport::told).orElse(Set.of());
        List<DriftDifference> fresh = now.differences().stream()
                .filter(DriftDifference::isDrift)
                .filter(difference -> !told.contains(difference.identity()))
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
