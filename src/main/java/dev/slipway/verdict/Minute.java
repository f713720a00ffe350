package dev.slipway.verdict;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One minute of metrics, read after CloudWatch has them all. A minute without metrics is no minute: missing is not zero.
 *
 * @param baseline the revision that served beside the candidate; null where none did
 */
public record Minute(
        Instant start, Sample candidate, @Nullable Sample baseline) {}
