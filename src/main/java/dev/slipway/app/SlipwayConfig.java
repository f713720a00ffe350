package dev.slipway.app;

import dev.slipway.allowlist.AllowedConnections;
import dev.slipway.allowlist.AllowedDomains;
import dev.slipway.allowlist.AllowedSecrets;
import dev.slipway.allowlist.AllowedTags;
import dev.slipway.allowlist.Allowlists;
import dev.slipway.environment.AwsLocation;
import jakarta.inject.Singleton;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.Config;

/**
 * What the deployment tells the functions, as environment variables of template.yaml: {@code SLIPWAY_TABLE} and so on. Not a mapping
 * that Quarkus implements: it puts those into its start-up classes in another order with each build.
 */
@Singleton
public final class SlipwayConfig {
    private final Config config;

    SlipwayConfig(Config config) {
        this.config = config;
    }

    /** 12 digits: the account that the control plane runs in. */
    public String account() {
        return text("slipway.account");
    }

    /** The region that the control plane runs in: {@code AWS_REGION}, which Lambda sets. */
    public String region() {
        return optional("slipway.region").orElseGet(() -> text("aws.region"));
    }

    /** What stands in for all of AWS: {@code AWS_ENDPOINT_URL}, as the SDK's clients take it; absent for AWS itself. */
    public Optional<URI> endpoint() {
        return config.getOptionalValue("aws.endpoint-url", URI.class);
    }

    /** The DynamoDB table. */
    public String table() {
        return text("slipway.table");
    }

    /** The work queue. */
    public String queueUrl() {
        return text("slipway.queue-url");
    }

    /** Where messages go that fail by our own fault every time. */
    public String deadLetterQueueUrl() {
        return text("slipway.dead-letter-queue-url");
    }

    /** ARN of the alias of the hook function, which ECS asks during deployments. */
    public String hookFunction() {
        return require("slipway.hook-function", "arn:aws[a-z-]*:lambda:.+:function:.+");
    }

    /** Name of the function that deploy actions of CodePipeline call. */
    public String pipelineFunction() {
        return require("slipway.pipeline-function", "[A-Za-z0-9_-]{1,64}");
    }

    /** Whether the functions write metrics of themselves: {@code true} or {@code false}, which it is where nothing is said. */
    public boolean metrics() {
        return optional("slipway.metrics")
                .map(said -> require("slipway.metrics", said, "true|false"))
                .map(Boolean::parseBoolean)
                .orElse(false);
    }

    /** The settings of the control plane. Throws IllegalStateException naming what is wrong. */
    public ControlPlane.Settings settings() {
        return new ControlPlane.Settings(
                new AwsLocation(
                        require("slipway.account", account(), "[0-9]{12}"),
                        require("AWS_REGION", region(), "[a-z]{2,3}(-[a-z]+)+-[0-9]")),
                require("slipway.execution-role", "arn:aws[a-z-]*:iam::[0-9]{12}:role/.+"),
                require("slipway.permissions-boundary", "arn:aws[a-z-]*:iam::[0-9]{12}:policy/.+"),
                hookFunction(),
                pipelineFunction(),
                optional("slipway.api-url").orElse(""),
                optional("slipway.playbooks-url").orElse("https://slipway.dev/playbooks/"),
                optional("slipway.kms-key").orElse(""),
                new Allowlists(
                        new AllowedSecrets(list("slipway.allowed-secrets")),
                        new AllowedDomains(list("slipway.allowed-domains")),
                        new AllowedConnections(list("slipway.allowed-connections")),
                        new AllowedTags(list("slipway.allowed-tags"))));
    }

    private String text(String name) {
        return config.getValue(name, String.class);
    }

    private Optional<String> optional(String name) {
        return config.getOptionalValue(name, String.class);
    }

    private List<String> list(String name) {
        return config.getOptionalValues(name, String.class).orElse(List.of());
    }

    private String require(String name, String pattern) {
        return require(name, text(name), pattern);
    }

    private static String require(String name, String value, String pattern) {
        if (!value.matches(pattern)) {
            throw new IllegalStateException("%s is %s, which does not match %s".formatted(name, value, pattern));
        }
        return value;
    }
}
