package dev.slipway.simulated.cloudformation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.simulated.aws.SimulatedAws;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.cloudformation.CloudFormationClient;
import software.amazon.awssdk.services.cloudformation.model.ContinueUpdateRollbackRequest;
import software.amazon.awssdk.services.cloudformation.model.ContinueUpdateRollbackResponse;
import software.amazon.awssdk.services.cloudformation.model.CreateChangeSetRequest;
import software.amazon.awssdk.services.cloudformation.model.CreateChangeSetResponse;
import software.amazon.awssdk.services.cloudformation.model.CreateStackRequest;
import software.amazon.awssdk.services.cloudformation.model.CreateStackResponse;
import software.amazon.awssdk.services.cloudformation.model.DeleteChangeSetRequest;
import software.amazon.awssdk.services.cloudformation.model.DeleteChangeSetResponse;
import software.amazon.awssdk.services.cloudformation.model.DeleteStackRequest;
import software.amazon.awssdk.services.cloudformation.model.DeleteStackResponse;
import software.amazon.awssdk.services.cloudformation.model.DescribeChangeSetRequest;
import software.amazon.awssdk.services.cloudformation.model.DescribeChangeSetResponse;
import software.amazon.awssdk.services.cloudformation.model.DescribeStackDriftDetectionStatusRequest;
import software.amazon.awssdk.services.cloudformation.model.DescribeStackDriftDetectionStatusResponse;
import software.amazon.awssdk.services.cloudformation.model.DescribeStackEventsRequest;
import software.amazon.awssdk.services.cloudformation.model.DescribeStackEventsResponse;
import software.amazon.awssdk.services.cloudformation.model.DescribeStackResourceDriftsRequest;
import software.amazon.awssdk.services.cloudformation.model.DescribeStackResourceDriftsResponse;
import software.amazon.awssdk.services.cloudformation.model.DescribeStackResourcesRequest;
import software.amazon.awssdk.services.cloudformation.model.DescribeStackResourcesResponse;
import software.amazon.awssdk.services.cloudformation.model.DescribeStacksRequest;
import software.amazon.awssdk.services.cloudformation.model.DescribeStacksResponse;
import software.amazon.awssdk.services.cloudformation.model.DetectStackDriftRequest;
import software.amazon.awssdk.services.cloudformation.model.DetectStackDriftResponse;
import software.amazon.awssdk.services.cloudformation.model.DetectStackResourceDriftRequest;
import software.amazon.awssdk.services.cloudformation.model.DetectStackResourceDriftResponse;
import software.amazon.awssdk.services.cloudformation.model.ExecuteChangeSetRequest;
import software.amazon.awssdk.services.cloudformation.model.ExecuteChangeSetResponse;
import software.amazon.awssdk.services.cloudformation.model.ListStacksRequest;
import software.amazon.awssdk.services.cloudformation.model.ListStacksResponse;
import software.amazon.awssdk.services.cloudformation.model.StackEvent;
import software.amazon.awssdk.services.cloudformation.model.StackResource;
import software.amazon.awssdk.services.cloudformation.model.UpdateStackRequest;
import software.amazon.awssdk.services.cloudformation.model.UpdateStackResponse;
import software.amazon.awssdk.services.cloudformation.model.UpdateTerminationProtectionRequest;
import software.amazon.awssdk.services.cloudformation.model.UpdateTerminationProtectionResponse;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.ecr.EcrClient;
import software.amazon.awssdk.services.ecs.EcsClient;
import software.amazon.awssdk.services.elasticloadbalancingv2.ElasticLoadBalancingV2Client;

/**
 * CloudFormation in memory: it evaluates templates, works through resources as their dependencies allow, rolls back,
 * and calls the account's other services as CloudFormation's own handlers do.
 */
public final class SimulatedCloudFormation implements CloudFormationClient {
    private static final int PAGE = 100;

    private final StackEngine engine;
    private final StackCommands stacks;
    private final ChangeSetCommands changeSets;
    private final StackDrift drift;
    private final GenericResources generic;
    private final EcsResources services;

    /** The clients are the account's own, neither counted nor faulted. */
    public SimulatedCloudFormation(
            SimulatedAws account,
            EcsClient ecs,
            ElasticLoadBalancingV2Client elb,
            EcrClient ecr,
            CloudWatchLogsClient logs) {
        this(account, ecs, elb, ecr, logs, _ -> Map.of());
    }

    /** @param others have resources by their type that are none of these clients'; they are given what hands out names */
    public SimulatedCloudFormation(
            SimulatedAws account,
            EcsClient ecs,
            ElasticLoadBalancingV2Client elb,
            EcrClient ecr,
            CloudWatchLogsClient logs,
            Function<ResourceProvider, Map<String, ResourceProvider>> others) {
        this.generic = new GenericResources(account);
        this.services = new EcsResources(account, ecs);
        ResourceProvider balancing = new ElbResources(elb, generic::write);
        ResourceProvider stores = new RegistryAndLogResources(account, ecr, logs);
        Map<String, ResourceProvider> providers = new LinkedHashMap<>();
        providers.put("AWS::ECS::Cluster", services);
        providers.put("AWS::ECS::Service", services);
        for (String kind : List.of("LoadBalancer", "Listener", "TargetGroup", "ListenerRule")) {
            providers.put("AWS::ElasticLoadBalancingV2::" + kind, balancing);
        }
        providers.put("AWS::ECR::Repository", stores);
        providers.put("AWS::Logs::LogGroup", stores);
        providers.putAll(others.apply(generic));
        this.engine = new StackEngine(account, providers, generic);
        this.stacks = new StackCommands(engine);
        this.drift = new StackDrift(engine);
        this.changeSets = new ChangeSetCommands(engine, stacks, drift);
    }

    /** The next create, update or delete of this resource fails with {@code reason}; several add up, one an action. */
    public void failNext(String stackName, String logicalId, String reason) {
        engine.failNext(stackName, logicalId, reason);
    }

    /** From now on each update of an ECS service that enables it forces a deployment, also one with the nonce of before. */
    public void forceWheneverEnabled() {
        services.forcesWheneverEnabled = true;
    }

    /** As if somebody had made a resource of this type and name outside CloudFormation; not for ECS, ELB, ECR, logs. */
    public void occupy(String type, String name) {
        generic.occupy(type, name);
    }

    @Override
    public String serviceName() {
        return "cloudformation";
    }

    @Override
    public void close() {}

    @Override
    public CreateStackResponse createStack(CreateStackRequest request) {
        return CreateStackResponse.builder().stackId(stacks.create(request)).build();
    }

    @Override
    public UpdateStackResponse updateStack(UpdateStackRequest request) {
        return UpdateStackResponse.builder().stackId(stacks.update(request)).build();
    }

    @Override
    public DeleteStackResponse deleteStack(DeleteStackRequest request) {
        stacks.delete(request);
        return DeleteStackResponse.builder().build();
    }

    @Override
    public ContinueUpdateRollbackResponse continueUpdateRollback(ContinueUpdateRollbackRequest request) {
        stacks.continueRollback(request);
        return ContinueUpdateRollbackResponse.builder().build();
    }

    @Override
    public UpdateTerminationProtectionResponse updateTerminationProtection(UpdateTerminationProtectionRequest request) {
        StackRecord stack = stacks.existing(request.stackName());
        stack.protectedFromDeletion = Boolean.TRUE.equals(request.enableTerminationProtection());
        return UpdateTerminationProtectionResponse.builder().stackId(stack.id).build();
    }

    @Override
    public CreateChangeSetResponse createChangeSet(CreateChangeSetRequest request) {
        ChangeSetCommands.Made made = changeSets.create(request);
        return CreateChangeSetResponse.builder()
                .id(made.id())
                .stackId(made.stackId())
                .build();
    }

    @Override
    public DescribeChangeSetResponse describeChangeSet(DescribeChangeSetRequest request) {
        ChangeSetCommands.Found found = changeSets.find(request.stackName(), request.changeSetName());
        return ChangeSetReports.describe(
                found.stack(), found.changeSet(), Boolean.TRUE.equals(request.includePropertyValues()));
    }

    @Override
    public ExecuteChangeSetResponse executeChangeSet(ExecuteChangeSetRequest request) {
        changeSets.execute(request);
        return ExecuteChangeSetResponse.builder().build();
    }

    @Override
    public DeleteChangeSetResponse deleteChangeSet(DeleteChangeSetRequest request) {
        changeSets.delete(request.stackName(), request.changeSetName());
        return DeleteChangeSetResponse.builder().build();
    }

    private StackRecord found(@Nullable String nameOrId) {
        StackRecord stack = engine.find(nameOrId);
        if (stack == null) {
            throw CloudFormationErrors.stackMissing(String.valueOf(nameOrId));
        }
        return stack;
    }

    private StackRecord foundWithId(@Nullable String nameOrId) {
        StackRecord stack = engine.find(nameOrId);
        if (stack == null) {
            throw CloudFormationErrors.validation("Stack with id " + nameOrId + " does not exist");
        }
        return stack;
    }

    @Override
    public DescribeStacksResponse describeStacks(DescribeStacksRequest request) {
        if (request.stackName() != null) {
            return DescribeStacksResponse.builder()
                    .stacks(StackReports.stack(foundWithId(request.stackName())))
                    .build();
        }
        List<StackRecord> living = engine.stacks.values().stream()
                .filter(stack -> stack.deleted == null)
                .toList();
        int from = offset(request.nextToken());
        return DescribeStacksResponse.builder()
                .stacks(page(living, from).stream().map(StackReports::stack).toList())
                .nextToken(next(living, from))
                .build();
    }

    @Override
    public ListStacksResponse listStacks(ListStacksRequest request) {
        List<StackRecord> wanted = engine.stacks.values().stream()
                .filter(stack -> request.stackStatusFilters().isEmpty()
                        || request.stackStatusFilters().contains(stack.status))
                .toList();
        int from = offset(request.nextToken());
        return ListStacksResponse.builder()
                .stackSummaries(
                        page(wanted, from).stream().map(StackReports::summary).toList())
                .nextToken(next(wanted, from))
                .build();
    }

    @Override
    public DescribeStackEventsResponse describeStackEvents(DescribeStackEventsRequest request) {
        List<StackEvent> newestFirst = new ArrayList<>(found(request.stackName()).events);
        Collections.reverse(newestFirst);
        int from = offset(request.nextToken());
        return DescribeStackEventsResponse.builder()
                .stackEvents(page(newestFirst, from))
                .nextToken(next(newestFirst, from))
                .build();
    }

    private static int offset(@Nullable String token) {
        return token == null ? 0 : Integer.parseInt(token);
    }

    private static <T> List<T> page(List<T> all, int from) {
        return all.subList(Math.min(from, all.size()), Math.min(from + PAGE, all.size()));
    }

    private static <T> @Nullable String next(List<T> all, int from) {
        return from + PAGE < all.size() ? Integer.toString(from + PAGE) : null;
    }

    @Override
    public DescribeStackResourcesResponse describeStackResources(DescribeStackResourcesRequest request) {
        StackRecord stack = foundWithId(request.stackName());
        List<StackResource> resources = stack.resources.values().stream()
                .filter(resource -> request.logicalResourceId() == null
                        || request.logicalResourceId().equals(resource.logicalId))
                .map(resource -> StackReports.resource(stack, resource))
                .toList();
        return DescribeStackResourcesResponse.builder()
                .stackResources(resources)
                .build();
    }

    /** As if somebody had changed a property of a resource outside its stack; answers AWS's name of it, if there is one. */
    public Optional<String> changeByHand(String stack, String logicalId, String property, JsonNode value) {
        StackRecord found = engine.find(stack);
        return found == null ? Optional.empty() : drift.change(found, logicalId, property, value);
    }

    /** As if CloudFormation could not read a resource when it compares; the reason may be empty. */
    public void hideFromDrift(String stack, String logicalId, String reason) {
        drift.hide(stacks.existing(stack), logicalId, reason);
    }

    /** As if a rollback had been continued without a resource. */
    public void skippedByRollback(String stack, String logicalId) {
        drift.skip(stacks.existing(stack), logicalId);
    }

    public void hideNothingFromDrift() {
        drift.showAll();
    }

    /** "The number of drift results CloudFormation retains for any given stack, and for how long, may vary." */
    public void forgetDetections() {
        drift.forget();
    }

    /** As if somebody had put all of it back. */
    public void restoreByHand(String stack, String logicalId) {
        drift.restore(stacks.existing(stack), logicalId);
    }

    @Override
    public DetectStackDriftResponse detectStackDrift(DetectStackDriftRequest request) {
        return DetectStackDriftResponse.builder()
                .stackDriftDetectionId(drift.detect(stacks.existing(request.stackName()), request.logicalResourceIds()))
                .build();
    }

    @Override
    public DescribeStackDriftDetectionStatusResponse describeStackDriftDetectionStatus(
            DescribeStackDriftDetectionStatusRequest request) {
        return drift.status(request.stackDriftDetectionId());
    }

    @Override
    public DescribeStackResourceDriftsResponse describeStackResourceDrifts(DescribeStackResourceDriftsRequest request) {
        return DescribeStackResourceDriftsResponse.builder()
                .stackResourceDrifts(found(request.stackName()).drifts.values().stream()
                        .filter(found -> request.stackResourceDriftStatusFilters()
                                        .isEmpty()
                                || request.stackResourceDriftStatusFilters().contains(found.stackResourceDriftStatus()))
                        .toList())
                .build();
    }

    @Override
    public DetectStackResourceDriftResponse detectStackResourceDrift(DetectStackResourceDriftRequest request) {
        return DetectStackResourceDriftResponse.builder()
                .stackResourceDrift(drift.detectOne(stacks.existing(request.stackName()), request.logicalResourceId()))
                .build();
    }
}
