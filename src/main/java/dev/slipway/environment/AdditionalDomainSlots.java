package dev.slipway.environment;

import dev.slipway.environment.EnvironmentSpec.AdditionalDomain;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which of the numbered resources of the stack an additional domain has. It keeps its number for as long as the environment has it,
 * wherever it stands in the spec: CloudFormation makes a resource anew before it removes the old one, so that a record that changed
 * places would meet itself, and a certificate that did would be taken off the listener in the end.
 */
final class AdditionalDomainSlots {
    static final List<Integer> SLOTS = List.of(1, 2, 3, 4);
    /** The parameters of the stack, with the slot's number behind. */
    static final String NAME = "AdditionalDomain";

    static final String ZONE = "AdditionalZone";
    static final String CERTIFICATE = "AdditionalCertificate";

    private AdditionalDomainSlots() {}

    /**
     * @param known the parameters that the stack has, none before it is made
     * @param domains at most as many as there are slots
     * @return by slot
     */
    static Map<Integer, AdditionalDomain> assign(Map<String, String> known, List<AdditionalDomain> domains) {
        Map<String, Integer> held = new HashMap<>();
        SLOTS.forEach(slot -> held.putIfAbsent(known.getOrDefault(NAME + slot, ""), slot));
        Map<Integer, AdditionalDomain> assigned = new TreeMap<>();
        domains.stream().filter(domain -> held.containsKey(domain.name())).forEach(domain -> {
            assigned.put(held.get(domain.name()), domain);
        });
        domains.stream().filter(domain -> !held.containsKey(domain.name())).forEach(domain -> {
            // First those that nobody has, so that what goes and what comes do not meet in one resource.
            int slot = SLOTS.stream()
                    .filter(free -> !assigned.containsKey(free)
                            && known.getOrDefault(NAME + free, "").isEmpty())
                    .findFirst()
                    .orElseGet(() -> SLOTS.stream()
                            .filter(free -> !assigned.containsKey(free))
                            .findFirst()
                            .orElseThrow());
            assigned.put(slot, domain);
        });
        return assigned;
    }
}
