package dev.slipway.firewall;

import dev.slipway.deployment.WeakeningPolicy.Weakening;
import dev.slipway.firewall.FirewallSettings.Countries;
import dev.slipway.firewall.FirewallSettings.Mode;
import dev.slipway.firewall.FirewallSettings.PathException;
import dev.slipway.firewall.FirewallSettings.RateLimit;
import dev.slipway.firewall.FirewallSettings.Rule;
import dev.slipway.stack.Risk;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a change of a firewall means: which controls are weaker, and what users notice. */
public final class FirewallPolicy {
    private static final String NONE = "none";
    private static final String LARGE_BODIES = "managedRules.largeBodies";

    private FirewallPolicy() {}

    /** The controls of the declared firewall that the wanted one weakens. What is not surely as strict counts as weaker. */
    public static List<Weakening> weakened(@Nullable FirewallSettings declared, @Nullable FirewallSettings wanted) {
        if (declared == null) {
            return List.of();
        }
        if (wanted == null) {
            return List.of(new Weakening("firewall", modes(declared), NONE));
        }
        List<Weakening> weakened = new ArrayList<>();
        for (Rule rule : Rule.values()) {
            Mode was = declared.mode(rule);
            Mode will = wanted.mode(rule);
            if (will.compareTo(was) < 0) {
                add(weakened, rule.setting(), was.value(), will.value());
            }
        }
        Mode bodies = wanted.managedRules().largeBodies();
        if (bodies.compareTo(declared.managedRules().largeBodies()) < 0) {
            add(weakened, LARGE_BODIES, declared.managedRules().largeBodies().value(), bodies.value());
        }
        RateLimit was = declared.rateLimit();
        RateLimit will = wanted.rateLimit();
        if (was != null && will != null && (will.requests() > was.requests() || will.minutes() < was.minutes())) {
            add(weakened, "rateLimit", rate(was), rate(will));
        }
        if (!isWithin(wanted.allow(), declared.allow())) {
            add(weakened, "allow", list(declared.allow()), list(wanted.allow()));
        }
        if (!isWithin(declared.block(), wanted.block())) {
            add(weakened, "block", list(declared.block()), list(wanted.block()));
        }
        if (isWider(declared.countries(), wanted.countries())) {
            add(weakened, "countries", text(declared.countries()), text(wanted.countries()));
        }
        if (!pairs(declared).containsAll(pairs(wanted))) {
            add(weakened, "exceptions", text(declared.exceptions()), text(wanted.exceptions()));
        }
        int days = declared.logs().retentionDays();
        if (wanted.logs().retentionDays() < days) {
            add(
                    weakened,
                    "logs.retentionDays",
                    String.valueOf(days),
                    String.valueOf(wanted.logs().retentionDays()));
        }
        return weakened;
    }

    private static void add(List<Weakening> weakened, String setting, String from, String to) {
        weakened.add(new Weakening("firewall." + setting, from, to));
    }

    /** Whether all addresses of some ranges are in one of the others each. */
    private static boolean isWithin(List<String> ranges, List<String> others) {
        List<AddressRange> known = others.stream().map(AddressRange::parse).toList();
        return ranges.stream()
                .map(AddressRange::parse)
                .allMatch(range -> known.stream().anyMatch(other -> other.contains(range)));
    }

    private static boolean isWider(@Nullable Countries declared, @Nullable Countries wanted) {
        if (declared == null) {
            return false;
        }
        if (wanted == null) {
            return true;
        }
        List<String> only = declared.allow();
        List<String> onlyThen = wanted.allow();
        List<String> blocked = declared.block();
        List<String> blockedThen = wanted.block();
        if (only != null) {
            return onlyThen == null || !only.containsAll(onlyThen);
        }
        if (blocked == null) {
            return true;
        }
        return onlyThen != null
                ? blocked.stream().anyMatch(onlyThen::contains)
                : blockedThen == null || !blockedThen.containsAll(blocked);
    }

    private record Pair(String path, Rule rule) {}

    private static Set<Pair> pairs(FirewallSettings firewall) {
        Set<Pair> pairs = new HashSet<>();
        firewall.exceptions()
                .forEach(exception -> exception.rules().forEach(rule -> pairs.add(new Pair(exception.path(), rule))));
        return pairs;
    }

    /** What users notice, or readers of the log, when the wanted firewall takes the declared one's place. */
    public static List<Risk> risks(@Nullable FirewallSettings declared, @Nullable FirewallSettings wanted) {
        List<Risk> risks = new ArrayList<>();
        if (wanted == null) {
            if (declared != null) {
                risks.add(note(
                        "firewall",
                        "goes: every request reaches the services, and the log of what has matched is deleted."));
            }
            return risks;
        }
        for (Rule rule : Rule.values()) {
            boolean blocked = declared != null && declared.mode(rule) == Mode.BLOCK;
            if (wanted.mode(rule) == Mode.BLOCK && !blocked) {
                boolean counted = declared != null && declared.mode(rule) == Mode.COUNT;
                risks.add(note(
                        "firewall." + rule.setting(),
                        "refuses with 403 from now on what it matches%s.%s"
                                .formatted(
                                        counted
                                                ? ": the environment's firewall report has what that was in the last day"
                                                : ", which has never been counted here: set it to count first and read the environment's firewall report",
                                        rule == Rule.COMMON && wanted.largeBodies() == Mode.BLOCK
                                                ? " Bodies of more than 8 KB are among it: except the paths of uploads, or set largeBodies to count."
                                                : "")));
            }
        }
        if (wanted.largeBodies() == Mode.BLOCK
                && declared != null
                && declared.mode(Rule.COMMON) == Mode.BLOCK
                && declared.largeBodies() != Mode.BLOCK) {
            risks.add(note(
                    "firewall." + LARGE_BODIES,
                    "refuses with 403 from now on bodies of more than 8 KB: uploads, mostly."));
        }
        refused(risks, declared, wanted, FirewallSettings::block, "block", "refuses all requests of %s with 403.");
        refused(
                risks,
                declared,
                wanted,
                FirewallSettings::allow,
                "allow",
                "lets all requests of %s through, whatever the rules say.");
        Countries countries = wanted.countries();
        if (countries != null && (declared == null || !countries.equals(declared.countries()))) {
            risks.add(note(
                    "firewall.countries",
                    countries.allow() == null
                            ? "refuses with 403 all requests from %s.".formatted(list(countries.block()))
                            : "refuses with 403 all requests that are not from %s, also those of which AWS does not know where they are from."
                                    .formatted(list(countries.allow()))));
        }
        return risks;
    }

    private static void refused(
            List<Risk> risks,
            @Nullable FirewallSettings declared,
            FirewallSettings wanted,
            Function<FirewallSettings, List<String>> ranges,
            String setting,
            String message) {
        List<String> added = new ArrayList<>(ranges.apply(wanted));
        if (declared != null) {
            added.removeAll(ranges.apply(declared));
        }
        if (!added.isEmpty()) {
            risks.add(note("firewall." + setting, message.formatted(list(added))));
        }
    }

    private static Risk note(String field, String what) {
        return new Risk(field, field + " " + what, false);
    }

    private static String modes(FirewallSettings firewall) {
        return Stream.concat(
                        Arrays.stream(Rule.values())
                                .filter(rule -> firewall.mode(rule) != Mode.NONE)
                                .map(rule ->
                                        rule.key() + " " + firewall.mode(rule).value()),
                        Stream.of(
                                        firewall.block().isEmpty() ? "" : "block " + list(firewall.block()),
                                        firewall.countries() == null ? "" : "countries " + text(firewall.countries()))
                                .filter(part -> !part.isEmpty()))
                .collect(Collectors.joining(", "));
    }

    private static String rate(RateLimit limit) {
        return "%d in %d min".formatted(limit.requests(), limit.minutes());
    }

    private static String text(@Nullable Countries countries) {
        if (countries == null) {
            return NONE;
        }
        return countries.allow() == null ? "not " + list(countries.block()) : "only " + list(countries.allow());
    }

    private static String text(List<PathException> exceptions) {
        return exceptions.isEmpty()
                ? NONE
                : exceptions.stream()
                        .map(exception -> exception.path() + " of "
                                + exception.rules().stream().map(Rule::key).collect(Collectors.joining(" and ")))
                        .collect(Collectors.joining(", "));
    }

    private static String list(@Nullable List<String> values) {
        return values == null || values.isEmpty() ? NONE : String.join(", ", values);
    }
}
