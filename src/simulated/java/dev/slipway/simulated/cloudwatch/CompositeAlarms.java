package dev.slipway.simulated.cloudwatch;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.cloudwatch.model.ActionsSuppressedBy;
import software.amazon.awssdk.services.cloudwatch.model.CompositeAlarm;
import software.amazon.awssdk.services.cloudwatch.model.PutCompositeAlarmRequest;
import software.amazon.awssdk.services.cloudwatch.model.StateValue;

/** Composite alarms, and when their actions are suppressed: "Suppressing composite alarm actions" in the user guide. */
final class CompositeAlarms {
    private static final String SUPPRESSOR = "ActionsSuppressor";

    /** One of them. {@code told} is the state that its actions were last for. */
    static final class Composite {
        final PutCompositeAlarmRequest settings;
        final AlarmRule rule;
        final String arn;
        StateValue state;
        StateValue told;
        String reason = "Unchecked: Initial alarm creation";
        Instant changedAt;
        ActionsSuppressedBy by = ActionsSuppressedBy.UNKNOWN_TO_SDK_VERSION;

        private Composite(PutCompositeAlarmRequest settings, String arn, @Nullable Composite old, Instant now) {
            this.settings = settings;
            this.rule = new AlarmRule(settings.alarmRule());
            this.arn = arn;
            this.state = old == null ? StateValue.INSUFFICIENT_DATA : old.state;
            this.told = old == null ? StateValue.INSUFFICIENT_DATA : old.told;
            this.changedAt = old == null ? now : old.changedAt;
        }

        CompositeAlarm view() {
            boolean suppressed = by != ActionsSuppressedBy.UNKNOWN_TO_SDK_VERSION;
            return CompositeAlarm.builder()
                    .alarmName(settings.alarmName())
                    .alarmArn(arn)
                    .alarmDescription(settings.alarmDescription())
                    .alarmRule(settings.alarmRule())
                    .actionsEnabled(!Boolean.FALSE.equals(settings.actionsEnabled()))
                    .alarmActions(settings.alarmActions())
                    .okActions(settings.okActions())
                    .insufficientDataActions(settings.insufficientDataActions())
                    .actionsSuppressor(settings.actionsSuppressor())
                    .actionsSuppressorWaitPeriod(settings.actionsSuppressorWaitPeriod())
                    .actionsSuppressorExtensionPeriod(settings.actionsSuppressorExtensionPeriod())
                    .actionsSuppressedBy(suppressed ? by : null)
                    .stateValue(state)
                    .stateReason(reason)
                    .stateUpdatedTimestamp(changedAt)
                    .stateTransitionedTimestamp(changedAt)
                    .build();
        }
    }

    private final Map<String, Composite> composites = new TreeMap<>();

    Collection<Composite> all() {
        return composites.values();
    }

    @Nullable
    Composite find(String name) {
        return composites.get(name);
    }

    void put(PutCompositeAlarmRequest request, String arn, Function<String, @Nullable StateValue> states, Instant now) {
        if (request.alarmName() == null) {
            throw CloudWatchErrors.missing("AlarmName");
        }
        if (request.alarmRule() == null) {
            throw CloudWatchErrors.missing("AlarmRule");
        }
        if (request.actionsSuppressor() != null
                && (request.actionsSuppressorWaitPeriod() == null
                        || request.actionsSuppressorExtensionPeriod() == null)) {
            throw CloudWatchErrors.missing(
                    request.actionsSuppressorWaitPeriod() == null
                            ? SUPPRESSOR + "WaitPeriod"
                            : SUPPRESSOR + "ExtensionPeriod");
        }
        Composite composite = new Composite(request, arn, composites.get(request.alarmName()), now);
        List<String> unknown = composite.rule.alarms().stream()
                .filter(name -> states.apply(name) == null)
                .toList();
        if (!unknown.isEmpty()) {
            throw CloudWatchErrors.validation(
                    "Could not save the composite alarm as alarms [%s] in the alarm rule do not exist"
                            .formatted(String.join(", ", unknown)));
        }
        composites.put(request.alarmName(), composite);
    }

    void remove(String name) {
        composites.remove(name);
    }

    /** Whether one of them would miss the alarm of this name. */
    boolean need(String name) {
        return composites.values().stream()
                .anyMatch(composite -> composite.rule.alarms().contains(name)
                        || composite.settings.actionsSuppressor() != null
                                && AlarmRule.name(composite.settings.actionsSuppressor())
                                        .equals(name));
    }

    /**
     * Whether the actions for a composite alarm's state may be performed now. One that has just become what it is waits for its
     * suppressor; when that is over, or the suppressor has been left for the extension period, they are.
     *
     * @param suppressor its state, and since when; null where the alarm has none
     */
    static boolean acts(Composite composite, @Nullable StateValue suppressor, @Nullable Instant since, Instant now) {
        if (suppressor == null || since == null) {
            return true;
        }
        ActionsSuppressedBy by;
        if (suppressor == StateValue.ALARM) {
            by = ActionsSuppressedBy.ALARM;
        } else if (composite.by != ActionsSuppressedBy.UNKNOWN_TO_SDK_VERSION
                && composite.by != ActionsSuppressedBy.WAIT_PERIOD
                && now.isBefore(since.plusSeconds(
                        Objects.requireNonNull(composite.settings.actionsSuppressorExtensionPeriod())))) {
            by = ActionsSuppressedBy.EXTENSION_PERIOD;
        } else if ((composite.by == ActionsSuppressedBy.WAIT_PERIOD
                        || composite.by == ActionsSuppressedBy.UNKNOWN_TO_SDK_VERSION)
                && composite.state == StateValue.ALARM
                && now.isBefore(composite.changedAt.plusSeconds(
                        Objects.requireNonNull(composite.settings.actionsSuppressorWaitPeriod())))) {
            by = ActionsSuppressedBy.WAIT_PERIOD;
        } else {
            by = ActionsSuppressedBy.UNKNOWN_TO_SDK_VERSION;
        }
        composite.by = by;
        return by == ActionsSuppressedBy.UNKNOWN_TO_SDK_VERSION;
    }
}
