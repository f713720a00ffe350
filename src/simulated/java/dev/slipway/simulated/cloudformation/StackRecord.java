package dev.slipway.simulated.cloudformation;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.cloudformation.model.Output;
import software.amazon.awssdk.services.cloudformation.model.StackEvent;
import software.amazon.awssdk.services.cloudformation.model.StackResourceDrift;
import software.amazon.awssdk.services.cloudformation.model.StackStatus;

/** One stack of the account, deleted ones included. */
final class StackRecord {
    final String name;
    final String id;
    final Instant created;
    /** What was deployed last, or is being created. */
    StackInput live;

    StackStatus status = StackStatus.CREATE_IN_PROGRESS;
    String reason = "";
    /** The client request token of the operation under way, or of the last one. */
    String token = "";

    boolean protectedFromDeletion;
    /** Whether the operation under way, should it fail, deletes all that it has made. */
    boolean retainExceptOnCreate;

    @Nullable
    Instant updated;

    @Nullable
    Instant deleted;
    /** The change set that was executed last. */
    @Nullable
    String changeSetId;
    /** What is under way. */
    @Nullable
    StackDeployment deployment;
    /** An update's rollback, kept when it failed, for ContinueUpdateRollback. */
    @Nullable
    StackRollback rollback;

    final Map<String, ResourceRecord> resources = new LinkedHashMap<>();
    final Map<String, ChangeSetRecord> changeSets = new LinkedHashMap<>();
    /** Which operation each client request token was used for. */
    final Map<String, String> tokens = new LinkedHashMap<>();
    /** Newest last. */
    final List<StackEvent> events = new ArrayList<>();

    /** What the last drift detection found, by logical id. */
    final Map<String, StackResourceDrift> drifts = new LinkedHashMap<>();
    /** When drift was last detected. */
    @Nullable
    Instant driftChecked;

    List<Output> outputs = List.of();
    /** Hides the secrets of the last operation and of the one before. */
    NoEchoMask mask = new NoEchoMask(List.of());

    StackRecord(String name, String id, Instant created, StackInput live) {
        this.name = name;
        this.id = id;
        this.created = created;
        this.live = live;
    }

    boolean inProgress() {
        return status.toString().endsWith("_IN_PROGRESS");
    }

    /**
     * Whether {@code token} has been used for {@code operation}; a token used for another is refused.
     * AWSCloudFormation/latest/APIReference/API_UpdateStack.html, ClientRequestToken.
     */
    boolean repeated(@Nullable String token, String operation) {
        if (token == null) {
            return false;
        }
        String earlier = tokens.get(token);
        if (earlier != null && !earlier.equals(operation)) {
            throw CloudFormationErrors.tokenUsed(token);
        }
        return earlier != null;
    }

    void begin(@Nullable String token, String operation) {
        this.token = token == null ? "" : token;
        if (token != null) {
            tokens.put(token, operation);
        }
    }
}
