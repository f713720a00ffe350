package dev.slipway.pipeline;

import dev.slipway.pipeline.PipelineJob.Credentials;
import java.util.function.Function;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.codepipeline.CodePipelineClient;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * The AWS clients that pipelines need.
 *
 * @param artifacts makes a client for one job, who brings the credentials along; whoever takes it closes it
 */
public record PipelineClients(
        CodePipelineClient codePipeline, CloudWatchLogsClient logs, Function<Credentials, S3Client> artifacts) {}
