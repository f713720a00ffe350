package dev.slipway.simulated.ecs;

import dev.slipway.simulated.aws.SimulatedAws;
import dev.slipway.simulated.ecr.SimulatedEcr;
import dev.slipway.simulated.elb.SimulatedElb;
import dev.slipway.simulated.lambda.SimulatedLambda;
import dev.slipway.simulated.logs.SimulatedLogs;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import software.amazon.awssdk.services.ecs.EcsClient;
import software.amazon.awssdk.services.ecs.model.*;

/** ECS on Fargate in memory. */
public final class SimulatedEcs implements EcsClient {
    private BooleanSupplier linkedRole = () -> true;
    private final EcsState state;
    private final EcsScheduler scheduler;
    private final EcsServices services;
    private final EcsQueries queries;
    private final EcsClusters clusters;
    private final EcsViews views;
    private final EcsPast past;

    public SimulatedEcs(
            SimulatedAws aws, SimulatedElb elb, SimulatedEcr ecr, SimulatedLogs logs, SimulatedLambda lambda) {
        this.state = new EcsState(aws, elb, ecr, logs, lambda);
        this.views = new EcsViews(state);
        this.past = new EcsPast(state, views);
        this.scheduler = new EcsScheduler(state, new EcsEvents(aws, state.tags), past);
        this.services = new EcsServices(state, scheduler);
        this.queries = new EcsQueries(state, views, past);
        this.clusters = new EcsClusters(state);
    }

    public EcsState state() {
        return state;
    }

    public EcsTraffic traffic(String rule) {
        return new EcsTrafficView(state).of(rule);
    }

    /** Where deployment alarms are looked up: name to OK, ALARM or INSUFFICIENT_DATA. */
    /** Whether ECS can assume its own role in the account; without being told it can. */
    public void linkedRole(BooleanSupplier assumable) {
        linkedRole = assumable;
    }

    public void alarmStates(UnaryOperator<String> stateOf) {
        state.alarmState = stateOf;
    }

    public void failNextRollback(String serviceName) {
        state.failingRollbacks.add(serviceName);
    }

    @Override
    public String serviceName() {
        return SERVICE_NAME;
    }

    @Override
    public void close() {}

    @Override
    public CreateClusterResponse createCluster(CreateClusterRequest request) {
        // cloudformation-coverage-roadmap 818: in an account that never used ECS.
        if (!linkedRole.getAsBoolean()) {
            throw EcsErrors.invalid(
                    "Unable to assume the service linked role. Please verify that the ECS service linked role exists.");
        }
        return CreateClusterResponse.builder().cluster(clusters.create(request)).build();
    }

    @Override
    public DescribeClustersResponse describeClusters(DescribeClustersRequest request) {
        return clusters.describe(request);
    }

    @Override
    public DeleteClusterResponse deleteCluster(DeleteClusterRequest request) {
        return DeleteClusterResponse.builder()
                .cluster(clusters.delete(request.cluster()))
                .build();
    }

    @Override
    public UpdateClusterResponse updateCluster(UpdateClusterRequest request) {
        return UpdateClusterResponse.builder().cluster(clusters.update(request)).build();
    }

    @Override
    public RegisterTaskDefinitionResponse registerTaskDefinition(RegisterTaskDefinitionRequest request) {
        TaskDefinition definition = state.definitions.register(request);
        return RegisterTaskDefinitionResponse.builder()
                .taskDefinition(definition)
                .tags(state.tags.of(definition.taskDefinitionArn()))
                .build();
    }

    @Override
    public DescribeTaskDefinitionResponse describeTaskDefinition(DescribeTaskDefinitionRequest request) {
        TaskDefinition definition = state.definitions.require(request.taskDefinition());
        DescribeTaskDefinitionResponse.Builder response =
                DescribeTaskDefinitionResponse.builder().taskDefinition(definition);
        if (request.include().contains(TaskDefinitionField.TAGS)) {
            response.tags(state.tags.of(definition.taskDefinitionArn()));
        }
        return response.build();
    }

    @Override
    public ListTaskDefinitionsResponse listTaskDefinitions(ListTaskDefinitionsRequest request) {
        return state.definitions.list(request);
    }

    @Override
    public DeregisterTaskDefinitionResponse deregisterTaskDefinition(DeregisterTaskDefinitionRequest request) {
        return DeregisterTaskDefinitionResponse.builder()
                .taskDefinition(state.definitions.deregister(request.taskDefinition()))
                .build();
    }

    @Override
    public DeleteTaskDefinitionsResponse deleteTaskDefinitions(DeleteTaskDefinitionsRequest request) {
        return state.definitions.delete(request);
    }

    @Override
    public CreateServiceResponse createService(CreateServiceRequest request) {
        past.keep();
        return CreateServiceResponse.builder()
                .service(views.service(services.create(request), true))
                .build();
    }

    @Override
    public UpdateServiceResponse updateService(UpdateServiceRequest request) {
        past.keep();
        return UpdateServiceResponse.builder()
                .service(views.service(services.update(request), true))
                .build();
    }

    @Override
    public DeleteServiceResponse deleteService(DeleteServiceRequest request) {
        past.keep();
        return DeleteServiceResponse.builder()
                .service(views.service(services.delete(request), true))
                .build();
    }

    @Override
    public DescribeServicesResponse describeServices(DescribeServicesRequest request) {
        return queries.describeServices(request);
    }

    @Override
    public ListServicesResponse listServices(ListServicesRequest request) {
        return queries.listServices(request);
    }

    @Override
    public ListServiceDeploymentsResponse listServiceDeployments(ListServiceDeploymentsRequest request) {
        return queries.listServiceDeployments(request);
    }

    @Override
    public DescribeServiceDeploymentsResponse describeServiceDeployments(DescribeServiceDeploymentsRequest request) {
        return queries.describeServiceDeployments(request);
    }

    @Override
    public DescribeServiceRevisionsResponse describeServiceRevisions(DescribeServiceRevisionsRequest request) {
        return queries.describeServiceRevisions(request);
    }

    /** StopServiceDeployment: "The valid values are ROLLBACK", which is also what is done without a type. */
    @Override
    public StopServiceDeploymentResponse stopServiceDeployment(StopServiceDeploymentRequest request) {
        if (request.stopType() != null && request.stopType() != StopServiceDeploymentStopType.ROLLBACK) {
            throw EcsErrors.invalid("The stop type %s is not supported.".formatted(request.stopTypeAsString()));
        }
        past.keep();
        scheduler
                .control()
                .stopByUser(queries.serviceDeployment(request.serviceDeploymentArn())
                        .orElseThrow(EcsErrors::noServiceDeployment));
        return StopServiceDeploymentResponse.builder()
                .serviceDeploymentArn(request.serviceDeploymentArn())
                .build();
    }

    @Override
    public ListTasksResponse listTasks(ListTasksRequest request) {
        return queries.listTasks(request);
    }

    @Override
    public DescribeTasksResponse describeTasks(DescribeTasksRequest request) {
        return queries.describeTasks(request);
    }

    @Override
    public StopTaskResponse stopTask(StopTaskRequest request) {
        state.cluster(request.cluster());
        EcsTask task =
                queries.task(request.task()).orElseThrow(() -> EcsErrors.invalid("The referenced task was not found."));
        scheduler.stop(
                task,
                TaskStopCode.USER_INITIATED,
                request.reason() == null ? "Task stopped by user" : request.reason());
        return StopTaskResponse.builder().task(task.describe(state.tags, false)).build();
    }

    @Override
    public RunTaskResponse runTask(RunTaskRequest request) {
        Cluster cluster = state.cluster(request.cluster());
        TaskDefinition definition = state.definitions.requireActive(request.taskDefinition());
        List<Task> started = new ArrayList<>();
        for (int i = 0; i < (request.count() == null ? 1 : request.count()); i++) {
            EcsTask task = scheduler.task(
                    cluster.clusterArn(),
                    definition,
                    "FARGATE",
                    request.group() == null ? "family:" + definition.family() : request.group(),
                    request.startedBy() == null ? "" : request.startedBy(),
                    null,
                    null);
            state.tags.put(task.arn, request.tags());
            scheduler.lifecycle().start(task);
            started.add(task.describe(state.tags, true));
        }
        return RunTaskResponse.builder().tasks(started).build();
    }

    @Override
    public TagResourceResponse tagResource(TagResourceRequest request) {
        state.tags.put(request.resourceArn(), request.tags());
        return TagResourceResponse.builder().build();
    }

    @Override
    public UntagResourceResponse untagResource(UntagResourceRequest request) {
        state.tags.remove(request.resourceArn(), request.tagKeys());
        return UntagResourceResponse.builder().build();
    }

    @Override
    public ListTagsForResourceResponse listTagsForResource(ListTagsForResourceRequest request) {
        return ListTagsForResourceResponse.builder()
                .tags(state.tags.of(request.resourceArn()))
                .build();
    }
}
