package dev.slipway.simulated.cloudformation;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.cloudformation.model.ContinueUpdateRollbackRequest;
import software.amazon.awssdk.services.cloudformation.model.CreateStackRequest;
import software.amazon.awssdk.services.cloudformation.model.DeleteStackRequest;
import software.amazon.awssdk.services.cloudformation.model.DeletionMode;
import software.amazon.awssdk.services.cloudformation.model.ExecutionStatus;
import software.amazon.awssdk.services.cloudformation.model.OnFailure;
import software.amazon.awssdk.services.cloudformation.model.Parameter;
import software.amazon.awssdk.services.cloudformation.model.StackStatus;
import software.amazon.awssdk.services.cloudformation.model.Tag;
import software.amazon.awssdk.services.cloudformation.model.UpdateStackRequest;

/** The operations that begin or end work on a stack, with what they check beforehand. */
final class StackCommands {
    /** In these an update can start; AWSCloudFormation/latest/UserGuide/view-stack-events.html, stack status codes. */
    private static final Set<StackStatus> UPDATABLE = Set.of(
            StackStatus.CREATE_COMPLETE,
            StackStatus.UPDATE_COMPLETE,
            StackStatus.UPDATE_FAILED,
            StackStatus.UPDATE_ROLLBACK_COMPLETE,
            StackStatus.IMPORT_COMPLETE,
            StackStatus.IMPORT_ROLLBACK_COMPLETE);

    private final StackEngine engine;

    StackCommands(StackEngine engine) {
        this.engine = engine;
    }

    String create(CreateStackRequest request) {
        Template template = template(request.templateBody(), request.templateURL());
        StackRecord existing = engine.byName(request.stackName());
        if (existing != null) {
            if (existing.repeated(request.clientRequestToken(), "CreateStack")) {
                return existing.id;
            }
            throw CloudFormationErrors.alreadyExists("Stack [" + request.stackName() + "] already exists");
        }
        StackInput input =
                input(template, request.parameters(), Map.of(), tags(request.tags()), request.capabilitiesAsStrings());
        StackRecord stack = make(request.stackName(), input);
        validate(stack, input);
        stack.protectedFromDeletion = Boolean.TRUE.equals(request.enableTerminationProtection());
        stack.begin(request.clientRequestToken(), "CreateStack");
        stack.retainExceptOnCreate = Boolean.TRUE.equals(request.retainExceptOnCreate());
        OnFailure onFailure = request.onFailure() == null ? OnFailure.ROLLBACK : request.onFailure();
        if (Boolean.TRUE.equals(request.disableRollback())) {
            onFailure = OnFailure.DO_NOTHING;
        }
        StackDeployment deployment = new StackDeployment(engine, stack, input, true, onFailure, null);
        engine.stacks.put(stack.id, stack);
        deployment.start();
        return stack.id;
    }

    StackRecord make(String name, StackInput input) {
        if (!name.matches("[a-zA-Z][-a-zA-Z0-9]{0,127}")) {
            throw CloudFormationErrors.validation("1 validation error detected: Value '" + name
                    + "' at 'stackName' failed to satisfy constraint: Member must satisfy regular expression pattern:"
                    + " [a-zA-Z][-a-zA-Z0-9]*");
        }
        String id = engine.account()
                .arn("cloudformation", "stack/" + name + "/" + engine.account().uuid());
        return new StackRecord(name, id, engine.account().clock().instant(), input);
    }

    String update(UpdateStackRequest request) {
        StackRecord stack = existing(request.stackName());
        if (stack.repeated(request.clientRequestToken(), "UpdateStack")) {
            return stack.id;
        }
        checkUpdatable(stack);
        StackInput input = nextInput(
                stack,
                Boolean.TRUE.equals(request.usePreviousTemplate()),
                request.templateBody(),
                request.templateURL(),
                request.parameters(),
                request.hasTags() ? request.tags() : null,
                request.capabilitiesAsStrings());
        if (!ChangeSetDiff.changes(engine, stack, input)) {
            throw CloudFormationErrors.validation("No updates are to be performed.");
        }
        stack.begin(request.clientRequestToken(), "UpdateStack");
        stack.retainExceptOnCreate = Boolean.TRUE.equals(request.retainExceptOnCreate());
        stack.changeSets.values().stream()
                .filter(other -> other.executionStatus == ExecutionStatus.AVAILABLE)
                .forEach(other -> other.executionStatus = ExecutionStatus.OBSOLETE);
        startUpdate(stack, input, null, Boolean.TRUE.equals(request.disableRollback()));
        return stack.id;
    }

    void startUpdate(
            StackRecord stack, StackInput input, @Nullable ChangeSetRecord changeSet, boolean disableRollback) {
        stack.updated = engine.account().clock().instant();
        OnFailure onFailure = disableRollback ? OnFailure.DO_NOTHING : OnFailure.ROLLBACK;
        new StackDeployment(engine, stack, input, false, onFailure, changeSet).start();
    }

    /** What an update or an update's change set would deploy; checked. */
    StackInput nextInput(
            StackRecord stack,
            boolean previousTemplate,
            @Nullable String body,
            @Nullable String url,
            List<Parameter> parameters,
            @Nullable List<Tag> tags,
            List<String> capabilities) {
        Template template = previousTemplate ? stack.live.template() : template(body, url);
        StackInput input = input(
                template,
                parameters,
                stack.live.parameters(),
                tags == null ? stack.live.tags() : tags(tags),
                capabilities);
        validate(stack, input);
        return input;
    }

    void checkUpdatable(StackRecord stack) {
        if (!UPDATABLE.contains(stack.status)) {
            throw CloudFormationErrors.validation(
                    "Stack:" + stack.id + " is in " + stack.status + " state and can not be updated.");
        }
    }

    StackRecord existing(@Nullable String nameOrId) {
        StackRecord stack = engine.find(nameOrId);
        if (stack == null || stack.deleted != null || stack.status == StackStatus.REVIEW_IN_PROGRESS) {
            throw CloudFormationErrors.stackMissing(String.valueOf(nameOrId));
        }
        return stack;
    }

    static Template template(@Nullable String body, @Nullable String url) {
        if (url != null) {
            throw CloudFormationErrors.notModelled("TemplateURL");
        }
        return Template.parse(body);
    }

    static StackInput input(
            Template template,
            List<Parameter> given,
            Map<String, String> previous,
            Map<String, String> tags,
            List<String> capabilities) {
        return new StackInput(
                template, TemplateParameters.resolve(template, given, previous), tags, List.copyOf(capabilities));
    }

    static Map<String, String> tags(List<Tag> tags) {
        Map<String, String> map = new LinkedHashMap<>();
        tags.forEach(tag -> map.put(tag.key(), tag.value()));
        return map;
    }

    /** What CloudFormation refuses before it begins. */
    void validate(StackRecord stack, StackInput input) {
        TemplateEvaluator evaluator = engine.evaluator(stack, input);
        evaluator.checkRules();
        input.checkCapabilities(evaluator);
        List<String> retyped = stack.resources.values().stream()
                .filter(resource -> input.template().section("Resources").has(resource.logicalId))
                .filter(resource -> !input.template().type(resource.logicalId).equals(resource.type))
                .map(resource -> resource.logicalId)
                .toList();
        if (!retyped.isEmpty()) {
            throw CloudFormationErrors.validation(
                    "Update of resource type is not permitted. The new template modifies resource"
                            + " type of the following resources: [" + String.join(", ", retyped) + "]");
        }
        ChangeSetDiff.changes(engine, stack, input); // evaluates everything, and so finds what cannot be
    }

    /** Deleting a stack that does not exist succeeds. */
    void delete(DeleteStackRequest request) {
        StackRecord stack = engine.find(request.stackName());
        if (stack == null || stack.deleted != null || stack.status == StackStatus.DELETE_IN_PROGRESS) {
            return;
        }
        if (stack.protectedFromDeletion) {
            throw CloudFormationErrors.validation(
                    "Stack [" + stack.name + "] cannot be deleted while TerminationProtection is enabled");
        }
        boolean deletable = !stack.inProgress()
                || stack.status == StackStatus.REVIEW_IN_PROGRESS
                || stack.status == StackStatus.CREATE_IN_PROGRESS;
        if (!deletable) {
            throw CloudFormationErrors.validation(
                    "Stack [" + stack.id + "] cannot be deleted while in status " + stack.status);
        }
        if (!request.retainResources().isEmpty() && stack.status != StackStatus.DELETE_FAILED) {
            throw CloudFormationErrors.validation("Invalid operation on stack [" + stack.id
                    + "]. RetainResources may only be specified for a stack in DELETE_FAILED state");
        }
        if (stack.deployment != null) {
            stack.deployment.abandon();
            stack.deployment = null;
        }
        stack.begin(request.clientRequestToken(), "DeleteStack");
        boolean force = request.deletionMode() == DeletionMode.FORCE_DELETE_STACK;
        StackRollback.delete(engine, stack, request.retainResources(), force, "User Initiated");
    }

    void continueRollback(ContinueUpdateRollbackRequest request) {
        StackRecord stack = existing(request.stackName());
        if (stack.repeated(request.clientRequestToken(), "ContinueUpdateRollback")) {
            return;
        }
        StackRollback rollback = stack.rollback;
        if (stack.status != StackStatus.UPDATE_ROLLBACK_FAILED || rollback == null) {
            throw CloudFormationErrors.validation(
                    "Stack:" + stack.id + " is in " + stack.status + " state and can not continue update rollback.");
        }
        stack.begin(request.clientRequestToken(), "ContinueUpdateRollback");
        rollback.resume(request.resourcesToSkip());
    }
}
