package dev.slipway.deploy;

import static dev.slipway.deploy.TemplateFile.map;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.deploy.Iam.Request;
import dev.slipway.deploy.TemplateFile.Statement;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.cloudformation.model.CreateStackRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.FilterLogEventsRequest;
import software.amazon.awssdk.services.ecs.model.LoadBalancer;
import software.amazon.awssdk.services.ecs.model.RegisterTaskDefinitionRequest;
import software.amazon.awssdk.services.ecs.model.UpdateServiceRequest;

/** What every simulated call is held against: the rights of the four functions, and who may take the roles of the stacks. */
class RightsTest {
    private static final String ROLES = "arn:aws:iam::123456789012:role/";

    private static final Iam STACKS = new Iam(Map.of("Environment", "prod", "Service", "web"));

    /** What AWS documents that a service sends when it takes a role; all others are taken to send nothing. */
    private static final Map<String, Map<String, String>> DOCUMENTED = Map.of(
            // AmazonECS/latest/developerguide/task_execution_IAM_role.html
            "ecs-tasks.amazonaws.com",
                    Map.of(
                            "aws:SourceAccount", "123456789012",
                            "aws:SourceArn", "arn:aws:ecs:eu-central-1:123456789012:*"),
            // codebuild/latest/userguide/cross-service-confused-deputy-prevention.html
            "codebuild.amazonaws.com", Map.of("aws:SourceAccount", "123456789012"));

    private static UpdateServiceRequest.Builder update(String cluster) {
        return UpdateServiceRequest.builder().cluster(cluster).service("web");
    }

    /** For diagnoses, and of the functions' logs that one alone. */
    @Test
    void theWorkerReadsTheHooksLogAndNoOtherFunctions() {
        assertThat(Stream.of("hook", "api", "worker", "pipeline")
                        .filter(function -> Rights.missing(
                                        "WorkerRole",
                                        "CloudWatchLogsClient",
                                        "filterLogEvents",
                                        FilterLogEventsRequest.builder()
                                                .logGroupName("/aws/lambda/slipway-" + function)
                                                .build())
                                .isEmpty()))
                .containsExactly("hook");
    }

    @Test
    void aFunctionMayWhatItsRoleAllowsOnWhatItNames() {
        assertThat(Rights.missing(
                        "WorkerRole",
                        "EcsClient",
                        "updateService",
                        update("slipway-dev").build()))
                .isEmpty();
        assertThat(Rights.missing(
                        "WorkerRole",
                        "EcsClient",
                        "updateService",
                        update("others").build()))
                .isPresent();
        assertThat(Rights.missing(
                        "HookRole",
                        "EcsClient",
                        "updateService",
                        update("slipway-dev").build()))
                .isPresent();
    }

    @Test
    void aStackIsMadeUnderTheExecutionRoleOnly() {
        CreateStackRequest plain =
                CreateStackRequest.builder().stackName("slipway-dev").build();
        String execution = ROLES + "slipway-cloudformation-eu-central-1";

        assertThat(Rights.missing("WorkerRole", "CloudFormationClient", "createStack", plain))
                .isPresent();
        assertThat(Rights.missing(
                        "WorkerRole",
                        "CloudFormationClient",
                        "createStack",
                        plain.toBuilder().roleARN(execution).build()))
                .isEmpty();
        assertThat(Rights.missing(
                        "WorkerRole",
                        "CloudFormationClient",
                        "createStack",
                        plain.toBuilder().roleARN(ROLES + "admin").build()))
                .isPresent();
    }

    @Test
    void aRoleIsHandedOverByWhoMayPassIt() {
        RegisterTaskDefinitionRequest own = RegisterTaskDefinitionRequest.builder()
                .family("slipway-dev-web")
                .taskRoleArn(ROLES + "slipway-dev-web-task-eu-central-1")
                .build();
        assertThat(Rights.missing("WorkerRole", "EcsClient", "registerTaskDefinition", own))
                .isEmpty();
        assertThat(Rights.missing(
                        "WorkerRole",
                        "EcsClient",
                        "registerTaskDefinition",
                        own.toBuilder().taskRoleArn(ROLES + "admin").build()))
                .isPresent();
        assertThat(Rights.missing(
                        "WorkerRole",
                        "EcsClient",
                        "updateService",
                        update("slipway-dev")
                                .loadBalancers(LoadBalancer.builder()
                                        .advancedConfiguration(advanced -> advanced.roleArn(ROLES + "admin"))
                                        .build())
                                .build()))
                .isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "template.yaml",
                "src/main/resources/stacks/environment.yaml",
                "src/main/resources/stacks/service.yaml",
                "src/main/resources/stacks/pipeline.yaml"
            })
    void everyRoleCanBeTakenByItsServiceWithTheKeysThatAwsDocumentsAndNoOther(String file) {
        TemplateFile template = TemplateFile.read(Path.of(file));
        template.resourcesOfType("AWS::IAM::Role").keySet().forEach(role -> {
            List<Statement> trust =
                    Iam.statementsIn(role, template.properties(role).get("AssumeRolePolicyDocument")).stream()
                            .map(statement -> new Statement(role, with(statement.content(), "Resource", "*")))
                            .toList();
            assertThat(trust).isNotEmpty();
            services(trust).forEach(service -> {
                Map<String, String> context = new HashMap<>(DOCUMENTED.getOrDefault(service, Map.of()));
                if (service.startsWith("codebuild")) {
                    context.put(
                            "aws:SourceArn",
                            "arn:aws:codebuild:eu-central-1:123456789012:project/slipway-pipeline-web-"
                                    + role.replace("Role", "").toLowerCase(Locale.ROOT));
                }
                assertThat(STACKS.allows(trust, new Request(service, "sts:AssumeRole", "*", context)))
                        .as("%s by %s", role, service)
                        .isTrue();
                Map<String, String> others = new HashMap<>(context);
                others.put("aws:SourceAccount", "210987654321");
                boolean conditioned = trust.getFirst().content().containsKey("Condition");
                assertThat(STACKS.allows(trust, new Request(service, "sts:AssumeRole", "*", others)))
                        .as("%s by %s for another account", role, service)
                        .isEqualTo(!conditioned);
            });
        });
    }

    private static Map<String, Object> with(Map<String, Object> content, String key, Object value) {
        Map<String, Object> more = new HashMap<>(content);
        more.put(key, value);
        return more;
    }

    private static Stream<String> services(List<Statement> trust) {
        return trust.stream()
                .map(statement -> map(statement.content().get("Principal")).get("Service"))
                .flatMap(service -> TemplateFile.list(service).stream())
                .map(String::valueOf);
    }
}
