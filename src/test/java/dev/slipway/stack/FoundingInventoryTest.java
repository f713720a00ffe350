package dev.slipway.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every part of the founding use case, its pipeline apart, is in the templates, and its weaknesses are not. */
class FoundingInventoryTest {

    private static final String ENV = "environment.yaml";
    private static final String SERVICE = "service.yaml";
    private static final Object FALSE_IF_NO_NAT = Map.of("Fn::If", List.of("HasNat", "DISABLED", "ENABLED"));

    static Stream<Arguments> parts() {
        return Stream.of(
                part("VPC", ENV, "Vpc", "AWS::EC2::VPC", "CidrBlock", ref("Cidr")),
                part("DNS support", ENV, "Vpc", "AWS::EC2::VPC", "EnableDnsSupport", true),
                part("DNS hostnames", ENV, "Vpc", "AWS::EC2::VPC", "EnableDnsHostnames", true),
                part("private subnet 1", ENV, "PrivateSubnetA", "AWS::EC2::Subnet", "VpcId", ref("Vpc")),
                part("private subnet 2", ENV, "PrivateSubnetB", "AWS::EC2::Subnet", "VpcId", ref("Vpc")),
                part("public subnet 1", ENV, "PublicSubnetA", "AWS::EC2::Subnet", "VpcId", ref("Vpc")),
                part("public subnet 2", ENV, "PublicSubnetB", "AWS::EC2::Subnet", "VpcId", ref("Vpc")),
                part("way in", ENV, "InternetGatewayAttachment", "AWS::EC2::VPCGatewayAttachment",
                        "InternetGatewayId", ref("InternetGateway")),
                part("public route", ENV, "PublicRoute", "AWS::EC2::Route", "GatewayId", ref("InternetGateway")),
                part("elastic IP 1", ENV, "NatAddressA", "AWS::EC2::EIP", "Domain", "vpc"),
                part("elastic IP 2", ENV, "NatAddressB", "AWS::EC2::EIP", "Domain", "vpc"),
                part("NAT gateway 1", ENV, "NatGatewayA", "AWS::EC2::NatGateway", "SubnetId", ref("PublicSubnetA")),
                part("NAT gateway 2", ENV, "NatGatewayB", "AWS::EC2::NatGateway", "SubnetId", ref("PublicSubnetB")),
                part("private routes 1", ENV, "PrivateSubnetARouteTable", "AWS::EC2::SubnetRouteTableAssociation",
                        "RouteTableId", ref("PrivateRouteTableA")),
                part("private routes 2", ENV, "PrivateSubnetBRouteTable", "AWS::EC2::SubnetRouteTableAssociation",
                        "RouteTableId", ref("PrivateRouteTableB")),
                part("public load balancer", ENV, "LoadBalancer", "AWS::ElasticLoadBalancingV2::LoadBalancer",
                        "Scheme", "internet-facing"),
                part("its subnet", ENV, "LoadBalancer", "AWS::ElasticLoadBalancingV2::LoadBalancer",
                        "Subnets.0", ref("PublicSubnetA")),
                part("HTTP, or HTTPS with a certificate", ENV, "MainListener",
                        "AWS::ElasticLoadBalancingV2::Listener", "Protocol", either("HasCertificate", "HTTPS", "HTTP")),
                part("load balancer's firewall", ENV, "LoadBalancerSecurityGroup", "AWS::EC2::SecurityGroup",
                        "SecurityGroupIngress.0.FromPort", 80),
                part("cluster", ENV, "Cluster", "AWS::ECS::Cluster", "CapacityProviders",
                        List.of("FARGATE", "FARGATE_SPOT")),
                part("target group by address", SERVICE, "TargetGroupA",
                        "AWS::ElasticLoadBalancingV2::TargetGroup", "TargetType", "ip"),
                part("tasks' firewall, port", SERVICE, "TaskSecurityGroup", "AWS::EC2::SecurityGroup",
                        "SecurityGroupIngress.0.FromPort", ref("LiveContainerPort")),
                part("tasks' firewall, source", SERVICE, "TaskSecurityGroup", "AWS::EC2::SecurityGroup",
                        "SecurityGroupIngress.0.SourceSecurityGroupId", ref("LoadBalancerSecurityGroup")),
                part("service on Fargate", SERVICE, "EcsService", "AWS::ECS::Service",
                        "CapacityProviderStrategy.0.CapacityProvider", "FARGATE"),
                part("service behind the target group", SERVICE, "EcsService", "AWS::ECS::Service",
                        "LoadBalancers.0.TargetGroupArn", ref("TargetGroupA")),
                part("service in the task subnets", SERVICE, "EcsService", "AWS::ECS::Service",
                        "NetworkConfiguration.AwsvpcConfiguration.Subnets", ref("TaskSubnets")),
                part("log group", SERVICE, "LogGroup", "AWS::Logs::LogGroup", "LogGroupName",
                        Map.of("Fn::Sub", "/slipway/${Environment}/${Service}")),
                part("registry", SERVICE, "Repository", "AWS::ECR::Repository", "RepositoryName",
                        Map.of("Fn::Sub", "slipway-${Environment}-${Service}")),
                part("execution role", SERVICE, "ExecutionRole", "AWS::IAM::Role",
                        "AssumeRolePolicyDocument.Statement.0.Principal.Service", "ecs-tasks.amazonaws.com"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("parts")
    void everyPartIsThere(String part, String template, String logicalId, String type, String property, Object value) {
        Template.Resource resource = Template.named(template).resource(logicalId);
        assertThat(resource.type()).isEqualTo(type);
        assertThat(resource.at("Properties." + property)).isEqualTo(value);
    }

    static Stream<Arguments> improvements() {
        return Stream.of(
                part("plain HTTP: old TLS is gone too", ENV, "MainListener",
                        "AWS::ElasticLoadBalancingV2::Listener", "SslPolicy",
                        either("HasCertificate", "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09", ref("AWS::NoValue"))),
                part("plain HTTP: redirected", ENV, "RedirectListener", "AWS::ElasticLoadBalancingV2::Listener",
                        "DefaultActions.0.RedirectConfig.Protocol", "HTTPS"),
                part("no certificate: made by the template", ENV, "Certificate",
                        "AWS::CertificateManager::Certificate", "ValidationMethod", "DNS"),
                part("no DNS: the domain", ENV, "DomainRecord", "AWS::Route53::RecordSet", "Name", ref("DomainName")),
                part("no DNS: names below it", ENV, "WildcardRecord", "AWS::Route53::RecordSet", "Name",
                        Map.of("Fn::Sub", "*.${DomainName}")),
                part("firewall open outward: VPC only", ENV, "LoadBalancerSecurityGroup", "AWS::EC2::SecurityGroup",
                        "SecurityGroupEgress.0.CidrIp", ref("Cidr")),
                part("mutable tags", SERVICE, "Repository", "AWS::ECR::Repository", "ImageTagMutability", "IMMUTABLE"),
                part("no scan", SERVICE, "Repository", "AWS::ECR::Repository",
                        "ImageScanningConfiguration.ScanOnPush", true),
                part("no circuit breaker", SERVICE, "EcsService", "AWS::ECS::Service",
                        "DeploymentConfiguration.DeploymentCircuitBreaker",
                        Map.of("Enable", true, "Rollback", true)),
                part("no log retention", SERVICE, "LogGroup", "AWS::Logs::LogGroup", "RetentionInDays",
                        ref("LogRetentionDays")),
                part("unencrypted bucket", ENV, "AccessLogBucket", "AWS::S3::Bucket",
                        "BucketEncryption.ServerSideEncryptionConfiguration.0.ServerSideEncryptionByDefault"
                                + ".SSEAlgorithm",
                        "AES256"),
                part("an apply that reverts a release", SERVICE, "EcsService", "AWS::ECS::Service", "TaskDefinition",
                        ref("TaskDefinition")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("improvements")
    void everyWeaknessIsGone(String was, String template, String logicalId, String type, String property, Object is) {
        everyPartIsThere(was, template, logicalId, type, property, is);
    }

    @Test
    void noTaskDefinitionIsInATemplateSoNoApplyCanRegisterAnOldOne() {
        assertThat(Template.all().flatMap(template -> template.resources().stream()))
                .noneMatch(resource -> resource.type().equals("AWS::ECS::TaskDefinition"));
    }

    @Test
    void theDefaultsGiveTheFoundingSubnets() {
        assertThat(subnets("172.17.0.0/16", 8, "PrivateSubnetA", "PrivateSubnetB", "PublicSubnetA", "PublicSubnetB"))
                .containsExactly("172.17.0.0/24", "172.17.1.0/24", "172.17.2.0/24", "172.17.3.0/24");
        assertThat(parameter("Cidr").get("Default")).isEqualTo("172.17.0.0/16");
        assertThat(parameter("SubnetBits").get("Default")).isEqualTo(8);
        assertThat(parameter("Zones").get("Default")).isEqualTo("2");
        assertThat(parameter("NatGateways").get("Default")).isEqualTo("per-zone");
    }

    @Test
    void theThirdZoneTakesWhatTheTwoLeaveFree() {
        assertThat(subnets("172.17.0.0/16", 8, "PrivateSubnetC", "PublicSubnetC"))
                .containsExactly("172.17.4.0/24", "172.17.5.0/24");
    }

    @Test
    void theSmallestNetworkHasRoomForThreeZones() {
        assertThat(subnets("10.0.0.0/24", 5, "PublicSubnetC")).containsExactly("10.0.0.160/27");
    }

    @Test
    void tasksGetAnAddressOfTheirOwnOnlyWithoutNat() {
        Map<String, Object> output = Template.map(Template.named(ENV).section("Outputs").get("AssignPublicIp"));
        assertThat(output.get("Value")).isEqualTo(FALSE_IF_NO_NAT);
    }

    /** What Fn::Cidr and Fn::Select make of a range: block n of the size that the host bits say. */
    private static List<String> subnets(String range, int hostBits, String... logicalIds) {
        String[] octets = range.substring(0, range.indexOf('/')).split("\\.");
        int base = Stream.of(octets).map(Integer::parseInt).reduce(0, (sum, octet) -> (sum << 8) | octet);
        return Stream.of(logicalIds)
                .map(id -> (List<?>) Template.named(ENV).resource(id).at("Properties.CidrBlock.Fn::Select"))
                .map(select -> {
                    assertThat(select.get(1))
                            .isEqualTo(Map.of("Fn::Cidr", List.of(ref("Cidr"), 6, ref("SubnetBits"))));
                    int address = base + ((Integer) select.get(0) << hostBits);
                    return "%d.%d.%d.%d/%d".formatted(
                            address >>> 24, address >> 16 & 255, address >> 8 & 255, address & 255, 32 - hostBits);
                })
                .toList();
    }

    private static Map<String, Object> parameter(String name) {
        return Template.map(Template.named(ENV).section("Parameters").get(name));
    }

    private static Arguments part(
            String part, String template, String logicalId, String type, String property, Object value) {
        return arguments(part, template, logicalId, type, property, value);
    }

    private static Map<String, Object> ref(String name) {
        return Map.of("Ref", name);
    }

    private static Map<String, Object> either(String condition, Object yes, Object no) {
        return Map.of("Fn::If", List.of(condition, yes, no));
    }
}
