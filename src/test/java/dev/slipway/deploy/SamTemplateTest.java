package dev.slipway.deploy;

import static dev.slipway.deploy.TemplateFile.list;
import static dev.slipway.deploy.TemplateFile.map;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.deploy.Iam.Request;
import dev.slipway.deploy.TemplateFile.Statement;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SamTemplateTest {

    private static final TemplateFile TEMPLATE = TemplateFile.read(Path.of("template.yaml"));
    /** AWS's limit on the inline policies of one role together, and on one managed policy, in characters. */
    private static final int INLINE_POLICY_LIMIT = 10_240;

    private static final int MANAGED_POLICY_LIMIT = 6_144;

    private static final Iam READS = new Iam(Map.of());

    @Test
    void silencesNoLinterRule() {
        assertThat(TEMPLATE.lines()).noneMatch(line -> line.contains("cfn-lint"));
    }

    @Test
    void namesEveryActionThatItAllows() {
        assertThat(TEMPLATE.statements().stream().filter(Statement::allows))
                .hasSizeGreaterThan(20)
                .allSatisfy(statement ->
                        assertThat(statement.actions()).as("%s", statement).noneMatch(action -> action.contains("*")));
    }

    @Test
    void onlyTheBoundarySaysWhatItLeavesOut() {
        assertThat(TEMPLATE.statements())
                .filteredOn(statement -> statement.content().containsKey("NotAction"))
                .extracting(Statement::owner)
                .containsExactly("PermissionsBoundary");
        assertThat(TEMPLATE.statements())
                .noneMatch(statement -> statement.content().containsKey("NotResource"));
    }

    @Test
    void saysWhyWhereverAnyResourceWillDo() {
        var lines = TEMPLATE.lines();
        var unlimited = TEMPLATE.statements().stream()
                .filter(statement -> statement.resources().contains("*"))
                .count();
        var explained = 0;
        for (var i = 1; i < lines.size(); i++) {
            if (lines.get(i).strip().equals("Resource: '*'")) {
                assertThat(lines.get(i - 1).strip()).as("above line %d", i + 1).matches("# any: .{10,}");
                explained++;
            }
        }
        assertThat(explained).isPositive().isEqualTo((int) unlimited);
    }

    @ParameterizedTest
    @CsvSource({
        "ApiRole, dynamodb:PutItem sqs:SendMessage cloudformation:DescribeStacks ecs:DescribeServices"
                + " elasticloadbalancing:DescribeRules ecr:DescribeImages cloudwatch:DescribeAlarms"
                + " ec2:DescribeSubnets secretsmanager:DescribeSecret ssm:ListTagsForResource"
                + " codeconnections:GetConnection codestar-connections:GetConnection logs:FilterLogEvents logs:GetLogEvents"
                + " application-autoscaling:DescribeScalableTargets application-autoscaling:DescribeScalingActivities",
        "WorkerRole, dynamodb:UpdateItem sqs:ReceiveMessage sqs:DeleteMessage cloudformation:ExecuteChangeSet"
                + " iam:PassRole ecs:RegisterTaskDefinition ecs:UpdateService ecs:StopServiceDeployment ecr:PutImage"
                + " cloudwatch:GetMetricData cloudwatch:DescribeAlarms ecs:RunTask ecs:StopTask sns:Publish codepipeline:PutJobSuccessResult"
                + " codepipeline:ListActionExecutions application-autoscaling:RegisterScalableTarget"
                + " application-autoscaling:DescribeScalableTargets"
                + " codeconnections:GetConnection codestar-connections:GetConnection logs:FilterLogEvents logs:GetLogEvents",
        "HookRole, dynamodb:UpdateItem sqs:SendMessage ecs:DescribeServiceDeployments lambda:InvokeFunction",
        "PipelineRole, dynamodb:PutItem sqs:SendMessage codepipeline:PutJobSuccessResult"
                + " codepipeline:PutJobFailureResult codepipeline:ListActionExecutions"
                + " codepipeline:GetPipelineExecution ecr:DescribeImages ecr:BatchGetImage",
        "ExecutionRole, ec2:CreateVpc ecs:CreateService iam:CreateRole iam:PassRole iam:CreateServiceLinkedRole"
                + " application-autoscaling:RegisterScalableTarget application-autoscaling:PutScalingPolicy"
                + " application-autoscaling:PutScheduledAction cloudwatch:PutMetricAlarm cloudwatch:DeleteAlarms"
    })
    void rolesHoldWhatTheirWorkNeeds(String role, String actions) {
        assertThat(allowedActions(role)).contains(actions.split(" "));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ApiRole", "HookRole", "PipelineRole"})
    void onlyTheWorkerChangesAws(String role) {
        assertThat(allowedActions(role))
                .filteredOn(action -> !action.matches(
                        "(dynamodb|sqs|logs|xray):.*|lambda:InvokeFunction|codepipeline:PutJob\\w+Result"))
                .isNotEmpty()
                .allMatch(action -> action.matches("[\\w-]+:(BatchGet|Describe|Get|List).*"));
    }

    @ParameterizedTest
    @CsvSource({
        "lambda:InvokeFunction, .*:function:slipway-check-\\*}",
        "sns:Publish, .*:sns:[^:]+:[^:]+:slipway-\\*}",
        "secretsmanager:DescribeSecret, .*:secret:\\*}",
        "ssm:ListTagsForResource, .*:parameter/\\*}"
    })
    void whatASpecNamesIsReachedByItsNameOnly(String action, String resource) {
        assertThat(TEMPLATE.statements())
                .filteredOn(statement -> statement.actions().contains(action))
                .filteredOn(statement -> !statement.owner().equals("PermissionsBoundary"))
                .singleElement()
                .satisfies(statement -> assertThat(statement.resources())
                        .allMatch(arn -> arn.replace("${AWS::", "${AWS.").matches(resource)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ecs:RunTask", "ecs:StopTask", "ecs:ListTasks"})
    void tasksRunAndStopInOurClustersOnly(String action) {
        assertThat(TEMPLATE.statements())
                .filteredOn(statement -> statement.actions().contains(action))
                .isNotEmpty()
                .allSatisfy(statement -> assertThat(statement.condition("ArnLike", "ecs:cluster"))
                        .endsWith(":cluster/slipway-*}"));
    }

    @Test
    void secretsAreNeverRead() {
        assertThat(TEMPLATE.statements())
                .filteredOn(Statement::allows)
                .filteredOn(statement -> !statement.owner().equals("PermissionsBoundary"))
                .flatExtracting(Statement::actions)
                .noneMatch(action -> action.matches("secretsmanager:(BatchGet|Get).*|ssm:GetParam.*|kms:Decrypt"));
    }

    @Test
    void everyFunctionIsOutOfReachOfServices() {
        var denied = TEMPLATE.statements("PermissionsBoundary").stream()
                .filter(statement -> !statement.allows() && statement.actions().contains("lambda:*"))
                .flatMap(statement -> statement.resources().stream())
                .toList();

        assertThat(functions())
                .hasSizeGreaterThan(2)
                .allSatisfy(function ->
                        assertThat(denied).anyMatch(arn -> arn.endsWith(":function:" + name(function) + "*}")));
    }

    @Test
    void onlyTheRoleOfEcsReachesTheHook() {
        assertThat(TEMPLATE.statements("PermissionsBoundary"))
                .filteredOn(statement -> statement.resources().toString().contains("-hook*"))
                .singleElement()
                .satisfies(statement -> {
                    assertThat(statement.allows()).isFalse();
                    assertThat(statement.condition("ArnNotLike", "aws:PrincipalArn"))
                            .endsWith(":role/slipway-*-ecs-${AWS::Region}}");
                });
    }

    @Test
    void onlyTheRoleOfAPipelineReachesThePipelineFunction() {
        assertThat(TEMPLATE.statements("PermissionsBoundary"))
                .filteredOn(statement -> statement.resources().toString().contains("-pipeline*"))
                .singleElement()
                .satisfies(statement -> {
                    assertThat(statement.allows()).isFalse();
                    assertThat(statement.condition("ArnNotLike", "aws:PrincipalArn"))
                            .endsWith(":role/slipway-pipeline-*-run-${AWS::Region}}");
                });
    }

    @Test
    void theHookIsCalledByTheAliasThatEveryDeploymentMoves() {
        var globals = map(map(TEMPLATE.content().get("Globals")).get("Function"));
        var hook = TEMPLATE.variables("WorkerFunction").get("SLIPWAY_HOOK_FUNCTION");

        assertThat(hook.toString())
                .endsWith(":function:" + name("HookFunction") + ":" + globals.get("AutoPublishAlias") + "}");
    }

    /** CodePipeline's Lambda action takes a function's name; a qualifier is documented nowhere. */
    @Test
    void pipelinesCallThePipelineFunctionByItsName() {
        var pipeline = TemplateFile.read(Path.of("src/main/resources/stacks/pipeline.yaml"));
        var called = map(map(pipeline.content().get("Parameters")).get("DeployFunction"));

        assertThat(called.get("Default")).isEqualTo(name("PipelineFunction").replace("${AWS::StackName}", "slipway"));
        assertThat(functions())
                .allSatisfy(
                        function -> assertThat(map(TEMPLATE.variables(function).get("SLIPWAY_PIPELINE_FUNCTION")))
                                .containsEntry("Sub", name("PipelineFunction")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ApiRole", "WorkerRole"})
    void readsLogsOfBuildsAndTheStateOfConnections(String role) {
        var group = "arn:aws:logs:eu-central-1:123456789012:log-group:/slipway/pipeline/web:log-stream:build/1";
        for (var request : List.of(
                new Request(role, "logs:GetLogEvents", group, Map.of()),
                new Request(role, "logs:FilterLogEvents", group, Map.of()),
                connection(role, "codeconnections:GetConnection", "codeconnections"),
                connection(role, "codeconnections:GetConnection", "codestar-connections"),
                connection(role, "codestar-connections:GetConnection", "codestar-connections"))) {
            assertThat(READS.allows(reads(role), request)).as("%s", request).isTrue();
        }
    }

    private static Request connection(String role, String action, String service) {
        return new Request(
                role, action, "arn:aws:%s:eu-central-1:123456789012:connection/c1".formatted(service), Map.of());
    }

    /** Of the role's statements those on what the test asks for; the others refer to resources of the template. */
    private static List<Statement> reads(String role) {
        return TEMPLATE.heldBy(role).stream()
                .filter(statement -> statement.actions().stream()
                        .anyMatch(action -> action.matches("logs:Get.*|code(star-)?conn.*")))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "iam:AttachRolePolicy",
                "iam:CreateRole",
                "iam:DeleteRolePolicy",
                "iam:DetachRolePolicy",
                "iam:PutRolePermissionsBoundary",
                "iam:PutRolePolicy"
            })
    void rolesAreMadeAndWidenedOnlyInsideTheBoundary(String action) {
        assertThat(TEMPLATE.statements())
                .filteredOn(statement -> statement.actions().contains(action))
                .isNotEmpty()
                .allSatisfy(statement -> assertThat(statement.condition("StringEquals", "iam:PermissionsBoundary"))
                        .isEqualTo("{Ref=PermissionsBoundary}"));
    }

    @Test
    void noOneMayTakeTheBoundaryOff() {
        assertThat(TEMPLATE.statements())
                .flatExtracting(Statement::actions)
                .doesNotContain(
                        "iam:DeleteRolePermissionsBoundary",
                        "iam:CreatePolicyVersion",
                        "iam:SetDefaultPolicyVersion",
                        "iam:CreatePolicy");
    }

    @Test
    void identitiesThatItReachesAreThoseOfServicesAndPipelines() {
        assertThat(TEMPLATE.heldBy("ExecutionRole"))
                .filteredOn(statement -> statement.actions().stream()
                        .anyMatch(action -> action.matches("iam:(?!CreateServiceLinked).*")))
                .hasSizeGreaterThan(2)
                .flatExtracting(Statement::resources)
                .allMatch(arn -> arn.matches(".*:role/slipway-\\*-(exec|task|ecs)-\\$\\{AWS::Region}}"
                        + "|.*:role/slipway-pipeline-\\*-(run|build|test|copy)-\\$\\{AWS::Region}}"));
    }

    @Test
    void aRoleIsHandedOnlyToTheServiceItIsFor() {
        assertThat(TEMPLATE.statements())
                .filteredOn(statement -> statement.actions().contains("iam:PassRole"))
                .hasSize(6)
                .allSatisfy(statement -> {
                    assertThat(statement.condition("StringEquals", "iam:PassedToService"))
                            .endsWith(".amazonaws.com");
                    assertThat(statement.resources())
                            .allMatch(arn -> arn.matches(".*:role/slipway-(pipeline-)?\\*-[a-z].*")
                                    || arn.contains("ExecutionRole.Arn"));
                });
    }

    @ParameterizedTest
    @CsvSource({
        "StringEquals, cloudformation:CreateChangeSet",
        "StringEquals, cloudformation:CreateStack",
        "StringEquals, cloudformation:UpdateStack",
        "StringEqualsIfExists, cloudformation:DeleteStack",
        "StringEqualsIfExists, cloudformation:ContinueUpdateRollback"
    })
    void stacksChangeOnlyUnderTheExecutionRole(String operator, String action) {
        assertThat(TEMPLATE.statements())
                .filteredOn(statement -> statement.actions().contains(action))
                .isNotEmpty()
                .allSatisfy(statement -> assertThat(statement.condition(operator, "cloudformation:RoleArn"))
                        .isEqualTo("{GetAtt=ExecutionRole.Arn}"));
    }

    @Test
    void policiesStayBelowTheLimitsOfIam() {
        for (var role : TEMPLATE.resourcesOfType("AWS::IAM::Role").keySet()) {
            assertThat(size(TEMPLATE.statements(role))).as(role).isLessThan(INLINE_POLICY_LIMIT);
        }
        for (var policy : TEMPLATE.resourcesOfType("AWS::IAM::ManagedPolicy").keySet()) {
            assertThat(size(TEMPLATE.statements(policy))).as(policy).isLessThan(MANAGED_POLICY_LIMIT);
        }
    }

    /** A managed policy that is too long fails the deployment, and tells nothing of the list that made it so. */
    @ParameterizedTest
    @CsvSource({
        "PermissionsBoundary, AllowedSecrets, arn:aws:ssm:*:*:parameter/{environment}/*",
        "ExecutionNamesPolicy, AllowedDomains, abcdef=Z0123456789ABCDEFGHIJ/a.example.com",
        "ExecutionConnectionsPolicy, AllowedConnections, 8aad4d5d-8878-4d5d-b0bc-0123456789ab"
    })
    void theLongestListFitsItsPolicy(String policy, String parameter, String entry) {
        var most = number(
                map(map(TEMPLATE.content().get("Parameters")).get(parameter)).get("MaxLength"));
        var entries = Math.max(1, (most + 1) / (entry.length() + 1));
        var iam = new Iam(Map.of(
                "Table.Arn",
                "t".repeat(100),
                "WorkQueue.Arn",
                "w".repeat(100),
                "DeadLetterQueue.Arn",
                "d".repeat(100),
                parameter,
                String.join(",", Collections.nCopies(entries, entry))));

        assertThat(entries).isGreaterThan(10);
        assertThat(json(iam, TEMPLATE.properties(policy).get("PolicyDocument")).length())
                .isGreaterThan(most)
                .isLessThan(MANAGED_POLICY_LIMIT);
    }

    /** As IAM gets it, without blanks. */
    private static String json(Iam iam, Object value) {
        if (value instanceof List<?> several) {
            return several.stream().map(one -> json(iam, one)).collect(Collectors.joining(",", "[", "]"));
        }
        if (value instanceof String text) {
            return '"' + text + '"';
        }
        if (map(value).get("If") instanceof List<?> choice && map(choice.get(1)).containsKey("Effect")) {
            return json(iam, choice.get(1));
        }
        if (map(value).keySet().stream().anyMatch(Set.of("If", "Sub", "Ref", "GetAtt", "Split", "Join")::contains)) {
            var texts = iam.texts(value);
            return json(iam, texts.size() == 1 ? texts.getFirst() : texts);
        }
        return map(value).entrySet().stream()
                .map(entry -> '"' + entry.getKey() + "\":" + json(iam, entry.getValue()))
                .collect(Collectors.joining(",", "{", "}"));
    }

    @Test
    void aMessageStaysHiddenForSixRunsOfTheWorker() {
        var worker = TEMPLATE.properties("WorkerFunction");
        var work = map(map(map(worker.get("Events")).get("Work")).get("Properties"));
        var needed = 6 * number(worker.get("Timeout")) + number(work.get("MaximumBatchingWindowInSeconds"));

        assertThat(number(TEMPLATE.properties("WorkQueue").get("VisibilityTimeout")))
                .isGreaterThanOrEqualTo(needed);
        assertThat(list(work.get("FunctionResponseTypes"))).containsExactly("ReportBatchItemFailures");
    }

    @Test
    void everyFunctionLogsToAGroupThatForgets() {
        assertThat(functions()).hasSizeGreaterThan(2).allSatisfy(function -> {
            var group = map(map(TEMPLATE.properties(function).get("LoggingConfig"))
                            .get("LogGroup"))
                    .get("Ref");
            assertThat(TEMPLATE.properties(group.toString())).containsKey("RetentionInDays");
        });
    }

    @Test
    void tellsOfWorkThatFailsWaitsOrIsRefused() {
        var alarms = TEMPLATE.resourcesOfType("AWS::CloudWatch::Alarm").toString();

        assertThat(alarms).contains("GetAtt=DeadLetterQueue.QueueName", "MetricName=ApproximateAgeOfOldestMessage");
        // What else covers errors and throttles: docs/adr/0042-health-of-the-control-plane.md
        assertThat(alarms)
                .contains(
                        "MetricName=5xx, Dimensions=[{Name=ApiId, Value={Ref=Api}}]",
                        "MetricName=Errors, Dimensions=[{Name=FunctionName, Value={Ref=HookFunction}}]",
                        "MetricName=Throttles, Dimensions=[{Name=FunctionName, Value={Ref=HookFunction}}]",
                        "MetricName=AsyncEventsDropped, Dimensions=[{Name=FunctionName, Value={Ref=PipelineFunction}}]");
        assertThat(functions())
                .containsExactlyInAnyOrder("ApiFunction", "WorkerFunction", "HookFunction", "PipelineFunction");
        assertThat(TEMPLATE.resourcesOfType("AWS::CloudWatch::Alarm").keySet())
                .allSatisfy(alarm -> assertThat(TEMPLATE.properties(alarm)).containsKey("AlarmActions"));
    }

    @Test
    void theQueueTakesEventsFromItsOwnRulesOnly() {
        var rules = TEMPLATE.resourcesOfType("AWS::Events::Rule").keySet().stream()
                .map(rule -> "{GetAtt=" + rule + ".Arn}")
                .collect(Collectors.joining(", ", "[", "]"));

        assertThat(TEMPLATE.statements("WorkQueuePolicy"))
                .filteredOn(Statement::allows)
                .singleElement()
                .satisfies(statement -> assertThat(statement.condition("ArnEquals", "aws:SourceArn"))
                        .isEqualTo(rules));
    }

    @Test
    void listensToEventsOfOurOwnStacksAndClustersOnly() {
        assertThat(TEMPLATE.resourcesOfType("AWS::Events::Rule").keySet())
                .filteredOn(rule -> TEMPLATE.properties(rule).containsKey("EventPattern"))
                .hasSize(6)
                .allSatisfy(rule -> assertThat(
                                TEMPLATE.properties(rule).get("EventPattern").toString())
                        .matches(".*prefix=(\\{Sub=arn:[^}]*}[^}]*}[^}]*}[^}]*/slipway-|slipway-(pipeline-)?)}.*"));
    }

    @Test
    void everyRequestIsSignedByItsCaller() {
        assertThat(map(TEMPLATE.properties("Api").get("Auth"))).containsEntry("DefaultAuthorizer", "AWS_IAM");
    }

    @Test
    void theStoreOutlivesTheStack() {
        var table = map(TEMPLATE.resources().get("Table"));

        assertThat(table).containsEntry("DeletionPolicy", "Retain").containsEntry("UpdateReplacePolicy", "Retain");
        assertThat(map(table.get("Properties"))).containsEntry("DeletionProtectionEnabled", "true");
    }

    private static Set<String> functions() {
        return TEMPLATE.resourcesOfType("AWS::Serverless::Function").keySet();
    }

    private static String name(String function) {
        return map(TEMPLATE.properties(function).get("FunctionName")).get("Sub").toString();
    }

    private static Set<String> allowedActions(String role) {
        return TEMPLATE.heldBy(role).stream()
                .filter(Statement::allows)
                .flatMap(statement -> statement.actions().stream())
                .collect(Collectors.toSet());
    }

    /** About the length that IAM counts, without blanks. Our words are longer than the values put in for them. */
    private static int size(List<Statement> statements) {
        return statements.stream()
                .mapToInt(statement ->
                        statement.content().toString().replaceAll("\\s", "").length() + quotes(statement))
                .sum();
    }

    /** Two quotes a value and key, which the text of a map does not show. */
    private static int quotes(Statement statement) {
        return 2 * (statement.actions().size() + statement.resources().size() + 10);
    }

    private static int number(Object value) {
        return Integer.parseInt(value.toString());
    }
}
