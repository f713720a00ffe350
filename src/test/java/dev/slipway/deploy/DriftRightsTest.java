package dev.slipway.deploy;

import static dev.slipway.deploy.TemplateFile.map;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.VirtualEnvironment;
import dev.slipway.deploy.TemplateFile.Statement;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * CloudFormation can read whatever the stacks hold, with the worker's rights: those that the read handlers of AWS's own resource
 * schemas name, as cfn-lint brings them along.
 */
class DriftRightsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final TemplateFile TEMPLATE = TemplateFile.read(Path.of("template.yaml"));

    /** What handlers name and these stacks do not need, by type. */
    private static final Map<String, String> NOT_NEEDED = Map.of(
            // The cluster has no key of its own.
            "AWS::ECS::Cluster", "kms:DescribeKey",
            // Its targets are queues and functions.
            "AWS::Events::Rule", "iam:PassRole",
            // It lists what makes and removes associations, and what other services have; ours are of load balancers.
            "AWS::WAFv2::WebACLAssociation",
                    "wafv2:Associate wafv2:Disassociate elasticloadbalancing: apigateway: appsync: cognito-idp: apprunner: ec2:"
                            + " amplify: bedrock-agentcore:");

    /** Types whose schemas name no handlers; their reads are from the services' own references. */
    private static final Map<String, String> WITHOUT_HANDLERS = Map.of(
            "AWS::CodeBuild::Project", "codebuild:BatchGetProjects",
            "AWS::ElasticLoadBalancingV2::ListenerCertificate", "elasticloadbalancing:DescribeListenerCertificates",
            "AWS::SNS::TopicPolicy", "sns:GetTopicAttributes");

    private static Set<String> types() {
        Set<String> types = new TreeSet<>();
        for (String stack : List.of("environment", "service", "pipeline")) {
            TemplateFile file = TemplateFile.read(Path.of("src/main/resources/stacks/%s.yaml".formatted(stack)));
            file.resources()
                    .values()
                    .forEach(resource -> types.add(map(resource).get("Type").toString()));
        }
        return types;
    }

    private static List<String> reads(String type) throws IOException {
        if (WITHOUT_HANDLERS.containsKey(type)) {
            return List.of(WITHOUT_HANDLERS.get(type));
        }
        Path schemas = VirtualEnvironment.packaged("cfnlint").resolve("data/schemas");
        String name = JSON.readTree(
                        schemas.resolve("providers/eu-central-1.json").toFile())
                .path(type)
                .asText();
        JsonNode permissions = JSON.readTree(
                        schemas.resolve("resources/%s.json".formatted(name)).toFile())
                .at("/handlers/read/permissions");
        assertThat(permissions).as("read handler of " + type).isNotEmpty();
        return permissions.valueStream().map(JsonNode::asText).toList();
    }

    private static Set<String> allowed() {
        return TEMPLATE.heldBy("WorkerRole").stream()
                .filter(Statement::allows)
                .flatMap(statement -> statement.actions().stream())
                .map(action -> action.toLowerCase(Locale.ROOT))
                .collect(Collectors.toSet());
    }

    @ParameterizedTest
    @MethodSource("types")
    void theWorkerMayReadEachTypeThatStacksHave(String type) throws IOException {
        List<String> notNeeded = List.of(NOT_NEEDED.getOrDefault(type, "-").split(" ", -1));

        assertThat(reads(type))
                .filteredOn(action -> notNeeded.stream().noneMatch(action::startsWith))
                .allSatisfy(action -> assertThat(allowed()).contains(action.toLowerCase(Locale.ROOT)));
    }

    @Test
    void noExceptionIsForATypeThatNoStackHas() {
        assertThat(types()).containsAll(NOT_NEEDED.keySet()).containsAll(WITHOUT_HANDLERS.keySet());
    }
}
