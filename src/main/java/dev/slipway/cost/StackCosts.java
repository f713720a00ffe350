package dev.slipway.cost;

import dev.slipway.stack.TemplateResources.Resource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the resources of a stack cost, by their types. Every type that our templates have is known here, or it is refused. */
public final class StackCosts {
    private static final ToIntFunction<Resource> ONE = _ -> 1;

    /**
     * What resources of one type cost together.
     *
     * @param what null for nothing while they are there
     * @param units how many units one of them is
     */
    private record Charge(
            @Nullable String what, @Nullable Item item, boolean hourly, ToIntFunction<Resource> units, List<Use> uses) {
        private static Charge hourly(String what, Item item, Use... uses) {
            return new Charge(what, item, true, ONE, List.of(uses));
        }

        private static Charge monthly(String what, Item item, Use... uses) {
            return new Charge(what, item, false, ONE, List.of(uses));
        }

        private static Charge byUse(Use... uses) {
            return new Charge(null, null, false, ONE, List.of(uses));
        }
    }

    private record Use(String what, Item item) {}

    private static final Map<String, Charge> CHARGES = Map.ofEntries(
            Map.entry(
                    "AWS::EC2::NatGateway",
                    Charge.hourly(
                            "NAT gateways",
                            Item.NAT_GATEWAY_HOUR,
                            new Use("data through NAT gateways", Item.NAT_GATEWAY_GB))),
            Map.entry(
                    "AWS::EC2::EIP", Charge.hourly("public IPv4 addresses of the NAT gateways", Item.PUBLIC_IPV4_HOUR)),
            Map.entry(
                    "AWS::ElasticLoadBalancingV2::LoadBalancer",
                    Charge.hourly(
                            "load balancer",
                            Item.LOAD_BALANCER_HOUR,
                            new Use("requests to the load balancer", Item.LOAD_BALANCER_UNIT_HOUR),
                            new Use("data to the internet", Item.DATA_OUT_GB))),
            Map.entry(
                    "AWS::CloudWatch::Alarm",
                    new Charge(
                            "metrics that alarms look at",
                            Item.ALARM_METRIC_MONTH,
                            false,
                            Resource::metrics,
                            List.of())),
            // Target tracking makes two alarms of a policy, one to scale out and one to scale in, which are paid for as
            // any other.
            // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-autoscaling-targettracking.html
            Map.entry(
                    "AWS::ApplicationAutoScaling::ScalingPolicy",
                    new Charge(
                            "metrics of the alarms by which it scales",
                            Item.ALARM_METRIC_MONTH,
                            false,
                            policy -> 2 * policy.metrics(),
                            List.of())),
            Map.entry("AWS::CloudWatch::CompositeAlarm", Charge.monthly("composite alarm", Item.COMPOSITE_ALARM_MONTH)),
            Map.entry("AWS::CloudWatch::Dashboard", Charge.monthly("dashboard", Item.DASHBOARD_MONTH)),
            Map.entry(
                    "AWS::WAFv2::WebACL",
                    Charge.monthly(
                            "firewall: web ACL",
                            Item.FIREWALL_MONTH,
                            new Use("requests through the firewall", Item.FIREWALL_MILLION_REQUESTS))),
            Map.entry("AWS::EC2::FlowLog", Charge.byUse(new Use("flow logs, written to S3", Item.VENDED_LOGS_S3_GB))),
            Map.entry(
                    "AWS::S3::Bucket",
                    Charge.byUse(
                            new Use("what is kept in S3", Item.S3_GB_MONTH),
                            new Use("what is written to S3", Item.S3_WRITE_THOUSAND))),
            Map.entry(
                    "AWS::Logs::LogGroup",
                    Charge.byUse(
                            new Use("logs that are written", Item.LOGS_WRITTEN_GB),
                            new Use("logs that are kept", Item.LOGS_KEPT_GB_MONTH))),
            Map.entry("AWS::ECR::Repository", Charge.byUse(new Use("images that are kept", Item.REGISTRY_GB_MONTH))),
            Map.entry("AWS::SNS::Topic", Charge.byUse(new Use("e-mails", Item.EMAIL_HUNDRED_THOUSAND))),
            Map.entry(
                    "AWS::CodePipeline::Pipeline",
                    Charge.byUse(new Use("actions of the pipeline", Item.PIPELINE_MINUTE))),
            Map.entry(
                    "AWS::Serverless::Function",
                    Charge.byUse(
                            new Use("invocations of functions", Item.FUNCTION_MILLION_REQUESTS),
                            new Use("time of functions", Item.FUNCTION_GB_SECOND),
                            new Use("traces", Item.TRACE_MILLION))),
            Map.entry("AWS::Serverless::HttpApi", Charge.byUse(new Use("requests", Item.API_MILLION_REQUESTS))),
            Map.entry("AWS::SQS::Queue", Charge.byUse(new Use("requests to queues", Item.QUEUE_MILLION_REQUESTS))),
            Map.entry(
                    "AWS::DynamoDB::Table",
                    Charge.byUse(
                            new Use("writes to the table", Item.TABLE_MILLION_WRITES),
                            new Use("reads of the table", Item.TABLE_MILLION_READS),
                            new Use("what the table keeps", Item.TABLE_GB_MONTH),
                            new Use("what the table can be recovered from", Item.TABLE_RECOVERY_GB_MONTH))));

    /** What costs by what a spec says of it, not by being there: tasks, build machines, metrics of Container Insights. */
    private static final Set<String> BY_SPEC =
            Set.of("AWS::ECS::Service", "AWS::ECS::Cluster", "AWS::CodeBuild::Project");

    /** What is free, or paid by what it belongs to; certificates and aliases of load balancers are free as well. */
    private static final Set<String> FREE = Set.of(
            "AWS::ApplicationAutoScaling::ScalableTarget",
            "AWS::CertificateManager::Certificate",
            "AWS::CodeConnections::Connection",
            "AWS::EC2::InternetGateway",
            "AWS::EC2::Route",
            "AWS::EC2::RouteTable",
            "AWS::EC2::SecurityGroup",
            "AWS::EC2::Subnet",
            "AWS::EC2::SubnetRouteTableAssociation",
            "AWS::EC2::VPC",
            "AWS::EC2::VPCGatewayAttachment",
            "AWS::ElasticLoadBalancingV2::Listener",
            "AWS::ElasticLoadBalancingV2::ListenerCertificate",
            "AWS::ElasticLoadBalancingV2::ListenerRule",
            "AWS::ElasticLoadBalancingV2::TargetGroup",
            "AWS::Events::Rule",
            "AWS::IAM::ManagedPolicy",
            "AWS::IAM::Role",
            "AWS::Route53::RecordSet",
            "AWS::S3::BucketPolicy",
            "AWS::SNS::Subscription",
            "AWS::SNS::TopicPolicy",
            "AWS::SQS::QueuePolicy",
            "AWS::WAFv2::IPSet",
            "AWS::WAFv2::LoggingConfiguration",
            "AWS::WAFv2::WebACLAssociation");

    private StackCosts() {}

    /** Adds what resources cost. Throws {@link IllegalArgumentException} for a type of which nobody has said what it costs. */
    public static void add(Estimate estimate, Collection<Resource> resources) {
        Map<String, List<Resource>> byType = resources.stream().collect(Collectors.groupingBy(Resource::type));
        Stream<String> unknown = byType.keySet().stream()
                .filter(type -> !CHARGES.containsKey(type) && !BY_SPEC.contains(type) && !FREE.contains(type));
        unknown.findFirst().ifPresent(type -> {
            throw new IllegalArgumentException("what does " + type + " cost?");
        });
        new TreeMap<>(byType).forEach((type, found) -> {
            Charge charge = CHARGES.get(type);
            if (charge == null) {
                return; // free, or by the spec
            }
            if (charge.what() != null && charge.item() != null) {
                int units = found.stream().mapToInt(charge.units()).sum();
                if (charge.hourly()) {
                    estimate.hourly(charge.what(), units, charge.item());
                } else {
                    estimate.monthly(charge.what(), units, charge.item());
                }
            }
            charge.uses().forEach(use -> estimate.usage(use.what(), use.item()));
        });
    }
}
