package dev.slipway.service;

import dev.slipway.id.ServiceId;
import dev.slipway.stack.Retained;
import dev.slipway.stack.Template;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.cloudwatchlogs.model.CreateLogGroupRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.DeleteLogGroupRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.DescribeLogGroupsRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.PutRetentionPolicyRequest;
import software.amazon.awssdk.services.ecr.EcrClient;
import software.amazon.awssdk.services.ecr.model.DeleteRepositoryRequest;
import software.amazon.awssdk.services.ecr.model.DescribeRepositoriesRequest;
import software.amazon.awssdk.services.ecr.model.RepositoryNotFoundException;
import software.amazon.awssdk.services.ecs.EcsClient;
import software.amazon.awssdk.services.ecs.model.DeleteTaskDefinitionsRequest;
import software.amazon.awssdk.services.ecs.model.DeregisterTaskDefinitionRequest;
import software.amazon.awssdk.services.ecs.model.ListTaskDefinitionsRequest;
import software.amazon.awssdk.services.ecs.model.TaskDefinitionStatus;

/** What the stack of a service leaves when it is deleted, because it holds data or was never part of it. */
final class RetainedResources {
    // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteTaskDefinitions.html
    private static final int MAX_BATCH = 10;

    private final Template template = Template.load("retained");
    private final EcrClient ecr;
    private final CloudWatchLogsClient logs;
    private final EcsClient ecs;

    RetainedResources(EcrClient ecr, CloudWatchLogsClient logs, EcsClient ecs) {
        this.ecr = ecr;
        this.logs = logs;
        this.ecs = ecs;
    }

    /** What an earlier stack of the service has left, for a new one to take over. Two calls. */
    Retained find(ServiceId id) {
        boolean repository = hasRegistry(id);
        boolean logGroup = hasLogs(id);
        List<Retained.Resource> resources = new ArrayList<>();
        if (repository) {
            resources.add(new Retained.Resource("Repository", "AWS::ECR::Repository", "RepositoryName", id.family()));
        }
        if (logGroup) {
            resources.add(new Retained.Resource("LogGroup", "AWS::Logs::LogGroup", "LogGroupName", id.logGroup()));
        }
        return new Retained(
                template.body(),
                Map.of(
                        "Environment",
                        id.environment(),
                        "Service",
                        id.service(),
                        "HasRepository",
                        Boolean.toString(repository),
                        "HasLogGroup",
                        Boolean.toString(logGroup)),
                resources);
    }

    private boolean hasRegistry(ServiceId id) {
        try {
            return !ecr.describeRepositories(DescribeRepositoriesRequest.builder()
                            .repositoryNames(id.family())
                            .build())
                    .repositories()
                    .isEmpty();
        } catch (RepositoryNotFoundException e) {
            return false;
        }
    }

    /** Names that begin with this one come after it. */
    private boolean hasLogs(ServiceId id) {
        return logs
                .describeLogGroups(DescribeLogGroupsRequest.builder()
                        .logGroupNamePrefix(id.logGroup())
                        .build())
                .logGroups()
                .stream()
                .anyMatch(group -> group.logGroupName().equals(id.logGroup()));
    }

    /**
     * Makes the log group of a living service anew where somebody has deleted it: under its name it is the stack's again, which does
     * not miss it. https://repost.aws/knowledge-center/failing-stack-updates-deleted
     *
     * @return whether it was gone
     */
    boolean restoreLogs(ServiceId id, int retentionDays) {
        if (hasLogs(id)) {
            return false;
        }
        logs.createLogGroup(CreateLogGroupRequest.builder()
                .logGroupName(id.logGroup())
                .tags(Map.of("slipway:environment", id.environment(), "slipway:service", id.service()))
                .build());
        logs.putRetentionPolicy(PutRetentionPolicyRequest.builder()
                .logGroupName(id.logGroup())
                .retentionInDays(retentionDays)
                .build());
        return true;
    }

    void deleteRegistry(ServiceId id) {
        try {
            ecr.deleteRepository(DeleteRepositoryRequest.builder()
                    .repositoryName(id.family())
                    .force(true)
                    .build());
        } catch (RepositoryNotFoundException e) {
            // gone already
        }
    }

    void deleteLogs(ServiceId id) {
        try {
            logs.deleteLogGroup(
                    DeleteLogGroupRequest.builder().logGroupName(id.logGroup()).build());
        } catch (software.amazon.awssdk.services.cloudwatchlogs.model.ResourceNotFoundException e) {
            // gone already
        }
    }

    /** Deregisters and deletes up to ten revisions. False when there are none left. */
    boolean deleteSomeTaskDefinitions(ServiceId id) {
        List<String> active = ecs
                .listTaskDefinitions(ListTaskDefinitionsRequest.builder()
                        .familyPrefix(id.family())
                        .status(TaskDefinitionStatus.ACTIVE)
                        .maxResults(MAX_BATCH)
                        .build())
                .taskDefinitionArns()
                .stream()
                // the prefix of one service's family may be another's: slipway-dev-web and slipway-dev-web-admin
                .filter(arn -> arn.contains("task-definition/" + id.family() + ":"))
                .toList();
        if (active.isEmpty()) {
            return false;
        }
        active.forEach(arn -> ecs.deregisterTaskDefinition(
                DeregisterTaskDefinitionRequest.builder().taskDefinition(arn).build()));
        ecs.deleteTaskDefinitions(
                DeleteTaskDefinitionsRequest.builder().taskDefinitions(active).build());
        return true;
    }
}
