package dev.slipway.validation;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.text.similarity.JaroWinklerSimilarity;
import org.jspecify.annotations.Nullable;

/** What somebody may have meant by a key that is none. */
public final class Suggestions {
    /** Above it a key is taken for a slip of the pen: prot and port have 0.93, cpu and count 0.51. */
    private static final double SIMILARITY_THRESHOLD = 0.82;

    /** What other tools call it, in lower case. */
    private static final Map<String, String> ALIASES = Map.ofEntries(
            Map.entry("desiredcount", "count"),
            Map.entry("replicas", "count"),
            Map.entry("instances", "count"),
            Map.entry("env", "environment"),
            Map.entry("variables", "environment"),
            Map.entry("args", "command"),
            Map.entry("containerport", "port"),
            Map.entry("mem", "memory"),
            Map.entry("vpccidr", "cidr"),
            Map.entry("cidrblock", "cidr"),
            Map.entry("azcount", "zones"),
            Map.entry("certificate", "certificateArn"),
            Map.entry("zoneid", "hostedZoneId"),
            Map.entry("deregistrationdelay", "drainingSeconds"));

    private final JsonNode root;

    /** @param root the whole schema */
    Suggestions(JsonNode root) {
        this.root = root;
    }

    /** @param object the schema of the object in which {@code key} stands and is not known */
    String unknown(JsonNode object, String key) {
        if (key.equalsIgnoreCase("image")) {
            return "is not a key: a spec names no image, each release does";
        }
        String meant = ALIASES.getOrDefault(key.toLowerCase(Locale.ROOT), key);
        List<String> known = new ArrayList<>();
        object.path("properties").fieldNames().forEachRemaining(known::add);
        // The very name elsewhere is more likely meant than one that only looks like it here.
        String there = find(root, meant, "");
        String nearby = closest(known, meant).orElse(null);
        String suggested = known.contains(meant) || there == null ? nearby : there;
        if (suggested != null) {
            return "is not a key here; did you mean " + suggested + "?";
        }
        return "is not a key here; these are: " + String.join(", ", known);
    }

    /** The known name that is nearest to a name that is not, if one is near enough; upper and lower case are the same. */
    public static Optional<String> closest(Collection<String> known, String key) {
        JaroWinklerSimilarity similarity = new JaroWinklerSimilarity();
        record Candidate(String name, double score) {}
        return known.stream()
                .map(name -> new Candidate(
                        name, similarity.apply(name.toLowerCase(Locale.ROOT), key.toLowerCase(Locale.ROOT))))
                .filter(candidate -> candidate.score >= SIMILARITY_THRESHOLD)
                .max(Comparator.comparingDouble(Candidate::score))
                .map(Candidate::name);
    }

    /** The pointer of a key with this very name anywhere in the schema: a key at the wrong depth is a usual mistake. */
    private static @Nullable String find(JsonNode schema, String key, String at) {
        for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
            String pointer = ValidationMessages.child(at, property.getKey());
            if (property.getKey().equalsIgnoreCase(key)) {
                return pointer;
            }
            String inside = find(property.getValue(), key, pointer);
            if (inside != null) {
                return inside;
            }
        }
        return null;
    }
}
