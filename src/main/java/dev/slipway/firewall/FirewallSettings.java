package dev.slipway.firewall;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The firewall before an environment's load balancer. Names, ranges and defaults are those of {@code firewall} in {@code
 * schemas/environment.json}.
 *
 * @param rateLimit null where addresses may ask as often as they like
 * @param allow ranges of addresses that are let through unseen, IPv4 or IPv6
 * @param block likewise, that are refused
 * @param countries null where requests may come from everywhere
 * @param exceptions paths on which rules do not look
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
public record FirewallSettings(
        ManagedRules managedRules,
        @Nullable RateLimit rateLimit,
        List<String> allow,
        List<String> block,
        @Nullable Countries countries,
        List<PathException> exceptions,
        Logs logs) {
    public FirewallSettings {
        allow = List.copyOf(allow);
        block = List.copyOf(block);
        exceptions = List.copyOf(exceptions);
    }

    /** What is done with a request that a group of rules matches; in the order of strictness. */
    @RegisterForReflection
    public enum Mode {
        /** The group is not there. */
        NONE,
        /** It is let through and written down. */
        COUNT,
        /** It is refused. */
        BLOCK;

        /** As in the spec and in the stack's parameters. */
        @JsonValue
        public String value() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The rules that a path can be excepted from, and that the log names. */
    public enum Rule {
        COMMON("common", "Common", "AWSManagedRulesCommonRuleSet"),
        KNOWN_BAD_INPUTS("knownBadInputs", "KnownBadInputs", "AWSManagedRulesKnownBadInputsRuleSet"),
        SQL("sql", "Sql", "AWSManagedRulesSQLiRuleSet"),
        IP_REPUTATION("ipReputation", "IpReputation", "AWSManagedRulesAmazonIpReputationList"),
        RATE_LIMIT("rateLimit", "RateLimit", null);

        private final String key;
        private final String parameter;
        private final @Nullable String managedGroup;

        Rule(String key, String parameter, @Nullable String managedGroup) {
            this.key = key;
            this.parameter = parameter;
            this.managedGroup = managedGroup;
        }

        /** As in the spec, and the name of the rule in the web ACL. */
        @JsonValue
        public String key() {
            return key;
        }

        /** The part of the stack's parameters that are for it. */
        String parameter() {
            return parameter;
        }

        /** The rule whose group AWS calls so; empty for a group that is not ours. */
        static Optional<Rule> ofManagedGroup(String name) {
            return Arrays.stream(values())
                    .filter(rule -> name.equals(rule.managedGroup))
                    .findFirst();
        }

        /** Where in the spec it is set. */
        String setting() {
            return managedGroup == null ? key : "managedRules." + key;
        }
    }

    /**
     * Groups of rules that AWS keeps.
     *
     * @param largeBodies what {@code common} does with a body that is longer than what AWS WAF sees of it; never none
     */
    @RegisterForReflection
    public record ManagedRules(Mode common, Mode knownBadInputs, Mode sql, Mode ipReputation, Mode largeBodies) {
        public ManagedRules {
            largeBodies = largeBodies == null ? Mode.BLOCK : largeBodies; // settings from before: as AWS has it
        }
    }

    /**
     * How often one address may ask.
     *
     * @param minutes over which requests are counted
     * @param action never none
     */
    @RegisterForReflection
    public record RateLimit(int requests, int minutes, Mode action) {}

    /**
     * Where requests may come from: one of the two.
     *
     * @param allow codes of the only countries; null where {@code block} is given
     * @param block codes of countries that are refused; null where {@code allow} is given
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Countries(
            @Nullable List<String> allow, @Nullable List<String> block) {}

    /** A path on which some rules do not look. */
    @RegisterForReflection
    public record PathException(String path, List<Rule> rules) {
        public PathException {
            rules = List.copyOf(rules);
        }
    }

    /** The log of what has matched. */
    @RegisterForReflection
    public record Logs(int retentionDays) {}

    /** What a rule does with what it matches. */
    public Mode mode(Rule rule) {
        return switch (rule) {
            case COMMON -> managedRules.common();
            case KNOWN_BAD_INPUTS -> managedRules.knownBadInputs();
            case SQL -> managedRules.sql();
            case IP_REPUTATION -> managedRules.ipReputation();
            case RATE_LIMIT -> rateLimit == null ? Mode.NONE : rateLimit.action();
        };
    }

    /** What is done with bodies of more than 8 KB. */
    Mode largeBodies() {
        return mode(Rule.COMMON) == Mode.BLOCK ? managedRules.largeBodies() : mode(Rule.COMMON);
    }

    /** The paths on which a rule does not look. */
    List<String> exceptions(Rule rule) {
        return exceptions.stream()
                .filter(exception -> exception.rules().contains(rule))
                .map(PathException::path)
                .distinct()
                .sorted()
                .toList();
    }

    /** How many rules the web ACL has: each costs. */
    public int rules() {
        int own = (allow.isEmpty() ? 0 : 1) + (block.isEmpty() ? 0 : 1) + (countries == null ? 0 : 1);
        return own
                + (int) Arrays.stream(Rule.values())
                        .filter(rule -> mode(rule) != Mode.NONE)
                        .count();
    }
}
