package dev.slipway.stack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.VirtualEnvironment;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Rules that every template keeps and that cfn-lint does not know. */
class TemplateRulesTest {

    /** CloudFormation takes 51,200 bytes in the call itself; a tenth is room to grow before a bucket is needed. */
    private static final int LARGEST_BODY = 46_080;

    private static final Set<String> HOLDS_DATA =
            Set.of("AWS::S3::Bucket", "AWS::ECR::Repository", "AWS::Logs::LogGroup", "AWS::DynamoDB::Table");

    /** Type, property and the characters that AWS allows. */
    private static final List<NameLimit> NAME_LIMITS = List.of(
            new NameLimit("AWS::IAM::Role", "RoleName", 64),
            new NameLimit("AWS::ElasticLoadBalancingV2::LoadBalancer", "Name", 32),
            new NameLimit("AWS::ElasticLoadBalancingV2::TargetGroup", "Name", 32),
            new NameLimit("AWS::S3::Bucket", "BucketName", 63),
            new NameLimit("AWS::ECS::Cluster", "ClusterName", 255),
            new NameLimit("AWS::ECS::Service", "ServiceName", 255),
            new NameLimit("AWS::ECR::Repository", "RepositoryName", 256),
            new NameLimit("AWS::CloudWatch::Alarm", "AlarmName", 255),
            new NameLimit("AWS::CloudWatch::CompositeAlarm", "AlarmName", 255),
            new NameLimit("AWS::CloudWatch::Dashboard", "DashboardName", 255),
            new NameLimit("AWS::Events::Rule", "Name", 64),
            new NameLimit("AWS::SNS::Topic", "TopicName", 256),
            new NameLimit("AWS::CodePipeline::Pipeline", "Name", 100));

    static Stream<StackTemplate> templates() {
        return StackTemplate.all();
    }

    @Test
    void looksAtTheTemplatesThatExist() {
        assertThat(templates().map(StackTemplate::name)).contains("environment.yaml", "pipeline.yaml", "service.yaml");
    }

    @ParameterizedTest
    @MethodSource("templates")
    void fitsIntoACall(StackTemplate template) {
        assertThat(Template.dense(template.text()).getBytes(StandardCharsets.UTF_8))
                .hasSizeLessThan(LARGEST_BODY);
    }

    @ParameterizedTest
    @MethodSource("templates")
    void meansTheSameAsItIsSent(StackTemplate template) {
        String sent = Template.dense(template.text());

        assertThat(StackTemplate.parse(sent)).isEqualTo(withoutDescriptionsOfParameters(template.text()));
        assertThat(StackTemplate.hasAnchors(sent)).isFalse();
        assertThat(Template.dense(sent)).isEqualTo(sent);
        assertThat(Template.named(template.name().replace(".yaml", "")).body()).isEqualTo(sent);
    }

    /** What the linters say of the file holds for what is sent only where another reader of YAML finds the same in it. */
    @ParameterizedTest
    @MethodSource("templates")
    void isCleanToTheLinterAsItIsSent(StackTemplate template, @TempDir Path folder) throws Exception {
        Path sent = Files.writeString(folder.resolve(template.name()), Template.dense(template.text()));
        Path output = folder.resolve("output");
        Process linter = new ProcessBuilder(VirtualEnvironment.command(
                        "cfn-lint", List.of("--non-zero-exit-code", "warning", "--", sent.toString())))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();

        assertThat(linter.waitFor()).as(Files.readString(output)).isZero();
    }

    private static Map<String, Object> withoutDescriptionsOfParameters(String text) {
        Map<String, Object> body = StackTemplate.parse(text);
        StackTemplate.map(body.getOrDefault("Parameters", Map.of()))
                .values()
                .forEach(parameter -> StackTemplate.map(parameter).remove("Description"));
        return body;
    }

    @Test
    void sendsALineForEachPartAndTextsAsTheyAre() {
        String text = """
                # for readers
                Parameters:
                  A:
                    Type: String
                    Description: for readers
                Resources:
                  B:
                    # for readers
                    Script: |
                      #!/bin/sh

                        # a comment of the script, "quoted", it's so
                      exit
                    Number: 1 # for readers
                    Text: '1'
                    Lists: [a, [b, 'c, d'], {e: !GetAtt F.G}]
                    Sub: !Sub
                      - ${X}-{y}
                      - X: !Ref A
                    Folded: >-
                      # folded

                      twice: 😀 \\d, e
                    Description: stays
                """;

        String sent = Template.dense(text);

        assertThat(StackTemplate.parse(sent)).isEqualTo(withoutDescriptionsOfParameters(text));
        assertThat(sent)
                .startsWith("Parameters:\n  A: {Type: String}\nResources:\n  B: {Script: ")
                .contains("[a,[b,'c, d'],{e: !GetAtt 'F.G'}]", "stays")
                .doesNotContain("for readers");
    }

    @ParameterizedTest
    @MethodSource("templates")
    void usesNoAnchorsBecauseCloudFormationRefusesThem(StackTemplate template) {
        assertThat(StackTemplate.hasAnchors(template.text())).isFalse();
    }

    @ParameterizedTest
    @MethodSource("templates")
    void silencesNoLinterRule(StackTemplate template) {
        assertThat(template.text()).doesNotContain("cfn-lint");
    }

    @ParameterizedTest
    @MethodSource("templates")
    void givesEveryRoleANameAndTheBoundary(StackTemplate template) {
        assertThat(template.resources("AWS::IAM::Role")).allSatisfy(role -> {
            assertThat(role.at("Properties.RoleName")).as("%s: name", role).isNotNull();
            assertThat(role.at("Properties.PermissionsBoundary"))
                    .as("%s: boundary", role)
                    .isEqualTo(Map.of("Ref", "PermissionsBoundary"));
        });
    }

    @ParameterizedTest
    @MethodSource("templates")
    void trustsServicesOnlyOnBehalfOfThisAccount(StackTemplate template) {
        assertThat(template.resources("AWS::IAM::Role"))
                .flatExtracting(role -> statements(role.at("Properties.AssumeRolePolicyDocument")))
                .allSatisfy(statement -> assertThat(String.valueOf(statement.get("Condition")))
                        .as("%s", statement)
                        .containsAnyOf("aws:SourceAccount", "aws:SourceArn"));
    }

    @ParameterizedTest
    @MethodSource("templates")
    void allowsNoActionByWildcard(StackTemplate template) {
        assertThat(allowed(template)).allSatisfy(statement -> {
            assertThat(statement).as("%s", statement).doesNotContainKeys("NotAction", "NotResource");
            assertThat(values(statement.get("Action"))).as("%s", statement).noneMatch(action -> action.contains("*"));
        });
    }

    @ParameterizedTest
    @MethodSource("templates")
    void saysWhyWhereverAStatementIsForEveryResource(StackTemplate template) {
        long wildcards = allowed(template)
                .filter(statement -> values(statement.get("Resource")).contains("*"))
                .count();
        long explained = template.text()
                .lines()
                .filter(line -> line.matches("\\s*(- )?Resource: '\\*' # .{20,}"))
                .count();
        assertThat(explained).isEqualTo(wildcards);
    }

    @ParameterizedTest
    @MethodSource("templates")
    void keepsBucketsEncryptedClosedAndOnTlsOnly(StackTemplate template) {
        assertThat(template.resources("AWS::S3::Bucket")).allSatisfy(bucket -> {
            assertThat(bucket.at("Properties.BucketEncryption.ServerSideEncryptionConfiguration.0."
                            + "ServerSideEncryptionByDefault.SSEAlgorithm"))
                    .as("%s: encryption", bucket)
                    .isNotNull();
            assertThat(bucket.at("Properties.PublicAccessBlockConfiguration"))
                    .as("%s: public access", bucket)
                    .isEqualTo(Map.of(
                            "BlockPublicAcls", true,
                            "BlockPublicPolicy", true,
                            "IgnorePublicAcls", true,
                            "RestrictPublicBuckets", true));
            assertThat(template.resources("AWS::S3::BucketPolicy"))
                    .as("%s: TLS only", bucket)
                    .anySatisfy(policy -> {
                        assertThat(policy.at("Properties.Bucket")).isEqualTo(Map.of("Ref", bucket.logicalId()));
                        assertThat(statements(policy.at("Properties.PolicyDocument")))
                                .anySatisfy(TemplateRulesTest::isTlsOnly);
                    });
        });
    }

    @ParameterizedTest
    @MethodSource("templates")
    void keepsWhateverHoldsData(StackTemplate template) {
        assertThat(template.resources())
                .filteredOn(resource -> HOLDS_DATA.contains(resource.type()))
                .filteredOn(resource -> !isCache(resource) && !isNamedForTheNext(resource))
                .allSatisfy(resource -> {
                    assertThat(resource.at("DeletionPolicy"))
                            .as("%s: when the stack goes", resource)
                            .isIn("Retain", "RetainExceptOnCreate");
                    assertThat(resource.at("UpdateReplacePolicy"))
                            .as("%s: when it is replaced", resource)
                            .isEqualTo("Retain");
                });
    }

    /** What may be emptied with the stack says so by that, and is named for it. */
    private static boolean isCache(StackTemplate.Resource resource) {
        return resource.logicalId().startsWith("Cache") && Boolean.TRUE.equals(resource.at("Properties.EmptyOnDelete"));
    }

    /** The name is the next pipeline's or firewall's, too, and their stacks adopt nothing. */
    private static boolean isNamedForTheNext(StackTemplate.Resource resource) {
        String name = String.valueOf(resource.at("Properties.LogGroupName"));
        return name.contains("/slipway/pipeline/") || name.contains("aws-waf-logs-");
    }

    @ParameterizedTest
    @MethodSource("templates")
    void keepsABucketsPolicyAsLongAsTheBucket(StackTemplate template) {
        assertThat(template.resources("AWS::S3::BucketPolicy"))
                .allSatisfy(policy -> assertThat(policy.at("DeletionPolicy")).isEqualTo("Retain"));
    }

    @ParameterizedTest
    @MethodSource("templates")
    void limitsHowLongLogsAreKept(StackTemplate template) {
        assertThat(template.resources("AWS::Logs::LogGroup"))
                .filteredOn(_ -> !template.name().equals("retained.yaml")) // the update that follows it sets the limit
                .allSatisfy(group -> assertThat(group.at("Properties.RetentionInDays"))
                        .as("%s", group)
                        .isNotNull());
    }

    @ParameterizedTest
    @MethodSource("templates")
    void makesNamesThatFitForTheLongestEnvironmentServiceAndRegion(StackTemplate template) throws IOException {
        String region = longestRegion();
        for (NameLimit limit : NAME_LIMITS) {
            assertThat(template.resources(limit.type())).allSatisfy(resource -> {
                Object name = resource.properties().get(limit.property());
                if (name != null) {
                    assertThat(longest(name, region)).as("%s", resource).hasSizeLessThanOrEqualTo(limit.characters());
                }
            });
        }
    }

    @ParameterizedTest
    @MethodSource("templates")
    void namesWhatEcsAndElbWouldNameBadly(StackTemplate template) {
        assertThat(template.resources())
                .filteredOn(resource -> Set.of(
                                "AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::ElasticLoadBalancingV2::TargetGroup")
                        .contains(resource.type()))
                .allSatisfy(resource -> assertThat(resource.at("Properties.Name"))
                        .as("%s", resource)
                        .isNotNull());
    }

    @ParameterizedTest
    @MethodSource("templates")
    void keepsTheTargetGroupPortConstantBecauseChangingItReplacesTheGroup(StackTemplate template) {
        assertThat(template.resources("AWS::ElasticLoadBalancingV2::TargetGroup"))
                .allSatisfy(group ->
                        assertThat(group.at("Properties.Port")).as("%s", group).isInstanceOf(Integer.class));
    }

    @ParameterizedTest
    @MethodSource("templates")
    void neverChoosesBetweenListenersBecauseAnotherOneReplacesTheRule(StackTemplate template) {
        assertThat(template.resources("AWS::ElasticLoadBalancingV2::ListenerRule"))
                .allSatisfy(rule -> assertThat(StackTemplate.map(rule.at("Properties.ListenerArn")))
                        .as("%s", rule)
                        .containsOnlyKeys("Ref"));
    }

    @ParameterizedTest
    @MethodSource("templates")
    void keepsWeightsWithin999(StackTemplate template) {
        assertThat(template.resources("AWS::ElasticLoadBalancingV2::ListenerRule"))
                .flatExtracting(rule -> StackTemplate.mapsIn(rule.properties())
                        .map(map -> map.get("Weight"))
                        .filter(Objects::nonNull)
                        .toList())
                .allSatisfy(weight -> assertThat(largest(template, weight)).isLessThanOrEqualTo(999));
    }

    @ParameterizedTest
    @MethodSource("templates")
    void forwardsByEveryRuleToBothTargetGroupsAsLiveWeightsSay(StackTemplate template) {
        assertThat(template.resources("AWS::ElasticLoadBalancingV2::ListenerRule"))
                .allSatisfy(rule -> {
                    Object groups = rule.at("Properties.Actions.0.ForwardConfig.TargetGroups");
                    assertThat(groups)
                            .as("%s: ECS rolls back when a group is missing", rule)
                            .asInstanceOf(InstanceOfAssertFactories.LIST)
                            .hasSize(2)
                            .allSatisfy(group -> assertThat(StackTemplate.map(
                                            StackTemplate.map(group).get("Weight")))
                                    .as("%s: a weight written down here would move traffic", rule)
                                    .containsOnlyKeys("Ref"));
                });
    }

    @ParameterizedTest
    @MethodSource("templates")
    void letsEveryDeploymentStrategyWork(StackTemplate template) {
        assertThat(template.resources("AWS::ECS::Service")).allSatisfy(service -> {
            assertThat(service.at("Properties.LoadBalancers.0.AdvancedConfiguration"))
                    .as("%s: without it CANARY is refused only when it runs", service)
                    .asInstanceOf(InstanceOfAssertFactories.MAP)
                    .containsOnlyKeys(
                            "AlternateTargetGroupArn", "ProductionListenerRule", "TestListenerRule", "RoleArn");
            assertThat((Integer) service.at("Properties.DeploymentConfiguration.MinimumHealthyPercent"))
                    .as("%s: minimum and maximum", service)
                    .isLessThan((Integer) service.at("Properties.DeploymentConfiguration.MaximumPercent"));
            assertThat(service.properties())
                    .as("%s: what an update would reset, or could never change", service)
                    .doesNotContainKeys("DesiredCount", "LaunchType");
        });
    }

    private static void isTlsOnly(Map<String, Object> statement) {
        assertThat(statement).containsEntry("Effect", "Deny").containsEntry("Action", "s3:*");
        assertThat(statement.get("Condition")).isEqualTo(Map.of("Bool", Map.of("aws:SecureTransport", "false")));
    }

    private static Stream<Map<String, Object>> allowed(StackTemplate template) {
        return template.resources().stream()
                .flatMap(resource -> StackTemplate.mapsIn(resource.properties()))
                .filter(map -> "Allow".equals(map.get("Effect")));
    }

    private static List<Map<String, Object>> statements(Object document) {
        return StackTemplate.mapsIn(document)
                .filter(map -> map.containsKey("Effect"))
                .toList();
    }

    private static List<String> values(Object value) {
        return switch (value) {
            case List<?> list -> list.stream().map(String::valueOf).toList();
            case null -> List.of();
            default -> List.of(String.valueOf(value));
        };
    }

    private static int largest(StackTemplate template, Object weight) {
        if (weight instanceof Integer number) {
            return number;
        }
        Map<String, Object> parameters = template.section("Parameters");
        Object parameter =
                parameters.get(String.valueOf(StackTemplate.map(weight).get("Ref")));
        return (Integer) StackTemplate.map(parameter).get("MaxValue");
    }

    private static String longestRegion() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("src/test/resources/fargate-regions.txt"))) {
            return lines.filter(line -> !line.startsWith("#"))
                    .max(Comparator.comparingInt(String::length))
                    .orElseThrow();
        }
    }

    /** The longest value that a name made by Sub can have: {@code x} stands for any character. */
    private static String longest(Object name, String region) {
        if (name instanceof String literal) {
            return literal;
        }
        Map<String, Object> function = StackTemplate.map(name);
        if ("Service".equals(function.get("Ref"))) {
            return "x".repeat(24);
        }
        Object sub = Objects.requireNonNull(function.get("Fn::Sub"), () -> "neither text nor Sub: " + name);
        String text = sub instanceof List<?> list ? String.valueOf(list.getFirst()) : String.valueOf(sub);
        return Pattern.compile("\\$\\{([^}]+)}")
                .matcher(text)
                .replaceAll(match -> Matcher.quoteReplacement(
                        switch (match.group(1)) {
                            case "Environment" -> "x".repeat(10);
                            case "Service" -> "x".repeat(24);
                            case "AWS::Region" -> region;
                            case "AWS::AccountId" -> "x".repeat(12);
                            case "Id" -> "x".repeat(8);
                            default -> throw new AssertionError("length of " + match.group() + " is not known");
                        }));
    }

    private record NameLimit(String type, String property, int characters) {}
}
