package dev.slipway.simulated.sns;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A message that was published to a topic of the simulated account, as a subscriber would get it. */
public record SnsMessage(
        String id, String topicArn, @Nullable String subject, String message, Instant publishedAt) {}
