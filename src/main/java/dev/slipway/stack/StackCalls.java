package dev.slipway.stack;

import dev.slipway.stack.CloudFormationErrors.CallResult;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.cloudformation.CloudFormationClient;
import software.amazon.awssdk.services.cloudformation.model.Capability;
import software.amazon.awssdk.services.cloudformation.model.Change;
import software.amazon.awssdk.services.cloudformation.model.ChangeSetType;
import software.amazon.awssdk.services.cloudformation.model.CloudFormationException;
import software.amazon.awssdk.services.cloudformation.model.CreateChangeSetRequest;
import software.amazon.awssdk.services.cloudformation.model.DeploymentMode;
import software.amazon.awssdk.services.cloudformation.model.DescribeChangeSetResponse;
import software.amazon.awssdk.services.cloudformation.model.Output;
import software.amazon.awssdk.services.cloudformation.model.Parameter;
import software.amazon.awssdk.services.cloudformation.model.ResourceStatus;
import software.amazon.awssdk.services.cloudformation.model.ResourceToImport;
import software.amazon.awssdk.services.cloudformation.model.Stack;
import software.amazon.awssdk.services.cloudformation.model.StackEvent;
import software.amazon.awssdk.services.cloudformation.model.Tag;
import software.amazon.awssdk.services.cloudformation.model.UpdateStackRequest;

/**
 * The calls to CloudFormation. Every act carries a token or a name that makes repeating it harmless, and the execution
 * role, without which CloudFormation would act with the rights of our function; a change set is executed with its own
 * (AWSCloudFormation/latest/APIReference/API_CreateChangeSet.html). What a failed operation has only just created goes as
 * the template says: RetainExceptOnCreate in a request would delete buckets, too, into which a load balancer has written
 * its test file, and which therefore cannot be deleted.
 */
record StackCalls(CloudFormationClient client, String roleArn) {
    /** What rollouts change outside the stack. */
    private static final Set<String> LIVE = Set.of("AWS::ECS::Service", "AWS::ElasticLoadBalancingV2::ListenerRule");

    /** Events come a hundred a page; ten pages hold any operation of ours. */
    private static final int EVENT_PAGES = 10;

    private static final int FOREIGN_OPERATIONS = 3;

    /** A change set and all pages of its changes. */
    record ChangeSet(State state, String reason, List<Change> changes) {
        /** What can be done with it. */
        enum State {
            ABSENT,
            COMPUTING,
            READY,
            /** Its execution has begun, or is over. */
            EXECUTED,
            /** The stack has been changed since. */
            OBSOLETE,
            /** There is nothing to change. */
            EMPTY,
            FAILED
        }

        private static State state(String status, String executionStatus, String reason) {
            return switch (status) {
                case "FAILED" -> CloudFormationErrors.isEmptyChangeSet(reason) ? State.EMPTY : State.FAILED;
                case "CREATE_COMPLETE" ->
                    switch (executionStatus) {
                        case "AVAILABLE" -> State.READY;
                        case "OBSOLETE" -> State.OBSOLETE;
                        case "EXECUTE_IN_PROGRESS", "EXECUTE_COMPLETE", "EXECUTE_FAILED" -> State.EXECUTED;
                        default -> State.COMPUTING;
                    };
                // Pending, in progress or being deleted: it will be something else soon.
                default -> State.COMPUTING;
            };
        }
    }

    Optional<StackState> describe(String stackName) {
        try {
            return client.describeStacks(request -> request.stackName(stackName)).stacks().stream()
                    .map(StackCalls::live)
                    .filter(live -> live.phase() != StackPhase.MISSING)
                    .findFirst();
        } catch (CloudFormationException e) {
            if (CloudFormationErrors.isMissing(e)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** What the stack has now; at most 100 resources, which is more than any of our templates has. */
    Map<String, String> resources(String stackName) {
        Map<String, String> physical = new HashMap<>();
        client.describeStackResources(request -> request.stackName(stackName)).stackResources().stream()
                .filter(resource -> resource.resourceStatus() != ResourceStatus.DELETE_COMPLETE
                        && resource.physicalResourceId() != null
                        && !resource.physicalResourceId().isEmpty())
                .forEach(resource -> physical.put(resource.logicalResourceId(), resource.physicalResourceId()));
        return physical;
    }

    /** The newest events, back to what was before our own operation, or to the start of the third of somebody else. */
    StackEvents events(String stackId, RequestTokens tokens) {
        List<StackEvent> events = new ArrayList<>();
        String next = null;
        for (int page = 0; page < EVENT_PAGES; page++) {
            String from = next;
            try {
                var response = client.describeStackEvents(
                        request -> request.stackName(stackId).nextToken(from));
                events.addAll(response.stackEvents());
                next = response.nextToken();
            } catch (CloudFormationException e) {
                if (CloudFormationErrors.isMissing(e)) {
                    return StackEvents.none(tokens);
                }
                throw e;
            }
            if (next == null || reachesBack(new StackEvents(tokens, events))) {
                break;
            }
        }
        return new StackEvents(tokens, events);
    }

    /** The newest hundred events. */
    StackEvents newestEvents(String stack, RequestTokens tokens) {
        return new StackEvents(
                tokens,
                client.describeStackEvents(request -> request.stackName(stack)).stackEvents());
    }

    private static boolean reachesBack(StackEvents events) {
        List<StackEvent> starts =
                events.events().stream().filter(StackEvents::isStart).toList();
        return starts.size() >= FOREIGN_OPERATIONS
                || starts.stream()
                        .anyMatch(start -> events.purpose(start) == RequestTokens.Purpose.CHANGE
                                && start != events.events().getLast());
    }

    /**
     * Creates the stack. A failure rolls back rather than deletes, so that its events stay readable; termination
     * protection comes after success, for a protected stack whose creation failed could not be cleared away.
     */
    CallResult create(StackChange change, String token) {
        return attempt(c -> c.createStack(request -> request.stackName(change.stackName())
                .templateBody(change.template())
                .parameters(parameters(change, Map.of()))
                .tags(tags(change.tags()))
                .capabilities(Capability.CAPABILITY_NAMED_IAM)
                .roleARN(roleArn)
                .clientRequestToken(token)));
    }

    /**
     * Commits parameters on the template that the stack has. Without tags in the request CloudFormation keeps them. One that fails
     * without a rollback leaves UPDATE_FAILED, from which the stack can be updated again.
     * AWSCloudFormation/latest/UserGuide/stack-failure-options.html
     */
    CallResult sync(StackChange change, StackState live, String token) {
        UpdateStackRequest request = UpdateStackRequest.builder()
                .stackName(change.stackName())
                .usePreviousTemplate(true)
                .parameters(parameters(change, live.parameters()))
                .capabilities(Capability.CAPABILITY_NAMED_IAM)
                .roleARN(roleArn)
                .disableRollback(!change.rollBack())
                .clientRequestToken(token)
                .build();
        return attempt(c -> c.updateStack(request));
    }

    /**
     * Begins to compute a change set. It carries no client token: its name does the same, and the token of a change set
     * that has been deleted since would be in the way. That of a mend compares with what is there, and not with the stack;
     * if its update fails, that is put back.
     * AWSCloudFormation/latest/UserGuide/drift-aware-change-sets.html
     */
    CallResult createChangeSet(StackChange change, Optional<StackState> live, String name) {
        boolean exists = live.isPresent() && live.get().phase() != StackPhase.REVIEW;
        CreateChangeSetRequest.Builder request = CreateChangeSetRequest.builder()
                .stackName(change.stackName())
                .changeSetName(name)
                .changeSetType(exists ? ChangeSetType.UPDATE : ChangeSetType.CREATE)
                .parameters(parameters(change, exists ? live.get().parameters() : Map.of()))
                .capabilities(Capability.CAPABILITY_NAMED_IAM)
                .roleARN(roleArn);
        if (change.isMend()) {
            request.usePreviousTemplate(true).deploymentMode(DeploymentMode.REVERT_DRIFT);
        } else {
            request.templateBody(change.template()).tags(tags(change.tags()));
        }
        return attempt(c -> c.createChangeSet(request.build()));
    }

    /**
     * Begins to compute the import of what is left into a new stack. Identifiers are given here: the automatic import
     * takes no names that a template makes with a function, and ours all are.
     * AWSCloudFormation/latest/UserGuide/import-resources-automatically.html
     */
    CallResult createImportChangeSet(StackChange change, Retained retained, String name) {
        Map<String, String> tags = new HashMap<>(change.tags());
        tags.remove(StackChange.TEMPLATE_TAG);
        CreateChangeSetRequest request = CreateChangeSetRequest.builder()
                .stackName(change.stackName())
                .changeSetName(name)
                .changeSetType(ChangeSetType.IMPORT)
                .templateBody(retained.template())
                .parameters(retained.parameters().entrySet().stream()
                        .sorted(Map.Entry.comparingByKey())
                        .map(entry -> Parameter.builder()
                                .parameterKey(entry.getKey())
                                .parameterValue(entry.getValue())
                                .build())
                        .toList())
                .resourcesToImport(retained.resources().stream()
                        .map(resource -> ResourceToImport.builder()
                                .logicalResourceId(resource.logicalId())
                                .resourceType(resource.type())
                                .resourceIdentifier(Map.of(resource.property(), resource.name()))
                                .build())
                        .toList())
                .tags(tags(tags))
                .roleARN(roleArn)
                .build();
        return attempt(c -> c.createChangeSet(request));
    }

    ChangeSet describeChangeSet(String stackName, String name) {
        List<Change> changes = new ArrayList<>();
        DescribeChangeSetResponse response;
        String next = null;
        do {
            String from = next;
            try {
                response = client.describeChangeSet(request -> request.stackName(stackName)
                        .changeSetName(name)
                        .includePropertyValues(true)
                        .nextToken(from));
            } catch (CloudFormationException e) {
                if (CloudFormationErrors.isMissing(e)) {
                    return new ChangeSet(ChangeSet.State.ABSENT, "", List.of());
                }
                throw e;
            }
            changes.addAll(response.changes());
            next = response.nextToken();
        } while (next != null);
        String reason = text(response.statusReason());
        return new ChangeSet(
                ChangeSet.state(text(response.statusAsString()), text(response.executionStatusAsString()), reason),
                reason,
                List.copyOf(changes));
    }

    CallResult executeChangeSet(String stackName, String name, String token) {
        return attempt(c -> c.executeChangeSet(
                request -> request.stackName(stackName).changeSetName(name).clientRequestToken(token)));
    }

    CallResult deleteChangeSet(String stackName, String name) {
        return attempt(
                c -> c.deleteChangeSet(request -> request.stackName(stackName).changeSetName(name)));
    }

    CallResult delete(String stackName, String token) {
        return attempt(c -> c.deleteStack(
                request -> request.stackName(stackName).roleARN(roleArn).clientRequestToken(token)));
    }

    /**
     * Continues a rollback that failed. What carries traffic or runs a release is left as it is: the values that the
     * rollback would put back there are those of long ago, and a release may have gone live since. Only what failed itself can
     * be left out: any other is refused.
     * AWSCloudFormation/latest/APIReference/API_ContinueUpdateRollback.html, ResourcesToSkip.
     */
    CallResult continueRollback(String stackName, StackEvents events, String token) {
        List<String> skipped = events.failedInRollback().stream()
                .filter(event -> LIVE.contains(event.resourceType()))
                .map(StackEvent::logicalResourceId)
                .toList();
        return attempt(c -> c.continueUpdateRollback(request -> request.stackName(stackName)
                .roleARN(roleArn)
                .resourcesToSkip(skipped)
                .clientRequestToken(token)));
    }

    CallResult setTerminationProtection(String stackName, boolean protection) {
        return attempt(c -> c.updateTerminationProtection(
                request -> request.stackName(stackName).enableTerminationProtection(protection)));
    }

    private CallResult attempt(Consumer<CloudFormationClient> call) {
        try {
            call.accept(client);
            return new CallResult.Accepted();
        } catch (CloudFormationException e) {
            return CloudFormationErrors.answer(e);
        }
    }

    /** The request's parameters: {@code present} are those that the stack has. */
    private static List<Parameter> parameters(StackChange change, Map<String, String> present) {
        Map<String, StackChange.Parameter> wanted = new HashMap<>(change.parameters());
        if (change.template() == null) {
            present.keySet().forEach(key -> wanted.putIfAbsent(key, new StackChange.Parameter.Previous(null)));
        }
        List<Parameter> parameters = new ArrayList<>();
        wanted.forEach((key, parameter) -> {
            var builder = Parameter.builder().parameterKey(key);
            switch (parameter) {
                case StackChange.Parameter.Value(String value) ->
                    parameters.add(builder.parameterValue(value).build());
                case StackChange.Parameter.Previous(String initially) -> {
                    if (present.containsKey(key)) {
                        parameters.add(builder.usePreviousValue(true).build());
                    } else if (initially != null) {
                        parameters.add(builder.parameterValue(initially).build());
                    }
                }
            }
        });
        parameters.sort(Comparator.comparing(p -> p.parameterKey()));
        return parameters;
    }

    private static List<Tag> tags(Map<String, String> tags) {
        return tags.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(tag ->
                        Tag.builder().key(tag.getKey()).value(tag.getValue()).build())
                .toList();
    }

    private static StackState live(Stack stack) {
        Instant updated = stack.lastUpdatedTime();
        return new StackState(
                stack.stackName(),
                stack.stackId(),
                stack.stackStatusAsString(),
                stack.stackStatusReason(),
                stack.parameters().stream()
                        .collect(Collectors.toMap(p -> p.parameterKey(), p -> text(p.parameterValue()))),
                stack.outputs().stream().collect(Collectors.toMap(Output::outputKey, Output::outputValue)),
                stack.tags().stream().collect(Collectors.toMap(Tag::key, Tag::value)),
                Boolean.TRUE.equals(stack.enableTerminationProtection()),
                updated == null ? stack.creationTime() : updated);
    }

    private static String text(@Nullable String text) {
        return text == null ? "" : text;
    }
}
