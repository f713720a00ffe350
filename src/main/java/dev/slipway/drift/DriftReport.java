package dev.slipway.drift;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.slipway.id.Target;
import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the last detection has found.
 *
 * @param known the last state that was no UNKNOWN: what people were told
 * @param detail why it is unknown, or what could not be compared, in sentences; null when all was
 * @param differences drift first; 100 at most
 * @param omitted how many more there are
 * @param told identities of the differences that people were told of and that, as far as is known, are still there
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
record DriftReport(
        Target target,
        DriftState state,
        DriftState known,
        Instant checkedAt,
        @Nullable String detail,
        List<DriftDifference> differences,
        int omitted,
        Set<String> told) {
    static final ItemType<DriftReport> ITEM_TYPE = new ItemType<>("drift", DriftReport.class, 1);

    DriftReport {
        differences = List.copyOf(differences);
        told = told == null // reports from before it was kept
                ? differences.stream()
                        .filter(DriftDifference::isDrift)
                        .map(DriftDifference::identity)
                        .collect(Collectors.toSet())
                : Set.copyOf(told);
    }

    static Key<DriftReport> key(Target target) {
        return new Key<>(target.partition(), "drift", ITEM_TYPE);
    }

    /** Whether it is about what was created then, and not about what had the name before. */
    boolean isSince(Instant created) {
        return !checkedAt.isBefore(created);
    }

    DriftReport withTold(Set<String> identities) {
        return new DriftReport(target, state, known, checkedAt, detail, differences, omitted, identities);
    }
}
