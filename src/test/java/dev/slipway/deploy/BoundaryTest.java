package dev.slipway.deploy;

import static dev.slipway.deploy.TemplateFile.map;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.slipway.deploy.Iam.Request;
import dev.slipway.deploy.TemplateFile.Statement;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A role may do what its policies and its boundary both allow. So the boundary must let every role of the stacks do what the
 * stacks give it, and keep everything else of Slipway's out of reach.
 */
class BoundaryTest {
    private static final String FUNCTIONS = "arn:aws:lambda:eu-central-1:123456789012:function:";

    private static final Iam BOUNDARY = new Iam(Map.of(
            "Table.Arn", "arn:aws:dynamodb:eu-central-1:123456789012:table/slipway-Table-1",
            "WorkQueue.Arn", "arn:aws:sqs:eu-central-1:123456789012:slipway-WorkQueue-1",
            "DeadLetterQueue.Arn", "arn:aws:sqs:eu-central-1:123456789012:slipway-DeadLetterQueue-1",
            "AllowedSecrets",
                    "arn:aws:secretsmanager:eu-central-1:123456789012:secret:{environment}/*,"
                            + "arn:aws:ssm:eu-central-1:123456789012:parameter/{environment}/*,"
                            + "arn:aws:ssm:eu-central-1:123456789012:parameter/shared/*"));

    private static final List<Statement> STATEMENTS =
            TemplateFile.read(Path.of("template.yaml")).statements("PermissionsBoundary");

    /** The stacks' own references; the function is the one that pipeline.yaml calls unless it is told another. */
    private static final Iam STACKS = new Iam(Map.ofEntries(
            entry("Environment", "prod"),
            entry("Service", "web"),
            entry("LogGroup.Arn", "arn:aws:logs:eu-central-1:123456789012:log-group:/slipway/prod/web:*"),
            entry("Repository.Arn", "arn:aws:ecr:eu-central-1:123456789012:repository/slipway-prod-web"),
            entry("HookFunction", FUNCTIONS + "slipway-hook:live"),
            entry("ArtifactBucket.Arn", "arn:aws:s3:::slipway-pipeline-web-artifactbucket-1x2y3z"),
            entry("CacheRepository.Arn", "arn:aws:ecr:eu-central-1:123456789012:repository/slipway-pipeline-web"),
            entry("RepositoryArn", "arn:aws:ecr:eu-central-1:123456789012:repository/slipway-dev-web"),
            entry("CopyArns", "arn:aws:ecr:eu-west-1:210987654321:repository/slipway-prod-web"),
            entry("ConnectionArn", "arn:aws:codestar-connections:eu-central-1:123456789012:connection/c1"),
            entry("Connection.ConnectionArn", "arn:aws:codeconnections:eu-central-1:123456789012:connection/c2"),
            entry("BuildProject.Arn", "arn:aws:codebuild:eu-central-1:123456789012:project/slipway-pipeline-web-build"),
            entry("TestProject.Arn", "arn:aws:codebuild:eu-central-1:123456789012:project/slipway-pipeline-web-test"),
            entry("CopyProject.Arn", "arn:aws:codebuild:eu-central-1:123456789012:project/slipway-pipeline-web-copy"),
            entry("DeployFunction", defaultOf("pipeline.yaml", "DeployFunction"))));

    /** Tags as the stacks put them on their roles, and owners on their secrets. */
    private static final Map<String, String> OWN = Map.of(
            "aws:PrincipalTag/slipway:environment", "prod",
            "aws:PrincipalTag/slipway:service", "web",
            "aws:ResourceTag/slipway:environment", "prod");

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("roles")
    void letsARoleDoAllThatItsStackGivesIt(String stack, String role) {
        var properties = stack(stack).properties(role);
        var principal = "arn:aws:iam::123456789012:role/"
                + STACKS.texts(properties.get("RoleName")).getFirst();

        assertThat(Iam.statementsIn(role, properties.get("Policies")))
                .isNotEmpty()
                .allSatisfy(statement -> {
                    assertThat(statement.allows()).isTrue();
                    for (var action : statement.actions()) {
                        for (var resource : STACKS.texts(statement.content().get("Resource"))) {
                            var request = new Request(principal, action, resource, OWN);
                            assertThat(BOUNDARY.allows(STATEMENTS, request))
                                    .as("%s", request)
                                    .isTrue();
                        }
                    }
                });
    }

    static Stream<Arguments> roles() {
        return Stream.of("service.yaml", "pipeline.yaml")
                .flatMap(stack -> stack(stack).resourcesOfType("AWS::IAM::Role").keySet().stream()
                        .map(role -> Arguments.of(stack, role)));
    }

    @ParameterizedTest
    @CsvSource({
        "slipway-pipeline-web-build, lambda:InvokeFunction, slipway-pipeline",
        "slipway-pipeline-web-test, lambda:InvokeFunction, slipway-pipeline",
        "slipway-pipeline-web-copy, lambda:InvokeFunction, slipway-pipeline:live",
        "slipway-prod-web-task, lambda:InvokeFunction, slipway-pipeline",
        "slipway-prod-web-ecs, lambda:InvokeFunction, slipway-pipeline",
        "slipway-pipeline-web-run, lambda:InvokeFunction, slipway-worker",
        "slipway-pipeline-web-run, lambda:InvokeFunction, slipway-api:live",
        "slipway-pipeline-web-run, lambda:InvokeFunction, slipway-hook:live",
        "slipway-prod-web-task, lambda:UpdateFunctionCode, slipway-hook"
    })
    void keepsOurFunctionsFromRolesThatHaveNoBusinessThere(String role, String action, String function) {
        assertThat(allows(role, action, FUNCTIONS + function)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "iam:PassRole, arn:aws:iam::123456789012:role/slipway-prod-web-task-eu-central-1",
        "iam:CreateRole, arn:aws:iam::123456789012:role/anything",
        "sts:AssumeRole, arn:aws:iam::123456789012:role/admin",
        "cloudformation:UpdateStack, arn:aws:cloudformation:eu-central-1:123456789012:stack/slipway-prod-web/1",
        "dynamodb:PutItem, arn:aws:dynamodb:eu-central-1:123456789012:table/slipway-Table-1",
        "sqs:SendMessage, arn:aws:sqs:eu-central-1:123456789012:slipway-WorkQueue-1"
    })
    void keepsABuildFromIdentitiesStacksAndOurStore(String action, String resource) {
        assertThat(allows("slipway-pipeline-web-build", action, resource)).isFalse();
    }

    private static boolean allows(String role, String action, String resource) {
        var principal = "arn:aws:iam::123456789012:role/" + role + "-eu-central-1";
        return BOUNDARY.allows(STATEMENTS, new Request(principal, action, resource, Map.of()));
    }

    private static TemplateFile stack(String name) {
        return TemplateFile.read(Path.of("src/main/resources/stacks", name));
    }

    private static String defaultOf(String stack, String parameter) {
        return map(map(stack(stack).content().get("Parameters")).get(parameter))
                .get("Default")
                .toString();
    }
}
