package dev.slipway.allowlist;

/** What specs may name outside Slipway, by the deployment's parameters. What none of them lists is refused. */
public record Allowlists(
        AllowedSecrets secrets, AllowedDomains domains, AllowedConnections connections, AllowedTags tags) {}
