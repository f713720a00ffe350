package dev.slipway.simulated.cloudformation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SimulatedCloudFormationTemplateTest {
    private static final String HEAD = """
            Parameters:
              Name: {Type: String, Default: web}
              List: {Type: CommaDelimitedList, Default: 'a, b,c'}
            Mappings: {Sizes: {small: {cpu: 256}}}
            Conditions:
              IsWeb: !Equals [!Ref Name, web]
              Never: !Not [!Condition IsWeb]
              Both: !And [!Condition IsWeb, !Or [!Condition Never, !Condition IsWeb]]
            Resources:
              Logs: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: /l}}
              Absent: {Type: AWS::S3::Bucket, Condition: Never}
            Outputs:
              Value: {Value:\s""";

    private final SimulatedCloudFormationFixture fixture = new SimulatedCloudFormationFixture();

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    !Ref Name | web
                    !Ref AWS::Region | eu-west-1
                    !Ref Logs | /l
                    !GetAtt Logs.Arn | arn:aws:logs:eu-west-1:111122223333:log-group:/l:*
                    {'Fn::GetAtt': [Logs, Arn]} | arn:aws:logs:eu-west-1:111122223333:log-group:/l:*
                    !Sub '${Name}-${AWS::AccountId}-${!Kept}' | web-111122223333-${Kept}
                    !Sub ['${x}/${Logs}', {x: !Ref Name}] | web//l
                    !Join ['-', [a, !Ref Name]] | a-web
                    !Join ['+', !Ref List] | a+b+c
                    !Select [1, !Ref List] | b
                    !Select [2, !Split ['/', 'x/y/z']] | z
                    !Select [3, !Cidr [172.17.0.0/16, 6, 8]] | 172.17.3.0/24
                    !Select [5, !Cidr [10.0.0.0/24, 6, 5]] | 10.0.0.160/27
                    !Select [2, !GetAZs ''] | eu-west-1c
                    !FindInMap [Sizes, small, cpu] | 256
                    !If [Both, yes-it-is, no-it-is-not] | yes-it-is
                    !Join ['', [a, !If [Never, b, !Ref AWS::NoValue]]] | a
                    """)
    void evaluates(String expression, String expected) {
        fixture.create(HEAD + expression + "}");

        assertThat(fixture.outputs()).containsEntry("Value", expected);
        assertThat(fixture.cloud
                        .describeStackResources(request -> request.stackName("web"))
                        .stackResources())
                .hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    !Ref Absent | Unresolved resource dependencies [Absent]
                    !Ref Nobody | Unresolved resource dependencies [Nobody]
                    !GetAtt Logs.Colour | does not support attribute type Colour
                    !Select [7, !Ref List] | Fn::Select cannot select nonexistent value at index 7
                    !ImportValue x | the function Fn::ImportValue is not modelled
                    !FindInMap [Sizes, big, cpu] | Unable to get mapping for Sizes::big::cpu
                    !Ref List | must be a string
                    """)
    void refuses(String expression, String message) {
        assertThatThrownBy(() -> fixture.create(HEAD + expression + "}")).hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {Type: String} | Parameters: [P] must have values
                    {Type: String, Default: x, AllowedValues: [a, b]} | Parameter 'P' must be one of AllowedValues
                    {Type: String, Default: x, AllowedPattern: '[0-9]+'} | Parameter 'P' must match pattern [0-9]+
                    {Type: String, Default: x, MinLength: 3} | Parameter 'P' must contain at least 3 characters
                    {Type: Number, Default: x} | Parameter 'P' must be a number
                    {Type: Number, Default: 5, MaxValue: 4} | Parameter 'P' must be a number not greater than 4
                    {Type: String, Default: x, AllowedPattern: y, ConstraintDescription: be y} | constraint: be y
                    """)
    void checksParameters(String declaration, String message) {
        String template = "Parameters: {P: " + declaration + "}\nResources: {B: {Type: 'AWS::S3::Bucket'}}";
        assertThatThrownBy(() -> fixture.create(template)).hasMessageContaining(message);
    }

    @Test
    void refusesAParameterThatTheTemplateDoesNotHave() {
        assertThatThrownBy(() -> fixture.create("Resources: {B: {Type: 'AWS::S3::Bucket'}}", "X", "1"))
                .hasMessageContaining("Parameters: [X] do not exist in the template");
    }

    @Test
    void keepsThePreviousValueWhenAsked() {
        String template = """
                Parameters: {Days: {Type: Number}, Other: {Type: String, Default: a}}
                Resources:
                  Logs: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: !Ref Other, RetentionInDays: !Ref Days}}
                """;
        fixture.create(template, "Days", "7");
        fixture.cloud.updateStack(request -> request.stackName("web")
                .usePreviousTemplate(true)
                .parameters(
                        p -> p.parameterKey("Days").usePreviousValue(true),
                        p -> p.parameterKey("Other").parameterValue("b")));
        fixture.settle();

        assertThat(fixture.services.logs.groups).containsEntry("b", 7);
    }

    @Test
    void assertsItsRules() {
        String template = """
                Parameters: {Domain: {Type: String}, Zone: {Type: String}}
                Rules:
                  DomainNeedsZone:
                    RuleCondition: !Not [!Equals [!Ref Domain, '']]
                    Assertions:
                      - {Assert: !Not [!Equals [!Ref Zone, '']], AssertDescription: a domain needs its zone}
                Resources: {B: {Type: AWS::S3::Bucket}}
                """;
        assertThatThrownBy(() -> fixture.create(template, "Domain", "x.org", "Zone", ""))
                .hasMessageContaining("a domain needs its zone");
        fixture.create(template, "Domain", "", "Zone", "");
        assertThat(fixture.status()).isEqualTo("CREATE_COMPLETE");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    Resources: {A: {Type: 'AWS::Glue::Job'}} | the resource type AWS::Glue::Job is not modelled
                    Resources: {} | At least one Resources member must be defined
                    Resources: {A: {Type: 'AWS::S3::Bucket', DependsOn: B}} | Unresolved resource dependencies [B]
                    Resources: {A: {Type: 'AWS::S3::Bucket', Properties: {X: null}}} | values are not allowed in templates
                    Resources: {A: &a {Type: 'AWS::S3::Bucket'}, B: *a} | YAML aliases are not allowed
                    Transform: x | Transform is not modelled
                    {"Resources": {"A": {"Type": "AWS::S3::Bucket", "DependsOn": "A"}}} | Circular dependency
                    """)
    void refusesTemplates(String template, String message) {
        assertThatThrownBy(() -> fixture.create(template)).hasMessageContaining(message);
    }

    @Test
    void anUnknownPropertyFailsTheResource() {
        fixture.create("""
                Resources:
                  Rule: {Type: AWS::ElasticLoadBalancingV2::ListenerRule, Properties: {Colour: red}}
                """);

        assertThat(fixture.event("Rule", "CREATE_FAILED").resourceStatusReason())
                .contains("unsupported property Colour");
    }
}
