package dev.slipway.app;

import dev.slipway.operation.WorkQueue;
import dev.slipway.service.Clients;
import dev.slipway.store.DynamoStore;
import io.quarkus.arc.properties.UnlessBuildProperty;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsSyncClientBuilder;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.cloudformation.CloudFormationClient;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.ecr.EcrClient;
import software.amazon.awssdk.services.ecs.EcsClient;
import software.amazon.awssdk.services.elasticloadbalancingv2.ElasticLoadBalancingV2Client;
import software.amazon.awssdk.services.sqs.SqsClient;

/** The control plane in Lambda, on AWS. Clients are made at their first call: a cold start pays for those it uses. */
@UnlessBuildProperty(name = "slipway.simulated", stringValue = "true", enableIfMissing = true)
final class AwsProducer {
    /** The API has 29 seconds, the worker two minutes; an attempt that takes longer than this is lost. */
    private static final Duration ATTEMPT = Duration.ofSeconds(8);

    private final SlipwayConfig config;
    private final SdkHttpClient http = UrlConnectionHttpClient.builder()
            .connectionTimeout(Duration.ofSeconds(2))
            .socketTimeout(ATTEMPT)
            .build();

    AwsProducer(SlipwayConfig config) {
        this.config = config;
    }

    @Produces
    @Singleton
    Clients clients() {
        return new Clients(
                Lazy.client(EcsClient.class, () -> with(EcsClient.builder()).build()),
                Lazy.client(
                        ElasticLoadBalancingV2Client.class,
                        () -> with(ElasticLoadBalancingV2Client.builder()).build()),
                Lazy.client(EcrClient.class, () -> with(EcrClient.builder()).build()),
                Lazy.client(
                        CloudWatchLogsClient.class,
                        () -> with(CloudWatchLogsClient.builder()).build()));
    }

    @Produces
    @Singleton
    ControlPlane controlPlane(Clients clients) {
        Clock clock = Clock.systemUTC();
        DynamoDbClient dynamo = with(DynamoDbClient.builder()).build();
        SqsClient sqs =
                Lazy.client(SqsClient.class, () -> with(SqsClient.builder()).build());
        WorkQueue queue = new SqsQueue(sqs, config.queueUrl(), config.deadLetterQueueUrl());
        return new ControlPlane(
                config.settings(),
                new DynamoStore(dynamo, config.table(), ControlPlane.json(), clock),
                queue,
                clock,
                new SecureRandom(),
                Lazy.client(
                        CloudFormationClient.class,
                        () -> with(CloudFormationClient.builder()).build()),
                clients);
    }

    private <B extends AwsSyncClientBuilder<B, ?> & AwsClientBuilder<B, ?>> B with(B builder) {
        return builder.httpClient(http)
                .region(Region.of(config.region()))
                .overrideConfiguration(override -> override.apiCallAttemptTimeout(ATTEMPT)
                        .retryStrategy(AwsRetryStrategy.standardRetryStrategy()));
    }
}
