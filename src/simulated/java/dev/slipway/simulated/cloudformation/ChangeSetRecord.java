package dev.slipway.simulated.cloudformation;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.cloudformation.model.ChangeSetStatus;
import software.amazon.awssdk.services.cloudformation.model.ExecutionStatus;
import software.amazon.awssdk.services.cloudformation.model.OnFailure;

/** One change set of a stack. */
final class ChangeSetRecord {
    final String name;
    final String id;
    final boolean creating;
    final StackInput input;
    final String description;
    final OnFailure onFailure;
    final @Nullable String token;
    final Instant created;
    /** Whether it compares with what is there, and puts that back; DeploymentMode REVERT_DRIFT. */
    final boolean revertsDrift;

    ChangeSetStatus status = ChangeSetStatus.CREATE_IN_PROGRESS;
    ExecutionStatus executionStatus = ExecutionStatus.UNAVAILABLE;
    String statusReason = "";
    List<ChangeSetDiff.ResourceDiff> changes = List.of();
    /** Logical ids of what is there otherwise than it shall be, of one that puts that back. */
    Set<String> drifted = Set.of();
    /** What it imports: physical ids by logical ids; empty unless it is an import. */
    Map<String, String> imports = Map.of();

    ChangeSetRecord(
            String name,
            String id,
            boolean creating,
            StackInput input,
            String description,
            OnFailure onFailure,
            @Nullable String token,
            Instant created,
            boolean revertsDrift) {
        this.name = name;
        this.id = id;
        this.creating = creating;
        this.input = input;
        this.description = description;
        this.onFailure = onFailure;
        this.token = token;
        this.created = created;
        this.revertsDrift = revertsDrift;
    }
}
