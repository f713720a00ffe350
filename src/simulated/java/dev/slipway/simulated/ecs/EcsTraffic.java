package dev.slipway.simulated.ecs;

import dev.slipway.simulated.ecr.ImageBehaviour;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Where the requests that match a listener rule go right now.
 *
 * @param shares what each revision gets, 0–1; a revision without requests is not there
 * @param unserved 0–1: requests for which there is no target (503) or whose target does not answer
 * @param groups the same by target group, for those with a weight above 0
 */
public record EcsTraffic(List<Share> shares, double unserved, List<Group> groups) {
    /**
     * @param fraction 0–1 of the rule's requests
     * @param healthy whether every target that gets them is healthy and answers
     */
    public record Share(String serviceRevisionArn, String taskDefinitionArn, double fraction, boolean healthy) {}

    /**
     * What one target group gets.
     *
     * @param fraction 0–1 of the rule's requests
     * @param tasks who answers them; empty when the group has no target, so that the load balancer answers 503
     */
    public record Group(String targetGroupArn, double fraction, List<Receiver> tasks) {
        public Group {
            tasks = List.copyOf(tasks);
        }
    }

    /**
     * One task that gets requests.
     *
     * @param fraction 0–1 of the rule's requests
     * @param healthy whether its target is healthy
     */
    public record Receiver(
            String taskArn,
            String taskDefinitionArn,
            String availabilityZone,
            double fraction,
            boolean healthy,
            ImageBehaviour behaviour) {}

    public EcsTraffic {
        groups = List.copyOf(groups);
        shares = List.copyOf(shares);
    }

    /** Fraction of the requests by task definition ARN. */
    public Map<String, Double> byTaskDefinition() {
        return shares.stream()
                .collect(Collectors.toMap(Share::taskDefinitionArn, Share::fraction, Double::sum, TreeMap::new));
    }

    /** Whether every request reaches a healthy task. */
    public boolean allServed() {
        return unserved < 1e-9 && shares.stream().allMatch(Share::healthy);
    }
}
