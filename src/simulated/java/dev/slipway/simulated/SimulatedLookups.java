package dev.slipway.simulated;

import dev.slipway.aws.AwsLookups;
import dev.slipway.simulated.codepipeline.SimulatedConnections;
import dev.slipway.simulated.s3.SimulatedS3;
import java.io.ByteArrayInputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.http.AbortableInputStream;

/** Subnets, roles, secrets and parameters of the simulated account: all there and roomy, unless somebody says otherwise. */
final class SimulatedLookups implements AwsLookups {
    /** Of a subnet of 4,096 addresses, of which AWS keeps five. */
    private static final int ROOMY = 4091;

    /** Those of environments with the usual names are tagged as such, so that a spec of another is refused them here, too. */
    private static final Pattern OWNED = Pattern.compile("/?(dev|staging|prod)/");

    private static final Certificate USUAL = new Certificate("ISSUED", List.of("example.com", "*.example.com"));

    private static final Set<String> USUAL_SERVERS = Set.of("ns-1.awsdns-01.com", "ns-2.awsdns-02.net");

    private final Map<String, Certificate> certificates = new HashMap<>();
    private final Map<String, HostedZone> zones = new HashMap<>();
    /** What the public DNS says, by zone. */
    private final Map<String, Set<String>> delegated = new HashMap<>();

    /** How long a new role is unknown to some. */
    private static final Duration KNOWN = Duration.ofSeconds(10);

    /** CloudTrail shows a call some minutes after it. */
    private static final Duration TRAIL_DELAY = Duration.ofMinutes(5);

    private final InstantSource clock;
    /** Since when services have their own roles. */
    private final Map<String, Instant> linked = new HashMap<>();

    private final Map<String, Map<String, String>> tags = new HashMap<>();
    private final Set<String> gone = new HashSet<>();
    private final SimulatedConnections connections;
    private final Predicate<String> logGroups;
    private final SimulatedS3 s3;
    private final Map<String, List<RecordedChange>> trail = new HashMap<>();
    private int free = ROOMY;
    private boolean hidden;

    /** @param logGroups whether there is one of a name */
    SimulatedLookups(
            InstantSource clock, SimulatedConnections connections, Predicate<String> logGroups, SimulatedS3 s3) {
        this.clock = clock;
        this.connections = connections;
        this.logGroups = logGroups;
        this.s3 = s3;
    }

    @Override
    public boolean hasLogGroup(String name) {
        return logGroups.test(name);
    }

    void free(int addresses) {
        free = addresses;
    }

    void remove(String name) {
        gone.add(name);
    }

    @Override
    public Map<String, Integer> freeAddresses(List<String> subnets) {
        return subnets.stream()
                .filter(subnet -> !gone.contains(subnet))
                .collect(Collectors.toMap(subnet -> subnet, subnet -> free));
    }

    /** Somebody has changed a resource, as CloudTrail records it. */
    void record(String resource, String who, String call) {
        trail.computeIfAbsent(resource, key -> new ArrayList<>())
                .addFirst(new RecordedChange(clock.instant(), who, call));
    }

    @Override
    public List<RecordedChange> changes(String resource, Instant since) {
        Instant shown = clock.instant().minus(TRAIL_DELAY);
        return trail.getOrDefault(resource, List.of()).stream()
                .filter(change -> !change.at().isBefore(since) && !change.at().isAfter(shown))
                .toList();
    }

    @Override
    public boolean makeServiceLinkedRole(String service) {
        if (linked.containsKey(service)) {
            return false;
        }
        linked.put(service, clock.instant());
        return true;
    }

    /** Whether a service's own role is there and known everywhere; IAM is eventually consistent. */
    /** The account has used the service before. */
    void linked(String service) {
        linked.put(service, Instant.EPOCH);
    }

    boolean canAssume(String service) {
        Instant made = linked.get(service);
        return made != null && !clock.instant().isBefore(made.plus(KNOWN));
    }

    @Override
    public boolean hasRole(String arn) {
        return !gone.contains(arn);
    }

    void hide() {
        hidden = true;
    }

    /** Under its ARN or, a parameter, its name. */
    void tag(String name, Map<String, String> tags) {
        this.tags.put(name, Map.copyOf(tags));
    }

    @Override
    public Optional<Secret> secret(String arn) {
        String name = arn.substring(arn.indexOf(":secret:") + ":secret:".length());
        return tags(arn, name).map(tags -> new Secret(arn, tags));
    }

    @Override
    public Optional<Map<String, String>> parameterTags(String name) {
        return tags(name, name);
    }

    private static AwsServiceException denied(String what) {
        return AwsServiceException.builder()
                .message("not authorized to look at " + what)
                .statusCode(400)
                .awsErrorDetails(AwsErrorDetails.builder()
                        .errorCode("AccessDeniedException")
                        .build())
                .build();
    }

    private Optional<Map<String, String>> tags(String key, String name) {
        if (hidden) {
            throw denied(key);
        }
        if (gone.contains(key)) {
            return Optional.empty();
        }
        Matcher environment = OWNED.matcher(name);
        Map<String, String> usual =
                environment.lookingAt() ? Map.of("slipway:environment", environment.group(1)) : Map.of();
        return Optional.of(tags.getOrDefault(key, usual));
    }

    @Override
    public Optional<String> connectionStatus(String arn) {
        return connections.find(arn).map(SimulatedConnections.Connection::status);
    }

    void certificate(String arn, Certificate certificate) {
        certificates.put(arn, certificate);
    }

    /** Any is there, for example.com and all below it. */
    @Override
    public Optional<Certificate> certificate(String arn) {
        if (hidden) {
            throw denied(arn);
        }
        return gone.contains(arn) ? Optional.empty() : Optional.of(certificates.getOrDefault(arn, USUAL));
    }

    void hostedZone(String id, HostedZone zone) {
        zones.put(id, zone);
    }

    void nameServers(String zone, Set<String> servers) {
        delegated.put(zone, Set.copyOf(servers));
    }

    /** Whether the public DNS leads to a zone, as ACM finds out. */
    boolean isDelegated(String id) {
        HostedZone zone = zones.get(id);
        return !gone.contains(id)
                && (zone == null
                        || !Collections.disjoint(
                                delegated.getOrDefault(zone.name(), USUAL_SERVERS), zone.nameServers()));
    }

    /** Any is there, for example.com. */
    @Override
    public Optional<HostedZone> hostedZone(String id) {
        if (hidden) {
            throw denied(id);
        }
        return gone.contains(id)
                ? Optional.empty()
                : Optional.of(zones.getOrDefault(id, new HostedZone("example.com", false, USUAL_SERVERS)));
    }

    @Override
    public Optional<Set<String>> nameServers(String zone) {
        return Optional.of(delegated.getOrDefault(zone, USUAL_SERVERS));
    }

    @Override
    public Optional<String> download(String url) {
        String architecture = url.substring(url.lastIndexOf('=') + 1);
        return Optional.of("{\"architecture\":\"%s\",\"os\":\"linux\"}".formatted(architecture));
    }

    @Override
    public AbortableInputStream object(AwsCredentials credentials, String bucket, String key) {
        byte[] content = s3.get(bucket, key);
        if (content == null) {
            throw AwsServiceException.builder()
                    .message("The specified key does not exist.")
                    .statusCode(404)
                    .awsErrorDetails(
                            AwsErrorDetails.builder().errorCode("NoSuchKey").build())
                    .build();
        }
        return AbortableInputStream.create(new ByteArrayInputStream(content));
    }
}
