package dev.slipway.simulated.aws;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import software.amazon.awssdk.awscore.exception.AwsServiceException;

/**
 * What reads were answered in the last minute, for answers that are late: such a one is what the same request was answered
 * before, errors included. What nobody has asked before is answered as it is. Kept only of services whose answers {@link
 * Faults} may want late.
 */
final class PastAnswers {
    /** No answer is older. */
    private static final Duration MOST = Duration.ofSeconds(60);

    /** @param what the response, or the error that came in its place */
    record Answer(Instant at, Object what) {
        Object get() {
            if (what instanceof AwsServiceException error) {
                throw error;
            }
            return what;
        }
    }

    private final Map<Object, Deque<Answer>> byRequest = new HashMap<>(); // the newest first

    /** Keeps an answer, and gives the newest that is as old as that; the oldest of the last minute when none is. */
    Answer late(Object request, Answer now, Duration age) {
        Deque<Answer> known = byRequest.computeIfAbsent(request, _ -> new ArrayDeque<>());
        Instant oldest = now.at().minus(MOST);
        while (!known.isEmpty() && known.getLast().at().isBefore(oldest)) {
            known.removeLast();
        }
        known.addFirst(now);
        Instant seen = now.at().minus(age);
        for (Answer answer : known) {
            if (!answer.at().isAfter(seen)) {
                return answer;
            }
        }
        return known.getLast();
    }
}
