package dev.slipway.deploy;

import static dev.slipway.deploy.TemplateFile.map;
import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.deploy.Iam.Request;
import dev.slipway.deploy.TemplateFile.Statement;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** CloudFormation can make and delete whatever the stacks hold, under the role that template.yaml gives it. */
class ExecutionRoleTest {
    private static final TemplateFile TEMPLATE = TemplateFile.read(Path.of("template.yaml"));

    /**
     * From the handlers in AWS's own resource schemas: enough of them to notice a type that was forgotten. A project of
     * CodeBuild has no handlers there; its actions are from CodeBuild's permissions reference.
     */
    private static final Map<String, String> ACTIONS = Map.ofEntries(
            entry(
                    "AWS::ApplicationAutoScaling::ScalableTarget",
                    "application-autoscaling:RegisterScalableTarget application-autoscaling:DescribeScalableTargets"
                            + " application-autoscaling:DeregisterScalableTarget"
                            + " application-autoscaling:PutScheduledAction"
                            + " application-autoscaling:DeleteScheduledAction"
                            + " application-autoscaling:DescribeScheduledActions iam:CreateServiceLinkedRole"),
            entry(
                    "AWS::ApplicationAutoScaling::ScalingPolicy",
                    "application-autoscaling:PutScalingPolicy application-autoscaling:DescribeScalingPolicies"
                            + " application-autoscaling:DeleteScalingPolicy cloudwatch:PutMetricAlarm"
                            + " cloudwatch:DescribeAlarms cloudwatch:DeleteAlarms"),
            entry(
                    "AWS::CloudWatch::Alarm",
                    "cloudwatch:PutMetricAlarm cloudwatch:DescribeAlarms cloudwatch:DeleteAlarms"),
            entry(
                    "AWS::CloudWatch::CompositeAlarm",
                    "cloudwatch:PutCompositeAlarm cloudwatch:DescribeAlarms cloudwatch:DeleteAlarms"),
            entry(
                    "AWS::CloudWatch::Dashboard",
                    "cloudwatch:PutDashboard cloudwatch:GetDashboard cloudwatch:DeleteDashboards"),
            entry("AWS::Events::Rule", "events:PutRule events:DescribeRule events:DeleteRule"),
            entry("AWS::SNS::Topic", "sns:CreateTopic sns:SetTopicAttributes sns:GetTopicAttributes sns:DeleteTopic"),
            entry("AWS::SNS::TopicPolicy", "sns:SetTopicAttributes"),
            entry("AWS::SNS::Subscription", "sns:Subscribe sns:GetSubscriptionAttributes sns:Unsubscribe"),
            entry("AWS::CertificateManager::Certificate", "acm:RequestCertificate acm:DeleteCertificate"),
            entry(
                    "AWS::CodeBuild::Project",
                    "codebuild:CreateProject codebuild:BatchGetProjects codebuild:UpdateProject"
                            + " codebuild:DeleteProject iam:PassRole"),
            entry(
                    "AWS::CodeConnections::Connection",
                    "codeconnections:CreateConnection codeconnections:TagResource codeconnections:GetConnection"
                            + " codeconnections:ListTagsForResource codeconnections:UntagResource"
                            + " codeconnections:DeleteConnection"),
            entry(
                    "AWS::CodePipeline::Pipeline",
                    "iam:GetRole iam:PassRole codepipeline:CreatePipeline codepipeline:GetPipeline"
                            + " codepipeline:GetPipelineState codepipeline:ListTagsForResource"
                            + " codepipeline:TagResource codepipeline:UntagResource codepipeline:UpdatePipeline"
                            + " codepipeline:DeletePipeline codestar-connections:PassConnection"),
            entry("AWS::EC2::EIP", "ec2:AllocateAddress ec2:ReleaseAddress"),
            entry(
                    "AWS::EC2::FlowLog",
                    "ec2:CreateFlowLogs ec2:DescribeFlowLogs ec2:DeleteFlowLogs ec2:CreateTags logs:CreateLogDelivery"
                            + " logs:DeleteLogDelivery s3:GetBucketPolicy s3:PutBucketPolicy"),
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
            entry(
                    "AWS::ECR::Repository",
                    "ecr:CreateRepository ecr:PutLifecyclePolicy ecr:SetRepositoryPolicy ecr:GetRepositoryPolicy"
                            + " ecr:DeleteRepositoryPolicy ecr:ListImages ecr:BatchDeleteImage ecr:DeleteRepository"),
            entry("AWS::ECS::Cluster", "ecs:CreateCluster ecs:UpdateCluster ecs:DeleteCluster"),
            entry("AWS::ECS::ClusterCapacityProviderAssociations", "ecs:PutClusterCapacityProviders"),
            entry("AWS::ECS::Service", "ecs:CreateService ecs:UpdateService ecs:DeleteService iam:PassRole"),
            entry(
                    "AWS::ElasticLoadBalancingV2::Listener",
                    "elasticloadbalancing:CreateListener elasticloadbalancing:ModifyListener"
                            + " elasticloadbalancing:DeleteListener"),
            entry(
                    "AWS::ElasticLoadBalancingV2::ListenerCertificate",
                    "elasticloadbalancing:AddListenerCertificates elasticloadbalancing:DescribeListenerCertificates"
                            + " elasticloadbalancing:RemoveListenerCertificates"),
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
            entry(
                    "AWS::S3::Bucket",
                    "s3:CreateBucket s3:PutEncryptionConfiguration s3:PutBucketPublicAccessBlock"
                            + " s3:PutBucketOwnershipControls s3:PutBucketVersioning s3:PutLifecycleConfiguration"
                            + " s3:DeleteBucket"),
            entry("AWS::S3::BucketPolicy", "s3:PutBucketPolicy s3:DeleteBucketPolicy"),
            entry(
                    "AWS::WAFv2::IPSet",
                    "wafv2:CreateIPSet wafv2:GetIPSet wafv2:UpdateIPSet wafv2:DeleteIPSet wafv2:ListTagsForResource"
                            + " wafv2:TagResource wafv2:UntagResource"),
            entry(
                    "AWS::WAFv2::LoggingConfiguration",
                    "wafv2:PutLoggingConfiguration wafv2:GetLoggingConfiguration wafv2:DeleteLoggingConfiguration"
                            + " logs:CreateLogDelivery logs:DeleteLogDelivery logs:PutResourcePolicy"
                            + " logs:DescribeResourcePolicies logs:DescribeLogGroups"),
            entry(
                    "AWS::WAFv2::WebACL",
                    "wafv2:CreateWebACL wafv2:GetWebACL wafv2:UpdateWebACL wafv2:DeleteWebACL"
                            + " wafv2:ListTagsForResource wafv2:TagResource wafv2:UntagResource"),
            entry(
                    "AWS::WAFv2::WebACLAssociation",
                    "wafv2:AssociateWebACL wafv2:DisassociateWebACL wafv2:GetWebACLForResource wafv2:GetWebACL"
                            + " elasticloadbalancing:SetWebACL elasticloadbalancing:CreateWebACLAssociation"
                            + " elasticloadbalancing:DeleteWebACLAssociation"
                            + " elasticloadbalancing:GetLoadBalancerWebACL"));

    @ParameterizedTest
    @ValueSource(strings = {"environment.yaml", "service.yaml", "pipeline.yaml"})
    void reachesEverythingInTheStack(String stack) {
        var allowed = TEMPLATE.heldBy("ExecutionRole").stream()
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

    @ParameterizedTest
    @CsvSource({
        "codeconnections:CreateConnection, *, codeconnections:ProviderType=GitHub",
        "codeconnections:TagResource, connection/c1,",
        "codeconnections:DeleteConnection, connection/c1, aws:ResourceTag/slipway:pipeline=web",
        "codeconnections:PassConnection, connection/c1, codeconnections:PassedToService=codepipeline.amazonaws.com",
        "codestar-connections:PassConnection, connection/c1, codestar-connections:PassedToService=codepipeline.amazonaws.com",
        "codeconnections:PassConnection, arn:aws:codestar-connections:eu-central-1:123456789012:connection/c1, codeconnections:PassedToService=codepipeline.amazonaws.com",
        "codeconnections:PassConnection, connection/new, codeconnections:PassedToService=codepipeline.amazonaws.com aws:ResourceTag/slipway:pipeline=web",
        "codebuild:CreateProject, project/slipway-pipeline-web-build,",
        "codepipeline:CreatePipeline, slipway-pipeline-web,",
        "ecr:CreateRepository, repository/slipway-pipeline-web,",
        "logs:CreateLogGroup, log-group:/slipway/pipeline/web,",
        "s3:CreateBucket, arn:aws:s3:::slipway-pipeline-web-artifactbucket-1x2y3z,",
        "s3:PutBucketPolicy, arn:aws:s3:::slipway-pipeline-web-artifactbucket-1x2y3z,",
        "iam:CreateRole, role/slipway-pipeline-web-run-eu-central-1, iam:PermissionsBoundary=boundary",
        "iam:PutRolePolicy, role/slipway-pipeline-web-copy-eu-central-1, iam:PermissionsBoundary=boundary",
        "iam:GetRole, role/slipway-pipeline-web-run-eu-central-1,",
        "iam:PassRole, role/slipway-pipeline-web-run-eu-central-1, iam:PassedToService=codepipeline.amazonaws.com",
        "iam:PassRole, role/slipway-pipeline-web-build-eu-central-1, iam:PassedToService=codebuild.amazonaws.com",
        "iam:PassRole, role/slipway-pipeline-web-test-eu-central-1, iam:PassedToService=codebuild.amazonaws.com",
        "iam:PassRole, role/slipway-pipeline-web-copy-eu-central-1, iam:PassedToService=codebuild.amazonaws.com"
    })
    void makesWhatAPipelineIsMadeOf(String action, String resource, @Nullable String context) {
        assertThat(allows(action, resource, context)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "wafv2:CreateWebACL, regional/webacl/slipway-dev/1",
        "wafv2:CreateWebACL, arn:aws:wafv2:eu-central-1:aws:regional/managedruleset/AWSManagedRulesCommonRuleSet/1",
        "wafv2:CreateIPSet, regional/ipset/slipway-dev-allow-ipv4/1",
        "wafv2:AssociateWebACL, regional/webacl/slipway-dev/1",
        "wafv2:AssociateWebACL, arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/slipway-dev/1",
        "wafv2:PutLoggingConfiguration, regional/webacl/slipway-dev/1",
        "logs:CreateLogGroup, log-group:aws-waf-logs-slipway-dev",
        "logs:PutResourcePolicy, *"
    })
    void makesWhatAFirewallIsMadeOf(String action, String resource) {
        assertThat(allows(action, resource, null)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "codeconnections:CreateConnection, *, codeconnections:ProviderType=GitHubEnterpriseServer",
        "codeconnections:DeleteConnection, connection/of-somebody-else,",
        "codeconnections:UseConnection, connection/c1,",
        "codeconnections:PassConnection, connection/c1, codeconnections:PassedToService=codebuild.amazonaws.com",
        "codeconnections:PassConnection, connection/new, aws:ResourceTag/slipway:pipeline=web",
        "codeconnections:PassConnection, connection/of-somebody-else, codeconnections:PassedToService=codepipeline.amazonaws.com",
        "codestar-connections:PassConnection, connection/of-somebody-else, codestar-connections:PassedToService=codepipeline.amazonaws.com",
        "codebuild:UpdateProject, project/of-somebody-else,",
        "codebuild:StartBuild, project/slipway-pipeline-web-build,",
        "codepipeline:UpdatePipeline, of-somebody-else,",
        "codepipeline:StartPipelineExecution, slipway-pipeline-web,",
        "iam:CreateRole, role/slipway-pipeline-web-run-eu-central-1,",
        "iam:CreateRole, role/slipway-pipeline-web-run-eu-central-1, iam:PermissionsBoundary=another",
        "iam:CreateRole, role/slipway-pipeline-web-admin-eu-central-1, iam:PermissionsBoundary=boundary",
        "iam:PutRolePolicy, role/slipway-PipelineRole-1A2B3C, iam:PermissionsBoundary=boundary",
        "iam:PutRolePolicy, role/slipway-cloudformation-eu-central-1, iam:PermissionsBoundary=boundary",
        "application-autoscaling:RegisterScalableTarget, scalable-target/1a2b, application-autoscaling:service-namespace=dynamodb application-autoscaling:scalable-dimension=dynamodb:table:ReadCapacityUnits",
        "application-autoscaling:TagResource, scalable-target/1a2b,",
        "cloudwatch:PutMetricAlarm, alarm:of-somebody-else,",
        "cloudwatch:DeleteAlarms, alarm:TargetTracking-service/of-somebody-else/web-AlarmHigh-1,",
        "wafv2:UpdateWebACL, regional/webacl/of-somebody-else/1,",
        "wafv2:DeleteIPSet, regional/ipset/of-somebody-else/1,",
        "wafv2:AssociateWebACL, arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/of-somebody-else/1,",
        "wafv2:PutManagedRuleSetVersions, regional/managedruleset/any/1,",
        "logs:DeleteLogGroup, log-group:aws-waf-logs-of-somebody-else,",
        "logs:DeleteResourcePolicy, *,",
        "iam:DetachRolePolicy, role/slipway-cloudformation-eu-central-1, iam:PermissionsBoundary=boundary",
        "iam:CreatePolicyVersion, policy/slipway-cloudformation-pipelines-eu-central-1,",
        "iam:PassRole, role/slipway-pipeline-web-run-eu-central-1, iam:PassedToService=codebuild.amazonaws.com",
        "iam:PassRole, role/slipway-pipeline-web-build-eu-central-1, iam:PassedToService=codepipeline.amazonaws.com",
        "iam:PassRole, role/slipway-pipeline-web-build-eu-central-1, iam:PassedToService=ecs-tasks.amazonaws.com",
        "iam:PassRole, role/slipway-cloudformation-eu-central-1, iam:PassedToService=codebuild.amazonaws.com"
    })
    void reachesNothingBesides(String action, String resource, @Nullable String context) {
        assertThat(allows(action, resource, context)).isFalse();
    }

    /** @param resource behind region and account in its ARN, or a whole ARN, or any */
    private static boolean allows(String action, String resource, @Nullable String context) {
        var service = action.substring(0, action.indexOf(':'));
        var place = service.equals("iam")
                ? "arn:aws:iam::123456789012:"
                : "arn:aws:" + service + ":eu-central-1:123456789012:";
        var arn = resource.startsWith("arn:") || resource.equals("*") ? resource : place + resource;
        return allows(deployed("dev=Z1/dev.example.com,prod=Z2/example.com", "c1,c2"), action, arn, context);
    }

    private static Iam deployed(String domains, String connections) {
        return new Iam(Map.of(
                "PermissionsBoundary", "boundary", "AllowedDomains", domains, "AllowedConnections", connections));
    }

    /** @param context keys and values with blanks between them */
    private static boolean allows(Iam iam, String action, String arn, @Nullable String context) {
        var keys = new HashMap<String, String>();
        if (context != null) {
            for (var pair : context.split(" ")) {
                keys.put(pair.substring(0, pair.indexOf('=')), pair.substring(pair.indexOf('=') + 1));
            }
        }
        var role = "arn:aws:iam::123456789012:role/slipway-cloudformation-eu-central-1";
        return iam.allows(TEMPLATE.heldBy("ExecutionRole"), new Request(role, action, arn, keys));
    }

    @ParameterizedTest
    @CsvSource({
        "Z1, dev.example.com, true",
        "Z1, _a1b2.dev.example.com, true",
        "Z2, 'shop.example.com,_c.shop.example.com', true",
        "Z2, 'shop.example.com,example.org', false",
        "Z1, shop.example.com, true", // which of its domains is an environment's, IAM does not know
        "Z1, example.org, false",
        "Z1, dev, false",
        "Z1, x.dev, false",
        "Z1, dev.example.com.evil.org, false",
        "Z3, dev.example.com, false"
    })
    void changesNamesOfListedDomainsInListedZonesOnly(String zone, String names, boolean allowed) {
        var context = "route53:ChangeResourceRecordSetsNormalizedRecordNames=" + names;
        var arn = "arn:aws:route53:::hostedzone/" + zone;

        assertThat(allows(
                        deployed("dev=Z1/dev.example.com,prod=Z2/example.com", ""),
                        "route53:ChangeResourceRecordSets",
                        arn,
                        context))
                .isEqualTo(allowed);
        assertThat(allows(deployed("", ""), "route53:ChangeResourceRecordSets", arn, context))
                .as("without a list")
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({"Z1, true", "Z3, false"})
    void readsListedZonesOnly(String zone, boolean allowed) {
        assertThat(allows(
                        deployed("dev=Z1/dev.example.com", ""),
                        "route53:GetHostedZone",
                        "arn:aws:route53:::hostedzone/" + zone,
                        null))
                .isEqualTo(allowed);
    }

    @ParameterizedTest
    @CsvSource({"'', false", "c2, false", "'c2,c1', true", "*, true"})
    void handsOutTheConnectionsThatAreListed(String list, boolean allowed) {
        for (var service : List.of("codeconnections", "codestar-connections")) {
            assertThat(allows(
                            deployed("", list),
                            service + ":PassConnection",
                            "arn:aws:%s:eu-central-1:123456789012:connection/c1".formatted(service),
                            service + ":PassedToService=codepipeline.amazonaws.com"))
                    .isEqualTo(allowed);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "AllowedDomains, '', true",
        "AllowedDomains, 'dev=Z1/dev.example.com,prod=Z1/example.com', true",
        "AllowedDomains, '*=Z1/example.com', false",
        "AllowedDomains, 'dev=Z1/*.example.com', false",
        "AllowedDomains, 'dev=*/example.com', false",
        "AllowedDomains, 'dev=Z1/com', false",
        "AllowedDomains, 'dev=Z1/a.example.com, prod=Z1/b.example.com', false",
        "AllowedConnections, '', true",
        "AllowedConnections, '*', true",
        "AllowedConnections, '8aad4d5d-8878-dfca,c2', true",
        "AllowedConnections, 'arn:aws:codeconnections:eu-central-1:123456789012:connection/c1', false",
        "AllowedConnections, 'c*', false"
    })
    void theListsTakeWhatTheyCanTakeApart(String parameter, String value, boolean taken) {
        var declared = map(map(TEMPLATE.content().get("Parameters")).get(parameter));
        assertThat(value.matches(declared.get("AllowedPattern").toString())).isEqualTo(taken);
        assertThat(declared.get("Default")).isEqualTo("");
    }
}
