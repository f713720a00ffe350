package dev.slipway.deploy;

import dev.slipway.deploy.Iam.Request;
import dev.slipway.deploy.TemplateFile.Statement;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.core.SdkRequest;

/**
 * Whether a function of template.yaml may make a call: its role's policies, evaluated over the resources that the call is
 * authorized on and over the condition keys that AWS documents for it, all others absent. Source: Service Authorization Reference, the
 * page of each service.
 */
public final class Rights {
    private static final String ACCOUNT = "eu-central-1:123456789012:";
    private static final String EXECUTION_ROLE = "arn:aws:iam::123456789012:role/slipway-cloudformation-eu-central-1";
    private static final TemplateFile TEMPLATE = TemplateFile.read(Path.of("template.yaml"));
    private static final Iam IAM = new Iam(Map.of(
            "ApiLog.Arn", "arn:aws:logs:" + ACCOUNT + "log-group:/aws/lambda/slipway-api:*",
            "WorkerLog.Arn", "arn:aws:logs:" + ACCOUNT + "log-group:/aws/lambda/slipway-worker:*",
            "HookLog.Arn", "arn:aws:logs:" + ACCOUNT + "log-group:/aws/lambda/slipway-hook:*",
            "PipelineLog.Arn", "arn:aws:logs:" + ACCOUNT + "log-group:/aws/lambda/slipway-pipeline:*",
            "Table.Arn", "arn:aws:dynamodb:" + ACCOUNT + "table/slipway-Table-1",
            "WorkQueue.Arn", "arn:aws:sqs:" + ACCOUNT + "slipway-WorkQueue-1",
            "DeadLetterQueue.Arn", "arn:aws:sqs:" + ACCOUNT + "slipway-DeadLetterQueue-1",
            "ExecutionRole.Arn", EXECUTION_ROLE));

    /** Names of the SDK's clients by the prefix of their actions, where they differ by more than case. */
    private static final Map<String, String> PREFIXES =
            Map.of("ElasticLoadBalancingV2", "elasticloadbalancing", "CloudWatchLogs", "logs");

    /** Actions without resources: AWS authorizes them on {@code *} alone. */
    private static final Set<String> ON_ALL = Set.of(
            "cloudwatch:DescribeAlarms",
            "cloudwatch:GetMetricData",
            "codepipeline:PutJobFailureResult",
            "codepipeline:PutJobSuccessResult",
            "ecs:DeregisterTaskDefinition",
            "ecs:DescribeTaskDefinition",
            "ecs:ListTaskDefinitions",
            "ecs:ListTasks",
            "elasticloadbalancing:DescribeListeners",
            "elasticloadbalancing:DescribeLoadBalancers",
            "elasticloadbalancing:DescribeRules",
            "elasticloadbalancing:DescribeTargetGroups",
            "elasticloadbalancing:DescribeTargetHealth",
            "logs:DescribeLogGroups");

    private static final Map<String, List<Statement>> POLICIES = new ConcurrentHashMap<>();
    /** By role, action, resource and context: histories ask the same thousands of times. */
    private static final Map<Request, Boolean> DECIDED = new ConcurrentHashMap<>();

    private Rights() {}

    /**
     * What is missing for a call.
     *
     * @param role of the function, as template.yaml names it
     * @param service name of the SDK's client, {@code Ecs}
     * @param operation as the client calls it, {@code updateService}
     * @return one sentence, or empty when it is allowed
     */
    public static Optional<String> missing(String role, String service, String operation, SdkRequest request) {
        var name = service.replaceFirst("Client$", "");
        var action = PREFIXES.getOrDefault(name, name.toLowerCase(Locale.ROOT)) + ":"
                + Character.toUpperCase(operation.charAt(0))
                + operation.substring(1).replaceFirst("Paginator$", "");
        var fields = fields(request);
        return Stream.concat(
                        asked(action.replace("lambda:Invoke", "lambda:InvokeFunction"), fields), passed(action, fields))
                .map(asked -> new Request(
                        "arn:aws:iam::123456789012:role/" + role, asked.action(), asked.resource(), asked.context()))
                .filter(asked -> !DECIDED.computeIfAbsent(asked, one -> allowed(role, one)))
                .findFirst()
                .map(asked -> "%s is not allowed %s on %s with %s"
                        .formatted(role, asked.action(), asked.resource(), asked.context()));
    }

    private static boolean allowed(String role, Request request) {
        return IAM.allows(POLICIES.computeIfAbsent(role, TEMPLATE::heldBy), request);
    }

    private record Asked(String action, String resource, Map<String, String> context) {}

    private static Stream<Asked> asked(String action, Map<String, Object> fields) {
        var context = context(action, fields);
        if (ON_ALL.contains(action)) {
            return Stream.of(new Asked(action, "*", context));
        }
        var asked = resources(action, fields).stream().distinct().map(resource -> new Asked(action, resource, context));
        // A call that tags what it makes is authorized for that, too.
        return switch (action) {
            case "ecs:RegisterTaskDefinition" ->
                Stream.concat(
                        asked,
                        Stream.of(new Asked(
                                "ecs:TagResource",
                                arn("ecs", "task-definition/" + fields.get("family")),
                                Map.of("ecs:CreateAction", "RegisterTaskDefinition"))));
            case "ecs:RunTask" ->
                Stream.concat(
                        asked,
                        Stream.of(new Asked(
                                "ecs:TagResource",
                                arn("ecs", "task/" + cluster(fields) + "/1"),
                                Map.of("ecs:CreateAction", "RunTask"))));
            default -> asked;
        };
    }

    private static Map<String, String> context(String action, Map<String, Object> fields) {
        var context = new HashMap<String, String>();
        if (action.startsWith("ecs:") && fields.get("cluster") != null) {
            context.put("ecs:cluster", arn("ecs", "cluster/" + cluster(fields)));
        }
        if (action.startsWith("cloudformation:") && fields.get("RoleARN") instanceof String role) {
            context.put("cloudformation:RoleArn", role);
        }
        return context;
    }

    /** The roles that a call hands over; each wants a right of its own. */
    private static Stream<Asked> passed(String action, Map<String, Object> fields) {
        var to = switch (action) {
            case "cloudformation:CreateStack",
                    "cloudformation:UpdateStack",
                    "cloudformation:CreateChangeSet",
                    "cloudformation:DeleteStack",
                    "cloudformation:ContinueUpdateRollback" -> "cloudformation.amazonaws.com";
            case "ecs:RegisterTaskDefinition" -> "ecs-tasks.amazonaws.com";
            case "ecs:UpdateService" -> "ecs.amazonaws.com";
            default -> null;
        };
        return to == null
                ? Stream.empty()
                : roles("", fields)
                        .distinct()
                        .map(role -> new Asked("iam:PassRole", role, Map.of("iam:PassedToService", to)));
    }

    private static Stream<String> roles(String member, Object value) {
        return switch (value) {
            case Map<?, ?> map ->
                map.entrySet().stream().flatMap(entry -> roles(String.valueOf(entry.getKey()), entry.getValue()));
            case List<?> list -> list.stream().flatMap(one -> roles(member, one));
            case String text when member.toLowerCase(Locale.ROOT).endsWith("rolearn") -> Stream.of(text);
            default -> Stream.empty();
        };
    }

    /** What a call is authorized on. An operation that this does not know fails: whoever adds one says it here. */
    private static List<String> resources(String action, Map<String, Object> fields) {
        var service = action.substring(0, action.indexOf(':'));
        return switch (service) {
            case "cloudformation" -> List.of(stack(fields));
            case "ecr" ->
                repositories(fields)
                        .map(name -> arn("ecr", "repository/" + name))
                        .toList();
            case "logs" -> List.of(arn("logs", "log-group:" + fields.get("logGroupName") + ":*"));
            case "sns" -> List.of(String.valueOf(fields.get("TopicArn")));
            case "lambda" -> List.of(String.valueOf(fields.get("FunctionName")));
            case "codepipeline" -> List.of(arn("codepipeline", String.valueOf(fields.get("pipelineName"))));
            case "ecs" -> ecs(action, fields);
            default -> throw new AssertionError("say what " + action + " is authorized on");
        };
    }

    private static List<String> ecs(String action, Map<String, Object> fields) {
        return switch (action) {
            case "ecs:RegisterTaskDefinition" -> List.of(arn("ecs", "task-definition/" + fields.get("family")));
            case "ecs:RunTask" -> List.of(String.valueOf(fields.get("taskDefinition")));
            case "ecs:DeleteTaskDefinitions" -> texts(fields.get("taskDefinitions"));
            case "ecs:UpdateService", "ecs:ListServiceDeployments" -> services(fields, List.of(fields.get("service")));
            case "ecs:DescribeServices" -> services(fields, texts(fields.get("services")));
            case "ecs:DescribeServiceDeployments" -> texts(fields.get("serviceDeploymentArns"));
            case "ecs:DescribeServiceRevisions" -> texts(fields.get("serviceRevisionArns"));
            case "ecs:StopServiceDeployment", "ecs:ContinueServiceDeployment" ->
                List.of(String.valueOf(fields.get("serviceDeploymentArn")));
            case "ecs:DescribeTasks" -> texts(fields.get("tasks"));
            case "ecs:StopTask" -> List.of(String.valueOf(fields.get("task")));
            default -> throw new AssertionError("say what " + action + " is authorized on");
        };
    }

    private static Stream<String> repositories(Map<String, Object> fields) {
        var name = fields.get("repositoryName");
        return name == null ? texts(fields.get("repositoryNames")).stream() : Stream.of(name.toString());
    }

    private static List<String> services(Map<String, Object> fields, List<?> names) {
        return names.stream()
                .map(String::valueOf)
                .map(name -> name.startsWith("arn:") ? name : arn("ecs", "service/" + cluster(fields) + "/" + name))
                .toList();
    }

    private static String cluster(Map<String, Object> fields) {
        var name = String.valueOf(fields.get("cluster"));
        return name.substring(name.lastIndexOf('/') + 1);
    }

    private static String stack(Map<String, Object> fields) {
        var name = String.valueOf(fields.get("StackName"));
        return name.startsWith("arn:") ? name : arn("cloudformation", "stack/" + name + "/1");
    }

    private static String arn(String service, String resource) {
        return "arn:aws:" + service + ":" + ACCOUNT + resource;
    }

    private static List<String> texts(@Nullable Object list) {
        return list instanceof List<?> several
                ? several.stream().map(String::valueOf).toList()
                : List.of();
    }

    /** The members of a request by their names in AWS's model. */
    private static Map<String, Object> fields(SdkPojo request) {
        return request.sdkFields().stream()
                .filter(field -> field.getValueOrDefault(request) != null)
                .collect(Collectors.toMap(
                        field -> field.memberName(), field -> plain(field.getValueOrDefault(request)), (a, b) -> a));
    }

    private static Object plain(Object value) {
        return switch (value) {
            case SdkPojo inner -> fields(inner);
            case List<?> list -> list.stream().map(Rights::plain).toList();
            default -> value;
        };
    }
}
