package dev.slipway.environment;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.ServiceId;
import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Says that a service was busy, or in a freeze, when the others took over what an apply of their environment has changed, and is to
 * follow when it is so no more. There is at most one for a service: of the latest apply that came as far as its services.
 *
 * @param operation of the environment, under whose id the service is applied again
 * @param refusals why it cannot although it is free; null where nothing has kept it
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
public record LateFollower(
        ServiceId service, String operation, @Nullable Refusals refusals) {
    public static final String PARTITION = "late-follower";
    public static final ItemType<LateFollower> ITEM_TYPE = new ItemType<>("late-follower", LateFollower.class, 1);

    /** Who mends a cause within a day need do no more. */
    private static final Duration GIVEN_UP_AFTER = Duration.ofHours(24);

    private static final Duration FIRST_PAUSE = Duration.ofMinutes(5);
    private static final Duration LONGEST_PAUSE = Duration.ofHours(1);

    /**
     * Attempts in a row that were refused.
     *
     * @param since the first
     * @param next when the next is due
     * @param why the latest was
     */
    @RegisterForReflection
    public record Refusals(Instant since, int times, Instant next, String why) {
        /** In a sentence, for who asks how the service goes on. */
        public String describe() {
            return times == 1
                    ? "It was refused at %s: %s".formatted(since, why)
                    : "It was refused %d times since %s, at last: %s".formatted(times, since, why);
        }
    }

    public static LateFollower of(ServiceId service, String operation) {
        return new LateFollower(service, operation, null);
    }

    public static Key<LateFollower> key(ServiceId service) {
        return new Key<>(PARTITION, service.key(), ITEM_TYPE);
    }

    /** What the sort keys of those of an environment begin with. */
    public static String prefix(EnvironmentId environment) {
        return environment.key() + "/";
    }

    /** Where the operation of the environment is told. */
    public String operationPath() {
        return "%s/operations/%s".formatted(service.environmentId().path(), operation);
    }

    public boolean isDue(Instant now) {
        return refusals == null || !now.isBefore(refusals.next());
    }

    /** After an attempt that nothing has refused. */
    public LateFollower withoutRefusals() {
        return of(service, operation);
    }

    /** After one more that was refused. */
    public LateFollower refused(String why, Instant now) {
        if (refusals == null) {
            return new LateFollower(service, operation, new Refusals(now, 1, now.plus(FIRST_PAUSE), why));
        }
        Duration doubled = FIRST_PAUSE.multipliedBy(1L << Math.min(refusals.times(), 10));
        Instant next = now.plus(doubled.compareTo(LONGEST_PAUSE) < 0 ? doubled : LONGEST_PAUSE);
        return new LateFollower(service, operation, new Refusals(refusals.since(), refusals.times() + 1, next, why));
    }

    /** Whether it has been refused for so long that nothing more is to be expected of another attempt. */
    public boolean isGivenUp(Instant now) {
        return refusals != null && !now.isBefore(refusals.since().plus(GIVEN_UP_AFTER));
    }
}
