package dev.slipway.service;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.ServiceId;
import dev.slipway.plan.Plan;
import dev.slipway.plan.SettingDifference;
import dev.slipway.release.Release;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tells what of a service is different in two environments. */
public final class Comparisons {
    /** Texts that can be nothing but one of a few words, and so no secret. */
    private static final Set<String> WORDS = Set.of(
            "container.architecture",
            "rollout.strategy",
            "rollout.approval.when",
            "rollout.approval.by",
            "rollout.approval.onTimeout",
            "rollout.verdict.onNoEvidence");

    private final Services services;
    private final Store store;
    private final ObjectMapper json;

    public Comparisons(Services services, Store store, ObjectMapper json) {
        this.services = services;
        this.store = store;
        this.json = json;
    }

    /**
     * A service in both environments.
     *
     * @param differences none when both declare the same and have the same image live
     */
    @RegisterForReflection
    public record Comparison(String service, Side from, Side to, List<Difference> differences) {
        public Comparison {
            differences = List.copyOf(differences);
        }
    }

    /**
     * What is there in one of them.
     *
     * @param release the one that is live; absent when none is, as digest, tag and commit are
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Side(
            String environment,
            long revision,
            @Nullable Integer release,
            @Nullable String digest,
            @Nullable String tag,
            @Nullable String commit) {}

    /**
     * A setting that differs.
     *
     * @param setting its path in the spec, such as {@code container.cpu}; for what is live {@code image}
     * @param from the value as JSON text; absent where it says nothing, and where values are not shown
     * @param to likewise
     * @param in the environments that say something there
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Difference(
            Part part,
            String setting,
            @Nullable String from,
            @Nullable String to,
            List<String> in) {
        public Difference {
            in = List.copyOf(in);
        }
    }

    /** What a setting belongs to, in the order in which differences are listed. */
    @RegisterForReflection
    public enum Part {
        IMAGE,
        CONTAINER,
        SCALE,
        ROUTING,
        OTHER;

        static Part of(String setting) {
            return switch (setting.split("\\.", 2)[0]) {
                case "container" -> CONTAINER;
                case "count", "scaling", "capacity" -> SCALE;
                case "routing", "gracePeriodSeconds" -> ROUTING;
                default -> OTHER;
            };
        }
    }

    /** Compares what is declared, and which image is live. Throws a problem 404 when the service is not in both. */
    public Comparison compare(String service, EnvironmentId from, EnvironmentId to) {
        ServiceRecord one = services.get(new ServiceId(from.key(), service));
        ServiceRecord other = services.get(new ServiceId(to.key(), service));
        Side left = side(one);
        Side right = side(other);
        List<Difference> differences = new ArrayList<>();
        if (!Objects.equals(left.digest(), right.digest())) {
            differences.add(
                    difference(Part.IMAGE, "image", new Plan.Change(left.digest(), right.digest()), true, from, to));
        }
        Map<String, Plan.Change> settings = SettingDifference.between(
                json.valueToTree(one.declared()), json.valueToTree(other.declared()), Set.of());
        settings.forEach((setting, change) ->
                differences.add(difference(Part.of(setting), setting, change, isShown(setting, change), from, to)));
        differences.sort(Comparator.comparing(Difference::part).thenComparing(Difference::setting));
        return new Comparison(service, left, right, differences);
    }

    private Side side(ServiceRecord record) {
        Optional<Release> live = Optional.ofNullable(record.live())
                .flatMap(number -> store.get(Release.key(record.id(), number)))
                .map(Stored::value);
        return new Side(
                record.id().environment(),
                record.revision(),
                record.live(),
                live.map(Release::digest).orElse(null),
                live.map(Release::tag).orElse(null),
                live.map(Release::commit).orElse(null));
    }

    private static Difference difference(
            Part part, String setting, Plan.Change change, boolean shown, EnvironmentId from, EnvironmentId to) {
        List<String> in = new ArrayList<>();
        if (change.before() != null) {
            in.add(from.key());
        }
        if (change.after() != null) {
            in.add(to.key());
        }
        return new Difference(part, setting, shown ? change.before() : null, shown ? change.after() : null, in);
    }

    /** Numbers, truths, what everybody who sends requests can find out, and plain words; of all else the name is enough. */
    private static boolean isShown(String setting, Plan.Change change) {
        return (setting.startsWith("routing.") && !asksWith(change.before()) && !asksWith(change.after()))
                || setting.startsWith("scaling.")
                || WORDS.contains(setting)
                || (isPlain(change.before()) && isPlain(change.after()));
    }

    /** A health check may be let in by what stands in its query string. */
    private static boolean asksWith(@Nullable String value) {
        return value != null && value.contains("?");
    }

    private static boolean isPlain(@Nullable String value) {
        return value == null || value.matches("-?[0-9.eE+-]+|true|false");
    }
}
