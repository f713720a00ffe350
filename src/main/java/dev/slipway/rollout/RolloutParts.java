package dev.slipway.rollout;

import dev.slipway.aws.Lookups;
import dev.slipway.operation.Ids;
import dev.slipway.operation.WorkQueue;
import dev.slipway.release.Images;
import dev.slipway.release.TaskDefinitions;
import dev.slipway.stack.Stacks;
import dev.slipway.store.Store;
import java.time.InstantSource;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.ecs.EcsClient;
import software.amazon.awssdk.services.elasticloadbalancingv2.ElasticLoadBalancingV2Client;
import software.amazon.awssdk.services.lambda.LambdaClient;

/** Puts together what rolls out. */
public final class RolloutParts {
    private final RolloutRunner runner;
    private final Gate gate;
    private final Preflight preflight;
    private final Approvals approvals;
    private final Chronicle chronicle;

    /** The AWS clients that rollouts need. */
    public record Clients(
            EcsClient ecs,
            ElasticLoadBalancingV2Client elb,
            CloudWatchClient cloudWatch,
            LambdaClient lambda,
            Lookups lookups) {}

    /**
     * @param region of the services' log groups
     * @param hookFunction ARN of the function in which the gate answers ECS
     */
    public RolloutParts(
            Clients clients,
            Store store,
            WorkQueue queue,
            Images images,
            Stacks stacks,
            Probe probe,
            Ids ids,
            InstantSource clock,
            String region,
            String hookFunction) {
        EcsDeployments deployments = new EcsDeployments(clients.ecs());
        chronicle = new Chronicle(ids);
        Endings endings = new Endings(store, deployments, chronicle);
        Metrics metrics = new Metrics(clients.cloudWatch());
        preflight = new Preflight(clients, store, stacks, images, deployments, metrics);
        runner = new RolloutRunner(
                new Preparation(
                        store,
                        images,
                        new TaskDefinitions(clients.ecs()),
                        preflight,
                        new OneOffTasks(clients.ecs()),
                        chronicle,
                        endings,
                        region),
                new Starting(deployments, stacks, preflight, endings, hookFunction),
                new RollingWatch(deployments, chronicle, endings),
                new ShiftWatch(store, deployments, new Judging(metrics), chronicle, endings));
        gate = new Gate(
                store,
                queue,
                deployments,
                new Checks(clients.elb(), probe),
                new CheckFunctions(clients.lambda()),
                chronicle,
                clock);
        approvals = new Approvals(store, chronicle);
    }

    public RolloutRunner runner() {
        return runner;
    }

    public Gate gate() {
        return gate;
    }

    public Preflight preflight() {
        return preflight;
    }

    public Approvals approvals() {
        return approvals;
    }

    public Chronicle chronicle() {
        return chronicle;
    }
}
