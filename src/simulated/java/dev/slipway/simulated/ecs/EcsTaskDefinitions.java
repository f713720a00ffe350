package dev.slipway.simulated.ecs;

import dev.slipway.simulated.aws.SimulatedAws;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ecs.model.*;

/** Task definitions: families with numbered, immutable revisions. */
final class EcsTaskDefinitions {
    private final SimulatedAws aws;
    private final EcsTags tags;
    private final Map<String, TaskDefinition> definitions = new LinkedHashMap<>();
    private final Map<String, Integer> newest = new LinkedHashMap<>();

    EcsTaskDefinitions(SimulatedAws aws, EcsTags tags) {
        this.aws = aws;
        this.tags = tags;
    }

    TaskDefinition register(RegisterTaskDefinitionRequest request) {
        if (request.family() == null || request.containerDefinitions().isEmpty()) {
            throw EcsErrors.client("Container list cannot be empty.");
        }
        int revision = newest.merge(request.family(), 1, Integer::sum);
        String arn = aws.arn("ecs", "task-definition/%s:%d".formatted(request.family(), revision));
        TaskDefinition definition = TaskDefinition.builder()
                .taskDefinitionArn(arn)
                .family(request.family())
                .revision(revision)
                .status(TaskDefinitionStatus.ACTIVE)
                .containerDefinitions(request.containerDefinitions().stream()
                        .map(EcsTaskDefinitions::completed)
                        .toList())
                .taskRoleArn(request.taskRoleArn())
                .executionRoleArn(request.executionRoleArn())
                .networkMode(request.networkMode())
                .volumes(request.volumes())
                .requiresCompatibilities(request.requiresCompatibilities())
                .compatibilities(Compatibility.EC2, Compatibility.FARGATE)
                .runtimePlatform(request.runtimePlatform())
                .cpu(request.cpu())
                .memory(request.memory())
                .ephemeralStorage(request.ephemeralStorage())
                .registeredAt(aws.clock().instant())
                .build();
        definitions.put(arn, definition);
        tags.put(arn, request.tags());
        return definition;
    }

    /** AWS fills in what a container definition leaves out: essential, cpu, and the host port under awsvpc. */
    private static ContainerDefinition completed(ContainerDefinition container) {
        return container.toBuilder()
                .essential(container.essential() == null || container.essential())
                .cpu(container.cpu() == null ? 0 : container.cpu())
                .portMappings(container.portMappings().stream()
                        .map(port -> port.toBuilder()
                                .hostPort(port.hostPort() == null ? port.containerPort() : port.hostPort())
                                .protocol(port.protocol() == null ? TransportProtocol.TCP : port.protocol())
                                .build())
                        .toList())
                .build();
    }

    /** By ARN, family:revision, or family for its newest active revision. */
    @Nullable
    TaskDefinition find(String reference) {
        if (definitions.containsKey(reference)) {
            return definitions.get(reference);
        }
        String name = reference.substring(reference.lastIndexOf('/') + 1);
        if (name.contains(":")) {
            return definitions.get(aws.arn("ecs", "task-definition/" + name));
        }
        for (int revision = newest.getOrDefault(name, 0); revision > 0; revision--) {
            TaskDefinition found = definitions.get(aws.arn("ecs", "task-definition/" + name + ":" + revision));
            if (found != null && found.status() == TaskDefinitionStatus.ACTIVE) {
                return found;
            }
        }
        return null;
    }

    TaskDefinition require(String reference) {
        TaskDefinition found = find(reference);
        if (found == null) {
            throw EcsErrors.client("Unable to describe task definition.");
        }
        return found;
    }

    /** For CreateService, UpdateService and RunTask: an inactive revision starts nothing new. */
    TaskDefinition requireActive(String reference) {
        TaskDefinition found = find(reference);
        if (found == null) {
            throw EcsErrors.client("TaskDefinition not found.");
        }
        if (found.status() != TaskDefinitionStatus.ACTIVE) {
            throw EcsErrors.client("TaskDefinition is inactive");
        }
        return found;
    }

    /** DeregisterTaskDefinition: the revision becomes INACTIVE; what runs with it goes on. */
    TaskDefinition deregister(String reference) {
        TaskDefinition found = require(reference);
        TaskDefinition inactive = found.toBuilder()
                .status(TaskDefinitionStatus.INACTIVE)
                .deregisteredAt(aws.clock().instant())
                .build();
        definitions.put(inactive.taskDefinitionArn(), inactive);
        return inactive;
    }

    /** DeleteTaskDefinitions: only INACTIVE ones; they stay in DELETE_IN_PROGRESS while something refers to them. */
    DeleteTaskDefinitionsResponse delete(DeleteTaskDefinitionsRequest request) {
        List<TaskDefinition> deleted = new ArrayList<>();
        List<Failure> failures = new ArrayList<>();
        for (String reference : request.taskDefinitions()) {
            TaskDefinition found = find(reference);
            if (found == null || found.status() == TaskDefinitionStatus.ACTIVE) {
                failures.add(Failure.builder()
                        .arn(reference)
                        .reason(
                                found == null
                                        ? "The specified task definition does not exist. Specify a valid account, family, revision and try again."
                                        : "The specified task definition is still in ACTIVE status. Please deregister the target and try again.")
                        .build());
                continue;
            }
            TaskDefinition deleting = found.toBuilder()
                    .status(TaskDefinitionStatus.DELETE_IN_PROGRESS)
                    .build();
            definitions.put(found.taskDefinitionArn(), deleting);
            deleted.add(deleting);
        }
        return DeleteTaskDefinitionsResponse.builder()
                .taskDefinitions(deleted)
                .failures(failures)
                .build();
    }

    /** In the order of registration, or newest first; ACTIVE ones unless another status is asked for. */
    ListTaskDefinitionsResponse list(ListTaskDefinitionsRequest request) {
        TaskDefinitionStatus status = request.status() == null ? TaskDefinitionStatus.ACTIVE : request.status();
        List<String> arns = new ArrayList<>(definitions.values().stream()
                .filter(definition -> definition.status() == status)
                // ListTaskDefinitions: familyPrefix is the full family name.
                .filter(definition ->
                        request.familyPrefix() == null || definition.family().equals(request.familyPrefix()))
                .map(TaskDefinition::taskDefinitionArn)
                .toList());
        if (request.sort() == SortOrder.DESC) {
            Collections.reverse(arns);
        }
        int from = request.nextToken() == null ? 0 : Integer.parseInt(request.nextToken());
        int to = Math.min(arns.size(), from + (request.maxResults() == null ? 100 : request.maxResults()));
        return ListTaskDefinitionsResponse.builder()
                .taskDefinitionArns(arns.subList(Math.min(from, to), to))
                .nextToken(to < arns.size() ? String.valueOf(to) : null)
                .build();
    }
}
