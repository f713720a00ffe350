package dev.slipway.simulated.cloudformation;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * What CloudFormation knows of a resource type. The create-only properties are those of the type's registry schema
 * ({@code createOnlyProperties} and {@code conditionalCreateOnlyProperties}; docs.aws.amazon.com/cloudformation-cli,
 * resource-type-schema.html). Times are assumed; see docs/assumptions.md.
 *
 * @param naming the property that holds a name of the user's own, or empty
 * @param attributes what Fn::GetAtt may ask for
 * @param seconds how long a creation takes; updates and deletions take less, see {@link #update} and {@link #delete}
 */
record ResourceType(
        String name,
        Set<String> createOnly,
        Set<String> conditionallyCreateOnly,
        String naming,
        Set<String> attributes,
        boolean taggable,
        int seconds) {
    private static final Map<String, ResourceType> TYPES = new LinkedHashMap<>();

    static {
        ecs();
        loadBalancing();
        network();
        securityGroups();
        storage();
        others();
        delivery();
    }

    static ResourceType of(String name) {
        ResourceType type = TYPES.get(name);
        if (type == null) {
            throw CloudFormationErrors.notModelled("the resource type " + name);
        }
        return type;
    }

    /** Identity and access resources need a capability, and those with names of their own a stronger one. */
    boolean identity() {
        return name.startsWith("AWS::IAM::");
    }

    Duration create() {
        return Duration.ofSeconds(seconds);
    }

    Duration update() {
        return Duration.ofSeconds(Math.min(seconds, 12));
    }

    Duration delete() {
        return Duration.ofSeconds(Math.min(seconds, 60));
    }

    private static void ecs() {
        add("AWS::ECS::Cluster", "ClusterName", "ClusterName", "Arn", true, 8);
        add("AWS::ECS::ClusterCapacityProviderAssociations", "Cluster", "", "", false, 6);
        String service = "AWS::ECS::Service";
        TYPES.put(
                service,
                new ResourceType(
                        service,
                        words("Cluster Role SchedulingStrategy ServiceName"),
                        words("LaunchType"),
                        "ServiceName",
                        words("ServiceArn Name"),
                        true,
                        10));
    }

    private static void loadBalancing() {
        String family = "AWS::ElasticLoadBalancingV2::";
        add(
                family + "LoadBalancer",
                "Name Type Scheme",
                "Name",
                "LoadBalancerName LoadBalancerFullName CanonicalHostedZoneID LoadBalancerArn DNSName SecurityGroups",
                true,
                150);
        add(family + "Listener", "LoadBalancerArn", "", "ListenerArn", true, 3);
        add(
                family + "TargetGroup",
                "TargetType ProtocolVersion Port Name VpcId Protocol IpAddressType",
                "Name",
                "LoadBalancerArns TargetGroupArn TargetGroupName TargetGroupFullName",
                true,
                18);
        add(family + "ListenerRule", "ListenerArn", "", "RuleArn IsDefault", true, 3);
    }

    private static void network() {
        add(
                "AWS::EC2::VPC",
                "CidrBlock Ipv4IpamPoolId Ipv4NetmaskLength VpcEncryptionControl",
                "",
                "VpcId CidrBlock DefaultSecurityGroup DefaultNetworkAcl CidrBlockAssociations",
                true,
                13);
        add(
                "AWS::EC2::Subnet",
                "VpcId AvailabilityZone AvailabilityZoneId CidrBlock OutpostArn Ipv6Native Ipv4IpamPoolId"
                        + " Ipv4NetmaskLength Ipv6IpamPoolId Ipv6NetmaskLength",
                "",
                "SubnetId AvailabilityZone CidrBlock VpcId NetworkAclAssociationId",
                true,
                5);
        add("AWS::EC2::InternetGateway", "", "", "InternetGatewayId", true, 17);
        add("AWS::EC2::VPCGatewayAttachment", "VpcId", "", "AttachmentType", false, 5);
        add(
                "AWS::EC2::EIP",
                "NetworkBorderGroup TransferAddress IpamPoolId Address",
                "",
                "AllocationId PublicIp",
                true,
                15);
        add(
                "AWS::EC2::NatGateway",
                "VpcId SubnetId ConnectivityType AllocationId PrivateIpAddress AvailabilityMode",
                "",
                "NatGatewayId",
                true,
                120);
        add("AWS::EC2::RouteTable", "VpcId", "", "RouteTableId", true, 11);
        add(
                "AWS::EC2::Route",
                "RouteTableId DestinationCidrBlock DestinationIpv6CidrBlock DestinationPrefixListId",
                "",
                "CidrBlock",
                false,
                6);
        add("AWS::EC2::SubnetRouteTableAssociation", "SubnetId RouteTableId", "", "Id", false, 4);
        add(
                "AWS::EC2::VPCEndpoint",
                "ServiceName VpcEndpointType VpcId ServiceNetworkArn ResourceConfigurationArn ServiceRegion",
                "",
                "Id CreationTimestamp DnsEntries NetworkInterfaceIds",
                true,
                40);
        add(
                "AWS::EC2::FlowLog",
                "DeliverCrossAccountRole DeliverLogsPermissionArn LogGroupName LogDestination ResourceId TrafficType"
                        + " LogDestinationType ResourceType LogFormat MaxAggregationInterval DestinationOptions TagFieldSpecifications",
                "",
                "Id",
                true,
                5);
    }

    private static void securityGroups() {
        add("AWS::EC2::SecurityGroup", "GroupDescription GroupName VpcId", "GroupName", "GroupId VpcId Id", true, 6);
        add(
                "AWS::EC2::SecurityGroupIngress",
                "GroupName IpProtocol SourceSecurityGroupId SourcePrefixListId ToPort CidrIp SourceSecurityGroupName"
                        + " SourceSecurityGroupOwnerId FromPort GroupId CidrIpv6",
                "",
                "Id",
                false,
                3);
        add(
                "AWS::EC2::SecurityGroupEgress",
                "IpProtocol DestinationSecurityGroupId ToPort CidrIp FromPort GroupId CidrIpv6 DestinationPrefixListId",
                "",
                "Id",
                false,
                3);
    }

    private static void storage() {
        add(
                "AWS::S3::Bucket",
                "BucketName BucketNamePrefix BucketNamespace",
                "BucketName",
                "Arn DomainName DualStackDomainName RegionalDomainName WebsiteURL",
                true,
                22);
        add("AWS::S3::BucketPolicy", "Bucket", "", "", false, 3);
        add(
                "AWS::ECR::Repository",
                "RepositoryName EncryptionConfiguration",
                "RepositoryName",
                "Arn RepositoryUri",
                true,
                3);
        add("AWS::Logs::LogGroup", "LogGroupName", "LogGroupName", "Arn", true, 4);
    }

    private static void others() {
        add("AWS::IAM::Role", "Path RoleName", "RoleName", "Arn RoleId", true, 17);
        add("AWS::IAM::Policy", "", "", "Id", false, 16);
        add("AWS::IAM::RolePolicy", "PolicyName RoleName", "PolicyName", "", false, 16);
        add(
                "AWS::IAM::ManagedPolicy",
                "ManagedPolicyName Description Path",
                "ManagedPolicyName",
                "PolicyArn PolicyId AttachmentCount DefaultVersionId",
                false,
                18);
        add(
                "AWS::CertificateManager::Certificate",
                "SubjectAlternativeNames DomainValidationOptions KeyAlgorithm DomainName CertificateAuthorityArn"
                        + " CertificateExport",
                "",
                "",
                true,
                90);
        add("AWS::ElasticLoadBalancingV2::ListenerCertificate", "ListenerArn", "", "Id", false, 3);
        add("AWS::Route53::RecordSet", "HostedZoneName HostedZoneId", "", "", false, 35);
        add("AWS::Route53::RecordSetGroup", "HostedZoneName HostedZoneId", "", "", false, 35);
        add("AWS::CloudWatch::Alarm", "AlarmName", "AlarmName", "Arn", true, 3);
        add("AWS::CloudWatch::CompositeAlarm", "AlarmName", "AlarmName", "Arn", true, 3);
        add("AWS::CloudWatch::Dashboard", "DashboardName", "DashboardName", "", false, 3);
        add(
                "AWS::ApplicationAutoScaling::ScalableTarget",
                "ResourceId ScalableDimension ServiceNamespace",
                "",
                "Id",
                false,
                3);
        add(
                "AWS::ApplicationAutoScaling::ScalingPolicy",
                "PolicyName ServiceNamespace ResourceId ScalableDimension ScalingTargetId",
                "PolicyName",
                "Arn",
                false,
                3);
    }

    private static void delivery() {
        add("AWS::CodePipeline::Pipeline", "Name", "Name", "Version", true, 4);
        add("AWS::CodeBuild::Project", "Name", "Name", "Arn", true, 4);
        add(
                "AWS::CodeConnections::Connection",
                "ConnectionName ProviderType HostArn",
                "ConnectionName",
                "ConnectionArn ConnectionStatus OwnerAccountId",
                true,
                3);
        add("AWS::Events::Rule", "Name", "Name", "Arn", true, 60);
        add("AWS::SNS::Topic", "TopicName FifoTopic", "TopicName", "TopicArn TopicName", true, 12);
        add("AWS::SNS::TopicPolicy", "", "", "Id", false, 3);
        add("AWS::SNS::Subscription", "Endpoint Protocol TopicArn", "", "Arn", false, 3);
        add("AWS::WAFv2::WebACL", "Name Scope", "Name", "Arn Capacity Id LabelNamespace", true, 5);
        add("AWS::WAFv2::WebACLAssociation", "ResourceArn WebACLArn", "", "", false, 20);
        add("AWS::WAFv2::IPSet", "Name Scope", "Name", "Arn Id", true, 3);
        add("AWS::WAFv2::LoggingConfiguration", "ResourceArn", "", "", false, 5);
    }

    private static void add(
            String name, String createOnly, String naming, String attributes, boolean taggable, int seconds) {
        TYPES.put(
                name,
                new ResourceType(
                        name, words(createOnly), conditionally(name), naming, words(attributes), taggable, seconds));
    }

    private static Set<String> conditionally(String name) {
        return switch (name) {
            case "AWS::EC2::VPC" -> Set.of("InstanceTenancy");
            case "AWS::EC2::Subnet" -> Set.of("Ipv6CidrBlock");
            default -> Set.of();
        };
    }

    private static Set<String> words(String text) {
        return text.isEmpty() ? Set.of() : Set.of(text.split(" "));
    }
}
