package dev.slipway.aws;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What AWS has just told: whoever asks again and again has it asked once in a while. Each function has its own.
 *
 * @param <K> what was asked about
 * @param <V> what was made of the answers
 */
public final class AnswerCache<K, V> {
    private final Duration kept;
    private final int most;
    private final Map<K, Entry<V>> entries = new ConcurrentHashMap<>();

    private record Entry<V>(V value, Instant at) {}

    /**
     * @param kept how long an answer is given again
     * @param most how many are kept; beyond that all are forgotten
     */
    public AnswerCache(Duration kept, int most) {
        this.kept = kept;
        this.most = most;
    }

    /** What was told a short while ago. */
    public Optional<V> find(K key, Instant now) {
        return Optional.ofNullable(entries.get(key))
                .filter(entry -> now.isBefore(entry.at().plus(kept)))
                .map(Entry::value);
    }

    public void put(K key, V value, Instant now) {
        if (entries.size() >= most) {
            entries.clear();
        }
        entries.put(key, new Entry<>(value, now));
    }
}
