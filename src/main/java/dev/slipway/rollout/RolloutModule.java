package dev.slipway.rollout;

import dev.slipway.aws.AwsLookups;
import dev.slipway.cost.Prices;
import dev.slipway.deployment.EcsDeployments;
import dev.slipway.deployment.StoppedTasks;
import dev.slipway.deployment.TargetGroupMetrics;
import dev.slipway.deployment.TargetHealthReader;
import dev.slipway.diagnosis.DiagnosisReader;
import dev.slipway.operation.IdGenerator;
import dev.slipway.operation.Outbox;
import dev.slipway.preflight.Preflight;
import dev.slipway.preflight.SecretAccess;
import dev.slipway.release.Images;
import dev.slipway.release.TaskDefinitions;
import dev.slipway.stack.StackReconciler;
import dev.slipway.store.Store;
import java.time.InstantSource;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.ecs.EcsClient;
import software.amazon.awssdk.services.elasticloadbalancingv2.ElasticLoadBalancingV2Client;
import software.amazon.awssdk.services.lambda.LambdaClient;

/** Puts together what rolls out. */
public final class RolloutModule {
    private final RolloutWorkflow workflow;
    private final Gate gate;
    private final Preflight preflight;
    private final Approvals approvals;
    private final RolloutEventRecorder events;
    private final AutomaticRollback automaticRollback;

    /** The AWS clients that rollouts need. */
    public record Clients(
            EcsClient ecs,
            ElasticLoadBalancingV2Client elb,
            CloudWatchClient cloudWatch,
            LambdaClient lambda,
            AwsLookups lookups) {}

    /**
     * @param region of the services' log groups
     * @param prices of that region
     * @param hookFunction ARN of the function in which the gate answers ECS
     */
    public RolloutModule(
            Clients clients,
            Store store,
            Outbox outbox,
            Images images,
            StackReconciler stacks,
            SecretAccess secrets,
            DiagnosisReader diagnoses,
            Probe probe,
            IdGenerator ids,
            InstantSource clock,
            String region,
            Prices prices,
            String hookFunction) {
        EcsDeployments deployments = new EcsDeployments(clients.ecs());
        events = new RolloutEventRecorder(ids);
        RolloutCompletion completion = new RolloutCompletion(
                store, deployments, events, new RolloutSignal(clients.cloudWatch()), new RolloutDiagnosis(diagnoses));
        TargetGroupMetrics metrics = new TargetGroupMetrics(clients.cloudWatch());
        preflight = new Preflight(
                clients.elb(),
                clients.cloudWatch(),
                clients.lookups(),
                stacks,
                images,
                deployments,
                metrics,
                secrets,
                prices,
                new PastRollouts(store));
        TaskDefinitions taskDefinitions = new TaskDefinitions(clients.ecs());
        Registrations registrations = new Registrations(store, taskDefinitions, region);
        RolloutAnalysis analysis = new RolloutAnalysis(metrics, store);
        VerdictRecorder verdicts = new VerdictRecorder(events);
        LastMinutes lastMinutes = new LastMinutes(store, analysis, verdicts, completion);
        workflow = new RolloutWorkflow(
                new ReleasePreparation(
                        store,
                        images,
                        taskDefinitions,
                        registrations,
                        preflight,
                        new OneOffTasks(clients.ecs()),
                        events,
                        completion,
                        region),
                new DeploymentStarter(
                        deployments, stacks, preflight, registrations, completion, new CallIntents(), hookFunction),
                new RollingDeploymentMonitor(deployments, events, completion),
                new TrafficShiftMonitor(
                        store,
                        deployments,
                        new StoppedTasks(clients.ecs()),
                        analysis,
                        verdicts,
                        lastMinutes,
                        completion),
                new StabilityMonitor(
                        deployments,
                        new StoppedTasks(clients.ecs()),
                        new TargetHealthReader(clients.elb()),
                        lastMinutes,
                        events,
                        completion));
        automaticRollback = new AutomaticRollback(completion, events, ids);
        gate = new Gate(
                store,
                outbox,
                deployments,
                new SmokeTests(clients.elb(), probe),
                new CheckFunctions(clients.lambda()),
                events,
                clock);
        approvals = new Approvals(store, events);
    }

    public RolloutWorkflow workflow() {
        return workflow;
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

    public AutomaticRollback automaticRollback() {
        return automaticRollback;
    }

    public RolloutEventRecorder events() {
        return events;
    }
}
