package dev.slipway.simulated.cloudformation;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.services.cloudformation.model.ChangeAction;
import software.amazon.awssdk.services.cloudformation.model.CloudFormationException;
import software.amazon.awssdk.services.cloudformation.model.CreateChangeSetRequest;
import software.amazon.awssdk.services.cloudformation.model.ExecutionStatus;
import software.amazon.awssdk.services.cloudformation.model.Replacement;
import software.amazon.awssdk.services.cloudformation.model.ResourceToImport;
import software.amazon.awssdk.services.cloudformation.model.StackStatus;

/**
 * Takes resources that exist into a new stack, as they are: an import changes nothing in them. Imports into stacks that
 * exist are not modelled. AWSCloudFormation/latest/UserGuide/resource-import.html
 */
final class StackImport {
    private final StackEngine engine;
    private final StackRecord stack;
    private final ChangeSetRecord changeSet;
    private final TemplateEvaluator evaluator;

    StackImport(StackEngine engine, StackRecord stack, ChangeSetRecord changeSet) {
        this.engine = engine;
        this.stack = stack;
        this.changeSet = changeSet;
        this.evaluator = engine.evaluator(stack, changeSet.input);
    }

    /**
     * What is to be imported, by logical id.
     *
     * @throws CloudFormationException when the template declares anything besides, or something that may be deleted
     */
    static Map<String, String> requested(
            CreateChangeSetRequest request, TemplateEvaluator evaluator, StackInput input) {
        Map<String, String> imports = new LinkedHashMap<>();
        for (ResourceToImport resource : request.resourcesToImport()) {
            imports.put(
                    resource.logicalResourceId(),
                    resource.resourceIdentifier().values().iterator().next());
        }
        List<String> declared = new ArrayList<>(TemplateGraph.of(evaluator).order());
        if (!declared.containsAll(imports.keySet()) || !imports.keySet().containsAll(declared)) {
            throw CloudFormationErrors.validation(
                    "As part of the import operation, you cannot modify or add [Resources]");
        }
        if (!input.template().section("Outputs").isEmpty()) {
            throw CloudFormationErrors.validation(
                    "As part of the import operation, you cannot modify or add [Outputs]");
        }
        List<String> unpolicied = declared.stream()
                .filter(id -> !input.template().resource(id).has("DeletionPolicy"))
                .toList();
        if (!unpolicied.isEmpty()) {
            throw CloudFormationErrors.validation("The following resources to import [" + String.join(", ", unpolicied)
                    + "] must have DeletionPolicy attribute specified in the template.");
        }
        return imports;
    }

    /** Which of the resources that are to be imported the stack has already, by logical id. */
    static List<String> members(CreateChangeSetRequest request, StackRecord stack) {
        return request.resourcesToImport().stream()
                .map(ResourceToImport::logicalResourceId)
                .filter(stack.resources::containsKey)
                .toList();
    }

    /** The changes to show; throws when a resource does not exist or belongs to another stack. */
    List<ChangeSetDiff.ResourceDiff> changes() {
        List<ChangeSetDiff.ResourceDiff> changes = new ArrayList<>();
        changeSet.imports.forEach((id, name) -> {
            ObjectNode properties = StackEngine.properties(evaluator, changeSet.input, id);
            String type = changeSet.input.template().type(id);
            engine.checkOwner(stack, type, properties);
            engine.provider(type).adopt(target(id, type, name, properties));
            changes.add(new ChangeSetDiff.ResourceDiff(
                    ChangeAction.IMPORT,
                    id,
                    name,
                    type,
                    Replacement.UNKNOWN_TO_SDK_VERSION,
                    List.of(),
                    JsonNodeFactory.instance.objectNode(),
                    properties,
                    ""));
        });
        return changes;
    }

    private static ResourceProvider.Target target(String id, String type, String name, ObjectNode properties) {
        return new ResourceProvider.Target(id, type, name, properties, name);
    }

    void start() {
        stack.live = changeSet.input;
        stack.mask = NoEchoMask.of(changeSet.input, stack.live);
        engine.events().stack(stack, StackStatus.IMPORT_IN_PROGRESS, "User Initiated");
        engine.account().clock().after(Duration.ofSeconds(2), this::run);
    }

    private void run() {
        for (Map.Entry<String, String> entry : changeSet.imports.entrySet()) {
            String id = entry.getKey();
            ResourceRecord resource =
                    new ResourceRecord(id, changeSet.input.template().type(id));
            resource.physicalId = entry.getValue();
            stack.resources.put(id, resource);
            engine.events().resource(stack, resource, "IMPORT_IN_PROGRESS", "Resource import started.");
            try {
                engine.failIfTold(stack.name, id);
                ObjectNode properties = StackEngine.properties(evaluator, changeSet.input, id);
                resource.attributes.putAll(engine.provider(resource.type)
                        .adopt(target(id, resource.type, resource.physicalId, properties))
                        .attributes());
                // The stack's tags come with the first update that changes the resource.
                resource.properties = evaluator.properties(id);
                engine.events().resource(stack, resource, "IMPORT_COMPLETE", "Resource import completed.");
            } catch (ResourceFailure e) {
                rollBack(resource, e.reason());
                return;
            } catch (AwsServiceException e) {
                rollBack(resource, String.valueOf(e.getMessage()));
                return;
            }
        }
        engine.account().clock().after(Duration.ofSeconds(5), () -> {
            engine.remember(stack, TemplateGraph.of(evaluator), changeSet.input.template());
            changeSet.executionStatus = ExecutionStatus.EXECUTE_COMPLETE;
            engine.events().stack(stack, StackStatus.IMPORT_COMPLETE, "");
        });
    }

    private void rollBack(ResourceRecord failed, String reason) {
        changeSet.executionStatus = ExecutionStatus.EXECUTE_FAILED;
        engine.events().resource(stack, failed, "IMPORT_FAILED", reason);
        engine.events()
                .stack(
                        stack,
                        StackStatus.IMPORT_ROLLBACK_IN_PROGRESS,
                        "The following resource(s) failed to import: [" + failed.logicalId + "]. ");
        stack.resources.clear();
        engine.account()
                .clock()
                .after(
                        Duration.ofSeconds(2),
                        () -> engine.events().stack(stack, StackStatus.IMPORT_ROLLBACK_COMPLETE, ""));
    }
}
