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
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How an environment stands.
 *
 * @param state the most serious of what the reasons lead to; services that are stopped or change do not change it
 * @param reasons the most serious first; 50 at most
 * @param services how many of its services stand how, as they were when all were looked at last
 * @param servicesCheckedAt when that was; absent before the first look
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
        List<HealthReason> reasons = new ArrayList<>();
        Map<HealthState, Integer> services = new EnumMap<>(HealthState.class);
        for (StatusRecord status : recorded) {
            services.merge(status.state(), 1, Integer::sum);
            HealthState leads = switch (status.state()) {
                case DOWN, UNKNOWN, DEGRADED -> status.state();
                case CHANGING, STOPPED, HEALTHY -> HealthState.HEALTHY;
            };
            if (leads != HealthState.HEALTHY) {
                reasons.add(new HealthReason(
                        Level.SERVICE,
                        leads,
                        "%s is %s since %s%s"
                                .formatted(
                                        status.id().service(),
                                        status.state().name().toLowerCase(Locale.ROOT),
                                        status.since(),
                                        status.reason() == null ? "." : ": " + status.reason()),
                        status.id().path() + "/status"));
            }
        }
        int unseen = record.services().size() - recorded.size();
        if (unseen > 0) {
            reasons.add(new HealthReason(
                    Level.SERVICE,
                    HealthState.HEALTHY,
                    "%s not been looked at yet; all are every five minutes."
                            .formatted(unseen == 1 ? "1 service has" : unseen + " services have"),
                    null));
        }
        if (alarms != null) {
            StatusPolicy.untold(alarms).ifPresent(reasons::add);
            alarms.raised()
                    .forEach(raised -> reasons.add(new HealthReason(
                            Level.ALARMS,
                            HealthState.DEGRADED,
                            "%s is in ALARM since %s.".formatted(raised.name(), raised.since()),
                            raised.playbook())));
        }
        if (running != null) {
            reasons.add(new HealthReason(
                    Level.STACK,
                    HealthState.CHANGING,
                    "It is being changed, in phase %s.".formatted(running.phase()),
                    running.path()));
            Certificates.waiting(running, now)
                    .ifPresent(event -> reasons.add(new HealthReason(
                            Level.CERTIFICATE,
                            HealthState.CHANGING,
                            "%s in the public DNS, since %s. The hosted zone has to be delegated and to have the record that ACM names."
                                    .formatted(Certificates.sentence(event), event.at()),
                            running.path())));
        }
        if (failed != null) {
            reasons.add(new HealthReason(Level.STACK, HealthState.HEALTHY, failed.detail(), failed.path()));
        }
        if (leftover != null) {
            reasons.add(new HealthReason(Level.STACK, HealthState.HEALTHY, leftover.detail(), leftover.path()));
        }
        reasons.sort(Comparator.comparing(HealthReason::state));
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
}
