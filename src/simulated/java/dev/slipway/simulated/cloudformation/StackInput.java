package dev.slipway.simulated.cloudformation;

import java.util.List;
import java.util.Map;

/** What is to be deployed, or was: a template, its parameter values, the stack's tags and what was acknowledged. */
record StackInput(
        Template template, Map<String, String> parameters, Map<String, String> tags, List<String> capabilities) {
    /** AWSCloudFormation/latest/UserGuide/using-iam-template.html#using-iam-capabilities */
    void checkCapabilities(TemplateEvaluator evaluator) {
        for (String id : evaluator.included()) {
            ResourceType type = ResourceType.of(template.type(id));
            if (!type.identity() || capabilities.contains("CAPABILITY_NAMED_IAM")) {
                continue;
            }
            boolean named = !type.naming().isEmpty()
                    && template.resource(id).path("Properties").has(type.naming())
                    && !type.name().equals("AWS::IAM::RolePolicy");
            if (named) {
                throw CloudFormationErrors.capabilities("CAPABILITY_NAMED_IAM");
            }
            if (!capabilities.contains("CAPABILITY_IAM")) {
                throw CloudFormationErrors.capabilities("CAPABILITY_IAM");
            }
        }
    }
}
