package dev.slipway.stack;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.services.cloudformation.CloudFormationClient;
import software.amazon.awssdk.services.cloudformation.model.*;
import software.amazon.awssdk.services.cloudformation.model.DescribeStackResourcesRequest;
import software.amazon.awssdk.services.cloudformation.model.DescribeStackResourcesResponse;

/**
 * One stack as CloudFormation keeps it, in AWS's own words. Operations last until {@link #settle()}. Any call can be
 * made to crash before or after it took effect.
 */
final class FakeCloudFormation implements CloudFormationClient {
    static final String NAME = "slipway-prod-web";
    static final Instant START = Instant.parse("2026-03-01T10:00:00Z");

    /** A pass that is cut off. */
    static final class Crash extends RuntimeException {}

    private static final class Set {
        String status = "CREATE_IN_PROGRESS";
        String execution = "UNAVAILABLE";

        @Nullable
        String reason;

        ChangeSetType type = ChangeSetType.UPDATE;
        Map<String, String> parameters = Map.of();
        Map<String, String> tags = Map.of();
    }

    Instant now = START;

    @Nullable
    String status;

    String id = "";
    Map<String, String> parameters = new TreeMap<>();
    Map<String, String> tags = new TreeMap<>();
    boolean protection;
    List<Change> changes = List.of();
    /** Why the next creation or update fails; null when it succeeds. */
    @Nullable
    String failure;

    boolean rollbackFails;
    boolean recoveryFails;
    boolean deletionFails;
    /** How many looks after each act still show the stack as it was before it. */
    int late;

    private int lateLooks;
    private @Nullable String former;
    /** Whether a change set disappears with its execution, as AWS does with some. */
    boolean forgetsExecuted;

    final List<StackEvent> events = new ArrayList<>();
    final List<String> calls = new ArrayList<>();
    int creations;
    int updates;
    int deletions;
    int crashAt;
    boolean crashAfter;

    private final Map<String, Set> sets = new TreeMap<>();
    private final Map<String, String> sources = new HashMap<>();
    private Map<String, String> before = Map.of();
    private Map<String, String> tagsBefore = Map.of();
    private String token = "";
    private int ids;
    private Instant updated = START;
    private Instant updatedBefore = START;

    /** A stack at rest. */
    FakeCloudFormation with(String status, Map<String, String> parameters, Map<String, String> tags) {
        newStack(status);
        this.parameters = new TreeMap<>(parameters);
        this.tags = new TreeMap<>(tags);
        return this;
    }

    /** Somebody begins an operation. */
    void foreign(String status) {
        token = "console";
        this.status = status;
        event(NAME, status, null);
    }

    boolean hasChangeSets() {
        return !sets.isEmpty();
    }

    private void newStack(String status) {
        ids++;
        id = "arn:aws:cloudformation:eu-west-1:123456789012:stack/" + NAME + "/" + ids
                + "0000000-aaaa-bbbb-cccc-dddddddddddd";
        this.status = status;
        updated = now;
        events.clear();
        sets.clear();
        protection = false;
    }

    /** Brings what is running to its end. */
    void settle() {
        now = now.plus(Duration.ofSeconds(1));
        sets.values().forEach(this::settle);
        if (status == null) {
            return;
        }
        switch (status) {
            case "CREATE_IN_PROGRESS" -> {
                if (failure == null) {
                    resource("CREATE_COMPLETE", null);
                    become("CREATE_COMPLETE");
                } else {
                    resource("CREATE_FAILED", failure);
                    become("ROLLBACK_IN_PROGRESS");
                }
            }
            case "ROLLBACK_IN_PROGRESS" -> become("ROLLBACK_COMPLETE");
            case "UPDATE_IN_PROGRESS" -> {
                if (failure == null) {
                    resource("UPDATE_COMPLETE", null);
                    become("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS");
                } else {
                    resource("UPDATE_FAILED", failure);
                    become("UPDATE_ROLLBACK_IN_PROGRESS");
                }
            }
            case "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS" -> become("UPDATE_COMPLETE");
            case "UPDATE_ROLLBACK_IN_PROGRESS" -> {
                boolean fails = token.endsWith("-recover") ? recoveryFails : rollbackFails;
                if (fails) {
                    resource("UPDATE_FAILED", "cannot be put back");
                    become("UPDATE_ROLLBACK_FAILED");
                } else {
                    parameters = new TreeMap<>(before);
                    tags = new TreeMap<>(tagsBefore);
                    become("UPDATE_ROLLBACK_COMPLETE");
                }
            }
            case "DELETE_IN_PROGRESS" -> {
                if (deletionFails) {
                    resource("DELETE_FAILED", "The bucket you tried to delete is not empty");
                    become("DELETE_FAILED");
                } else {
                    status = null;
                    sets.clear();
                }
            }
            default -> {}
        }
    }

    private void settle(Set set) {
        if (!set.status.equals("CREATE_IN_PROGRESS")) {
            return;
        }
        if (set.parameters.equals(parameters) && set.tags.equals(tags)) {
            set.status = "FAILED";
            set.reason = "The submitted information didn't contain changes. Submit different information to create a"
                    + " change set.";
        } else {
            set.status = "CREATE_COMPLETE";
            set.execution = "AVAILABLE";
        }
    }

    /** Begins an operation that somebody has called for. */
    private void begin(String next) {
        former = status;
        lateLooks = late;
        become(next);
    }

    private void become(String next) {
        status = next;
        event(NAME, next, null);
    }

    private void resource(String resourceStatus, @Nullable String reason) {
        event("Web", resourceStatus, reason);
    }

    private void event(String logicalId, String resourceStatus, @Nullable String reason) {
        boolean stack = logicalId.equals(NAME);
        events.addFirst(StackEvent.builder()
                .stackId(id)
                .timestamp(now)
                .logicalResourceId(logicalId)
                .physicalResourceId(stack ? id : "web-1")
                .resourceType(stack ? "AWS::CloudFormation::Stack" : "AWS::ECS::Service")
                .resourceStatus(resourceStatus)
                .resourceStatusReason(reason)
                .clientRequestToken(token)
                .build());
    }

    private void call(String name) {
        calls.add(name);
        if (!crashAfter && calls.size() == crashAt) {
            throw new Crash();
        }
    }

    private <T> T answer(T response) {
        if (crashAfter && calls.size() == crashAt) {
            throw new Crash();
        }
        return response;
    }

    static CloudFormationException error(String code, String message) {
        return (CloudFormationException) CloudFormationException.builder()
                .awsErrorDetails(AwsErrorDetails.builder()
                        .errorCode(code)
                        .errorMessage(message)
                        .build())
                .statusCode(400)
                .build();
    }

    private void mustRest(String verb) {
        if (status == null || status.equals("REVIEW_IN_PROGRESS")) {
            throw error("ValidationError", "Stack [" + NAME + "] does not exist");
        }
        if (status.endsWith("_IN_PROGRESS")
                || status.equals("ROLLBACK_COMPLETE")
                || status.endsWith("ROLLBACK_FAILED")) {
            throw error("ValidationError", "Stack:" + id + " is in " + status + " state and can not be " + verb + ".");
        }
    }

    @Override
    public DescribeStacksResponse describeStacks(DescribeStacksRequest request) {
        call("DescribeStacks");
        if (status == null) {
            throw error("ValidationError", "Stack with id " + request.stackName() + " does not exist");
        }
        boolean isLate = former != null && lateLooks-- > 0;
        Stack stack = Stack.builder()
                .stackName(NAME)
                .stackId(id)
                .stackStatus(isLate ? former : status)
                .creationTime(START)
                .lastUpdatedTime(isLate ? updatedBefore : updated)
                .enableTerminationProtection(protection)
                .parameters((isLate ? before : parameters)
                        .entrySet().stream()
                                .map(e -> Parameter.builder()
                                        .parameterKey(e.getKey())
                                        .parameterValue(e.getKey().equals("Secret") ? "****" : e.getValue())
                                        .build())
                                .toList())
                .tags((isLate ? tagsBefore : tags)
                        .entrySet().stream()
                                .map(e -> Tag.builder()
                                        .key(e.getKey())
                                        .value(e.getValue())
                                        .build())
                                .toList())
                .outputs(Output.builder().outputKey("Family").outputValue(NAME).build())
                .build();
        return answer(DescribeStacksResponse.builder().stacks(stack).build());
    }

    @Override
    public DescribeStackEventsResponse describeStackEvents(DescribeStackEventsRequest request) {
        call("DescribeStackEvents");
        return answer(DescribeStackEventsResponse.builder().stackEvents(events).build());
    }

    @Override
    public CreateStackResponse createStack(CreateStackRequest request) {
        call("CreateStack");
        if (status != null) {
            throw error("AlreadyExistsException", "Stack [" + NAME + "] already exists");
        }
        creations++;
        newStack("CREATE_IN_PROGRESS");
        token = request.clientRequestToken();
        parameters = values(request.parameters());
        tags = values(request);
        become("CREATE_IN_PROGRESS");
        return answer(CreateStackResponse.builder().stackId(id).build());
    }

    private static Map<String, String> values(CreateStackRequest request) {
        return request.tags().stream().collect(Collectors.toMap(Tag::key, Tag::value));
    }

    private Map<String, String> values(List<Parameter> given) {
        Map<String, String> values = new TreeMap<>();
        for (Parameter parameter : given) {
            String key = parameter.parameterKey();
            values.put(
                    key,
                    Boolean.TRUE.equals(parameter.usePreviousValue())
                            ? parameters.get(key)
                            : parameter.parameterValue());
        }
        return values;
    }

    @Override
    public UpdateStackResponse updateStack(UpdateStackRequest request) {
        call("UpdateStack");
        mustRest("updated");
        Map<String, String> wanted = values(request.parameters());
        if (wanted.equals(parameters)) {
            throw error("ValidationError", "No updates are to be performed.");
        }
        begin(request.clientRequestToken(), wanted, tags);
        return answer(UpdateStackResponse.builder().stackId(id).build());
    }

    private void begin(String by, Map<String, String> wanted, Map<String, String> wantedTags) {
        updates++;
        token = by;
        before = parameters;
        tagsBefore = tags;
        parameters = wanted;
        tags = wantedTags;
        updatedBefore = updated;
        updated = now;
        begin("UPDATE_IN_PROGRESS");
    }

    @Override
    public CreateChangeSetResponse createChangeSet(CreateChangeSetRequest request) {
        call("CreateChangeSet");
        if (sets.containsKey(request.changeSetName())) {
            throw error("AlreadyExistsException", "ChangeSet " + request.changeSetName() + " already exists");
        }
        if (request.changeSetType() == ChangeSetType.CREATE) {
            if (status == null) {
                newStack("REVIEW_IN_PROGRESS");
                parameters = new TreeMap<>();
                tags = new TreeMap<>();
            } else if (!status.equals("REVIEW_IN_PROGRESS")) {
                throw error(
                        "ValidationError",
                        "Stack [" + NAME + "] already exists and cannot be created again with the changeSet ["
                                + request.changeSetName() + "].");
            }
        } else {
            mustRest("updated");
        }
        Set set = new Set();
        set.type = request.changeSetType();
        set.parameters = values(request.parameters());
        set.tags = request.tags().stream().collect(Collectors.toMap(Tag::key, Tag::value));
        sets.put(request.changeSetName(), set);
        return answer(CreateChangeSetResponse.builder().stackId(id).build());
    }

    @Override
    public DescribeChangeSetResponse describeChangeSet(DescribeChangeSetRequest request) {
        call("DescribeChangeSet");
        Set set = sets.get(request.changeSetName());
        if (set == null) {
            throw error("ChangeSetNotFound", "ChangeSet [" + request.changeSetName() + "] does not exist");
        }
        return answer(DescribeChangeSetResponse.builder()
                .status(set.status)
                .executionStatus(set.execution)
                .statusReason(set.reason)
                .changes(changes)
                .build());
    }

    @Override
    public ExecuteChangeSetResponse executeChangeSet(ExecuteChangeSetRequest request) {
        call("ExecuteChangeSet");
        Set set = sets.get(request.changeSetName());
        if (set == null) {
            throw error("ChangeSetNotFound", "ChangeSet [" + request.changeSetName() + "] does not exist");
        }
        if (!set.execution.equals("AVAILABLE")) {
            throw error(
                    "InvalidChangeSetStatus",
                    "ChangeSet [" + request.changeSetName() + "] cannot be executed in its current status of ["
                            + set.execution + "]");
        }
        set.execution = "EXECUTE_COMPLETE";
        if (forgetsExecuted) {
            sets.remove(request.changeSetName());
        }
        begin(request.clientRequestToken(), set.parameters, set.tags);
        if (set.type == ChangeSetType.CREATE) {
            updates--;
            creations++;
            status = "CREATE_IN_PROGRESS";
            event(NAME, "CREATE_IN_PROGRESS", null);
        }
        return answer(ExecuteChangeSetResponse.builder().build());
    }

    @Override
    public DeleteChangeSetResponse deleteChangeSet(DeleteChangeSetRequest request) {
        call("DeleteChangeSet");
        sets.remove(request.changeSetName());
        return answer(DeleteChangeSetResponse.builder().build());
    }

    @Override
    public DeleteStackResponse deleteStack(DeleteStackRequest request) {
        call("DeleteStack");
        if (status != null && !status.equals("DELETE_IN_PROGRESS")) {
            if (protection) {
                throw error(
                        "ValidationError",
                        "Stack [" + NAME + "] cannot be deleted while TerminationProtection is enabled");
            }
            if (status.startsWith("UPDATE") && status.endsWith("_IN_PROGRESS")) {
                throw error("ValidationError", "Stack [" + NAME + "] cannot be deleted while in status " + status);
            }
            deletions++;
            token = request.clientRequestToken();
            begin("DELETE_IN_PROGRESS");
        }
        return answer(DeleteStackResponse.builder().build());
    }

    @Override
    public DescribeStackResourcesResponse describeStackResources(DescribeStackResourcesRequest request) {
        return DescribeStackResourcesResponse.builder().build();
    }

    @Override
    public ContinueUpdateRollbackResponse continueUpdateRollback(ContinueUpdateRollbackRequest request) {
        call("ContinueUpdateRollback");
        if (!"UPDATE_ROLLBACK_FAILED".equals(status)) {
            throw error("ValidationError", "Stack:" + id + " is in " + status + " state and can not be updated.");
        }
        token = request.clientRequestToken();
        begin("UPDATE_ROLLBACK_IN_PROGRESS");
        return answer(ContinueUpdateRollbackResponse.builder().build());
    }

    @Override
    public UpdateTerminationProtectionResponse updateTerminationProtection(UpdateTerminationProtectionRequest request) {
        call("UpdateTerminationProtection");
        protection = request.enableTerminationProtection();
        return answer(UpdateTerminationProtectionResponse.builder().stackId(id).build());
    }

    @Override
    public String serviceName() {
        return "cloudformation";
    }

    @Override
    public void close() {}
}
