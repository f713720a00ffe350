package dev.slipway.deploy;

import static dev.slipway.deploy.TemplateFile.map;
import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.deploy.TemplateFile.Statement;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** CloudFormation can make and delete whatever the stacks hold, under the role that template.yaml gives it. */
class ExecutionRoleTest {

    /** From the handlers in AWS's own resource schemas: enough of them to notice a type that was forgotten. */
    private static final Map<String, String> ACTIONS = Map.ofEntries(
            entry("AWS::CertificateManager::Certificate", "acm:RequestCertificate acm:DeleteCertificate"),
            entry("AWS::EC2::EIP", "ec2:AllocateAddress ec2:ReleaseAddress"),
            entry("AWS::EC2::InternetGateway", "ec2:CreateInternetGateway ec2:DeleteInternetGateway"),
            entry("AWS::EC2::NatGateway", "ec2:CreateNatGateway ec2:DeleteNatGateway"),
            entry("AWS::EC2::Route", "ec2:CreateRoute ec2:ReplaceRoute ec2:DeleteRoute"),
            entry("AWS::EC2::RouteTable", "ec2:CreateRouteTable ec2:DeleteRouteTable"),
            entry(
                    "AWS::EC2::SecurityGroup",
                    "ec2:CreateSecurityGroup ec2:DeleteSecurityGroup ec2:AuthorizeSecurityGroupIngress"
                            + " ec2:AuthorizeSecurityGroupEgress ec2:RevokeSecurityGroupIngress"
                            + " ec2:RevokeSecurityGroupEgress"),
            entry("AWS::EC2::SecurityGroupEgress", "ec2:AuthorizeSecurityGroupEgress ec2:RevokeSecurityGroupEgress"),
            entry("AWS::EC2::SecurityGroupIngress", "ec2:AuthorizeSecurityGroupIngress ec2:RevokeSecurityGroupIngress"),
            entry("AWS::EC2::Subnet", "ec2:CreateSubnet ec2:ModifySubnetAttribute ec2:DeleteSubnet"),
            entry("AWS::EC2::SubnetRouteTableAssociation", "ec2:AssociateRouteTable ec2:DisassociateRouteTable"),
            entry("AWS::EC2::VPC", "ec2:CreateVpc ec2:ModifyVpcAttribute ec2:DeleteVpc"),
            entry("AWS::EC2::VPCGatewayAttachment", "ec2:AttachInternetGateway ec2:DetachInternetGateway"),
            entry("AWS::ECR::Repository", "ecr:CreateRepository ecr:PutLifecyclePolicy ecr:DeleteRepository"),
            entry("AWS::ECS::Cluster", "ecs:CreateCluster ecs:UpdateCluster ecs:DeleteCluster"),
            entry("AWS::ECS::ClusterCapacityProviderAssociations", "ecs:PutClusterCapacityProviders"),
            entry("AWS::ECS::Service", "ecs:CreateService ecs:UpdateService ecs:DeleteService iam:PassRole"),
            entry(
                    "AWS::ElasticLoadBalancingV2::Listener",
                    "elasticloadbalancing:CreateListener elasticloadbalancing:ModifyListener"
                            + " elasticloadbalancing:DeleteListener"),
            entry(
                    "AWS::ElasticLoadBalancingV2::ListenerRule",
                    "elasticloadbalancing:CreateRule elasticloadbalancing:ModifyRule elasticloadbalancing:DeleteRule"),
            entry(
                    "AWS::ElasticLoadBalancingV2::LoadBalancer",
                    "elasticloadbalancing:CreateLoadBalancer elasticloadbalancing:ModifyLoadBalancerAttributes"
                            + " elasticloadbalancing:DeleteLoadBalancer"),
            entry(
                    "AWS::ElasticLoadBalancingV2::TargetGroup",
                    "elasticloadbalancing:CreateTargetGroup elasticloadbalancing:ModifyTargetGroupAttributes"
                            + " elasticloadbalancing:DeleteTargetGroup"),
            entry("AWS::IAM::Role", "iam:CreateRole iam:PutRolePolicy iam:AttachRolePolicy iam:DeleteRole"),
            entry("AWS::Logs::LogGroup", "logs:CreateLogGroup logs:PutRetentionPolicy logs:DeleteLogGroup"),
            entry("AWS::Route53::RecordSet", "route53:ChangeResourceRecordSets route53:GetChange"),
            entry("AWS::S3::Bucket", "s3:CreateBucket s3:PutLifecycleConfiguration s3:DeleteBucket"),
            entry("AWS::S3::BucketPolicy", "s3:PutBucketPolicy s3:DeleteBucketPolicy"));

    @ParameterizedTest
    @ValueSource(strings = {"environment.yaml", "service.yaml"})
    void reachesEverythingInTheStack(String stack) {
        var allowed = TemplateFile.read(Path.of("template.yaml")).heldBy("ExecutionRole").stream()
                .filter(Statement::allows)
                .flatMap(statement -> statement.actions().stream())
                .collect(Collectors.toSet());
        var resources =
                TemplateFile.read(Path.of("src/main/resources/stacks", stack)).resources();

        assertThat(resources).isNotEmpty().allSatisfy((name, resource) -> {
            var type = map(resource).get("Type").toString();
            assertThat(ACTIONS).as("actions known for %s", name).containsKey(type);
            assertThat(allowed)
                    .as("%s, %s", name, type)
                    .contains(ACTIONS.get(type).split(" "));
        });
    }
}
