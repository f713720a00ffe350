package dev.slipway.environment;

import dev.slipway.id.EnvironmentId;
import dev.slipway.operation.Operation;
import dev.slipway.stack.Parameters;
import dev.slipway.stack.StackChange;
import dev.slipway.stack.StackChange.Parameter;
import dev.slipway.stack.Template;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What an environment's spec means for its stack, {@code stacks/environment.yaml}. */
public final class EnvironmentStack {
    private final Template template = Template.load("environment");
    private final String boundaryArn;

    /** @param boundaryArn of the permission boundary that every role in the stacks gets */
    public EnvironmentStack(String boundaryArn) {
        this.boundaryArn = boundaryArn;
    }

    /** @param expected the digest of the only difference that may be executed, or null for any */
    StackChange change(EnvironmentId id, EnvironmentSpec spec, Operation operation, @Nullable String expected) {
        Map<String, String> tags = new TreeMap<>(spec.tags());
        tags.put("slipway:environment", id.environment());
        tags.put(StackChange.TEMPLATE_TAG, template.version());
        return new StackChange(
                id.stackName(),
                template.body(),
                parameters(id, spec, boundaryArn),
                tags,
                spec.terminationProtection(),
                operation.allow(),
                expected,
                operation.id());
    }

    /** All parameters of the template, none besides. */
    static Map<String, Parameter> parameters(EnvironmentId id, EnvironmentSpec spec, String boundaryArn) {
        EnvironmentSpec.Network network = spec.network();
        EnvironmentSpec.Domain domain = spec.domain();
        return new Parameters()
                .put("Environment", id.environment())
                .put("Cidr", network.cidr())
                .put("SubnetBits", subnetBits(network.cidr()))
                .put("Zones", network.zones())
                .put("NatGateways", network.natGateways().value())
                .put("CertificateArn", spec.certificateArn())
                .put("DomainName", domain == null ? null : domain.name())
                .put("HostedZoneId", domain == null ? null : domain.hostedZoneId())
                .put("AccessLogDays", spec.accessLogs().retentionDays())
                .put("PermissionsBoundary", boundaryArn)
                .put("ContainerInsights", spec.containerInsights() ? "enabled" : "disabled")
                .values();
    }

    /**
     * The bits of an address that count within a subnet. Six subnets (three zones, private and public) must fit in the
     * network whatever the number of zones is now, so that a third zone can come later without moving the others; they
     * take three bits. More than a /24 is never needed. A /16 gives 8 (subnets of /24, as 172.17.0.0/24), a /22 gives 7
     * and a /24 gives 5 (/27, the smallest that a load balancer accepts).
     */
    static int subnetBits(Cidr network) {
        return Math.min(8, 32 - network.prefix() - 3);
    }
}
