package dev.slipway.stack;

import dev.slipway.problem.Problem;
import dev.slipway.stack.Difference.Action;
import dev.slipway.stack.Difference.Replacement;
import dev.slipway.stack.Difference.Resource;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Something that a reader of a plan should know, in plain words. Replacing or removing something that holds data or carries traffic is
 * blocked until the request allows it by name; adding is never a risk.
 *
 * @param logicalId of the resource; of a control that would be weaker, or where no resource is lost, the setting in the spec
 * @param blocking whether the change is refused unless the request allows the resource by its logical id
 */
@RegisterForReflection
public record Risk(String logicalId, String message, boolean blocking) {
    private static final String LOAD_BALANCER = "AWS::ElasticLoadBalancingV2::";

    /** What is lost with a resource of each type. Types that are not here lose nothing that a stack cannot make anew. */
    private static final Map<String, Consequence> CONSEQUENCES = Map.ofEntries(
            traffic(
                    LOAD_BALANCER + "LoadBalancer",
                    "its address changes and every service behind it is down meanwhile"),
            traffic(LOAD_BALANCER + "Listener", "every rule on it goes with it, and all services behind it are down"),
            traffic(LOAD_BALANCER + "ListenerRule", "requests for the service get 404 until the new rule stands"),
            traffic(
                    LOAD_BALANCER + "TargetGroup",
                    "the running tasks are registered in it, so requests fail without it"),
            traffic("AWS::ECS::Service", "all its running tasks are stopped"),
            traffic("AWS::ECS::Cluster", "all services and tasks in it are stopped"),
            data("AWS::ECR::Repository", "all its images are deleted, those of the running release among them"),
            data("AWS::Logs::LogGroup", "all its logs are deleted"),
            data("AWS::S3::Bucket", "all its objects are lost"),
            data("AWS::DynamoDB::Table", "all its items are deleted"),
            data("AWS::RDS::DBInstance", "all its data is deleted"),
            data("AWS::EFS::FileSystem", "all its files are deleted"),
            data("AWS::SecretsManager::Secret", "its value is deleted"),
            data("AWS::KMS::Key", "what it has encrypted can no longer be read"),
            traffic("AWS::EC2::VPC", "everything in the network is replaced with it"),
            traffic("AWS::EC2::Subnet", "tasks and load balancer in it have to move"),
            traffic("AWS::EC2::NatGateway", "outgoing connections break and may come from another address"),
            traffic("AWS::EC2::EIP", "outgoing traffic comes from another address, which others may have allowed"),
            traffic("AWS::EC2::InternetGateway", "nothing reaches the internet meanwhile"),
            traffic("AWS::Route53::HostedZone", "its records are deleted and the domain no longer resolves"),
            traffic("AWS::Route53::RecordSet", "the name does not resolve meanwhile"),
            note("AWS::IAM::Role", "running tasks lose the role's permissions"),
            note("AWS::EC2::SecurityGroup", "what refers to it has to be changed with it"),
            note("AWS::WAFv2::WebACL", "requests are not filtered meanwhile"),
            note("AWS::CloudWatch::Alarm", "its state and history begin anew"));

    private enum Kind {
        DATA,
        TRAFFIC,
        NOTE
    }

    private record Consequence(Kind kind, String loss) {}

    /** All risks, in the order of the difference. */
    static List<Risk> of(Difference difference) {
        return difference.resources().stream()
                .flatMap(resource -> risk(resource).stream())
                .toList();
    }

    /** The problem that refuses the change, when it touches something worth keeping that is not allowed. */
    static Optional<Problem> blockingProblem(Difference difference, Set<String> allowed) {
        return refusal(of(difference), allowed);
    }

    /** Likewise, of risks that are known. */
    public static Optional<Problem> refusal(List<Risk> risks, Set<String> allowed) {
        List<Risk> refused = risks.stream()
                .filter(risk -> risk.blocking() && !allowed.contains(risk.logicalId()))
                .toList();
        if (refused.isEmpty()) {
            return Optional.empty();
        }
        List<String> names = refused.stream().map(Risk::logicalId).toList();
        return Optional.of(Problem.user(
                "replacement-refused",
                String.join(" ", refused.stream().map(Risk::message).toList()) + " Nothing has been changed.",
                "When this is what you want, send the request again with ?allow=" + String.join("&allow=", names)
                        + " behind its path, or with \"allow\" in the body when you apply a plan."));
    }

    private static Optional<Risk> risk(Resource resource) {
        boolean removed = resource.action() == Action.REMOVE;
        boolean made = resource.action() == Action.ADD || resource.action() == Action.IMPORT;
        if (made || (!removed && resource.replacement() == Replacement.NO)) {
            return Optional.empty();
        }
        Consequence consequence = CONSEQUENCES.get(resource.type());
        String what = resource.logicalId() + " (" + resource.type() + ") " + describeAction(resource);
        if (consequence == null) {
            return Optional.of(new Risk(resource.logicalId(), what + ".", false));
        }
        if (resource.retained() && consequence.kind() == Kind.DATA) {
            String kept = removed ? "it stays in the account but no longer belongs to the stack" : "the old one stays";
            return Optional.of(new Risk(resource.logicalId(), what + ": " + kept + ".", false));
        }
        return Optional.of(new Risk(
                resource.logicalId(), what + ": " + consequence.loss() + ".", consequence.kind() != Kind.NOTE));
    }

    private static String describeAction(Resource resource) {
        if (resource.action() == Action.REMOVE) {
            return "is removed";
        }
        return resource.replacement() == Replacement.YES ? "is replaced" : "may be replaced";
    }

    private static Map.Entry<String, Consequence> traffic(String type, String loss) {
        return Map.entry(type, new Consequence(Kind.TRAFFIC, loss));
    }

    private static Map.Entry<String, Consequence> data(String type, String loss) {
        return Map.entry(type, new Consequence(Kind.DATA, loss));
    }

    private static Map.Entry<String, Consequence> note(String type, String loss) {
        return Map.entry(type, new Consequence(Kind.NOTE, loss));
    }
}
