package dev.slipway.drift;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
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
 * @param mend how to have it as it was deployed, or the spec as it is
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
        String mend) {
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
        return resource.equals(other.resource)
                && String.valueOf(path).equals(String.valueOf(other.path))
                && String.valueOf(actual).equals(String.valueOf(other.actual));
    }

    DriftDifference changedBy(Change change) {
        return new DriftDifference(resource, type, physicalId, path, expected, actual, excluded, reason, change, mend);
    }
}
