package dev.slipway.environment;

import dev.slipway.id.EnvironmentId;
import dev.slipway.stack.StackChange.Parameter;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** From an environment's spec to the parameters of {@code stacks/environment.yaml}: all of them, none besides. */
public final class EnvironmentParameters {
    private EnvironmentParameters() {}

    /** @param boundaryArn of the permission boundary that every role gets */
    public static Map<String, Parameter> of(EnvironmentId id, EnvironmentSpec spec, String boundaryArn) {
        EnvironmentSpec.Domain domain = spec.domain();
        Map<String, Parameter> parameters = new LinkedHashMap<>();
        parameters.put("Environment", Parameter.of(id.environment()));
        parameters.put("Cidr", Parameter.of(spec.network().cidr().toString()));
        parameters.put("SubnetBits", number(subnetBits(spec.network().cidr())));
        parameters.put("Zones", number(spec.network().zones()));
        parameters.put("NatGateways", Parameter.of(spec.network().natGateways().value()));
        parameters.put("CertificateArn", orEmpty(spec.certificateArn()));
        parameters.put("DomainName", orEmpty(domain == null ? null : domain.name()));
        parameters.put("HostedZoneId", orEmpty(domain == null ? null : domain.hostedZoneId()));
        parameters.put("AccessLogDays", number(spec.accessLogs().retentionDays()));
        parameters.put("PermissionsBoundary", Parameter.of(boundaryArn));
        parameters.put("ContainerInsights", Parameter.of(spec.containerInsights() ? "enabled" : "disabled"));
        return parameters;
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

    private static Parameter number(int value) {
        return Parameter.of(String.valueOf(value));
    }

    private static Parameter orEmpty(@Nullable String value) {
        return Parameter.of(value == null ? "" : value);
    }
}
