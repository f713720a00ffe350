package dev.slipway.app;

import dev.slipway.alarm.AlarmStates;
import dev.slipway.aws.CallBudget;
import dev.slipway.aws.SignedLookups;
import dev.slipway.firewall.FirewallReports;
import dev.slipway.health.DeadLetterQueue;
import dev.slipway.health.SqsDeadLetterQueue;
import dev.slipway.logs.LogQueries;
import dev.slipway.metrics.EmbeddedMetrics;
import dev.slipway.metrics.Metrics;
import dev.slipway.metrics.ThrottledCalls;
import dev.slipway.operation.Acceptance;
import dev.slipway.operation.Reconciler;
import dev.slipway.operation.SqsQueue;
import dev.slipway.operation.WorkQueue;
import dev.slipway.pipeline.PipelineModule;
import dev.slipway.rollout.HttpProbe;
import dev.slipway.rollout.Probe;
import dev.slipway.service.Clients;
import dev.slipway.service.Rollouts;
import dev.slipway.service.ServiceLogs;
import dev.slipway.service.Services;
import dev.slipway.store.DynamoStore;
import dev.slipway.store.Store;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsSyncClientBuilder;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.applicationautoscaling.ApplicationAutoScalingClient;
import software.amazon.awssdk.services.cloudformation.CloudFormationClient;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.codepipeline.CodePipelineClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.ecr.EcrClient;
import software.amazon.awssdk.services.ecs.EcsClient;
import software.amazon.awssdk.services.elasticloadbalancingv2.ElasticLoadBalancingV2Client;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * What the control plane stands on in Lambda. The simulated account provides the same beans, as alternatives. Clients are
 * application scoped, so that each is made at its first call: a cold start pays for those it uses.
 */
final class AwsProducer {
    /** The API has 29 seconds, the worker two minutes; an attempt that takes longer than this is lost. */
    private static final Duration ATTEMPT = Duration.ofSeconds(8);

    private final SlipwayConfig config;
    private final CallBudget budget;
    private final Metrics metrics;
    private final ThrottledCalls throttled;
    private final SdkHttpClient http = UrlConnectionHttpClient.builder()
            .connectionTimeout(Duration.ofSeconds(2))
            .socketTimeout(ATTEMPT)
            .build();

    AwsProducer(SlipwayConfig config, InstantSource clock) {
        this.config = config;
        this.budget = new CallBudget(CallBudget.WORKERS, clock);
        // The lines of a function are what it writes to standard output; System.out is looked up each time, since
        // Lambda may replace it.
        this.metrics = config.metrics() ? new EmbeddedMetrics(line -> System.out.println(line), clock) : Metrics.OFF;
        this.throttled = new ThrottledCalls(metrics);
    }

    @Produces
    @Singleton
    Reconciler.StartLimiter startLimiter() {
        return budget::startsAt;
    }

    @Produces
    @Singleton
    Metrics metrics() {
        return metrics;
    }

    @Produces
    @Singleton
    static ControlPlane.Settings settings(SlipwayConfig config) {
        return config.settings();
    }

    @Produces
    @ApplicationScoped
    CloudFormationClient cloudFormation() {
        return with(CloudFormationClient.builder()).build();
    }

    @Produces
    @ApplicationScoped
    EcsClient ecs() {
        return with(EcsClient.builder()).build();
    }

    @Produces
    @ApplicationScoped
    ElasticLoadBalancingV2Client elb() {
        return with(ElasticLoadBalancingV2Client.builder()).build();
    }

    @Produces
    @ApplicationScoped
    EcrClient ecr() {
        return with(EcrClient.builder()).build();
    }

    @Produces
    @ApplicationScoped
    CloudWatchLogsClient logs() {
        return with(CloudWatchLogsClient.builder()).build();
    }

    @Produces
    @ApplicationScoped
    CloudWatchClient cloudWatch() {
        return with(CloudWatchClient.builder()).build();
    }

    @Produces
    @ApplicationScoped
    LambdaClient lambda() {
        return with(LambdaClient.builder()).build();
    }

    @Produces
    @ApplicationScoped
    SnsClient sns() {
        return with(SnsClient.builder()).build();
    }

    @Produces
    @ApplicationScoped
    ApplicationAutoScalingClient scaling() {
        return with(ApplicationAutoScalingClient.builder()).build();
    }

    @Produces
    @ApplicationScoped
    DynamoDbClient dynamo() {
        return with(DynamoDbClient.builder()).build();
    }

    @Produces
    @ApplicationScoped
    SqsClient sqs() {
        return with(SqsClient.builder()).build();
    }

    @Produces
    @ApplicationScoped
    CodePipelineClient codePipeline() {
        return with(CodePipelineClient.builder()).build();
    }

    @Produces
    @Singleton
    PipelineModule.Clients pipelineClients(CodePipelineClient codePipeline, CloudWatchLogsClient logs) {
        return new PipelineModule.Clients(codePipeline, logs);
    }

    /** What alarms say. */
    @Produces
    @Singleton
    AlarmStates alarmStates(Clients clients) {
        return new AlarmStates(clients.cloudWatch());
    }

    /** What firewalls have matched. */
    @Produces
    @Singleton
    FirewallReports firewallReports(Clients clients, LogQueries queries, InstantSource clock) {
        return new FirewallReports(clients.logs(), queries, clock);
    }

    /** What containers have written. */
    @Produces
    @Singleton
    ServiceLogs serviceLogs(
            Services services,
            Rollouts rollouts,
            Store store,
            Clients clients,
            LogQueries queries,
            InstantSource clock) {
        return new ServiceLogs(services, rollouts, store, clients, queries, clock);
    }

    /** Whoever waits for a query waits in the time of the wall, also where the account's time runs faster. */
    @Produces
    @Singleton
    LogQueries logQueries(Clients clients) {
        return new LogQueries(clients.logs(), InstantSource.system(), () -> pause(Duration.ofSeconds(1)));
    }

    @Produces
    @Singleton
    Clients clients(
            EcsClient ecs,
            ElasticLoadBalancingV2Client elb,
            EcrClient ecr,
            CloudWatchLogsClient logs,
            CloudWatchClient cloudWatch,
            LambdaClient lambda,
            SnsClient sns,
            ApplicationAutoScalingClient scaling) {
        SignedLookups lookups = new SignedLookups(
                http,
                DefaultCredentialsProvider.builder().build(),
                config.region(),
                config.endpoint().orElse(null),
                AwsRetryStrategy.standardRetryStrategy(),
                AwsProducer::pause,
                throttled::onFailure);
        return new Clients(ecs, elb, ecr, logs, cloudWatch, lambda, sns, scaling, lookups);
    }

    @Produces
    @Singleton
    Store store(DynamoDbClient dynamo, InstantSource clock) {
        return new DynamoStore(dynamo, config.table(), ControlPlane.json(), clock);
    }

    @Produces
    @Singleton
    WorkQueue queue(SqsClient sqs) {
        return new SqsQueue(sqs, config.queueUrl(), config.deadLetterQueueUrl());
    }

    @Produces
    @Singleton
    DeadLetterQueue deadLetterQueue(SqsClient sqs) {
        return new SqsDeadLetterQueue(sqs, config.queueUrl(), config.deadLetterQueueUrl());
    }

    @Produces
    @Singleton
    static InstantSource clock() {
        return Clock.systemUTC();
    }

    /** Differs after each restore of a snapshot (lambda/latest/dg/snapstart-uniqueness.html). */
    @Produces
    @Singleton
    RandomGenerator random() {
        return new SecureRandom();
    }

    @Produces
    @Singleton
    Probe probe(Vertx vertx) {
        return new HttpProbe(vertx);
    }

    @Produces
    @Singleton
    Acceptance.Pause pause() {
        return AwsProducer::pauseAfter;
    }

    /** Before another attempt at a write: up to 20 ms after the first, up to 320 ms from the fifth on. */
    private static void pauseAfter(int attempt) {
        pause(Duration.ofMillis(ThreadLocalRandom.current().nextLong(20L << Math.min(attempt - 1, 4))));
    }

    private static void pause(Duration delay) {
        try {
            Thread.sleep(delay);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw AbortedException.create("interrupted before the next attempt", e);
        }
    }

    private <B extends AwsSyncClientBuilder<B, ?> & AwsClientBuilder<B, ?>> B with(B builder) {
        return builder.httpClient(http)
                .region(Region.of(config.region()))
                .overrideConfiguration(override -> override.apiCallAttemptTimeout(ATTEMPT)
                        .addExecutionInterceptor(budget)
                        // Without one the SDK measures nothing.
                        .metricPublishers(config.metrics() ? List.of(throttled) : List.of())
                        .retryStrategy(AwsRetryStrategy.standardRetryStrategy()));
    }
}
