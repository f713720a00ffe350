package dev.slipway.simulated;

import java.util.function.UnaryOperator;
import software.amazon.awssdk.services.cloudformation.CloudFormationClient;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.ecr.EcrClient;
import software.amazon.awssdk.services.ecs.EcsClient;
import software.amazon.awssdk.services.elasticloadbalancingv2.ElasticLoadBalancingV2Client;
import software.amazon.awssdk.services.lambda.LambdaClient;

/** A whole simulated account: the services, wired to each other, and the clients that callers get. */
public final class SimulatedAccount {
    private final SimulatedAws aws;
    private final SimulatedElb elb;
    private final SimulatedEcr ecr;
    private final SimulatedLogs logs;
    private final SimulatedLambda lambda;
    private final SimulatedEcs ecs;
    private final SimulatedCloudFormation cloudFormation;

    public SimulatedAccount(SimulatedAws aws) {
        this.aws = aws;
        this.elb = new SimulatedElb(aws);
        this.ecr = new SimulatedEcr(aws);
        this.logs = new SimulatedLogs(aws);
        this.lambda = new SimulatedLambda(aws);
        this.ecs = new SimulatedEcs(aws, elb, ecr, logs, lambda);
        this.cloudFormation = new SimulatedCloudFormation(aws, ecs, elb, ecr, logs);
    }

    public SimulatedAws aws() {
        return aws;
    }

    /** A counted client with the account's faults. */
    public EcsClient ecs() {
        return aws.client(EcsClient.class, ecs);
    }

    /** A counted client with the account's faults. */
    public ElasticLoadBalancingV2Client elb() {
        return aws.client(ElasticLoadBalancingV2Client.class, elb);
    }

    /** A counted client with the account's faults. */
    public EcrClient ecr() {
        return aws.client(EcrClient.class, ecr);
    }

    /** A counted client with the account's faults. */
    public CloudWatchLogsClient logs() {
        return aws.client(CloudWatchLogsClient.class, logs);
    }

    /** A counted client with the account's faults. */
    public CloudFormationClient cloudFormation() {
        return aws.client(CloudFormationClient.class, cloudFormation);
    }

    /** A counted client with the account's faults. */
    public LambdaClient lambda() {
        return aws.client(LambdaClient.class, lambda);
    }

    /** Lambda itself, for registering functions. */
    public SimulatedLambda functions() {
        return lambda;
    }

    /** Where deployments look up their alarms: name to OK, ALARM or INSUFFICIENT_DATA. Every alarm is OK until set. */
    public void alarmStates(UnaryOperator<String> stateOf) {
        synchronized (aws.timeline()) {
            ecs.alarmStates(stateOf);
        }
    }

    /** Has the next rollback of the service with this name, in any cluster, end ROLLBACK_FAILED. */
    public void failNextRollback(String serviceName) {
        synchronized (aws.timeline()) {
            ecs.failNextRollback(serviceName);
        }
    }

    /** CloudFormation itself, for making it fail. */
    public SimulatedCloudFormation stacks() {
        return cloudFormation;
    }

    /** Where the requests that match a listener rule go right now. */
    public EcsTraffic traffic(String ruleArn) {
        return ecs.traffic(ruleArn);
    }

    SimulatedEcs rawEcs() {
        return ecs;
    }

    SimulatedElb rawElb() {
        return elb;
    }

    SimulatedEcr rawEcr() {
        return ecr;
    }

    SimulatedLogs rawLogs() {
        return logs;
    }
}
