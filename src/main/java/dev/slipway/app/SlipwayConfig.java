package dev.slipway.app;

import dev.slipway.allowlist.AllowedConnections;
import dev.slipway.allowlist.AllowedDomains;
import dev.slipway.allowlist.AllowedSecrets;
import dev.slipway.allowlist.AllowedTags;
import dev.slipway.allowlist.Allowlists;
import dev.slipway.environment.AwsLocation;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/** What the deployment tells the functions, as environment variables of template.yaml: {@code SLIPWAY_TABLE} and so on. */
@ConfigMapping(prefix = "slipway")
public interface SlipwayConfig {
    /** 12 digits: the account that the control plane runs in. */
    String account();

    /** The region that the control plane runs in: {@code AWS_REGION}, which Lambda sets. */
    @WithDefault("${aws.region}")
    String region();

    /** What stands in for all of AWS: {@code AWS_ENDPOINT_URL}, as the SDK's clients take it; absent for AWS itself. */
    @WithDefault("${aws.endpoint-url:}")
    Optional<URI> endpoint();

    /** The DynamoDB table. */
    String table();

    /** The work queue. */
    String queueUrl();

    /** Where messages go that fail by our own fault every time. */
    String deadLetterQueueUrl();

    /** ARN of the role that CloudFormation acts with. */
    String executionRole();

    /** ARN of the permission boundary of every role that the stacks make. */
    String permissionsBoundary();

    /** ARN of the alias of the hook function, which ECS asks during deployments. */
    String hookFunction();

    /** Name of the function that deploy actions of CodePipeline call. */
    String pipelineFunction();

    /** Where the API is, for links that people read; absent in functions that write none. */
    Optional<String> apiUrl();

    /** Patterns of ARNs of secrets that need no tag; absent for none. */
    Optional<List<String>> allowedSecrets();

    /** Environments with a zone and a domain of theirs, see {@link AllowedDomains}; absent for none. */
    Optional<List<String>> allowedDomains();

    /** Ids of repository connections that pipelines may name; absent for none. */
    Optional<List<String>> allowedConnections();

    /** Keys of tags that specs may set. */
    Optional<List<String>> allowedTags();

    /** The settings of the control plane. Throws IllegalStateException naming what is wrong. */
    default ControlPlane.Settings settings() {
        require("slipway.account", account(), "[0-9]{12}");
        require("AWS_REGION", region(), "[a-z]{2,3}(-[a-z]+)+-[0-9]");
        require("slipway.execution-role", executionRole(), "arn:aws[a-z-]*:iam::[0-9]{12}:role/.+");
        require("slipway.permissions-boundary", permissionsBoundary(), "arn:aws[a-z-]*:iam::[0-9]{12}:policy/.+");
        require("slipway.hook-function", hookFunction(), "arn:aws[a-z-]*:lambda:.+:function:.+");
        require("slipway.pipeline-function", pipelineFunction(), "[A-Za-z0-9_-]{1,64}");
        return new ControlPlane.Settings(
                new AwsLocation(account(), region()),
                executionRole(),
                permissionsBoundary(),
                hookFunction(),
                pipelineFunction(),
                apiUrl().orElse(""),
                new Allowlists(
                        new AllowedSecrets(allowedSecrets().orElse(List.of())),
                        new AllowedDomains(allowedDomains().orElse(List.of())),
                        new AllowedConnections(allowedConnections().orElse(List.of())),
                        new AllowedTags(allowedTags().orElse(List.of()))));
    }

    private static void require(String name, String value, String pattern) {
        if (!value.matches(pattern)) {
            throw new IllegalStateException("%s is %s, which does not match %s".formatted(name, value, pattern));
        }
    }
}
