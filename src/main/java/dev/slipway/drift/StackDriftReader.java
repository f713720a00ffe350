package dev.slipway.drift;

import dev.slipway.aws.AwsErrors;
import dev.slipway.id.Target;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.cloudformation.CloudFormationClient;
import software.amazon.awssdk.services.cloudformation.model.CloudFormationException;
import software.amazon.awssdk.services.cloudformation.model.DescribeStackDriftDetectionStatusResponse;
import software.amazon.awssdk.services.cloudformation.model.StackResource;
import software.amazon.awssdk.services.cloudformation.model.StackResourceDrift;
import software.amazon.awssdk.services.cloudformation.model.StackResourceDriftStatus;

/** CloudFormation's detection of drift, by its calls. */
record StackDriftReader(CloudFormationClient client) {
    /** So many resources are compared one by one, which takes a call each. */
    private static final int MOST_CHECKED = 10;

    /**
     * What has become of a detection.
     *
     * @param reason why it failed, in AWS's words; null when it did not
     */
    record Status(boolean isRunning, @Nullable String reason) {}

    /** What has become of asking for a detection. */
    sealed interface Beginning {
        record Begun(String detection) implements Beginning {}

        /** The stack is being changed, or in a state in which it cannot be compared. */
        record Refused(String reason) implements Beginning {}

        /** There is no such stack. */
        record Missing() implements Beginning {}
    }

    Beginning begin(Target target) {
        try {
            return new Beginning.Begun(client.detectStackDrift(request -> request.stackName(target.stackName()))
                    .stackDriftDetectionId());
        } catch (CloudFormationException e) {
            if (!AwsErrors.code(e).equals("ValidationError")) {
                throw e;
            }
            String reason = e.awsErrorDetails().errorMessage();
            return reason.contains("does not exist") ? new Beginning.Missing() : new Beginning.Refused(reason);
        }
    }

    /** Empty when CloudFormation no longer knows the detection. */
    Optional<Status> status(String detection) {
        DescribeStackDriftDetectionStatusResponse answer;
        try {
            answer = client.describeStackDriftDetectionStatus(request -> request.stackDriftDetectionId(detection));
        } catch (CloudFormationException e) {
            if (AwsErrors.code(e).equals("ValidationError")) {
                return Optional.empty();
            }
            throw e;
        }
        return Optional.of(
                switch (answer.detectionStatus()) {
                    case DETECTION_IN_PROGRESS -> new Status(true, null);
                    case DETECTION_COMPLETE -> new Status(false, null);
                    case null, default ->
                        new Status(
                                false,
                                answer.detectionStatusReason() == null
                                        ? "CloudFormation gives no reason."
                                        : answer.detectionStatusReason());
                });
    }

    /**
     * What the last detection has found.
     *
     * @param unknown the resources that it could not compare, with the reasons
     */
    record Found(List<DriftDifference> differences, List<String> unknown) {}

    Found found(Target target) {
        List<StackResourceDrift> drifts = new ArrayList<>();
        String next = null;
        do {
            String from = next;
            var answer = client.describeStackResourceDrifts(request -> request.stackName(target.stackName())
                    .stackResourceDriftStatusFilters(
                            StackResourceDriftStatus.MODIFIED,
                            StackResourceDriftStatus.DELETED,
                            StackResourceDriftStatus.UNKNOWN)
                    .nextToken(from));
            drifts.addAll(answer.stackResourceDrifts());
            next = answer.nextToken();
        } while (next != null);
        List<String> unknown = new ArrayList<>();
        List<StackResource> unchecked = unchecked(target);
        unchecked.stream().limit(MOST_CHECKED).forEach(resource -> check(target, resource, drifts, unknown));
        unchecked.stream()
                .skip(MOST_CHECKED)
                .forEach(resource -> unknown.add(notChecked(resource, "it is one of many")));
        List<DriftDifference> found = new ArrayList<>();
        for (StackResourceDrift drift : drifts) {
            String resource = drift.logicalResourceId();
            String type = drift.resourceType();
            String physicalId = drift.physicalResourceId() == null ? "" : drift.physicalResourceId();
            if (drift.stackResourceDriftStatus() == StackResourceDriftStatus.DELETED) {
                found.add(DriftPolicy.deleted(target, resource, type, physicalId));
            } else if (drift.stackResourceDriftStatus() == StackResourceDriftStatus.UNKNOWN) {
                String why = drift.driftStatusReason();
                unknown.add(why == null ? resource : "%s (%s)".formatted(resource, why));
            } else if (drift.stackResourceDriftStatus() == StackResourceDriftStatus.MODIFIED) {
                drift.propertyDifferences()
                        .forEach(property -> found.add(DriftPolicy.property(
                                target,
                                resource,
                                type,
                                physicalId,
                                property.propertyPath(),
                                property.expectedValue(),
                                property.actualValue())));
            }
        }
        return new Found(found, unknown);
    }

    /**
     * Resources that the detection of a stack has left out although their types can be compared: "resources skipped using ResourcesToSkip
     * or ForceRollback also have a status of NOT_CHECKED".
     * AWSCloudFormation/latest/APIReference/API_StackResourceDriftInformationSummary.html
     */
    private List<StackResource> unchecked(Target target) {
        return client.describeStackResources(request -> request.stackName(target.stackName())).stackResources().stream()
                .filter(resource -> resource.driftInformation() != null
                        && resource.driftInformation().stackResourceDriftStatus()
                                == StackResourceDriftStatus.NOT_CHECKED
                        && DriftPolicy.isComparable(resource.resourceType()))
                .toList();
    }

    /** "To detect whether a skipped resource actually differs from the template, run DetectStackResourceDrift." Ibidem. */
    private void check(Target target, StackResource resource, List<StackResourceDrift> drifts, List<String> unknown) {
        try {
            StackResourceDrift drift = client.detectStackResourceDrift(request ->
                            request.stackName(target.stackName()).logicalResourceId(resource.logicalResourceId()))
                    .stackResourceDrift();
            if (drift.stackResourceDriftStatus() == StackResourceDriftStatus.NOT_CHECKED) {
                unknown.add(notChecked(resource, "a rollback of the stack has left it out"));
            } else {
                drifts.add(drift);
            }
        } catch (CloudFormationException e) {
            if (!AwsErrors.code(e).equals("ValidationError")) {
                throw e;
            }
            unknown.add(notChecked(resource, e.awsErrorDetails().errorMessage()));
        }
    }

    private static String notChecked(StackResource resource, String why) {
        return "%s (CloudFormation has not checked it: %s)".formatted(resource.logicalResourceId(), why);
    }
}
