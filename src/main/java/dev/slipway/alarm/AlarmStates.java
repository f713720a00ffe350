package dev.slipway.alarm;

import dev.slipway.alarm.AlarmState.Seen;
import dev.slipway.aws.AwsErrors;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.ServiceId;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.cloudwatch.model.AlarmType;
import software.amazon.awssdk.services.cloudwatch.model.DescribeAlarmsRequest;
import software.amazon.awssdk.services.cloudwatch.model.DescribeAlarmsResponse;

/** Asks CloudWatch for the state of alarms, in one call. Who only wants to see a service is not refused for them. */
public final class AlarmStates {
    private static final String ROLLOUT = "rollout";
    /** That no task is healthy: the only one that is in ALARM where CloudWatch has no minute yet. */
    public static final String NO_TASKS = "no-tasks";

    /** As the templates name them. */
    static final List<String> OF_SERVICE =
            List.of("failed", "slow", NO_TASKS, "unhealthy", "stopped-tasks", "cpu", "memory", "at-maximum", ROLLOUT);

    private static final String CERTIFICATE = "certificate";

    static final List<String> OF_ENVIRONMENT = List.of(CERTIFICATE, "nat-ports", "nat-drops", "rejected-connections");

    /** AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html, of AlarmNames and of MaxRecords. */
    static final int MOST = 100;

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final CloudWatchClient cloudWatch;

    public AlarmStates(CloudWatchClient cloudWatch) {
        this.cloudWatch = cloudWatch;
    }

    /** Of a service: the alarm that tells people, and those that it is made of. */
    public AlarmState of(ServiceId id) {
        return of(ofService(id));
    }

    private static Stream<String> ofService(ServiceId id) {
        return Stream.concat(Stream.of(page(id)), OF_SERVICE.stream().map(name -> page(id) + "/" + name));
    }

    /**
     * The alarms of a service, and the one of its environment's certificates.
     *
     * @param service as {@link #of(ServiceId)} tells them
     * @param certificate whether a certificate runs out
     */
    public record WithCertificate(AlarmState service, AlarmState certificate) {}

    /** Both in one call. */
    public WithCertificate withCertificate(ServiceId id) {
        String certificate = id.environmentId().stackName() + "/environment/" + CERTIFICATE;
        try {
            List<Seen> found = seen(describe(Stream.concat(ofService(id), Stream.of(certificate))));
            return new WithCertificate(
                    AlarmState.of(found.stream()
                            .filter(alarm -> !alarm.name().equals(certificate))
                            .toList()),
                    AlarmState.of(found.stream()
                            .filter(alarm -> alarm.name().equals(certificate))
                            .toList()));
        } catch (SdkException e) {
            return new WithCertificate(untold(e), untold(e));
        }
    }

    /** Of an environment: its own alarms, and of each of its services the one that tells people. */
    public AlarmState of(EnvironmentId id, Collection<String> services) {
        return of(Stream.concat(
                OF_ENVIRONMENT.stream().map(name -> id.stackName() + "/environment/" + name),
                services.stream().map(service -> page(new ServiceId(id.environment(), service)))));
    }

    /** False of the alarm that only says that a release is judged or rolled back. */
    static boolean isIncident(String name) {
        return !name.endsWith("/" + ROLLOUT);
    }

    private static String page(ServiceId id) {
        return id.environmentId().stackName() + "/" + id.service();
    }

    private AlarmState of(Stream<String> names) {
        try {
            return AlarmState.of(seen(describe(names)));
        } catch (SdkException e) {
            return untold(e);
        }
    }

    private static AlarmState untold(SdkException e) {
        return AlarmState.untold(AwsErrors.failure(e).orElseThrow().problem().detail());
    }

    private DescribeAlarmsResponse describe(Stream<String> names) {
        return cloudWatch.describeAlarms(DescribeAlarmsRequest.builder()
                .alarmNames(names.limit(MOST).toList())
                .alarmTypes(AlarmType.METRIC_ALARM, AlarmType.COMPOSITE_ALARM)
                .maxRecords(MOST)
                .overrideConfiguration(call -> call.apiCallTimeout(PATIENCE))
                .build());
    }

    private static List<Seen> seen(DescribeAlarmsResponse found) {
        return Stream.concat(
                        found.compositeAlarms().stream()
                                .map(alarm -> new Seen(
                                        alarm.alarmName(),
                                        alarm.stateValueAsString(),
                                        since(alarm.stateTransitionedTimestamp(), alarm.stateUpdatedTimestamp()),
                                        alarm.alarmDescription(),
                                        true,
                                        alarm.actionsSuppressedBy() != null)),
                        found.metricAlarms().stream()
                                .map(alarm -> new Seen(
                                        alarm.alarmName(),
                                        alarm.stateValueAsString(),
                                        since(alarm.stateTransitionedTimestamp(), alarm.stateUpdatedTimestamp()),
                                        alarm.alarmDescription(),
                                        isIncident(alarm.alarmName()),
                                        false)))
                .toList();
    }

    /** An alarm that never changed its state has no moment of that. */
    private static Instant since(@Nullable Instant transitioned, Instant updated) {
        return transitioned == null ? updated : transitioned;
    }
}
