package dev.slipway.simulated;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.aws.AwsLookups;
import dev.slipway.simulated.aws.SimulatedAws;
import dev.slipway.simulated.cloudformation.CertificateResources;
import dev.slipway.simulated.cloudformation.FirewallResources;
import dev.slipway.simulated.cloudformation.ResourceProvider;
import dev.slipway.simulated.cloudformation.ScalingResources;
import dev.slipway.simulated.cloudformation.SimulatedCloudFormation;
import dev.slipway.simulated.cloudformation.WatchingResources;
import dev.slipway.simulated.cloudwatch.SimulatedCloudWatch;
import dev.slipway.simulated.cloudwatch.TrafficMetrics;
import dev.slipway.simulated.codepipeline.CodeBuildProjects;
import dev.slipway.simulated.codepipeline.CodePipelineEvents;
import dev.slipway.simulated.codepipeline.CodePipelineJobs;
import dev.slipway.simulated.codepipeline.DeliveryResources;
import dev.slipway.simulated.codepipeline.PipelineArtifacts;
import dev.slipway.simulated.codepipeline.SimulatedCodePipeline;
import dev.slipway.simulated.codepipeline.SimulatedConnections;
import dev.slipway.simulated.codepipeline.SourceRepositories;
import dev.slipway.simulated.ecr.SimulatedEcr;
import dev.slipway.simulated.ecs.EcsTraffic;
import dev.slipway.simulated.ecs.SimulatedEcs;
import dev.slipway.simulated.elb.SimulatedElb;
import dev.slipway.simulated.lambda.SimulatedLambda;
import dev.slipway.simulated.logs.SimulatedLogs;
import dev.slipway.simulated.s3.SimulatedS3;
import dev.slipway.simulated.scaling.SimulatedScaling;
import dev.slipway.simulated.sns.SimulatedSns;
import dev.slipway.simulated.sns.SnsMessage;
import dev.slipway.simulated.traffic.HttpAnswer;
import dev.slipway.simulated.traffic.HttpCall;
import dev.slipway.simulated.traffic.Traffic;
import dev.slipway.simulated.traffic.TrafficGenerator;
import dev.slipway.simulated.traffic.TrafficHistory;
import dev.slipway.simulated.traffic.TrafficHttp;
import dev.slipway.simulated.traffic.TrafficRates;
import dev.slipway.simulated.waf.Scanners;
import dev.slipway.simulated.waf.SimulatedWaf;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import software.amazon.awssdk.services.applicationautoscaling.ApplicationAutoScalingClient;
import software.amazon.awssdk.services.cloudformation.CloudFormationClient;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.codepipeline.CodePipelineClient;
import software.amazon.awssdk.services.ecr.EcrClient;
import software.amazon.awssdk.services.ecs.EcsClient;
import software.amazon.awssdk.services.elasticloadbalancingv2.ElasticLoadBalancingV2Client;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.sns.SnsClient;

/** A whole simulated account: the services, wired to each other, and the clients that callers get. */
public final class SimulatedAccount {
    private final SimulatedAws aws;
    private final SimulatedElb elb;
    private final SimulatedEcr ecr;
    private final SimulatedLogs logs;
    private final SimulatedLambda lambda;
    private final SimulatedEcs ecs;
    private final SimulatedCloudFormation cloudFormation;
    private final SimulatedCloudWatch cloudWatch;
    private final SimulatedScaling scaling;
    private final SimulatedSns sns;
    private final SimulatedCodePipeline pipelines;
    private final SimulatedConnections connections = new SimulatedConnections();
    private final SimulatedLookups lookups;
    private final Traffic traffic;
    private final TrafficGenerator generator;
    private final TrafficHttp http;
    private final SimulatedWaf waf;

    public SimulatedAccount(SimulatedAws aws) {
        this.aws = aws;
        this.elb = new SimulatedElb(aws);
        this.ecr = new SimulatedEcr(aws);
        this.logs = new SimulatedLogs(aws);
        this.lambda = new SimulatedLambda(aws);
        this.ecs = new SimulatedEcs(aws, elb, ecr, logs, lambda);
        SimulatedS3 s3 = new SimulatedS3(aws);
        this.lookups =
                new SimulatedLookups(aws.clock(), connections, name -> rawLogs().exists(name), s3);
        PipelineArtifacts artifacts = new PipelineArtifacts(aws, s3);
        CodeBuildProjects builds = new CodeBuildProjects(aws, logs, ecr, artifacts);
        this.pipelines = new SimulatedCodePipeline(
                aws,
                new CodePipelineEvents(aws),
                new SourceRepositories(aws, connections, artifacts, builds),
                builds,
                new CodePipelineJobs(aws, lambda));
        TrafficHistory journal = new TrafficHistory(ecs.state());
        elb.targetGroups().journal(journal);
        elb.rules().journal(journal);
        TrafficRates rates = new TrafficRates(ecs.state());
        this.waf = new SimulatedWaf(aws, logs);
        this.generator = new TrafficGenerator(journal, rates, waf, aws.region() + "a");
        waf.watch(generator);
        this.cloudWatch = new SimulatedCloudWatch(aws, ecs.state(), new TrafficMetrics(aws, journal, generator), waf);
        this.sns = new SimulatedSns(aws);
        cloudWatch.actions(sns::deliver);
        this.scaling = new SimulatedScaling(aws, ecs, cloudWatch);
        this.cloudFormation = new SimulatedCloudFormation(aws, ecs, elb, ecr, logs, names -> {
            Map<String, ResourceProvider> others =
                    new LinkedHashMap<>(DeliveryResources.providers(pipelines, builds, connections, names));
            others.putAll(ScalingResources.providers(aws, scaling, names));
            others.putAll(FirewallResources.providers(aws, waf, names));
            others.putAll(CertificateResources.providers(names, lookups::isDelegated));
            others.putAll(WatchingResources.providers(aws, cloudWatch, sns, names));
            return others;
        });
        ecs.linkedRole(() -> lookups.canAssume("ecs.amazonaws.com"));
        ecs.alarmStates(cloudWatch::state);
        this.traffic = new Traffic(aws.clock(), rates);
        this.http = new TrafficHttp(aws, elb, journal, rates, generator, waf);
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
    public CloudWatchClient cloudWatch() {
        return aws.client(CloudWatchClient.class, cloudWatch);
    }

    /** A counted client with the account's faults. */
    public ApplicationAutoScalingClient scaling() {
        return aws.client(ApplicationAutoScalingClient.class, scaling);
    }

    /** CloudWatch itself, for what its alarms do and for what is measured elsewhere. */
    public SimulatedCloudWatch rawCloudWatch() {
        return cloudWatch;
    }

    /** Application Auto Scaling itself, for looking at what stacks have made in it. */
    public SimulatedScaling rawScaling() {
        return scaling;
    }

    /** A counted client with the account's faults. */
    public SnsClient sns() {
        return aws.client(SnsClient.class, sns);
    }

    /** A counted client with the account's faults. */
    public CodePipelineClient codePipeline() {
        return aws.client(CodePipelineClient.class, pipelines);
    }

    /** CodePipeline itself, for pushes and for looking at what it does. */
    public SimulatedCodePipeline pipelines() {
        return pipelines;
    }

    /** As the person does who signs in to a repository's provider. False when there is no such connection. */
    public boolean approveConnection(String arn) {
        synchronized (aws.clock()) {
            return connections.approve(arn);
        }
    }

    /**
     * A push of an image to a registry of the account by somebody other than its pipelines; its digest. Throws what
     * {@link EcrClient} throws.
     *
     * @param image URI of the registry and tag
     */
    public String pushImage(String image) {
        synchronized (aws.clock()) {
            return ecr.push(image).digest();
        }
    }

    /** Counted, with the account's faults. */
    public AwsLookups lookups() {
        return aws.client(AwsLookups.class, lookups);
    }

    /** Somebody has changed a resource outside Slipway: CloudTrail knows. */
    public void recordChange(String resource, String who, String call) {
        synchronized (aws.clock()) {
            lookups.record(resource, who, call);
        }
    }

    /**
     * Somebody changes a property of a stack's resource in the console.
     *
     * @return AWS's name of the resource; empty where there is none
     */
    public Optional<String> changeByHand(String stack, String logicalId, String property, JsonNode value, String who) {
        synchronized (aws.clock()) {
            Optional<String> changed = stacks().changeByHand(stack, logicalId, property, value);
            changed.ifPresent(id -> lookups.record(id, who, "console.amazonaws.com Change" + property));
            return changed;
        }
    }

    /** It has used ECS before, so that the service-linked role is there. */
    public void hasUsedEcs() {
        synchronized (aws.clock()) {
            lookups.linked("ecs.amazonaws.com");
        }
    }

    /** ACM has a certificate of this status, and for these names. */
    /** A hosted zone, and the name servers that the public DNS names for it. */
    public void hostedZone(String id, AwsLookups.HostedZone zone, String... delegatedTo) {
        synchronized (aws.clock()) {
            lookups.hostedZone(id, zone);
            lookups.nameServers(zone.name(), Set.of(delegatedTo));
        }
    }

    public void certificate(String arn, String status, String... names) {
        synchronized (aws.clock()) {
            lookups.certificate(arn, new AwsLookups.Certificate(status, List.of(names)));
        }
    }

    /** So many addresses are free in each subnet: 4,091 unless set. */
    public void freeAddresses(int perSubnet) {
        synchronized (aws.clock()) {
            lookups.free(perSubnet);
        }
    }

    /** As if somebody had deleted a role or secret (by ARN), a parameter (by name) or a subnet (by id). */
    public void remove(String name) {
        synchronized (aws.clock()) {
            lookups.remove(name);
        }
    }

    /** As if our roles had lost the right to look at secrets and parameters. */
    public void hideSecrets() {
        synchronized (aws.clock()) {
            lookups.hide();
        }
    }

    /** Tags a secret (by ARN) or a parameter (by name), instead of the tags that it had. */
    public void tag(String name, Map<String, String> tags) {
        synchronized (aws.clock()) {
            lookups.tag(name, tags);
        }
    }

    /** What was published to the account's topics, the oldest first; the last thousand. */
    public List<SnsMessage> published() {
        synchronized (aws.clock()) {
            return sns.published();
        }
    }

    /** How many requests people send, and how to change that. */
    public Traffic traffic() {
        return traffic;
    }

    /**
     * Sends a request to one of the account's load balancers. Time does not pass meanwhile, and the request is counted in
     * the metrics. Throws UncheckedIOException when no load balancer has the host, or none listens.
     */
    public HttpAnswer http(HttpCall call) {
        synchronized (aws.clock()) {
            return http.send(call);
        }
    }

    /** Has strangers try well-known weaknesses from now on, wherever there is a firewall. */
    public void scanned() {
        synchronized (aws.clock()) {
            new Scanners(waf, aws.clock(), waf::admits).begin();
        }
    }

    /** 0–1: the requests of a listener rule that the firewall before it lets through right now; all where there is none. */
    public double admitted(String ruleArn) {
        synchronized (aws.clock()) {
            return generator.admitted(ruleArn, aws.clock().instant().toEpochMilli());
        }
    }

    /** WCUs that the web ACL of this name takes. */
    public int firewallCapacity(String name) {
        synchronized (aws.clock()) {
            return waf.capacityOf(name);
        }
    }

    /** The account's quota on Fargate vCPUs on demand: 4000 unless set. */
    public void vCpuQuota(double vCpus) {
        synchronized (aws.clock()) {
            cloudWatch.quota(vCpus);
        }
    }

    /** A counted client with the account's faults. */
    public LambdaClient lambda() {
        return aws.client(LambdaClient.class, lambda);
    }

    /** Lambda itself, for registering functions. */
    public SimulatedLambda functions() {
        return lambda;
    }

    /** Where deployments look up their alarms, instead of CloudWatch: name to OK, ALARM or INSUFFICIENT_DATA. */
    public void alarmStates(UnaryOperator<String> stateOf) {
        synchronized (aws.clock()) {
            ecs.alarmStates(stateOf);
        }
    }

    /** Has the next rollback of the service with this name, in any cluster, end ROLLBACK_FAILED. */
    public void failNextRollback(String serviceName) {
        synchronized (aws.clock()) {
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

    public SimulatedEcs rawEcs() {
        return ecs;
    }

    public SimulatedEcr rawEcr() {
        return ecr;
    }

    public SimulatedLogs rawLogs() {
        return logs;
    }
}
