package dev.slipway.simulated.cloudwatch;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.cloudwatch.model.StateValue;

/** The rule of a composite alarm (API reference, PutCompositeAlarm): ALARM, OK and INSUFFICIENT_DATA of a name, TRUE, FALSE, AND, OR, NOT. */
final class AlarmRule {
    private static final Pattern TOKEN = Pattern.compile(
            "\\s*(AND\\b|OR\\b|NOT\\b|TRUE\\b|FALSE\\b|(?:ALARM|OK|INSUFFICIENT_DATA)\\s*\\(\\s*(?:\"[^\"]+\"|[^\")\\s]+)\\s*\\)|[()])");
    private static final Pattern STATE =
            Pattern.compile("(ALARM|OK|INSUFFICIENT_DATA)\\s*\\(\\s*\"?([^\"]+?)\"?\\s*\\)");

    private final List<String> tokens = new ArrayList<>();
    private final Set<String> alarms = new TreeSet<>();

    /** Throws ValidationError where the text is no rule. */
    AlarmRule(String rule) {
        Matcher matcher = TOKEN.matcher(rule);
        int end = 0;
        while (end < rule.stripTrailing().length()) {
            if (!matcher.find(end) || matcher.start() != end) {
                throw wrong();
            }
            tokens.add(matcher.group(1));
            Matcher state = STATE.matcher(matcher.group(1));
            if (state.matches()) {
                alarms.add(name(state.group(2)));
            }
            end = matcher.end();
        }
        holds(_ -> StateValue.OK);
    }

    private static RuntimeException wrong() {
        return CloudWatchErrors.validation("AlarmRule is not a valid rule expression.");
    }

    /** The alarms that it names. */
    Set<String> alarms() {
        return alarms;
    }

    /** Whether the composite alarm is to be in ALARM. */
    boolean holds(Function<String, StateValue> states) {
        Reading reading = new Reading(states);
        boolean holds = reading.either();
        if (reading.at != tokens.size()) {
            throw wrong();
        }
        return holds;
    }

    /** An alarm may be named by its ARN as well. */
    static String name(String nameOrArn) {
        return nameOrArn.replaceFirst("^arn:[^:]+:cloudwatch:[^:]+:\\d+:alarm:", "");
    }

    private final class Reading {
        private final Function<String, StateValue> states;
        private int at;

        Reading(Function<String, StateValue> states) {
            this.states = states;
        }

        private @Nullable String take() {
            return at < tokens.size() ? tokens.get(at++) : null;
        }

        private boolean takes(String token) {
            boolean there = at < tokens.size() && tokens.get(at).equals(token);
            at += there ? 1 : 0;
            return there;
        }

        boolean either() {
            boolean value = both();
            while (takes("OR")) {
                value |= both();
            }
            return value;
        }

        private boolean both() {
            boolean value = one();
            while (takes("AND")) {
                value &= one();
            }
            return value;
        }

        private boolean one() {
            String token = take();
            if (token == null) {
                throw wrong();
            }
            switch (token) {
                case "NOT" -> {
                    return !one();
                }
                case "(" -> {
                    boolean value = either();
                    if (!takes(")")) {
                        throw wrong();
                    }
                    return value;
                }
                case "TRUE" -> {
                    return true;
                }
                case "FALSE" -> {
                    return false;
                }
                default -> {
                    Matcher state = STATE.matcher(token);
                    if (!state.matches()) {
                        throw wrong();
                    }
                    return states.apply(name(state.group(2))) == StateValue.fromValue(state.group(1));
                }
            }
        }
    }
}
