package dev.slipway.stack;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every part of the founding use case is in the templates, and its weaknesses are not. Values stand
 * as Java prints the template's tree, so {@code {Ref=Vpc}} is a reference to Vpc.
 */
class FoundingInventoryTest {

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            VPC                    | environment | Vpc                       | EC2::VPC                           | CidrBlock                             | {Ref=Cidr}
            DNS support            | environment | Vpc                       | EC2::VPC                           | EnableDnsSupport                      | true
            DNS hostnames          | environment | Vpc                       | EC2::VPC                           | EnableDnsHostnames                    | true
            private subnet 1       | environment | PrivateSubnetA            | EC2::Subnet                        | VpcId                                 | {Ref=Vpc}
            private subnet 2       | environment | PrivateSubnetB            | EC2::Subnet                        | VpcId                                 | {Ref=Vpc}
            public subnet 1        | environment | PublicSubnetA             | EC2::Subnet                        | VpcId                                 | {Ref=Vpc}
            public subnet 2        | environment | PublicSubnetB             | EC2::Subnet                        | VpcId                                 | {Ref=Vpc}
            internet gateway       | environment | InternetGatewayAttachment | EC2::VPCGatewayAttachment          | InternetGatewayId                     | {Ref=InternetGateway}
            public way out         | environment | PublicRoute               | EC2::Route                         | GatewayId                             | {Ref=InternetGateway}
            elastic IP 1           | environment | NatAddressA               | EC2::EIP                           | Domain                                | vpc
            elastic IP 2           | environment | NatAddressB               | EC2::EIP                           | Domain                                | vpc
            NAT gateway 1          | environment | NatGatewayA               | EC2::NatGateway                    | SubnetId                              | {Ref=PublicSubnetA}
            NAT gateway 2          | environment | NatGatewayB               | EC2::NatGateway                    | SubnetId                              | {Ref=PublicSubnetB}
            private routes 1       | environment | PrivateSubnetARouteTable  | EC2::SubnetRouteTableAssociation   | RouteTableId                          | {Ref=PrivateRouteTableA}
            private routes 2       | environment | PrivateSubnetBRouteTable  | EC2::SubnetRouteTableAssociation   | RouteTableId                          | {Ref=PrivateRouteTableB}
            private way out 1      | environment | PrivateRouteA             | EC2::Route                         | NatGatewayId                          | {Ref=NatGatewayA}
            private way out 2      | environment | PrivateRouteB             | EC2::Route                         | NatGatewayId                          | {Fn::If=[NatPerZone, {Ref=NatGatewayB}, {Ref=NatGatewayA}]}
            load balancer          | environment | LoadBalancer              | ElasticLoadBalancingV2::LoadBalancer | Scheme                              | internet-facing
            its first subnet       | environment | LoadBalancer              | ElasticLoadBalancingV2::LoadBalancer | Subnets.0                           | {Ref=PublicSubnetA}
            its second subnet      | environment | LoadBalancer              | ElasticLoadBalancingV2::LoadBalancer | Subnets.1                           | {Ref=PublicSubnetB}
            its port               | environment | HttpListener              | ElasticLoadBalancingV2::Listener   | Port                                  | 80
            its firewall           | environment | LoadBalancerSecurityGroup | EC2::SecurityGroup                 | SecurityGroupIngress.0.FromPort       | 80
            cluster                | environment | Cluster                   | ECS::Cluster                       | CapacityProviders                     | [FARGATE, FARGATE_SPOT]
            targets by address     | service     | TargetGroupA              | ElasticLoadBalancingV2::TargetGroup | TargetType                           | ip
            tasks' firewall: port  | service     | TaskSecurityGroup         | EC2::SecurityGroup                 | SecurityGroupIngress.0.FromPort       | {Ref=LiveContainerPort}
            tasks' firewall: who   | service     | TaskSecurityGroup         | EC2::SecurityGroup                 | SecurityGroupIngress.0.SourceSecurityGroupId | {Ref=LoadBalancerSecurityGroup}
            Fargate service        | service     | EcsService                | ECS::Service                       | CapacityProviderStrategy.Fn::If.2.0.CapacityProvider | FARGATE
            behind the target group| service     | EcsService                | ECS::Service                       | LoadBalancers.0.TargetGroupArn        | {Fn::If=[FirstIsB, {Ref=TargetGroupB}, {Ref=TargetGroupA}]}
            in the task subnets    | service     | EcsService                | ECS::Service                       | NetworkConfiguration.AwsvpcConfiguration.Subnets | {Ref=TaskSubnets}
            log group              | service     | LogGroup                  | Logs::LogGroup                     | LogGroupName                          | {Fn::Sub=/slipway/${Environment}/${Service}}
            registry               | service     | Repository                | ECR::Repository                    | RepositoryName                        | {Fn::Sub=slipway-${Environment}-${Service}}
            source connection      | pipeline    | Connection                | CodeConnections::Connection        | ProviderType                          | {Ref=Provider}
            organisation, name     | pipeline    | Pipeline                  | CodePipeline::Pipeline             | Stages.0.Actions.0.Configuration.FullRepositoryId | {Ref=RepositoryId}
            branch                 | pipeline    | Pipeline                  | CodePipeline::Pipeline             | Stages.0.Actions.0.Configuration.BranchName | {Ref=Branch}
            build                  | pipeline    | Pipeline                  | CodePipeline::Pipeline             | Stages.2.Actions.1.Configuration.ProjectName | {Ref=BuildProject}
            deploy                 | pipeline    | Pipeline                  | CodePipeline::Pipeline             | Stages.3.Actions.0.Configuration.FunctionName | {Ref=DeployFunction}
            privileged build       | pipeline    | BuildProject              | CodeBuild::Project                 | Environment.PrivilegedMode            | {Fn::If=[IsPrivileged, true, false]}
            REPOSITORY_URI         | pipeline    | BuildProject              | CodeBuild::Project                 | Environment.EnvironmentVariables.0    | {Name=REPOSITORY_URI, Value={Ref=RepositoryUri}}
            AWS_DEFAULT_REGION     | pipeline    | BuildProject              | CodeBuild::Project                 | Environment.EnvironmentVariables.1    | {Name=AWS_DEFAULT_REGION, Value={Ref=AWS::Region}}
            CONTAINER_NAME         | pipeline    | BuildProject              | CodeBuild::Project                 | Environment.EnvironmentVariables.2    | {Name=CONTAINER_NAME, Value={Ref=Service}}
            artifact bucket        | pipeline    | Pipeline                  | CodePipeline::Pipeline             | ArtifactStore.Location                | {Ref=ArtifactBucket}
            pipeline role          | pipeline    | PipelineRole              | IAM::Role                          | AssumeRolePolicyDocument.Statement.0.Principal.Service | codepipeline.amazonaws.com
            CodeBuild role         | pipeline    | BuildRole                 | IAM::Role                          | AssumeRolePolicyDocument.Statement.0.Principal.Service | codebuild.amazonaws.com
            execution role         | service     | ExecutionRole             | IAM::Role                          | AssumeRolePolicyDocument.Statement.0.Principal.Service | ecs-tasks.amazonaws.com
            """)
    void everyPartIsThere(String part, String template, String logicalId, String type, String property, String value) {
        StackTemplate.Resource resource =
                StackTemplate.named(template + ".yaml").resource(logicalId);
        assertThat(resource.type()).isEqualTo("AWS::" + type);
        assertThat(resource.at("Properties." + property)).as(part).hasToString(value);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            plain HTTP                  | environment | HttpsListener    | ElasticLoadBalancingV2::Listener | Protocol | HTTPS
            old TLS, had there been any | environment | HttpsListener    | ElasticLoadBalancingV2::Listener | SslPolicy | ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09
            HTTP left open beside HTTPS | environment | HttpListener     | ElasticLoadBalancingV2::Listener | DefaultActions.0.Fn::If.1.RedirectConfig.Protocol | HTTPS
            no certificate              | environment | Certificate      | CertificateManager::Certificate  | ValidationMethod | DNS
            no domain                   | environment | DomainRecord     | Route53::RecordSet               | Name | {Ref=DomainName}
            no names below the domain   | environment | WildcardRecord   | Route53::RecordSet               | Name | {Fn::Sub=*.${DomainName}}
            load balancer may go out    | environment | LoadBalancerSecurityGroup | EC2::SecurityGroup      | SecurityGroupEgress.0.CidrIp | {Ref=Cidr}
            no access logs              | environment | LoadBalancer     | ElasticLoadBalancingV2::LoadBalancer | LoadBalancerAttributes.3 | {Key=access_logs.s3.enabled, Value={Ref=AccessLogs}}
            unencrypted bucket          | environment | AccessLogBucket  | S3::Bucket                       | BucketEncryption.ServerSideEncryptionConfiguration.0.ServerSideEncryptionByDefault.SSEAlgorithm | AES256
            mutable tags                | service     | Repository       | ECR::Repository                  | ImageTagMutability | IMMUTABLE_WITH_EXCLUSION
            more mutable tags than one  | service     | Repository       | ECR::Repository                  | ImageTagMutabilityExclusionFilters | [{ImageTagMutabilityExclusionFilterType=WILDCARD, ImageTagMutabilityExclusionFilterValue=latest}]
            images not scanned          | service     | Repository       | ECR::Repository                  | ImageScanningConfiguration.ScanOnPush | true
            no circuit breaker          | service     | EcsService       | ECS::Service                     | DeploymentConfiguration.DeploymentCircuitBreaker.Enable | true
            no roll-back                | service     | EcsService       | ECS::Service                     | DeploymentConfiguration.DeploymentCircuitBreaker.Rollback | true
            logs kept for ever          | service     | LogGroup         | Logs::LogGroup                   | RetentionInDays | {Ref=LogRetentionDays}
            unencrypted artifacts       | pipeline    | ArtifactBucket   | S3::Bucket                       | BucketEncryption.ServerSideEncryptionConfiguration.0.ServerSideEncryptionByDefault.SSEAlgorithm | aws:kms
            artifacts for ever          | pipeline    | ArtifactBucket   | S3::Bucket                       | LifecycleConfiguration.Rules.0.ExpirationInDays | {Ref=ArtifactDays}
            build logs kept for ever    | pipeline    | LogGroup         | Logs::LogGroup                   | RetentionInDays | {Ref=LogRetentionDays}
            apply reverts the release   | service     | EcsService       | ECS::Service                     | TaskDefinition | {Ref=TaskDefinition}
            """)
    void everyWeaknessIsGone(String was, String template, String logicalId, String type, String property, String is) {
        everyPartIsThere(was, template, logicalId, type, property, is);
    }

    @Test
    void noTaskDefinitionIsInATemplateSoNoApplyCanRegisterAnOldOne() {
        assertThat(StackTemplate.all().flatMap(template -> template.resources().stream()))
                .noneMatch(resource -> resource.type().equals("AWS::ECS::TaskDefinition"));
    }

    @Test
    void theDefaultsAreTheFoundingOnes() {
        assertThat(subnets("172.17.0.0/16", 8, "PrivateSubnetA", "PrivateSubnetB", "PublicSubnetA", "PublicSubnetB"))
                .containsExactly("172.17.0.0/24", "172.17.1.0/24", "172.17.2.0/24", "172.17.3.0/24");
        assertThat(defaultOf("Cidr")).isEqualTo("172.17.0.0/16");
        assertThat(defaultOf("SubnetBits")).isEqualTo(8);
        assertThat(defaultOf("Zones")).isEqualTo("2");
        assertThat(defaultOf("NatGateways")).isEqualTo("per-zone");
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
        assertThat(StackTemplate.named("environment.yaml").section("Outputs").get("AssignPublicIp"))
                .asString()
                .contains("{Fn::If=[TasksArePrivate, DISABLED, ENABLED]}");
    }

    @Test
    void theRegistryShieldsReleasesFromEveryRuleThatCouldExpireThem() throws JsonProcessingException {
        Object policy = StackTemplate.named("service.yaml")
                .resource("Repository")
                .at("Properties.LifecyclePolicy.LifecyclePolicyText.Fn::Sub");
        String text = String.valueOf(policy).replace("${KeepImages}", "50");
        JsonNode rules = new ObjectMapper().readTree(text).path("rules");

        assertThat(rules).hasSize(3);
        assertThat(rules).extracting(rule -> rule.path("rulePriority").asInt()).containsExactly(1, 2, 3);
        assertThat(rules.at("/0/selection/tagPatternList")).hasToString("[\"release-*\"]");
        assertThat(rules.at("/0/selection/countType").asText()).isEqualTo("imageCountMoreThan");
        assertThat(rules.at("/0/selection/countNumber").asInt())
                .as("more than a service ever keeps")
                .isGreaterThan(1_000);
    }

    @Test
    void theRegistryLetsNamedRolesPushAndPullAndNothingElse() {
        Object policy =
                StackTemplate.named("service.yaml").resource("Repository").at("Properties.RepositoryPolicyText.Fn::If");

        assertThat(policy).asInstanceOf(InstanceOfAssertFactories.LIST).first().isEqualTo("HasPushers");
        assertThat(StackTemplate.mapsIn(policy).filter(map -> map.containsKey("Effect")))
                .singleElement()
                .satisfies(statement -> {
                    assertThat(statement.get("Principal")).hasToString("{AWS={Ref=RegistryPushers}}");
                    assertThat(statement.get("Action"))
                            .as("what docker push and pull need (ECR user guide, repository policy examples)")
                            .isEqualTo(List.of(
                                    "ecr:BatchCheckLayerAvailability",
                                    "ecr:BatchGetImage",
                                    "ecr:CompleteLayerUpload",
                                    "ecr:GetDownloadUrlForLayer",
                                    "ecr:InitiateLayerUpload",
                                    "ecr:PutImage",
                                    "ecr:UploadLayerPart"));
                });
    }

    /** What Fn::Cidr and Fn::Select make of a range: block n of the size that the host bits say. */
    private static List<String> subnets(String range, int hostBits, String... logicalIds) {
        String[] octets = range.substring(0, range.indexOf('/')).split("\\.");
        int base = Stream.of(octets).map(Integer::parseInt).reduce(0, (sum, octet) -> (sum << 8) | octet);
        return Stream.of(logicalIds).map(id -> subnet(base, hostBits, id)).toList();
    }

    private static String subnet(int base, int hostBits, String logicalId) {
        Object cidrBlock =
                StackTemplate.named("environment.yaml").resource(logicalId).at("Properties.CidrBlock.Fn::Select");
        if (!(cidrBlock instanceof List<?> select) || !(select.getFirst() instanceof Integer block)) {
            throw new AssertionError("not a choice of one block: " + cidrBlock);
        }
        assertThat(select.get(1)).hasToString("{Fn::Cidr=[{Ref=Cidr}, 6, {Ref=SubnetBits}]}");
        int address = base + (block << hostBits);
        return "%d.%d.%d.%d/%d"
                .formatted(address >>> 24, (address >> 16) & 255, (address >> 8) & 255, address & 255, 32 - hostBits);
    }

    private static Object defaultOf(String parameter) {
        Map<String, Object> parameters = StackTemplate.named("environment.yaml").section("Parameters");
        return StackTemplate.map(parameters.get(parameter)).get("Default");
    }
}
