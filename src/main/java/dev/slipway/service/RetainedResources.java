package dev.slipway.service;

import dev.slipway.id.ServiceId;
import dev.slipway.stack.Retained;
import dev.slipway.stack.Template;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.cloudwatchlogs.model.CreateLogGroupRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.DeleteLogGroupRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.DescribeLogGroupsRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.LogGroup;
import software.amazon.awssdk.services.cloudwatchlogs.model.PutRetentionPolicyRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.ResourceAlreadyExistsException;
import software.amazon.awssdk.services.cloudwatchlogs.model.ResourceNotFoundException;
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

    private final Template template = Template.named("retained");
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
        boolean logGroup = logGroup(id).isPresent();
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
    private Optional<LogGroup> logGroup(ServiceId id) {
        return logs
                .describeLogGroups(DescribeLogGroupsRequest.builder()
                        .logGroupNamePrefix(id.logGroup())
                        .build())
                .logGroups()
                .stream()
                .filter(group -> group.logGroupName().equals(id.logGroup()))
                .findFirst();
    }

    /**
     * Makes the log group of a living service anew where somebody has deleted it: under its name it is the stack's again, which does
     * not miss it. https://repost.aws/knowledge-center/failing-stack-updates-deleted A pass that is cut off between the two calls
     * leaves a group that keeps everything for ever; the next pass finds that, too.
     *
     * @param tags that the stack gives it
     * @return what was done, in a sentence; empty when nothing was missing
     */
    Optional<String> restoreLogs(ServiceId id, int retentionDays, Map<String, String> tags) {
        Optional<LogGroup> found = logGroup(id);
        if (found.isPresent() && found.get().retentionInDays() != null) {
            return Optional.empty();
        }
        if (found.isEmpty()) {
            create(id, tags);
        }
        logs.putRetentionPolicy(PutRetentionPolicyRequest.builder()
                .logGroupName(id.logGroup())
                .retentionInDays(retentionDays)
                .build());
        return Optional.of(
                found.isEmpty()
                        ? "The log group %s had been deleted outside Slipway; it was made anew, and is empty."
                                .formatted(id.logGroup())
                        : "The log group %s had no retention; it keeps %d days again."
                                .formatted(id.logGroup(), retentionDays));
    }

    private void create(ServiceId id, Map<String, String> tags) {
        try {
            logs.createLogGroup(CreateLogGroupRequest.builder()
                    .logGroupName(id.logGroup())
                    .tags(tags)
                    .build());
        } catch (ResourceAlreadyExistsException e) {
            // made by a call whose answer was lost
        }
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
        } catch (ResourceNotFoundException e) {
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
