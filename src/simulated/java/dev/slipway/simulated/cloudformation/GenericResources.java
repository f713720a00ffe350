package dev.slipway.simulated.cloudformation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.simulated.aws.SimulatedAws;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Resources that nothing else in the simulated account looks at: they have a physical id, attributes and, where they
 * have names, names that are taken. Return values: AWSCloudFormation/latest/TemplateReference/, each type's own page.
 */
final class GenericResources implements ResourceProvider {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final SimulatedAws account;
    private final Map<String, TreeSet<String>> taken = new TreeMap<>();
    private final Set<String> written = new HashSet<>();

    GenericResources(SimulatedAws account) {
        this.account = account;
    }

    /** Somebody has written to a bucket, which cannot be deleted from then on. */
    void write(String bucket) {
        written.add(bucket);
    }

    /** As if somebody had made a resource of this name outside CloudFormation. */
    void occupy(String type, String name) {
        taken.computeIfAbsent(type, key -> new TreeSet<>()).add(name);
    }

    @Override
    public Created create(Target target) {
        String naming = ResourceType.of(target.type()).naming();
        String name = target.properties().path(naming).asText("");
        if (name.isEmpty()) {
            name = target.type().equals("AWS::S3::Bucket")
                    ? target.suggestedName().toLowerCase(Locale.ROOT)
                    : target.suggestedName();
        }
        if (!naming.isEmpty()
                && !taken.computeIfAbsent(target.type(), key -> new TreeSet<>()).add(name)) {
            throw new ResourceFailure(ResourceFailure.handler(
                    "Resource of type '%s' with identifier '%s' already exists.".formatted(target.type(), name),
                    account.uuid(),
                    "AlreadyExists"));
        }
        Map<String, String> attributes = new LinkedHashMap<>();
        String physicalId = identify(target, name, attributes);
        Map<String, JsonNode> nodes = new LinkedHashMap<>();
        attributes.forEach((key, value) -> nodes.put(key, NODES.textNode(value)));
        return new Created(physicalId, nodes);
    }

    @Override
    public Created update(Target target, ObjectNode before) {
        return new Created(target.physicalId(), Map.of());
    }

    @Override
    public void delete(Target target) {
        String name = target.text(ResourceType.of(target.type()).naming());
        if (name.isEmpty()) {
            name = target.physicalId();
        }
        if (target.type().equals("AWS::S3::Bucket") && written.contains(target.physicalId())) {
            throw new ResourceFailure(ResourceFailure.handler(
                    "The bucket you tried to delete is not empty (Service: S3, Status Code: 409)",
                    account.uuid(),
                    "GeneralServiceException"));
        }
        taken.getOrDefault(target.type(), new TreeSet<>()).remove(name);
    }

    private String identify(Target target, String name, Map<String, String> attributes) {
        String family = target.type().split("::", -1)[1];
        return switch (family) {
            case "EC2" -> network(target, attributes);
            case "IAM" -> identity(target, name, attributes);
            case "S3" -> storage(target, name, attributes);
            case "CodePipeline", "CodeBuild", "CodeConnections", "Events", "SNS", "WAFv2" ->
                delivery(target, name, attributes);
            default -> other(target, name, attributes);
        };
    }

    private String network(Target target, Map<String, String> attributes) {
        return switch (target.type()) {
            case "AWS::EC2::VPC" -> {
                String id = id("vpc");
                attributes.put("VpcId", id);
                attributes.put("CidrBlock", target.text("CidrBlock"));
                attributes.put("DefaultSecurityGroup", id("sg"));
                attributes.put("DefaultNetworkAcl", id("acl"));
                yield id;
            }
            case "AWS::EC2::Subnet" -> {
                String id = same(attributes, "SubnetId", "subnet");
                attributes.put("AvailabilityZone", target.text("AvailabilityZone"));
                attributes.put("CidrBlock", target.text("CidrBlock"));
                attributes.put("VpcId", target.text("VpcId"));
                yield id;
            }
            case "AWS::EC2::EIP" -> {
                attributes.put("AllocationId", id("eipalloc"));
                String address = "203.0.113." + (1 + account.random().nextInt(254));
                attributes.put("PublicIp", address);
                yield address;
            }
            case "AWS::EC2::SecurityGroup" -> {
                String id = same(attributes, "GroupId", "sg");
                attributes.put("Id", id);
                attributes.put("VpcId", target.text("VpcId"));
                yield id;
            }
            case "AWS::EC2::VPCGatewayAttachment" -> "IGW|" + target.text("VpcId");
            case "AWS::EC2::Route" -> {
                attributes.put("CidrBlock", target.text("DestinationCidrBlock"));
                yield target.text("RouteTableId") + "|" + target.text("DestinationCidrBlock");
            }
            default -> simpleNetwork(target.type(), attributes);
        };
    }

    private String simpleNetwork(String type, Map<String, String> attributes) {
        return switch (type) {
            case "AWS::EC2::InternetGateway" -> same(attributes, "InternetGatewayId", "igw");
            case "AWS::EC2::NatGateway" -> same(attributes, "NatGatewayId", "nat");
            case "AWS::EC2::RouteTable" -> same(attributes, "RouteTableId", "rtb");
            case "AWS::EC2::SubnetRouteTableAssociation" -> same(attributes, "Id", "rtbassoc");
            case "AWS::EC2::VPCEndpoint" -> same(attributes, "Id", "vpce");
            case "AWS::EC2::FlowLog" -> same(attributes, "Id", "fl");
            default -> same(attributes, "Id", "sgr");
        };
    }

    private String identity(Target target, String name, Map<String, String> attributes) {
        String path = target.properties().path("Path").asText("/");
        String arn = "arn:aws:iam::" + account.accountId();
        switch (target.type()) {
            case "AWS::IAM::Role" -> {
                attributes.put("Arn", arn + ":role" + path + name);
                attributes.put("RoleId", "AROA" + account.hex(17).toUpperCase(Locale.ROOT));
                return name;
            }
            case "AWS::IAM::ManagedPolicy" -> {
                attributes.put("PolicyArn", arn + ":policy" + path + name);
                attributes.put("PolicyId", "ANPA" + account.hex(17).toUpperCase(Locale.ROOT));
                attributes.put("AttachmentCount", "0");
                attributes.put("DefaultVersionId", "v1");
                return arn + ":policy" + path + name;
            }
            default -> {
                String id = target.suggestedName();
                attributes.put("Id", id);
                return id;
            }
        }
    }

    private String storage(Target target, String name, Map<String, String> attributes) {
        if (target.type().equals("AWS::S3::BucketPolicy")) {
            return target.text("Bucket");
        }
        attributes.put("Arn", "arn:aws:s3:::" + name);
        attributes.put("DomainName", name + ".s3.amazonaws.com");
        attributes.put("DualStackDomainName", name + ".s3.dualstack." + account.region() + ".amazonaws.com");
        attributes.put("RegionalDomainName", name + ".s3." + account.region() + ".amazonaws.com");
        attributes.put("WebsiteURL", "http://" + name + ".s3-website-" + account.region() + ".amazonaws.com");
        return name;
    }

    private String other(Target target, String name, Map<String, String> attributes) {
        switch (target.type()) {
            case "AWS::CertificateManager::Certificate" -> {
                return account.arn("acm", "certificate/" + account.uuid());
            }
            case "AWS::Route53::RecordSet" -> {
                return target.text("Name");
            }
            case "AWS::CloudWatch::Dashboard" -> {
                return name;
            }
            case "AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm" -> {
                attributes.put("Arn", account.arn("cloudwatch", "alarm:" + name));
                return name;
            }
            case "AWS::ApplicationAutoScaling::ScalableTarget" -> {
                String id = "%s|%s|%s"
                        .formatted(
                                target.text("ResourceId"),
                                target.text("ScalableDimension"),
                                target.text("ServiceNamespace"));
                attributes.put("Id", id);
                return id;
            }
            case "AWS::ApplicationAutoScaling::ScalingPolicy" -> {
                String arn = account.arn("autoscaling", "scalingPolicy:" + account.uuid() + ":policyName/" + name);
                attributes.put("Arn", arn);
                return arn;
            }
            case "AWS::ECS::ClusterCapacityProviderAssociations" -> {
                return target.text("Cluster");
            }
            default -> {
                return target.suggestedName();
            }
        }
    }

    private String delivery(Target target, String name, Map<String, String> attributes) {
        switch (target.type()) {
            case "AWS::CodePipeline::Pipeline" -> attributes.put("Version", "1");
            case "AWS::CodeBuild::Project" -> attributes.put("Arn", account.arn("codebuild", "project/" + name));
            case "AWS::Events::Rule" -> attributes.put("Arn", account.arn("events", "rule/" + name));
            case "AWS::CodeConnections::Connection" -> {
                attributes.put("ConnectionStatus", "PENDING"); // until a person approves it in the console
                attributes.put("OwnerAccountId", account.accountId());
                String arn = account.arn("codeconnections", "connection/" + account.uuid());
                attributes.put("ConnectionArn", arn);
                return arn;
            }
            case "AWS::SNS::Topic" -> {
                attributes.put("TopicName", name);
                attributes.put("TopicArn", account.arn("sns", name));
                return account.arn("sns", name);
            }
            case "AWS::SNS::TopicPolicy" -> {
                attributes.put("Id", target.suggestedName());
                return target.suggestedName();
            }
            case "AWS::SNS::Subscription" -> {
                String arn = target.text("TopicArn") + ":" + account.uuid();
                attributes.put("Arn", arn);
                return arn;
            }
            case "AWS::WAFv2::WebACL" -> {
                String id = account.uuid();
                attributes.put("Id", id);
                attributes.put("Capacity", "25");
                attributes.put("LabelNamespace", "awswaf:" + account.accountId() + ":webacl:" + name + ":");
                attributes.put("Arn", account.arn("wafv2", "regional/webacl/" + name + "/" + id));
                return name + "|" + id + "|" + target.text("Scope");
            }
            case "AWS::WAFv2::IPSet" -> {
                String id = account.uuid();
                attributes.put("Id", id);
                attributes.put("Arn", account.arn("wafv2", "regional/ipset/" + name + "/" + id));
                return name + "|" + id + "|" + target.text("Scope");
            }
            case "AWS::WAFv2::LoggingConfiguration" -> {
                return target.text("ResourceArn");
            }
            default -> {
                return target.text("ResourceArn") + "|" + target.text("WebACLArn");
            }
        }
        return name;
    }

    private String same(Map<String, String> attributes, String attribute, String prefix) {
        String id = id(prefix);
        attributes.put(attribute, id);
        return id;
    }

    /** EC2's long ids: a prefix and 17 hexadecimal digits. */
    private String id(String prefix) {
        return prefix + "-" + account.hex(17);
    }
}
