package dev.slipway.service;

import dev.slipway.aws.AwsLookups;
import software.amazon.awssdk.services.applicationautoscaling.ApplicationAutoScalingClient;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.ecr.EcrClient;
import software.amazon.awssdk.services.ecs.EcsClient;
import software.amazon.awssdk.services.elasticloadbalancingv2.ElasticLoadBalancingV2Client;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.sns.SnsClient;

/** The AWS clients that services need. */
public record Clients(
        EcsClient ecs,
        ElasticLoadBalancingV2Client elb,
        EcrClient ecr,
        CloudWatchLogsClient logs,
        CloudWatchClient cloudWatch,
        LambdaClient lambda,
        SnsClient sns,
        ApplicationAutoScalingClient scaling,
        AwsLookups lookups) {}
