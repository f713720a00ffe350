package dev.slipway.environment;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.slipway.firewall.FirewallSettings;
import dev.slipway.freeze.Freeze;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the user wants of an environment, with every default filled in. Names, ranges and defaults are those of {@code
 * schemas/environment.json}.
 *
 * @param preset whose defaults it was made with; null: those of the schema. All that it sets is in the other fields
 * @param account 12 digits
 * @param domain null when the load balancer is only reached by its own name
 * @param additionalDomains further names, each with a certificate of its own
 * @param certificateArn null when the certificate is made from the domain, or when there is none
 * @param accessLogs who asked the load balancer for what
 * @param flowLogs who connected to whom in the network
 * @param services what specs of services have here where they say nothing
 * @param firewall null where the load balancer takes every request
 * @param alarms who is told of incidents, and whether the environment itself is watched
 * @param containerInsights whether the cluster publishes CloudWatch Container Insights metrics, which cost extra
 * @param freezes windows in which no service of the environment is rolled out
 * @param promoteTo the environments to which what is live here may be promoted; whoever may do that sees what it is
 * @param tags of every resource of the environment's stack, in order of their names
 * @param terminationProtection whether CloudFormation refuses to delete the stack
 * @param expires from when on the environment removes itself with its services, RFC 3339; null: never
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
public record EnvironmentSpec(
        @Nullable Preset preset,
        String account,
        String region,
        Network network,
        @Nullable Domain domain,
        List<AdditionalDomain> additionalDomains,
        @Nullable String certificateArn,
        Logs accessLogs,
        Logs flowLogs,
        ServiceDefaults services,
        @Nullable FirewallSettings firewall,
        Alarms alarms,
        boolean containerInsights,
        List<Freeze> freezes,
        List<String> promoteTo,
        Map<String, String> tags,
        boolean terminationProtection,
        @Nullable String expires) {
    public EnvironmentSpec {
        additionalDomains =
                additionalDomains == null ? List.of() : List.copyOf(additionalDomains); // as before there were any
        flowLogs = flowLogs == null ? Logs.NONE : flowLogs; // likewise
        services = services == null ? ServiceDefaults.NONE : services; // likewise
        alarms = alarms == null ? Alarms.OFF : alarms; // likewise: nobody has asked for them
        freezes = freezes == null ? List.of() : List.copyOf(freezes); // likewise
        promoteTo = promoteTo == null ? List.of() : List.copyOf(promoteTo); // likewise
        tags = Collections.unmodifiableMap(new TreeMap<>(tags));
    }

    /** When the environment removes itself; null: never. */
    public @Nullable Instant end() {
        return expires == null ? null : Instant.parse(expires);
    }

    /** Whether the load balancer answers by HTTPS. */
    public boolean tls() {
        return certificateArn != null || domain != null && domain.hostedZoneId() != null;
    }

    /**
     * Whether clients that ask for a host by HTTPS are shown a certificate for it, where all are made from the domains. Of a
     * certificate that was made elsewhere the spec does not tell; see {@link Certificates}.
     */
    public boolean covers(String host) {
        return !tls() || !givenCertificates().isEmpty() || Certificates.covers(certifiedNames(), host);
    }

    /** The names of the certificates that are made. */
    public List<String> certifiedNames() {
        return certifiedDomains().values().stream()
                .flatMap(domain -> Stream.of(domain.name(), "*." + domain.name()))
                .toList();
    }

    /** The names whose certificates are made, by the fields that name their zones. */
    public Map<String, Domain> certifiedDomains() {
        Map<String, Domain> certified = new LinkedHashMap<>(zonedDomains());
        givenCertificates().keySet().stream()
                .map(field -> field.equals("/certificateArn")
                        ? "/domain/hostedZoneId"
                        : field.replace("certificateArn", "hostedZoneId"))
                .forEach(certified::remove);
        return certified;
    }

    /** The ARNs of the certificates that were made elsewhere, by the fields that name them. */
    public Map<String, String> givenCertificates() {
        Map<String, String> given = new LinkedHashMap<>();
        if (certificateArn != null) {
            given.put("/certificateArn", certificateArn);
        }
        for (int i = 0; i < additionalDomains.size(); i++) {
            String arn = additionalDomains.get(i).certificateArn();
            if (arn != null) {
                given.put("/additionalDomains/%d/certificateArn".formatted(i), arn);
            }
        }
        return given;
    }

    /** The names that are to be made in Route 53, by the fields that name their zones. */
    public Map<String, Domain> zonedDomains() {
        Map<String, Domain> zoned = new LinkedHashMap<>();
        if (domain != null && domain.hostedZoneId() != null) {
            zoned.put("/domain/hostedZoneId", domain);
        }
        for (int i = 0; i < additionalDomains.size(); i++) {
            AdditionalDomain additional = additionalDomains.get(i);
            if (additional.hostedZoneId() != null) {
                zoned.put(
                        "/additionalDomains/%d/hostedZoneId".formatted(i),
                        new Domain(additional.name(), additional.hostedZoneId()));
            }
        }
        return zoned;
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

    /**
     * A further name under which the environment is reached.
     *
     * @param hostedZoneId the Route 53 zone for the name's records; null when they are kept elsewhere
     * @param certificateArn null when the certificate is made and proven in the zone
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record AdditionalDomain(
            String name,
            @Nullable String hostedZoneId,
            @Nullable String certificateArn) {}

    /** Sets of defaults, in {@code presets.json}. */
    public enum Preset {
        DEVELOPMENT,
        PRODUCTION;

        /** As in the spec. */
        @JsonValue
        public String value() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Alarms of the environment, and the topic that its services tell as well.
     *
     * @param dashboard whether there is one to look at beside them
     * @param email address that is told; null for none
     * @param topic ARN of an SNS topic of somebody else's making; null for one of the environment's own
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Alarms(
            boolean enabled,
            boolean dashboard,
            @Nullable String email,
            @Nullable String topic) {
        static final Alarms OFF = new Alarms(false, false, null, null);
    }

    /** Logs of one kind, in a bucket of their own. */
    public record Logs(Boolean enabled, int retentionDays) {
        private static final Logs NONE = new Logs(false, 30);

        public Logs {
            enabled = enabled == null || enabled; // specs from before access logs could be left out
        }
    }

    /** What a service's spec is where it says nothing; null: what the schema of services says. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record ServiceDefaults(
            @Nullable Integer count,
            @Nullable Container container,
            @Nullable Capacity capacity) {
        public static final ServiceDefaults NONE = new ServiceDefaults(null, null, null);

        /** The size of a task. */
        @JsonInclude(JsonInclude.Include.NON_NULL)
        public record Container(
                @Nullable Integer cpu, @Nullable Integer memory) {}

        /** Which of Fargate's capacity tasks run on. */
        @JsonInclude(JsonInclude.Include.NON_NULL)
        public record Capacity(
                @Nullable Integer spotPercent, @Nullable Integer onDemandBase) {}
    }
}
