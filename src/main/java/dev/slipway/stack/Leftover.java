package dev.slipway.stack;

import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * What CloudFormation could not delete when it tidied up after an update, so that it is no part of the stack any more and still there.
 *
 * @param resource its logical id
 * @param type for example {@code AWS::WAFv2::WebACL}
 * @param physicalId as CloudFormation has it; often its name or ARN
 * @param reason why it could not be deleted, as AWS has it
 */
@RegisterForReflection
public record Leftover(String resource, String type, String physicalId, String reason) {
    /** What it is, and what to do. */
    public String sentence() {
        return "%s (%s, %s) could not be deleted: %s It and what it needs are no part of the stack any more and still there: they work, and cost what they cost. Delete them by hand, then apply the spec again."
                .formatted(resource, type, physicalId, reason.endsWith(".") ? reason : reason + ".");
    }
}
