package dev.slipway.environment;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.slipway.freeze.Freeze;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the user wants of an environment, with every default filled in. Names, ranges and defaults are those of {@code
 * schemas/environment.json}.
 *
 * @param account 12 digits
 * @param domain null when the load balancer is only reached by its own name
 * @param certificateArn null when the certificate is made from the domain, or when there is none
 * @param containerInsights whether the cluster publishes CloudWatch Container Insights metrics, which cost extra
 * @param freezes windows in which no service of the environment is rolled out
 * @param promoteTo the environments to which what is live here may be promoted; whoever may do that sees what it is
 * @param tags of every resource of the environment's stack, in order of their names
 * @param terminationProtection whether CloudFormation refuses to delete the stack
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
public record EnvironmentSpec(
        String account,
        String region,
        Network network,
        @Nullable Domain domain,
        @Nullable String certificateArn,
        AccessLogs accessLogs,
        boolean containerInsights,
        List<Freeze> freezes,
        List<String> promoteTo,
        Map<String, String> tags,
        boolean terminationProtection) {
    public EnvironmentSpec {
        freezes = freezes == null ? List.of() : List.copyOf(freezes); // specs from before there were any
        promoteTo = promoteTo == null ? List.of() : List.copyOf(promoteTo); // likewise
        tags = Collections.unmodifiableMap(new TreeMap<>(tags));
    }

    /** Whether the load balancer answers by HTTPS. */
    public boolean tls() {
        return certificateArn != null || domain != null && domain.hostedZoneId() != null;
    }

    /**
     * Whether clients that ask for a host by HTTPS are shown a certificate for it, where that is made from the domain. Of a
     * certificate that was made elsewhere the spec does not tell; see {@link Certificates}.
     */
    public boolean covers(String host) {
        return !tls()
                || certificateArn != null
                || domain == null
                || Certificates.covers(List.of(domain.name(), "*." + domain.name()), host);
    }

    /**
     * The VPC.
     *
     * @param zones 2 or 3 availability zones, each with a private and a public subnet
     */
    public record Network(Cidr cidr, int zones, NatGateways natGateways) {}

    /** How tasks reach the internet. */
    public enum NatGateways {
        /** A gateway in every zone: a zone that fails takes no other with it. */
        PER_ZONE,
        /** One gateway for all zones: cheaper; when its zone fails, no task reaches the internet. */
        ONE,
        /** No gateway: tasks run in the public subnets with an address of their own, open to the load balancer only. */
        NONE;

        /** As in the spec and in the stack's parameter. */
        @JsonValue
        public String value() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * The name under which the environment is reached.
     *
     * @param hostedZoneId the Route 53 zone for the name's record and for the certificate's validation; null when the
     *     name is kept elsewhere
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Domain(String name, @Nullable String hostedZoneId) {}

    /** The load balancer's access logs, in a bucket of the environment. */
    public record AccessLogs(int retentionDays) {}
}
