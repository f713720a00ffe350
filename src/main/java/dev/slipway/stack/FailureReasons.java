package dev.slipway.stack;

import dev.slipway.problem.Problem;
import dev.slipway.problem.Problem.Category;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Turns CloudFormation's reasons into problems with a stable code and something to do. The reasons are texts of the
 * services behind it; most end in a HandlerErrorCode, which is documented, older resource types do not.
 */
final class FailureReasons {
    private static final Pattern HANDLER =
            Pattern.compile("^Resource handler returned message: \"(.*)\" \\(RequestToken: .*\\)$", Pattern.DOTALL);
    private static final Pattern ACTION =
            Pattern.compile("not authorized to perform:? ([a-zA-Z0-9-]+:[A-Za-z0-9]+)|API: ([a-z0-9-]+:[A-Za-z0-9]+)");

    /** The first rule that fits counts, so the particular ones stand before the general. */
    private static final List<Rule> RULES = List.of(
            rule(
                    "role-not-assumable",
                    Category.INTERNAL,
                    "cannot be assumed|Unable to assume (?!the service linked role)|assume role .*validat",
                    "Check that the execution role of Slipway's own stack exists and trusts CloudFormation."),
            rule(
                    "service-linked-role-missing",
                    Category.DEPENDENCY,
                    "service[- ]linked role",
                    "AWS creates this role when a service is used first in an account; apply again in a minute."),
            rule(
                    "access-denied",
                    Category.USER,
                    "AccessDenied|not authorized|UnauthorizedOperation|UnauthorizedTaggingOperation"
                            + "|explicit deny|InvalidCredentials",
                    "Allow this action to Slipway's execution role, or take away the policy or permission boundary that"
                            + " denies it, then apply again."),
            rule(
                    "deployment-failed",
                    Category.USER,
                    "Circuit Breaker was triggered|tasks? failed to start",
                    "See why the tasks stop: their stopped reason and their logs; then release an image that stays up."),
            rule(
                    "quota-exceeded",
                    Category.USER,
                    "LimitExceeded|[Ll]imit exceeded|[Qq]uota|maximum number of|TooMany(?!Requests)"
                            + "|exceeds? the (account )?limit|[Ll]imit (for|on) .{1,80} exceeded|has been reached",
                    "Free some of them or ask AWS for more in the Service Quotas console, then apply again."),
            rule(
                    "throttled",
                    Category.DEPENDENCY,
                    "Throttling|Rate exceeded|TooManyRequests|RequestLimitExceeded",
                    "AWS took too many requests at once; apply again."),
            rule(
                    "no-capacity",
                    Category.DEPENDENCY,
                    "Capacity is unavailable|InsufficientCapacity|[Ii]nsufficient capacity|no capacity"
                            + "|InsufficientFreeAddressesInSubnet|not enough free addresses",
                    "AWS has no room at the moment; apply again later, or with another size or subnet."),
            rule(
                    "certificate-not-usable",
                    Category.USER,
                    "UnsupportedCertificate|CertificateNotFound|fully-qualified domain name, a supported signature"
                            + "|PENDING_VALIDATION|[Cc]ertificate .*(not found|not valid|not issued|does not exist)",
                    "Use a certificate of this region that has been issued; one that waits for validation needs its DNS"
                            + " record first."),
            rule(
                    "priority-in-use",
                    Category.USER,
                    "PriorityInUse|Priority '?\\d+'? is currently in use",
                    "Another rule of this listener has the priority: delete it, then apply again."),
            rule(
                    "already-exists",
                    Category.USER,
                    "already exist|AlreadyExists|conflicts with another|is not available because|Duplicate",
                    "Something outside this stack has the name: delete or rename it, then apply again."),
            rule(
                    "still-in-use",
                    Category.USER,
                    "not empty|DependencyViolation|dependent object|in use|has dependenc|still contains|ResourceInUse",
                    "Delete what still uses it or is in it, then try again."),
            rule(
                    "policy-refused",
                    Category.USER,
                    "hook\\(s\\) failed|Hook failed|service control policy",
                    "A policy of your organization refused it; see the hook's or policy's message."),
            rule(
                    "template-invalid",
                    Category.INTERNAL,
                    "Template format error|Template error|Unresolved resource",
                    null),
            rule(
                    "template-mismatch",
                    Category.INTERNAL,
                    "do not exist in the template|must have values|InsufficientCapabilities",
                    null),
            rule(
                    "not-found",
                    Category.USER,
                    "HandlerErrorCode: NotFound|could not be found|does not exist|NoSuch|ResourceNotFound",
                    "Something the change refers to does not exist: create it or correct the reference."),
            rule(
                    "invalid-value",
                    Category.USER,
                    "InvalidRequest|[Ii]nvalid|validation (error|failed)|ValidationError|ValidationException"
                            + "|failed to satisfy constraint|must (match|be|contain)|NotUpdatable|Malformed",
                    "Correct the value in the spec, then apply again."),
            rule(
                    "not-stable-in-time",
                    Category.DEPENDENCY,
                    "NotStabilized|did not stabilize|Exceeded attempts to wait|ServiceTimeout|timed out",
                    "It took longer than CloudFormation waits; see the resource's own events, then apply again."),
            rule(
                    "aws-failed",
                    Category.DEPENDENCY,
                    "ServiceInternalError|InternalFailure|Internal Failure|Internal error|NetworkFailure"
                            + "|ServiceUnavailable",
                    "AWS failed; apply again, and see the AWS Health dashboard when it stays so."));

    private FailureReasons() {}

    private record Rule(
            String code,
            Category category,
            Pattern pattern,
            @Nullable String action) {}

    private static Rule rule(String code, Category category, String pattern, @Nullable String action) {
        return new Rule(code, category, Pattern.compile(pattern), action);
    }

    /** @param subject what failed, for example {@code Web (AWS::ECS::Service)} */
    static Problem problem(String subject, String reason) {
        String detail = subject + ": " + (reason.isEmpty() ? "no reason given" : inner(reason));
        for (Rule rule : RULES) {
            if (rule.pattern().matcher(reason).find()) {
                return new Problem(rule.code(), rule.category(), detail, action(rule, reason), List.of());
            }
        }
        return Problem.dependency("resource-failed", detail, "See the stack's events in CloudFormation.");
    }

    private static @Nullable String action(Rule rule, String reason) {
        Matcher denied = ACTION.matcher(reason);
        if (rule.code().equals("access-denied") && denied.find()) {
            String name = denied.group(1) != null ? denied.group(1) : denied.group(2);
            return "Allow " + name + " to the role that the message names, or take away the policy or permission"
                    + " boundary that denies it, then apply again.";
        }
        return rule.action();
    }

    /** The service's own words, out of CloudFormation's wrapping. */
    static String inner(String reason) {
        Matcher handler = HANDLER.matcher(reason);
        return handler.matches() ? handler.group(1) : reason;
    }
}
