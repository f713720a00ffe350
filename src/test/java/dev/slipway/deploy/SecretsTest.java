package dev.slipway.deploy;

import static dev.slipway.deploy.TemplateFile.map;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.deploy.Iam.Request;
import dev.slipway.deploy.TemplateFile.Statement;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whose secrets the role of dev's service {@code web} reads: by the permission boundary alone, whatever else it is given, and
 * by the policy of its stack alone.
 */
class SecretsTest {
    private static final String ARN = "arn:aws:%s:eu-central-1:123456789012:";

    private static final TemplateFile TEMPLATE = TemplateFile.read(Path.of("template.yaml"));

    private static final TemplateFile SERVICE = TemplateFile.read(Path.of("src/main/resources/stacks/service.yaml"));

    /** As if somebody had attached AdministratorAccess. */
    private static final Statement EVERYTHING =
            new Statement("somebody", Map.of("Effect", "Allow", "Action", "*", "Resource", "*"));

    private static final Iam LISTED = iam("arn:aws:secretsmanager:eu-central-1:123456789012:secret:{environment}/*,"
            + "arn:aws:ssm:*:*:parameter/{environment}/*,"
            + "arn:aws:ssm:eu-central-1:123456789012:parameter/shared/*");

    private static Iam iam(String allowed) {
        return new Iam(Map.of(
                "Table.Arn", "arn:aws:dynamodb:eu-central-1:123456789012:table/t",
                "WorkQueue.Arn", "arn:aws:sqs:eu-central-1:123456789012:w",
                "DeadLetterQueue.Arn", "arn:aws:sqs:eu-central-1:123456789012:d",
                "Environment", "dev",
                "Service", "web",
                "Repository.Arn", "arn:aws:ecr:eu-central-1:123456789012:repository/slipway-dev-web",
                "LogGroup.Arn", "arn:aws:logs:eu-central-1:123456789012:log-group:/slipway/dev/web:*",
                "AllowedSecrets", allowed));
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                // name, slipway:environment, slipway:service, whether it may be read
                "db-AbCdEf, dev, -, true",
                "db-AbCdEf, dev, web, true",
                "rds!db-1234-AbCdEf, dev, -, true",
                "db-AbCdEf, dev, other, false",
                "db-AbCdEf, prod, -, false",
                "db-AbCdEf, prod, web, false",
                "db-AbCdEf, DEV, -, false",
                "db-AbCdEf, '', -, false",
                "db-AbCdEf, '${aws:PrincipalTag/slipway:environment}', -, false",
                "db-AbCdEf, -, -, false",
                "db-AbCdEf, -, web, false",
                "dev/db-AbCdEf, -, -, true",
                "dev/db-AbCdEf, -, other, false",
                "dev/db-AbCdEf, prod, -, false",
                "dev2/db-AbCdEf, -, -, false",
                "prod/db-AbCdEf, -, -, false"
            })
    void theBoundaryAloneKeepsASecretInItsEnvironment(String name, String environment, String service, boolean read) {
        for (var action : List.of("secretsmanager:GetSecretValue", "ssm:GetParameters", "ssm:GetParameter")) {
            assertThat(bounded(LISTED, "dev", "web", action, named(action, name), tags(environment, service)))
                    .as(action)
                    .isEqualTo(read);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"dev", "prod"})
    void whatIsListedWithoutAnEnvironmentIsSharedByAll(String environment) {
        assertThat(bounded(LISTED, environment, "web", "ssm:GetParameters", named("ssm:", "shared/key"), Map.of()))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"dev/db-AbCdEf", "db-AbCdEf", "secret-AbCdEf"})
    void withoutAListNothingUntaggedIsRead(String name) {
        var action = "secretsmanager:GetSecretValue";
        assertThat(bounded(iam(""), "dev", "web", action, named(action, name), Map.of()))
                .isFalse();
        assertThat(bounded(iam(""), "dev", "web", action, named(action, name), tags("dev", null)))
                .isTrue();
    }

    /** IAM knows no case in the names of tags, so a tag in another case counts like our own. */
    @ParameterizedTest
    @CsvSource({"Slipway:Environment, prod, false", "SLIPWAY:ENVIRONMENT, dev, true"})
    void aTagInAnotherCaseCounts(String key, String value, boolean read) {
        var action = "secretsmanager:GetSecretValue";
        assertThat(bounded(
                        LISTED,
                        "dev",
                        "web",
                        action,
                        named(action, "dev/db-AbCdEf"),
                        Map.of("aws:ResourceTag/" + key, value)))
                .isEqualTo(read);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "secretsmanager:TagResource",
                "secretsmanager:UntagResource",
                "secretsmanager:PutResourcePolicy",
                "secretsmanager:ReplicateSecretToRegions",
                "secretsmanager:UpdateSecret",
                "secretsmanager:CreateSecret",
                "ssm:AddTagsToResource",
                "ssm:RemoveTagsFromResource",
                "ssm:PutResourcePolicy",
                "ssm:GetParametersByPath",
                "ssm:DeleteParameters",
                "ssm:LabelParameterVersion"
            })
    void noServiceChangesWhoseASecretIsOrReadsAroundTheTags(String action) {
        assertThat(bounded(LISTED, "dev", "web", action, named(action, "dev/db-AbCdEf"), tags("dev", "web")))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({"web, true", "other, false"})
    void aBuildReadsWhatIsItsPipelines(String pipeline, boolean read) {
        var request = new Request(
                "arn:aws:iam::123456789012:role/slipway-pipeline-web-build-eu-central-1",
                "secretsmanager:GetSecretValue",
                named("secretsmanager:", "npm-AbCdEf"),
                Map.of("aws:PrincipalTag/slipway:pipeline", "web", "aws:ResourceTag/slipway:pipeline", pipeline));
        assertThat(LISTED.allows(TEMPLATE.statements("PermissionsBoundary"), request))
                .isEqualTo(read);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {"dev, -, true", "dev, web, true", "prod, -, false", "dev, other, false", "prod, web, false"})
    void thePolicyOfTheStackAloneDoesSoToo(String environment, String service, boolean read) {
        for (var action : List.of("secretsmanager:GetSecretValue", "ssm:GetParameters")) {
            var request = new Request("role", action, named(action, "db-AbCdEf"), tags(environment, service));
            assertThat(LISTED.allows(Iam.statementsIn("ExecutionRole", SERVICE.properties("ExecutionRole")), request))
                    .as(action)
                    .isEqualTo(read);
        }
    }

    /** What the boundary compares with; CloudFormation puts the stack's tags on its roles as well. */
    @ParameterizedTest
    @ValueSource(strings = {"ExecutionRole", "TaskRole"})
    void theRolesOfAServiceSayWhoseTheyAre(String role) {
        assertThat(TemplateFile.list(SERVICE.properties(role).get("Tags")))
                .containsExactly(
                        Map.of("Key", "slipway:environment", "Value", Map.of("Ref", "Environment")),
                        Map.of("Key", "slipway:service", "Value", Map.of("Ref", "Service")));
    }

    @ParameterizedTest
    @CsvSource({
        "arn:aws:ssm:eu-central-1:123456789012:parameter/{environment}/*, true",
        "arn:aws:secretsmanager:*:*:secret:*, true",
        "arn:aws:secretsmanager:*:*:secret:rds!*, true",
        "'arn:aws:ssm:*:*:parameter/{environment}/*,arn:aws:secretsmanager:*:*:secret:shop-{environment}-db-*', true",
        "'', true",
        "arn:aws:ssm:*:*:parameter/{environment}*, false",
        "arn:aws:ssm:*:*:parameter/x{environment}/*, false",
        "arn:aws:ssm:*:*:parameter/*{environment}/*, false",
        "arn:aws:ssm:*:*:parameter/${aws:PrincipalTag/x}/*, false",
        "arn:aws:s3:::bucket/*, false",
        "'arn:aws:ssm:*:*:parameter/a, arn:aws:ssm:*:*:parameter/b', false",
        "*, false"
    })
    void theListTakesPatternsThatKeepEnvironmentsApart(String value, boolean taken) {
        var parameter = map(map(TEMPLATE.content().get("Parameters")).get("AllowedSecrets"));
        assertThat(value.matches(parameter.get("AllowedPattern").toString())).isEqualTo(taken);
    }

    private static boolean bounded(
            Iam iam, String environment, String service, String action, String resource, Map<String, String> tags) {
        var context = new HashMap<>(tags);
        context.put("aws:PrincipalTag/slipway:environment", environment);
        context.put("aws:PrincipalTag/slipway:service", service);
        return Stream.of("exec", "task")
                .map(kind -> "arn:aws:iam::123456789012:role/slipway-%s-%s-%s-eu-central-1"
                        .formatted(environment, service, kind))
                .map(principal -> new Request(principal, action, resource, context))
                .allMatch(request -> iam.allows(List.of(EVERYTHING), request)
                        && iam.allows(TEMPLATE.statements("PermissionsBoundary"), request));
    }

    private static String named(String action, String name) {
        return action.startsWith("ssm:")
                ? ARN.formatted("ssm") + "parameter/" + name
                : ARN.formatted("secretsmanager") + "secret:" + name;
    }

    private static Map<String, String> tags(String environment, String service) {
        var tags = new HashMap<String, String>();
        if (environment != null) {
            tags.put("aws:ResourceTag/slipway:environment", environment);
        }
        if (service != null) {
            tags.put("aws:ResourceTag/slipway:service", service);
        }
        return tags;
    }
}
