package dev.slipway.aws;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.http.AbortableInputStream;

/**
 * A few reads of services whose SDK modules would be out of proportion to them: EC2's alone is half as large as all of
 * Slipway. What exists and how much of it, never a secret's value; the artifacts of pipelines; and one act. Errors are
 * those of the SDK's clients; that there is none is a value.
 */
public interface AwsLookups {
    /** Free IPv4 addresses by subnet id. A subnet that does not exist is not in it. */
    Map<String, Integer> freeAddresses(List<String> subnets);

    /** Whether there is such a role. */
    boolean hasRole(String arn);

    /**
     * Makes the role by which a service of AWS acts for this account.
     *
     * @param service such as {@code ecs.amazonaws.com}
     * @return false where the role is there already
     */
    boolean makeServiceLinkedRole(String service);

    /**
     * A secret of Secrets Manager, without its value.
     *
     * @param tags by their names, which may differ in case alone
     */
    record Secret(String arn, Map<String, String> tags) {
        public Secret {
            tags = Map.copyOf(tags);
        }
    }

    /**
     * A secret; empty when there is none, or it is about to be deleted.
     *
     * @param arn of the Secrets Manager secret, without JSON key, stage or version
     */
    Optional<Secret> secret(String arn);

    /** The tags of an SSM parameter; empty when there is none. */
    Optional<Map<String, String>> parameterTags(String name);

    /**
     * Whether a repository connection works: PENDING until a person has approved it, AVAILABLE, or ERROR; empty when there is
     * none.
     *
     * @param arn of the connection, under the service's present name or its older one, {@code codestar-connections}
     */
    Optional<String> connectionStatus(String arn);

    /**
     * A certificate of ACM.
     *
     * @param status ISSUED when a load balancer takes it
     * @param names that it is for; {@code *.} at the beginning of one stands for one label
     */
    record Certificate(String status, List<String> names) {
        public Certificate {
            names = List.copyOf(names);
        }
    }

    /** A certificate of our own region; empty when there is none. */
    Optional<Certificate> certificate(String arn);

    /**
     * A hosted zone of Route 53.
     *
     * @param name such as {@code example.com}, without a dot at the end
     * @param isPrivate whether only VPCs see it
     * @param nameServers that answer for it, once its parent zone names them; none for a private one
     */
    record HostedZone(String name, boolean isPrivate, Set<String> nameServers) {
        public HostedZone {
            nameServers = Set.copyOf(nameServers);
        }
    }

    /** A hosted zone of our account; empty when there is none. */
    Optional<HostedZone> hostedZone(String id);

    /**
     * The name servers that the public DNS names for a zone, in lower case and without a dot at the end: none when nobody answers for
     * it. Empty when the DNS could not be asked.
     */
    Optional<Set<String>> nameServers(String zone);

    /**
     * A call that changed a resource.
     *
     * @param who name of the user, or of the role's session
     * @param call such as {@code ec2.amazonaws.com AuthorizeSecurityGroupIngress}
     */
    record RecordedChange(Instant at, String who, String call) {}

    /**
     * The changes of a resource that CloudTrail has recorded, newest first, without those of CloudFormation, ECS and scaling, and without refused calls; one may be missing
     * for 15 minutes. Of the newest 50 events.
     *
     * @param resource its name or id
     * @param since at most 90 days ago
     */
    List<RecordedChange> changes(String resource, Instant since);

    /** Whether there is such a log group. */
    boolean hasLogGroup(String name);

    /** What lies at an address that AWS has signed beforehand; empty when it cannot be had. At most 1 MiB. */
    Optional<String> download(String url);

    /**
     * An object of S3 in this region, not read yet: whoever takes it closes it, or aborts it where the rest is not wanted.
     *
     * @param credentials of whom it is shown to, who need not be ourselves
     */
    AbortableInputStream object(AwsCredentials credentials, String bucket, String key);
}
