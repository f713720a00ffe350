package dev.slipway.simulated.cloudformation;

import dev.slipway.simulated.aws.SimulatedAws;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.services.cloudformation.model.ChangeSetNotFoundException;
import software.amazon.awssdk.services.cloudformation.model.ChangeSetStatus;
import software.amazon.awssdk.services.cloudformation.model.ChangeSetType;
import software.amazon.awssdk.services.cloudformation.model.CreateChangeSetRequest;
import software.amazon.awssdk.services.cloudformation.model.DeploymentMode;
import software.amazon.awssdk.services.cloudformation.model.ExecuteChangeSetRequest;
import software.amazon.awssdk.services.cloudformation.model.ExecutionStatus;
import software.amazon.awssdk.services.cloudformation.model.OnFailure;
import software.amazon.awssdk.services.cloudformation.model.StackStatus;

/** Change sets from creation to execution; AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-changesets.html. */
final class ChangeSetCommands {
    private static final Duration CREATION = Duration.ofSeconds(5);
    private static final String EMPTY = "The submitted information didn't contain changes. Submit different information"
            + " to create a change set.";

    private final StackEngine engine;
    private final StackCommands stacks;
    private final StackDrift drift;

    ChangeSetCommands(StackEngine engine, StackCommands stacks, StackDrift drift) {
        this.engine = engine;
        this.stacks = stacks;
        this.drift = drift;
    }

    /** The change set and its stack. */
    record Made(String id, String stackId) {}

    Made create(CreateChangeSetRequest request) {
        StackRecord stack = engine.find(request.stackName());
        boolean importing = request.changeSetType() == ChangeSetType.IMPORT;
        boolean creating = request.changeSetType() == ChangeSetType.CREATE || importing;
        if (Boolean.TRUE.equals(request.importExistingResources())) {
            throw CloudFormationErrors.notModelled("the automatic import of what exists");
        }
        if (stack != null) {
            ChangeSetRecord same = stack.changeSets.get(request.changeSetName());
            if (same != null) {
                return again(same, request, stack);
            }
        }
        if (importing && stack != null && stack.status != StackStatus.REVIEW_IN_PROGRESS) {
            stacks.checkUpdatable(stack);
            List<String> members = StackImport.members(request, stack);
            throw members.isEmpty()
                    ? CloudFormationErrors.notModelled("an import into a stack that exists")
                    : CloudFormationErrors.validation("Resources " + members
                            + " passed in ResourceToImport are already in a stack and cannot be imported.");
        }
        if (creating && stack != null && stack.status != StackStatus.REVIEW_IN_PROGRESS) {
            throw CloudFormationErrors.validation(
                    "Stack [" + stack.name + "] already exists and cannot be created again with the" + " changeSet ["
                            + request.changeSetName() + "].");
        }
        StackInput input;
        if (creating) {
            input = StackCommands.input(
                    StackCommands.template(request.templateBody(), request.templateURL()),
                    request.parameters(),
                    Map.of(),
                    StackCommands.tags(request.tags()),
                    request.capabilitiesAsStrings());
            boolean fresh = stack == null;
            StackRecord reviewed = stack == null ? stacks.make(request.stackName(), input) : stack;
            stacks.validate(reviewed, input);
            if (importing) {
                StackImport.requested(request, engine.evaluator(reviewed, input), input);
            }
            if (fresh) {
                engine.stacks.put(reviewed.id, reviewed);
                engine.events().stack(reviewed, StackStatus.REVIEW_IN_PROGRESS, "User Initiated");
            }
            stack = reviewed;
        } else {
            stack = stacks.existing(request.stackName());
            stacks.checkUpdatable(stack);
            input = stacks.nextInput(
                    stack,
                    Boolean.TRUE.equals(request.usePreviousTemplate()),
                    request.templateBody(),
                    request.templateURL(),
                    request.parameters(),
                    request.hasTags() ? request.tags() : null,
                    request.capabilitiesAsStrings());
        }
        return add(stack, request, creating, input);
    }

    private Made add(StackRecord stack, CreateChangeSetRequest request, boolean creating, StackInput input) {
        SimulatedAws account = engine.account();
        ChangeSetRecord changeSet = new ChangeSetRecord(
                request.changeSetName(),
                account.arn("cloudformation", "changeSet/" + request.changeSetName() + "/" + account.uuid()),
                creating,
                input,
                request.description() == null ? "" : request.description(),
                request.onStackFailure() == null
                        ? OnFailure.ROLLBACK
                        : OnFailure.fromValue(request.onStackFailureAsString()),
                request.clientToken(),
                account.clock().instant(),
                request.deploymentMode() == DeploymentMode.REVERT_DRIFT);
        if (request.changeSetType() == ChangeSetType.IMPORT) {
            changeSet.imports = StackImport.requested(request, engine.evaluator(stack, input), input);
        }
        stack.changeSets.put(changeSet.name, changeSet);
        account.clock().after(CREATION, () -> complete(stack, changeSet));
        return new Made(changeSet.id, stack.id);
    }

    /** A name is taken by one change set, which the same client token gives again (API_CreateChangeSet.html); the words are from reports. */
    private static Made again(ChangeSetRecord same, CreateChangeSetRequest request, StackRecord stack) {
        boolean repeated =
                request.clientToken() != null && request.clientToken().equals(same.token);
        if (!repeated) {
            throw CloudFormationErrors.alreadyExists("ChangeSet " + same.name
                    + " cannot be created due to a mismatch with existing" + " attribute Template");
        }
        return new Made(same.id, stack.id);
    }

    private void complete(StackRecord stack, ChangeSetRecord changeSet) {
        if (stack.changeSets.get(changeSet.name) != changeSet
                || changeSet.status != ChangeSetStatus.CREATE_IN_PROGRESS) {
            return;
        }
        try {
            changeSet.changes = changeSet.imports.isEmpty()
                    ? changes(stack, changeSet)
                    : new StackImport(engine, stack, changeSet).changes();
        } catch (ResourceFailure e) {
            changeSet.status = ChangeSetStatus.FAILED;
            changeSet.statusReason = e.reason();
            return;
        } catch (AwsServiceException e) {
            changeSet.status = ChangeSetStatus.FAILED;
            changeSet.statusReason = String.valueOf(e.getMessage());
            return;
        }
        changeSet.drifted = changeSet.revertsDrift ? drift.deviating(stack, changeSet.input) : Set.of();
        if (changeSet.changes.isEmpty() && !ChangeSetDiff.changes(engine, stack, changeSet.input)) {
            changeSet.status = ChangeSetStatus.FAILED;
            changeSet.statusReason = EMPTY;
            return;
        }
        changeSet.status = ChangeSetStatus.CREATE_COMPLETE;
        changeSet.executionStatus = stack.status == StackStatus.REVIEW_IN_PROGRESS || !stack.inProgress()
                ? ExecutionStatus.AVAILABLE
                : ExecutionStatus.OBSOLETE;
    }

    private List<ChangeSetDiff.ResourceDiff> changes(StackRecord stack, ChangeSetRecord changeSet) {
        List<ChangeSetDiff.ResourceDiff> declared = ChangeSetDiff.of(engine, stack, changeSet.input);
        return changeSet.revertsDrift ? drift.reverting(stack, changeSet.input, declared) : declared;
    }

    /** One change set with its stack; the stack's name may be left out when the change set is named by its ARN. */
    record Found(StackRecord stack, ChangeSetRecord changeSet) {}

    Found find(@Nullable String stackName, String nameOrId) {
        if (stackName == null && !nameOrId.startsWith("arn:")) {
            throw CloudFormationErrors.validation(
                    "StackName must be specified if ChangeSetName is not specified as an ARN.");
        }
        if (stackName != null && engine.find(stackName) == null) {
            throw CloudFormationErrors.stackMissing(stackName);
        }
        List<StackRecord> candidates = stackName == null
                ? List.copyOf(engine.stacks.values())
                : List.of(Objects.requireNonNull(engine.find(stackName)));
        for (StackRecord stack : candidates) {
            for (ChangeSetRecord changeSet : stack.changeSets.values()) {
                if (changeSet.name.equals(nameOrId) || changeSet.id.equals(nameOrId)) {
                    return new Found(stack, changeSet);
                }
            }
        }
        throw CloudFormationErrors.changeSetMissing(nameOrId);
    }

    void execute(ExecuteChangeSetRequest request) {
        Found found = find(request.stackName(), request.changeSetName());
        StackRecord stack = found.stack();
        ChangeSetRecord changeSet = found.changeSet();
        String operation = "ExecuteChangeSet " + changeSet.id;
        if (stack.repeated(request.clientRequestToken(), operation)) {
            return;
        }
        if (changeSet.status != ChangeSetStatus.CREATE_COMPLETE) {
            throw CloudFormationErrors.changeSetStatus("ChangeSet [" + changeSet.id
                    + "] cannot be executed in its current status of [" + changeSet.status + "]");
        }
        if (changeSet.executionStatus != ExecutionStatus.AVAILABLE) {
            throw CloudFormationErrors.changeSetStatus("ChangeSet [" + changeSet.id
                    + "] cannot be executed in its current execution status of [" + changeSet.executionStatus + "]");
        }
        if (!changeSet.creating) {
            stacks.checkUpdatable(stack);
        }
        stack.begin(request.clientRequestToken(), operation);
        stack.retainExceptOnCreate = Boolean.TRUE.equals(request.retainExceptOnCreate());
        // "CloudFormation deletes all change sets associated with the stack because they aren't valid for the updated
        // stack"; the executed one can still be described.
        stack.changeSets.values().removeIf(other -> other != changeSet);
        stack.changeSetId = changeSet.id;
        changeSet.executionStatus = ExecutionStatus.EXECUTE_IN_PROGRESS;
        if (!changeSet.imports.isEmpty()) {
            new StackImport(engine, stack, changeSet).start();
        } else if (changeSet.creating) {
            stack.live = changeSet.input;
            OnFailure onFailure =
                    Boolean.TRUE.equals(request.disableRollback()) ? OnFailure.DO_NOTHING : changeSet.onFailure;
            new StackDeployment(engine, stack, changeSet.input, true, onFailure, changeSet).start();
        } else {
            stacks.startUpdate(stack, changeSet.input, changeSet, false);
        }
    }

    void delete(@Nullable String stackName, String nameOrId) {
        Found found;
        try {
            found = find(stackName, nameOrId);
        } catch (ChangeSetNotFoundException e) {
            return; // deleting twice is no error (assumed)
        }
        if (found.changeSet().executionStatus == ExecutionStatus.EXECUTE_IN_PROGRESS) {
            throw CloudFormationErrors.changeSetStatus("ChangeSet [" + found.changeSet().id
                    + "] cannot be deleted in its current execution status of [EXECUTE_IN_PROGRESS]");
        }
        found.stack().changeSets.remove(found.changeSet().name);
    }
}
