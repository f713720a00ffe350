package dev.slipway.simulated;

import java.util.List;
import java.util.Map;

/**
 * Where the requests that match a listener rule go right now.
 *
 * @param shares what each revision gets, 0–1; a revision without requests is not there
 * @param unserved 0–1: requests for which there is no target (503) or whose target does not answer
 */
public record EcsTraffic(List<Share> shares, double unserved) {
    /**
     * @param fraction 0–1 of the rule's requests
     * @param healthy whether every target that gets them is healthy and answers
     */
    public record Share(String serviceRevisionArn, String taskDefinitionArn, double fraction, boolean healthy) {}

    public EcsTraffic {
        shares = List.copyOf(shares);
    }

    /** Fraction of the requests by task definition ARN. */
    public Map<String, Double> byTaskDefinition() {
        return shares.stream()
                .collect(java.util.stream.Collectors.toMap(
                        Share::taskDefinitionArn, Share::fraction, Double::sum, java.util.TreeMap::new));
    }

    /** Whether every request reaches a healthy task. */
    public boolean allServed() {
        return unserved < 1e-9 && shares.stream().allMatch(Share::healthy);
    }
}
