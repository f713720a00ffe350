package dev.slipway.stack;

import dev.slipway.problem.Problem;
import dev.slipway.stack.Difference.Action;
import dev.slipway.stack.Difference.Property;
import dev.slipway.stack.Difference.Replacement;
import dev.slipway.stack.Difference.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Whether what somebody has changed outside the stack may be put back. CloudFormation puts back all of it or nothing, so nothing is
 * touched when a part of it was not seen before, moves traffic, brings back a release, resets the number of tasks, or gives a
 * resource another identity.
 */
public final class MendPolicy {
    private static final String PROPERTIES = "/Properties";

    /** What is the same when it is made anew: it has its name again, and nothing else refers to it by another identity. */
    private static final Set<String> MADE_ANEW = Set.of(
            "AWS::ApplicationAutoScaling::ScalingPolicy",
            "AWS::CloudWatch::Alarm",
            "AWS::CloudWatch::CompositeAlarm",
            "AWS::CloudWatch::Dashboard",
            "AWS::EC2::Route",
            "AWS::EC2::SecurityGroupEgress",
            "AWS::EC2::SecurityGroupIngress",
            "AWS::EC2::SubnetRouteTableAssociation",
            "AWS::Events::Rule",
            "AWS::Logs::LogGroup",
            "AWS::Route53::RecordSet",
            "AWS::S3::BucketPolicy",
            "AWS::SNS::TopicPolicy");

    private MendPolicy() {}

    /** Whether a deleted resource of the type may be made anew. */
    public static boolean isMadeAnew(String type) {
        return MADE_ANEW.contains(type);
    }

    /**
     * Why a change set that puts back what differs is not executed; empty when it may be.
     *
     * @param seen logical ids of the resources that differed when they were looked at
     */
    static Optional<Problem> refusal(String stack, Difference difference, Set<String> seen) {
        List<Resource> touched = difference.resources().stream()
                .filter(resource -> resource.action() != Action.MODIFY
                        || resource.properties().stream().anyMatch(property -> changes(property, difference)))
                .toList();
        List<String> unseen = touched.stream()
                .map(Resource::logicalId)
                .filter(id -> !seen.contains(id))
                .toList();
        if (!unseen.isEmpty()) {
            return Optional.of(Problem.user(
                    "drift-changed",
                    "More of %s differs than when it was compared: %s. Nothing has been changed."
                            .formatted(stack, String.join(", ", unseen)),
                    "Compare it again, look at what is found, and mend that."));
        }
        List<String> reasons = new ArrayList<>();
        touched.forEach(resource -> reasons.addAll(reasons(resource, difference)));
        return reasons.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        Problem.user(
                                "mend-refused",
                                "CloudFormation puts back all that differs or nothing, and this must not be: %s. Nothing has been changed."
                                        .formatted(String.join("; ", reasons)),
                                "Mend these first, as each difference says: an apply of the spec makes anew what of a service is gone. Then compare again."));
    }

    private static List<String> reasons(Resource resource, Difference difference) {
        String name = "%s (%s)".formatted(resource.logicalId(), resource.type());
        if (resource.action() == Action.ADD && !isMadeAnew(resource.type())) {
            return List.of(name + " would be made anew as another one");
        }
        if (resource.action() == Action.REMOVE || resource.replacement() != Replacement.NO) {
            return List.of(name + " would be replaced or removed");
        }
        return resource.properties().stream()
                .filter(property -> changes(property, difference))
                .flatMap(property -> {
                    String path = path(property);
                    return DriftExclusion.of(resource.type(), path).filter(DriftExclusion::isLive).stream()
                            .map(live -> "%s %s is live and would change (%s)".formatted(name, path, live));
                })
                .distinct()
                .toList();
    }

    /** As a detection names it. */
    private static String path(Property property) {
        return property.path().startsWith(PROPERTIES)
                ? property.path().substring(PROPERTIES.length())
                : property.path();
    }

    /** What takes the identity of a resource that stays does not change, though its value is shown as unknown. */
    private static boolean changes(Property property, Difference difference) {
        if (property.before() != null && property.before().equals(property.after())) {
            return false;
        }
        boolean known = property.before() == null || property.after() != null;
        Set<String> causes = Stream.of(property.cause().split(", ", -1))
                .map(cause -> cause.split("\\.", 2)[0])
                .collect(Collectors.toSet());
        return known || !staying(difference).containsAll(causes);
    }

    private static Set<String> staying(Difference difference) {
        return difference.resources().stream()
                .filter(resource -> resource.action() == Action.MODIFY && resource.replacement() == Replacement.NO)
                .map(Resource::logicalId)
                .collect(Collectors.toSet());
    }
}
