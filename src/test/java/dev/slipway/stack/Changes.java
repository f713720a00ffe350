package dev.slipway.stack;

import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.cloudformation.model.Change;
import software.amazon.awssdk.services.cloudformation.model.ResourceChange;
import software.amazon.awssdk.services.cloudformation.model.ResourceChangeDetail;

/** Builds change sets' contents. */
final class Changes {
    private Changes() {}

    static List<Change> of(ResourceChange... changes) {
        return List.of(changes).stream()
                .map(change -> Change.builder().resourceChange(change).build())
                .toList();
    }

    static ResourceChange add(String id, String type) {
        return ResourceChange.builder()
                .action("Add")
                .logicalResourceId(id)
                .resourceType(type)
                .build();
    }

    static ResourceChange remove(String id, String type, String policy) {
        return ResourceChange.builder()
                .action("Remove")
                .logicalResourceId(id)
                .physicalResourceId(id + "-1")
                .resourceType(type)
                .policyAction(policy)
                .build();
    }

    static ResourceChange modify(String id, String type, String replacement, ResourceChangeDetail... details) {
        return ResourceChange.builder()
                .action("Modify")
                .logicalResourceId(id)
                .physicalResourceId(id + "-1")
                .resourceType(type)
                .replacement(replacement)
                .details(details)
                .build();
    }

    static ResourceChangeDetail detail(
            String path,
            @Nullable String before,
            @Nullable String after,
            String source,
            @Nullable String cause,
            String recreation) {
        return ResourceChangeDetail.builder()
                .target(t -> t.attribute("Properties")
                        .path(path)
                        .beforeValue(before)
                        .afterValue(after)
                        .requiresRecreation(recreation))
                .changeSource(source)
                .causingEntity(cause)
                .build();
    }
}
