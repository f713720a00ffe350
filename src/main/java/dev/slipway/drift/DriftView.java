package dev.slipway.drift;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a target compares with what was deployed, as far as it is known.
 *
 * @param target path of the target
 * @param checkedAt when the differences were found; null before the first detection
 * @param detectingSince when the detection under way was asked for; null when none is
 * @param detail why the state is unknown, or what could not be compared
 * @param differences of the last detection, drift before what is excluded
 * @param omitted how many more there are
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
public record DriftView(
        String target,
        DriftState state,
        @Nullable Instant checkedAt,
        @Nullable Instant detectingSince,
        @Nullable String detail,
        List<DriftDifference> differences,
        int omitted) {
    public DriftView {
        differences = List.copyOf(differences);
    }
}
