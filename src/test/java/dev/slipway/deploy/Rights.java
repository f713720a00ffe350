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
    private static final Map<String, String> PREFIXES = Map.of(
            "ElasticLoadBalancingV2", "elasticloadbalancing",
            "CloudWatchLogs", "logs",
            "ApplicationAutoScaling", "application-autoscaling");

    /** Actions without resources: AWS authorizes them on {@code *} alone. */
    private static final Set<String> ON_ALL = Set.of(
            "application-autoscaling:DescribeScalableTargets",
            "application-autoscaling:DescribeScalingActivities",
            "cloudformation:DescribeStackDriftDetectionStatus",
            "cloudwatch:DescribeAlarms",
            "cloudwatch:GetMetricData",
            "cloudwatch:PutMetricData",
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
            "logs:DescribeLogGroups",
            "logs:StopQuery");

    private static final Map<String, List<Statement>> POLICIES = new ConcurrentHashMap<>();
    /** By role, action, resource and context: histories ask the same thousands of times. */
    private static final Map<Question, Boolean> DECIDED = new ConcurrentHashMap<>();

    private static final int MOST_DECIDED = 50_000;
    /** By client and operation. */
    private static final Map<Called, String> ACTIONS = new ConcurrentHashMap<>();

    private record Called(String service, String operation) {}

    private record Question(String role, Asked asked) {}

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
        var action = ACTIONS.computeIfAbsent(new Called(service, operation), Rights::action);
        return missing(
                role,
                Stream.concat(
                        asked(action.replace("lambda:Invoke", "lambda:InvokeFunction"), request),
                        passed(action, request)));
    }

    /**
     * What is missing for one of the calls that are not made by the SDK's clients ({@link dev.slipway.aws.AwsLookups}).
     *
     * @param lookup name of the method
     * @param about its first argument
     */
    public static Optional<String> missing(String role, String lookup, Object about) {
        return missing(role, lookedUp(lookup, String.valueOf(about)));
    }

    private static Stream<Asked> lookedUp(String lookup, String about) {
        return switch (lookup) {
            case "freeAddresses" -> of("ec2:DescribeSubnets", "*");
            case "hasRole" -> of("iam:GetRole", about);
            case "makeServiceLinkedRole" ->
                Stream.of(new Asked(
                        "iam:CreateServiceLinkedRole",
                        "arn:aws:iam::123456789012:role/aws-service-role/%s/AWSServiceRoleForIt".formatted(about),
                        Map.of("iam:AWSServiceName", about)));
            case "secret" -> of("secretsmanager:DescribeSecret", about);
            case "parameterTags" ->
                of("ssm:ListTagsForResource", arn("ssm", "parameter" + (about.startsWith("/") ? "" : "/") + about));
            case "connectionStatus" -> of(about.split(":")[2] + ":GetConnection", about);
            case "certificate" -> of("acm:DescribeCertificate", about);
            case "hostedZone" -> of("route53:GetHostedZone", "arn:aws:route53:::hostedzone/" + about);
            case "changes" -> of("cloudtrail:LookupEvents", "*");
            case "hasLogGroup" -> of("logs:DescribeLogGroups", "*");
            // The public DNS, what is signed beforehand, and the credentials of somebody else.
            case "nameServers", "download", "object" -> Stream.empty();
            default -> throw new AssertionError("say what " + lookup + " is authorized on");
        };
    }

    private static Stream<Asked> of(String action, String resource) {
        return Stream.of(new Asked(action, resource, Map.of()));
    }

    private static Optional<String> missing(String role, Stream<Asked> wanted) {
        if (DECIDED.size() > MOST_DECIDED) {
            DECIDED.clear(); // a million histories name more resources than fit
        }
        return wanted.filter(asked -> !DECIDED.computeIfAbsent(new Question(role, asked), Rights::allowed))
                .findFirst()
                .map(asked -> "%s is not allowed %s on %s with %s"
                        .formatted(
                                role,
                                asked.action(),
                                asked.resource(),
                                request(role, asked).context()));
    }

    private static String action(Called called) {
        var name = called.service().replaceFirst("Client$", "");
        return PREFIXES.getOrDefault(name, name.toLowerCase(Locale.ROOT)) + ":"
                + Character.toUpperCase(called.operation().charAt(0))
                + called.operation().substring(1).replaceFirst("Paginator$", "");
    }

    private static boolean allowed(Question question) {
        return IAM.allows(
                POLICIES.computeIfAbsent(question.role(), TEMPLATE::heldBy),
                request(question.role(), question.asked()));
    }

    private static Request request(String role, Asked asked) {
        return new Request("arn:aws:iam::123456789012:role/" + role, asked.action(), asked.resource(), asked.context());
    }

    private record Asked(String action, String resource, Map<String, String> context) {}

    private static Stream<Asked> asked(String action, SdkRequest request) {
        var context = context(action, request);
        if (ON_ALL.contains(action)) {
            return Stream.of(new Asked(action, "*", context));
        }
        var asked =
                resources(action, request).stream().distinct().map(resource -> new Asked(action, resource, context));
        // A call that tags what it makes is authorized for that, too.
        return switch (action) {
            case "ecs:RegisterTaskDefinition" ->
                Stream.concat(
                        asked,
                        Stream.of(new Asked(
                                "ecs:TagResource",
                                arn("ecs", "task-definition/" + field(request, "family")),
                                Map.of("ecs:CreateAction", "RegisterTaskDefinition"))));
            case "ecs:RunTask" ->
                Stream.concat(
                        asked,
                        Stream.of(new Asked(
                                "ecs:TagResource",
                                arn("ecs", "task/" + cluster(request) + "/1"),
                                Map.of("ecs:CreateAction", "RunTask"))));
            default -> asked;
        };
    }

    private static Map<String, String> context(String action, SdkRequest request) {
        var context = new HashMap<String, String>();
        if (action.startsWith("ecs:") && field(request, "cluster") != null) {
            context.put("ecs:cluster", arn("ecs", "cluster/" + cluster(request)));
        }
        if (action.startsWith("application-autoscaling:")) {
            context.put(
                    "application-autoscaling:service-namespace", String.valueOf(field(request, "ServiceNamespace")));
            context.put(
                    "application-autoscaling:scalable-dimension", String.valueOf(field(request, "ScalableDimension")));
        }
        if (action.equals("cloudwatch:PutMetricData")) {
            context.put("cloudwatch:namespace", String.valueOf(field(request, "Namespace")));
        }
        if (action.startsWith("cloudformation:") && field(request, "RoleARN") instanceof String role) {
            context.put("cloudformation:RoleArn", role);
        }
        return context;
    }

    /** The roles that a call hands over; each wants a right of its own. */
    private static Stream<Asked> passed(String action, SdkRequest request) {
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
                : roles("", fields(request))
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
    private static List<String> resources(String action, SdkRequest request) {
        var service = action.substring(0, action.indexOf(':'));
        return switch (service) {
            case "cloudformation" -> List.of(stack(request));
            case "ecr" ->
                repositories(request)
                        .map(name -> arn("ecr", "repository/" + name))
                        .toList();
            // A query is authorized on the log groups that it looks through; of those the request for its
            // results says nothing.
            case "logs" ->
                List.of(arn(
                        "logs",
                        "log-group:"
                                + (action.equals("logs:GetQueryResults")
                                        ? "aws-waf-logs-slipway-dev"
                                        : field(request, "logGroupName"))
                                + ":*"));
            case "sns" -> List.of(String.valueOf(field(request, "TopicArn")));
            case "lambda" -> List.of(String.valueOf(field(request, "FunctionName")));
            case "codepipeline" -> List.of(arn("codepipeline", String.valueOf(field(request, "pipelineName"))));
            case "application-autoscaling" ->
                List.of(arn("application-autoscaling", "scalable-target/0123456789abcdef"));
            case "ecs" -> ecs(action, request);
            default -> throw new AssertionError("say what " + action + " is authorized on");
        };
    }

    private static List<String> ecs(String action, SdkRequest request) {
        return switch (action) {
            case "ecs:RegisterTaskDefinition" -> List.of(arn("ecs", "task-definition/" + field(request, "family")));
            case "ecs:RunTask" -> List.of(String.valueOf(field(request, "taskDefinition")));
            case "ecs:DeleteTaskDefinitions" -> texts(field(request, "taskDefinitions"));
            case "ecs:UpdateService", "ecs:ListServiceDeployments" ->
                services(request, List.of(String.valueOf(field(request, "service"))));
            case "ecs:DescribeServices" -> services(request, texts(field(request, "services")));
            case "ecs:DescribeServiceDeployments" -> texts(field(request, "serviceDeploymentArns"));
            case "ecs:DescribeServiceRevisions" -> texts(field(request, "serviceRevisionArns"));
            case "ecs:StopServiceDeployment", "ecs:ContinueServiceDeployment" ->
                List.of(String.valueOf(field(request, "serviceDeploymentArn")));
            case "ecs:DescribeTasks" -> texts(field(request, "tasks"));
            case "ecs:StopTask" -> List.of(String.valueOf(field(request, "task")));
            default -> throw new AssertionError("say what " + action + " is authorized on");
        };
    }

    private static Stream<String> repositories(SdkRequest request) {
        var name = field(request, "repositoryName");
        return name == null ? texts(field(request, "repositoryNames")).stream() : Stream.of(name.toString());
    }

    private static List<String> services(SdkRequest request, List<?> names) {
        return names.stream()
                .map(String::valueOf)
                .map(name -> name.startsWith("arn:") ? name : arn("ecs", "service/" + cluster(request) + "/" + name))
                .toList();
    }

    private static String cluster(SdkRequest request) {
        var name = String.valueOf(field(request, "cluster"));
        return name.substring(name.lastIndexOf('/') + 1);
    }

    private static String stack(SdkRequest request) {
        var name = String.valueOf(field(request, "StackName"));
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

    /** A member of a request by its name in AWS's model. */
    private static @Nullable Object field(SdkRequest request, String name) {
        return request.getValueForField(name, Object.class).orElse(null);
    }

    /** All members of a request by their names in AWS's model. */
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
