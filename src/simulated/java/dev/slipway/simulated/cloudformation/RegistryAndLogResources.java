package dev.slipway.simulated.cloudformation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.simulated.aws.SimulatedAws;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.ecr.EcrClient;
import software.amazon.awssdk.services.ecr.model.CreateRepositoryRequest;
import software.amazon.awssdk.services.ecr.model.ImageScanningConfiguration;
import software.amazon.awssdk.services.ecr.model.ImageTagMutabilityExclusionFilter;
import software.amazon.awssdk.services.ecr.model.Repository;
import software.amazon.awssdk.services.ecr.model.Tag;

/** AWS::ECR::Repository and AWS::Logs::LogGroup, on the account's own registry and logs. */
final class RegistryAndLogResources implements ResourceProvider {
    private static final String EXCLUSIONS = "ImageTagMutabilityExclusionFilters";
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final SimulatedAws account;
    private final EcrClient ecr;
    private final CloudWatchLogsClient logs;

    RegistryAndLogResources(SimulatedAws account, EcrClient ecr, CloudWatchLogsClient logs) {
        this.account = account;
        this.ecr = ecr;
        this.logs = logs;
    }

    private static boolean repository(Target target) {
        return target.type().equals("AWS::ECR::Repository");
    }

    @Override
    public Created create(Target target) {
        return repository(target) ? createRepository(target) : createLogGroup(target);
    }

    private Created createRepository(Target target) {
        CreateRepositoryRequest.Builder request = CreateRepositoryRequest.builder()
                .repositoryName(target.suggestedName().toLowerCase(Locale.ROOT))
                .imageTagMutabilityExclusionFilters(exclusions(target.properties()));
        Repository made = ecr.createRepository(SdkRequests.fill(
                                request,
                                target.properties(),
                                Set.of(EXCLUSIONS, "LifecyclePolicy", "RepositoryPolicyText", "EmptyOnDelete"))
                        .build())
                .repository();
        lifecycle(made.repositoryName(), target.properties());
        return created(made);
    }

    private static List<ImageTagMutabilityExclusionFilter> exclusions(ObjectNode properties) {
        List<ImageTagMutabilityExclusionFilter> filters = new ArrayList<>();
        for (JsonNode filter : properties.path(EXCLUSIONS)) {
            filters.add(ImageTagMutabilityExclusionFilter.builder()
                    .filterType(
                            filter.path("ImageTagMutabilityExclusionFilterType").asText())
                    .filter(filter.path("ImageTagMutabilityExclusionFilterValue")
                            .asText())
                    .build());
        }
        return filters;
    }

    private static Created created(Repository made) {
        Map<String, JsonNode> attributes = Map.of(
                "Arn", NODES.textNode(made.repositoryArn()), "RepositoryUri", NODES.textNode(made.repositoryUri()));
        return new Created(made.repositoryName(), attributes);
    }

    private Map<String, JsonNode> logGroup(String name) {
        return Map.of("Arn", NODES.textNode(account.arn("logs", "log-group:" + name + ":*")));
    }

    private void lifecycle(String repository, ObjectNode properties) {
        JsonNode policy = properties.path("LifecyclePolicy").path("LifecyclePolicyText");
        if (!policy.isMissingNode()) {
            ecr.putLifecyclePolicy(request -> request.repositoryName(repository).lifecyclePolicyText(policy.asText()));
        }
        JsonNode access = properties.path("RepositoryPolicyText");
        if (!access.isMissingNode()) {
            ecr.setRepositoryPolicy(request -> request.repositoryName(repository)
                    .policyText(access.isTextual() ? access.asText() : access.toString()));
        }
    }

    private Created createLogGroup(Target target) {
        String name = target.properties().path("LogGroupName").asText(target.suggestedName());
        Map<String, String> tags = ResourceTags.of(target.properties());
        logs.createLogGroup(request -> {
            request.logGroupName(name);
            if (!tags.isEmpty()) {
                request.tags(tags);
            }
        });
        retain(name, target.properties(), NODES.objectNode());
        return new Created(name, logGroup(name));
    }

    private void retain(String name, ObjectNode properties, ObjectNode before) {
        if (properties.has("RetentionInDays")) {
            logs.putRetentionPolicy(request -> request.logGroupName(name)
                    .retentionInDays(properties.get("RetentionInDays").asInt()));
        } else if (before.has("RetentionInDays")) {
            logs.deleteRetentionPolicy(request -> request.logGroupName(name));
        }
    }

    @Override
    public Created adopt(Target target) {
        String name = target.physicalId();
        if (repository(target)) {
            return created(ecr.describeRepositories(request -> request.repositoryNames(name))
                    .repositories()
                    .getFirst());
        }
        if (actual(target).isEmpty()) {
            throw new ResourceFailure("The log group " + name + " does not exist");
        }
        return new Created(name, logGroup(name));
    }

    @Override
    public Created update(Target target, ObjectNode before) {
        ObjectNode properties = target.properties();
        String name = target.physicalId();
        if (!repository(target)) {
            retain(name, properties, before);
            tagLogGroup(name, properties, before);
            return new Created(name, Map.of());
        }
        if (properties.has("ImageTagMutability")) {
            ecr.putImageTagMutability(request -> request.repositoryName(name)
                    .imageTagMutability(properties.get("ImageTagMutability").asText())
                    .imageTagMutabilityExclusionFilters(exclusions(properties)));
        }
        if (properties.has("ImageScanningConfiguration")) {
            ecr.putImageScanningConfiguration(request -> request.repositoryName(name)
                    .imageScanningConfiguration(SdkRequests.fill(
                                    ImageScanningConfiguration.builder(),
                                    (ObjectNode) properties.get("ImageScanningConfiguration"),
                                    Set.of())
                            .build()));
        }
        lifecycle(name, properties);
        tagRepository(name, properties, before);
        return new Created(name, Map.of());
    }

    private void tagLogGroup(String name, ObjectNode properties, ObjectNode before) {
        if (!before.path("Tags").equals(properties.path("Tags"))) {
            String arn = account.arn("logs", "log-group:" + name);
            logs.tagResource(request -> request.resourceArn(arn).tags(ResourceTags.of(properties)));
            List<String> gone = ResourceTags.removed(before, properties);
            if (!gone.isEmpty()) {
                logs.untagResource(request -> request.resourceArn(arn).tagKeys(gone));
            }
        }
    }

    private void tagRepository(String name, ObjectNode properties, ObjectNode before) {
        if (!before.path("Tags").equals(properties.path("Tags"))) {
            String arn = account.arn("ecr", "repository/" + name);
            ecr.tagResource(request -> request.resourceArn(arn)
                    .tags(ResourceTags.of(properties).entrySet().stream()
                            .map(tag -> Tag.builder()
                                    .key(tag.getKey())
                                    .value(tag.getValue())
                                    .build())
                            .toList()));
            List<String> gone = ResourceTags.removed(before, properties);
            if (!gone.isEmpty()) {
                ecr.untagResource(request -> request.resourceArn(arn).tagKeys(gone));
            }
        }
    }

    @Override
    public Optional<JsonNode> actual(Target target) {
        if (repository(target)) {
            return ecr
                    .describeRepositories(request -> request.repositoryNames(target.physicalId()))
                    .repositories()
                    .stream()
                    .findFirst()
                    .map(SdkRequests::json);
        }
        return logs.describeLogGroups(request -> request.logGroupNamePrefix(target.physicalId())).logGroups().stream()
                .filter(group -> group.logGroupName().equals(target.physicalId()))
                .findFirst()
                .map(SdkRequests::json);
    }

    @Override
    public void delete(Target target) {
        if (repository(target)) {
            boolean force = target.text("EmptyOnDelete").equals("true");
            ecr.deleteRepository(
                    request -> request.repositoryName(target.physicalId()).force(force));
        } else {
            logs.deleteLogGroup(request -> request.logGroupName(target.physicalId()));
        }
    }
}
