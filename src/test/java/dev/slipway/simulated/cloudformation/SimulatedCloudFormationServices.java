package dev.slipway.simulated.cloudformation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.cloudwatchlogs.model.CreateLogGroupRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.CreateLogGroupResponse;
import software.amazon.awssdk.services.cloudwatchlogs.model.DeleteLogGroupRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.DeleteLogGroupResponse;
import software.amazon.awssdk.services.cloudwatchlogs.model.DescribeLogGroupsRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.DescribeLogGroupsResponse;
import software.amazon.awssdk.services.cloudwatchlogs.model.LogGroup;
import software.amazon.awssdk.services.cloudwatchlogs.model.PutRetentionPolicyRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.PutRetentionPolicyResponse;
import software.amazon.awssdk.services.cloudwatchlogs.model.ResourceAlreadyExistsException;
import software.amazon.awssdk.services.cloudwatchlogs.model.TagResourceRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.TagResourceResponse;
import software.amazon.awssdk.services.ecr.EcrClient;
import software.amazon.awssdk.services.ecr.model.CreateRepositoryRequest;
import software.amazon.awssdk.services.ecr.model.CreateRepositoryResponse;
import software.amazon.awssdk.services.ecr.model.DeleteRepositoryRequest;
import software.amazon.awssdk.services.ecr.model.DeleteRepositoryResponse;
import software.amazon.awssdk.services.ecr.model.RepositoryNotEmptyException;
import software.amazon.awssdk.services.ecs.EcsClient;
import software.amazon.awssdk.services.ecs.model.CreateServiceRequest;
import software.amazon.awssdk.services.ecs.model.CreateServiceResponse;
import software.amazon.awssdk.services.ecs.model.DeleteServiceRequest;
import software.amazon.awssdk.services.ecs.model.DeleteServiceResponse;
import software.amazon.awssdk.services.ecs.model.Deployment;
import software.amazon.awssdk.services.ecs.model.DescribeServicesRequest;
import software.amazon.awssdk.services.ecs.model.DescribeServicesResponse;
import software.amazon.awssdk.services.ecs.model.Service;
import software.amazon.awssdk.services.ecs.model.UpdateServiceRequest;
import software.amazon.awssdk.services.ecs.model.UpdateServiceResponse;
import software.amazon.awssdk.services.elasticloadbalancingv2.ElasticLoadBalancingV2Client;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.CreateRuleRequest;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.CreateRuleResponse;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.DeleteRuleRequest;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.DeleteRuleResponse;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.ModifyRuleRequest;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.ModifyRuleResponse;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.Rule;

/** The few calls of other services that these tests need, remembered in order. */
final class SimulatedCloudFormationServices {
    final Ecs ecs = new Ecs();
    final Elb elb = new Elb();
    final Ecr ecr = new Ecr();
    final Logs logs = new Logs();

    /** A service whose deployments end as {@link #outcome} says at the time of asking. */
    static final class Ecs implements EcsClient {
        final List<Object> requests = new ArrayList<>();
        String outcome = "COMPLETED";
        private String taskDefinition = "";
        private boolean exists;
        private int deployments;

        @Override
        public String serviceName() {
            return "ecs";
        }

        @Override
        public void close() {}

        private Service service(String outcome) {
            return Service.builder()
                    .serviceArn("arn:aws:ecs:eu-west-1:111122223333:service/c/s")
                    .serviceName("s")
                    .status(exists ? "ACTIVE" : "INACTIVE")
                    .taskDefinition(taskDefinition)
                    .deployments(Deployment.builder()
                            .id("ecs-svc/" + deployments)
                            .status("PRIMARY")
                            .rolloutState(outcome)
                            .build())
                    .build();
        }

        @Override
        public CreateServiceResponse createService(CreateServiceRequest request) {
            requests.add(request);
            exists = true;
            deployments++;
            taskDefinition = request.taskDefinition();
            return CreateServiceResponse.builder()
                    .service(service("IN_PROGRESS"))
                    .build();
        }

        @Override
        public UpdateServiceResponse updateService(UpdateServiceRequest request) {
            requests.add(request);
            deployments++;
            taskDefinition = request.taskDefinition();
            return UpdateServiceResponse.builder()
                    .service(service("IN_PROGRESS"))
                    .build();
        }

        @Override
        public DescribeServicesResponse describeServices(DescribeServicesRequest request) {
            return DescribeServicesResponse.builder().services(service(outcome)).build();
        }

        @Override
        public DeleteServiceResponse deleteService(DeleteServiceRequest request) {
            requests.add(request);
            exists = false;
            return DeleteServiceResponse.builder().build();
        }
    }

    static final class Elb implements ElasticLoadBalancingV2Client {
        final List<Object> requests = new ArrayList<>();

        @Override
        public String serviceName() {
            return "elasticloadbalancing";
        }

        @Override
        public void close() {}

        @Override
        public CreateRuleResponse createRule(CreateRuleRequest request) {
            requests.add(request);
            return CreateRuleResponse.builder()
                    .rules(Rule.builder().ruleArn("arn:rule/" + requests.size()).build())
                    .build();
        }

        @Override
        public ModifyRuleResponse modifyRule(ModifyRuleRequest request) {
            requests.add(request);
            return ModifyRuleResponse.builder().build();
        }

        @Override
        public DeleteRuleResponse deleteRule(DeleteRuleRequest request) {
            requests.add(request);
            return DeleteRuleResponse.builder().build();
        }
    }

    static final class Ecr implements EcrClient {
        final Set<String> repositories = new LinkedHashSet<>();
        boolean filled;

        @Override
        public String serviceName() {
            return "ecr";
        }

        @Override
        public void close() {}

        @Override
        public CreateRepositoryResponse createRepository(CreateRepositoryRequest request) {
            repositories.add(request.repositoryName());
            return CreateRepositoryResponse.builder()
                    .repository(r -> r.repositoryName(request.repositoryName())
                            .repositoryArn("arn:aws:ecr:eu-west-1:111122223333:repository/" + request.repositoryName())
                            .repositoryUri("111122223333.dkr.ecr.eu-west-1.amazonaws.com/" + request.repositoryName()))
                    .build();
        }

        @Override
        public DeleteRepositoryResponse deleteRepository(DeleteRepositoryRequest request) {
            if (filled && !request.force()) {
                String message = "The repository with name '" + request.repositoryName()
                        + "' cannot be deleted because it still contains images";
                throw RepositoryNotEmptyException.builder()
                        .statusCode(400)
                        .awsErrorDetails(AwsErrorDetails.builder()
                                .serviceName("Ecr")
                                .errorCode("RepositoryNotEmptyException")
                                .errorMessage(message)
                                .build())
                        .build();
            }
            repositories.remove(request.repositoryName());
            return DeleteRepositoryResponse.builder().build();
        }
    }

    /** Log groups with their retention in days, 0 for none. */
    static final class Logs implements CloudWatchLogsClient {
        final Map<String, Integer> groups = new LinkedHashMap<>();
        final Map<String, Map<String, String>> tags = new LinkedHashMap<>();

        @Override
        public String serviceName() {
            return "logs";
        }

        @Override
        public void close() {}

        @Override
        public CreateLogGroupResponse createLogGroup(CreateLogGroupRequest request) {
            if (groups.putIfAbsent(request.logGroupName(), 0) != null) {
                throw ResourceAlreadyExistsException.builder()
                        .statusCode(400)
                        .awsErrorDetails(AwsErrorDetails.builder()
                                .serviceName("CloudWatchLogs")
                                .errorCode("ResourceAlreadyExistsException")
                                .errorMessage("The specified log group already exists")
                                .build())
                        .build();
            }
            tags.put(request.logGroupName(), request.tags());
            return CreateLogGroupResponse.builder().build();
        }

        @Override
        public PutRetentionPolicyResponse putRetentionPolicy(PutRetentionPolicyRequest request) {
            groups.put(request.logGroupName(), request.retentionInDays());
            return PutRetentionPolicyResponse.builder().build();
        }

        @Override
        public DescribeLogGroupsResponse describeLogGroups(DescribeLogGroupsRequest request) {
            return DescribeLogGroupsResponse.builder()
                    .logGroups(groups.entrySet().stream()
                            .map(group -> LogGroup.builder()
                                    .logGroupName(group.getKey())
                                    .retentionInDays(group.getValue())
                                    .build())
                            .toList())
                    .build();
        }

        @Override
        public TagResourceResponse tagResource(TagResourceRequest request) {
            tags.put(request.resourceArn(), request.tags());
            return TagResourceResponse.builder().build();
        }

        @Override
        public DeleteLogGroupResponse deleteLogGroup(DeleteLogGroupRequest request) {
            groups.remove(request.logGroupName());
            return DeleteLogGroupResponse.builder().build();
        }
    }
}
