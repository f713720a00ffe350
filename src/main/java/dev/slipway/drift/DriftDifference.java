package dev.slipway.drift;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.slipway.stack.DriftExclusion;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Something that AWS has otherwise than it was deployed.
 *
 * @param resource logical id in the stack
 * @param physicalId AWS's name of it; null where the difference is not CloudFormation's finding
 * @param path of the property, such as {@code /RetentionInDays}; null when the whole resource is gone
 * @param expected as it was deployed; null when there is no such value
 * @param actual as it is; null when there is no such value
 * @param excluded what makes it no drift; null for drift
 * @param reason of the exclusion
 * @param changedBy the newest change of the resource that CloudTrail knows of; null when it knows none
 * @param spec what keeps it as it is; null where no field of the spec stands for it
 * @param action how to have it as it was deployed
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
public record DriftDifference(
        String resource,
        String type,
        @Nullable String physicalId,
        @Nullable String path,
        @Nullable String expected,
        @Nullable String actual,
        @Nullable DriftExclusion excluded,
        @Nullable String reason,
        @Nullable Change changedBy,
        @Nullable SpecField spec,
        String action) {
    /**
     * A change that CloudTrail has recorded.
     *
     * @param who name of the user or the role's session
     * @param call such as {@code ec2.amazonaws.com AuthorizeSecurityGroupIngress}
     */
    @RegisterForReflection
    public record Change(Instant at, String who, String call) {}

    /** Whether it counts. */
    @JsonIgnore
    boolean isDrift() {
        return excluded == null;
    }

    /** Whether both are about the same thing in the same state. */
    boolean isSame(DriftDifference other) {
        return identity().equals(other.identity());
    }

    /** Whether CloudFormation has found it, and so can put it back. */
    @JsonIgnore
    boolean isOfStack() {
        return physicalId != null;
    }

    /** Resource and property, such as {@code LogGroup/RetentionInDays}. */
    @JsonIgnore
    String name() {
        return path == null ? resource : resource + path;
    }

    /** By which it is known again: people are told of it once. */
    @JsonIgnore
    String identity() {
        return String.join(" ", resource, String.valueOf(path), String.valueOf(actual));
    }

    DriftDifference changedBy(Change change) {
        return new DriftDifference(
                resource, type, physicalId, path, expected, actual, excluded, reason, change, spec, action);
    }
}
