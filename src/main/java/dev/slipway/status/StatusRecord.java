package dev.slipway.status;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.ServiceId;
import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How a service stood at the last sweep, and what changed before.
 *
 * @param since when it was first seen so
 * @param release that is recorded as the live one; null before the first
 * @param reason the most serious, in a sentence; null when there is none
 * @param changes the newest first; 20 at most
 * @param alarms in ALARM, in words such as {@code failed, slow}, as CloudWatch told last; null: none
 * @param stops what tasks that stop by themselves led to, as ECS told last; null: nothing
 * @param toldAt when all was told last, where a sweep since has not been told all; null: at the last one
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
public record StatusRecord(
        ServiceId id,
        HealthState state,
        Instant since,
        @Nullable Integer release,
        @Nullable String reason,
        List<Change> changes,
        @Nullable String alarms,
        @Nullable String stops,
        @Nullable Instant toldAt) {
    static final ItemType<StatusRecord> ITEM_TYPE = new ItemType<>("status", StatusRecord.class, 1);
    static final String SORT = "status#";

    private static final int CHANGES = 20;
    /** Less than the time between two sweeps, so that the next one tells what has become of it. */
    private static final Duration STARTS_WITHIN = Duration.ofMinutes(4);

    public StatusRecord {
        changes = List.copyOf(changes);
    }

    /** Another state than before, and why. */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Change(
            Instant at,
            HealthState from,
            HealthState to,
            @Nullable String reason) {}

    static String partition(EnvironmentId environment) {
        return "environment#" + environment.key();
    }

    static Key<StatusRecord> key(ServiceId id) {
        return new Key<>(partition(id.environmentId()), SORT + id.service(), ITEM_TYPE);
    }

    /**
     * What a sweep has found of a service.
     *
     * @param toldAt when all was told last, where this sweep was not told all
     */
    record Found(
            HealthState state,
            @Nullable Integer release,
            @Nullable String reason,
            @Nullable String alarms,
            @Nullable String stops,
            @Nullable Instant toldAt) {}

    static StatusRecord first(ServiceId id, Found found, Instant now) {
        return of(id, found, now, List.of());
    }

    private static StatusRecord of(ServiceId id, Found found, Instant since, List<Change> changes) {
        return new StatusRecord(
                id,
                found.state(),
                since,
                found.release(),
                found.reason(),
                changes,
                found.alarms(),
                found.stops(),
                found.toldAt());
    }

    /** Whether it was to have no tasks, or had no release, until the sweep before the last one. */
    boolean startsFromNone(Instant now) {
        return state == HealthState.STOPPED
                || !changes.isEmpty()
                        && changes.getFirst().from() == HealthState.STOPPED
                        && now.isBefore(changes.getFirst().at().plus(STARTS_WITHIN));
    }

    /** As it stands now. */
    StatusRecord seen(Found found, Instant now) {
        return found.state() == state
                ? of(id, found, since, changes)
                : of(
                        id,
                        found,
                        now,
                        Stream.concat(
                                        Stream.of(new Change(now, state, found.state(), found.reason())),
                                        changes.stream())
                                .limit(CHANGES)
                                .toList());
    }
}
