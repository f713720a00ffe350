package dev.slipway.simulated.cloudformation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SimulatedCloudFormationTypesTest {
    private final SimulatedCloudFormationFixture fixture = new SimulatedCloudFormationFixture();

    @ParameterizedTest(name = "{0}: Ref {2}, {3} {4}")
    @CsvSource(delimiter = '|', textBlock = """
                    AWS::EC2::VPC | {} | vpc-.{17} | VpcId | vpc-.{17}
                    AWS::EC2::EIP | {} | 203[.]0[.]113[.][0-9]+ | AllocationId | eipalloc-.{17}
                    AWS::EC2::NatGateway | {} | nat-.{17} | NatGatewayId | nat-.{17}
                    AWS::EC2::SecurityGroup | {} | sg-.{17} | GroupId | sg-.{17}
                    AWS::IAM::Role | {RoleName: r} | r | Arn | arn:aws:iam::111122223333:role/r
                    AWS::IAM::ManagedPolicy | {ManagedPolicyName: p} | arn:.*:policy/p | PolicyArn | arn:.*:policy/p
                    AWS::S3::Bucket | {BucketName: b} | b | Arn | arn:aws:s3:::b
                    AWS::CloudWatch::Alarm | {AlarmName: a} | a | Arn | arn:aws:cloudwatch:.*:alarm:a
                    AWS::CodePipeline::Pipeline | {Name: p} | p | Version | 1
                    AWS::CodeBuild::Project | {Name: p} | p | Arn | arn:aws:codebuild:.*:project/p
                    AWS::CodeConnections::Connection | {ConnectionName: c} | arn:.* | ConnectionStatus | PENDING
                    AWS::Events::Rule | {Name: r} | r | Arn | arn:aws:events:.*:rule/r
                    AWS::SNS::Topic | {TopicName: t} | arn:aws:sns:.*:t | TopicName | t
                    AWS::WAFv2::WebACL | {Name: w, Scope: REGIONAL} | 'w[|].*[|]REGIONAL' | Arn | arn:aws:wafv2:.*
                    """)
    void refAndAttributesLookLikeAws(
            String type, String properties, String ref, String attribute, String attributePattern) {
        String template = """
                Resources: {R: {Type: '%s', Properties: %s}}
                Outputs: {Ref: {Value: !Ref R}, Attribute: {Value: !GetAtt R.%s}}
                """.formatted(type, properties, attribute);
        fixture.create(template);

        assertThat(fixture.outputs().get("Ref")).matches(ref);
        assertThat(fixture.outputs().get("Attribute")).matches(attributePattern);
        fixture.cloud.deleteStack(request -> request.stackName("web"));
        fixture.settle();
        fixture.create(template); // the name is free again
        assertThat(fixture.status()).isEqualTo("CREATE_COMPLETE");
    }
}
