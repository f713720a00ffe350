package dev.slipway.status;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.slipway.alarm.AlarmState;
import dev.slipway.environment.Certificates;
import dev.slipway.environment.EnvironmentRecord;
import dev.slipway.operation.Operation;
import dev.slipway.status.HealthReason.Level;
import dev.slipway.status.StatusPolicy.Failure;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How an environment stands.
 *
 * @param state the most serious of what the reasons lead to; services that are stopped or change do not change it
 * @param reasons the most serious first; 50 at most
 * @param services how many of its services stand how, as they were when all were looked at last
 * @param servicesCheckedAt when that was; absent before the first sweep
 * @param alarms its own; absent before it has been created
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record EnvironmentStatus(
        String environment,
        HealthState state,
        Instant checkedAt,
        List<HealthReason> reasons,
        Map<HealthState, Integer> services,
        @Nullable Instant servicesCheckedAt,
        @Nullable AlarmState alarms) {
    private static final int REASONS = 50;

    static EnvironmentStatus of(
            EnvironmentRecord record,
            List<StatusRecord> recorded,
            @Nullable Instant servicesCheckedAt,
            @Nullable AlarmState alarms,
            @Nullable Operation running,
            @Nullable Failure failed,
            @Nullable Failure leftover,
            Instant now) {
        List<HealthReason> reasons = Stream.of(
                        ofServices(record, recorded),
                        ofAlarms(alarms),
                        ofChange(running, now),
                        Stream.concat(Stream.ofNullable(failed), Stream.ofNullable(leftover))
                                .map(past ->
                                        new HealthReason(Level.STACK, HealthState.HEALTHY, past.detail(), past.path())))
                .flatMap(each -> each)
                .sorted(Comparator.comparing(HealthReason::state))
                .toList();
        Map<HealthState, Integer> services = new EnumMap<>(HealthState.class);
        recorded.forEach(status -> services.merge(status.state(), 1, Integer::sum));
        return new EnvironmentStatus(
                record.id().key(),
                reasons.stream()
                        .map(HealthReason::state)
                        .reduce(HealthState::and)
                        .orElse(HealthState.HEALTHY),
                now,
                reasons.stream().limit(REASONS).toList(),
                services,
                servicesCheckedAt,
                alarms);
    }

    /** Those that are not well, and how many nobody has looked at yet. */
    private static Stream<HealthReason> ofServices(EnvironmentRecord record, List<StatusRecord> recorded) {
        Stream<HealthReason> seen = recorded.stream()
                .filter(status -> switch (status.state()) {
                    case DOWN, UNKNOWN, DEGRADED -> true;
                    case CHANGING, STOPPED, HEALTHY -> false;
                })
                .map(status -> new HealthReason(
                        Level.SERVICE,
                        status.state(),
                        "%s is %s since %s%s"
                                .formatted(
                                        status.id().service(),
                                        status.state().name().toLowerCase(Locale.ROOT),
                                        status.since(),
                                        status.reason() == null ? "." : ": " + status.reason()),
                        status.id().path() + "/status"));
        int unseen = record.services().size() - recorded.size();
        return unseen <= 0
                ? seen
                : Stream.concat(
                        seen,
                        Stream.of(new HealthReason(
                                Level.SERVICE,
                                HealthState.HEALTHY,
                                "%s not been looked at yet; all are every five minutes."
                                        .formatted(unseen == 1 ? "1 service has" : unseen + " services have"),
                                null)));
    }

    private static Stream<HealthReason> ofAlarms(@Nullable AlarmState alarms) {
        return alarms == null
                ? Stream.empty()
                : Stream.concat(
                        StatusPolicy.untold(alarms).stream(),
                        alarms.raised().stream()
                                .map(raised -> new HealthReason(
                                        Level.ALARMS,
                                        HealthState.DEGRADED,
                                        "%s is in ALARM since %s.".formatted(raised.name(), raised.since()),
                                        raised.playbook())));
    }

    private static Stream<HealthReason> ofChange(@Nullable Operation running, Instant now) {
        return running == null
                ? Stream.empty()
                : Stream.concat(
                        Stream.of(new HealthReason(
                                Level.STACK,
                                HealthState.CHANGING,
                                "It is being changed, in phase %s.".formatted(running.phase()),
                                running.path())),
                        Certificates.waiting(running, now).stream()
                                .map(event -> new HealthReason(
                                        Level.CERTIFICATE,
                                        HealthState.CHANGING,
                                        "%s in the public DNS, since %s. The hosted zone has to be delegated and to have the record that ACM names."
                                                .formatted(Certificates.sentence(event), event.at()),
                                        running.path())));
    }
}
