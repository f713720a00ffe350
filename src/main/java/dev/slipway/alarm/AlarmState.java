package dev.slipway.alarm;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How the alarms of a service or an environment stand.
 *
 * @param state ALARM where one of them is in ALARM; UNKNOWN where CloudWatch did not tell, or has none of them
 * @param raised those that are in ALARM, the oldest first
 * @param summary the same in sentences, and whether people are told
 * @param told false where CloudWatch was asked, and did not tell
 */
@RegisterForReflection
public record AlarmState(State state, List<Raised> raised, String summary, boolean told) {
    public AlarmState {
        raised = List.copyOf(raised);
    }

    /** Whether all that is raised is that no task is healthy, with the service's own alarm, whose name is the beginning of that. */
    @JsonIgnore
    public boolean isNoTasksAlone() {
        return raised.stream()
                .map(Raised::name)
                .filter(name -> name.endsWith("/" + AlarmStates.NO_TASKS))
                .anyMatch(name -> raised.stream().allMatch(other -> name.startsWith(other.name())));
    }

    /** As CloudWatch names them. */
    public enum State {
        OK,
        ALARM,
        UNKNOWN
    }

    /**
     * An alarm that is in ALARM.
     *
     * @param name as CloudWatch has it
     * @param since when it became so
     * @param playbook what to do, as the alarm's description names it
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Raised(
            String name, Instant since, @Nullable String playbook) {}

    /**
     * What CloudWatch says of an alarm.
     *
     * @param value OK, ALARM or INSUFFICIENT_DATA
     * @param since when it became so
     * @param description which ends with the playbook's address
     * @param incident false where it only says that a release is judged or rolled back
     * @param silent whether it is a composite alarm that tells nobody now
     */
    record Seen(
            String name,
            String value,
            Instant since,
            @Nullable String description,
            boolean incident,
            boolean silent) {
        private Raised raised() {
            String last = description == null ? "" : description.substring(description.lastIndexOf(' ') + 1);
            return new Raised(name, since, last.startsWith("https://") ? last : null);
        }
    }

    /** @param why in a sentence */
    static AlarmState untold(String why) {
        return new AlarmState(State.UNKNOWN, List.of(), "CloudWatch did not tell. " + why, false);
    }

    static AlarmState of(List<Seen> all) {
        List<Seen> seen = all.stream().filter(Seen::incident).toList();
        if (seen.isEmpty()) {
            return new AlarmState(
                    State.UNKNOWN,
                    List.of(),
                    "CloudWatch has none of its alarms. A service's come with its first release.",
                    true);
        }
        List<Raised> raised = seen.stream()
                .filter(alarm -> alarm.value().equals("ALARM"))
                .map(Seen::raised)
                .sorted(Comparator.comparing(Raised::since).thenComparing(Raised::name))
                .toList();
        return new AlarmState(
                raised.isEmpty() ? State.OK : State.ALARM,
                raised,
                now(raised, seen) + undecided(seen) + silent(all),
                true);
    }

    private static String now(List<Raised> raised, List<Seen> seen) {
        return raised.isEmpty()
                ? "None of %d alarms is in ALARM.".formatted(seen.size())
                : raised.stream()
                        .map(alarm -> "%s since %s".formatted(alarm.name(), alarm.since()))
                        .collect(Collectors.joining(", ", "In ALARM: ", "."));
    }

    private static String undecided(List<Seen> seen) {
        String names = seen.stream()
                .filter(alarm -> alarm.value().equals("INSUFFICIENT_DATA"))
                .map(Seen::name)
                .collect(Collectors.joining(", "));
        return names.isEmpty() ? "" : " Too little data to say: " + names + ".";
    }

    private static String silent(List<Seen> all) {
        String names = all.stream().filter(Seen::silent).map(Seen::name).collect(Collectors.joining(", "));
        return names.isEmpty()
                ? ""
                : " Nobody is told by %s now: a release is judged or rolled back, or was ten minutes ago."
                        .formatted(names);
    }
}
