package dev.slipway.diagnosis;

import dev.slipway.diagnosis.Observation.Source;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** How a cause is known: which of the observations speak of it. */
@FunctionalInterface
interface CauseRule {
    /** @param open observations that no cause has explained yet, newest first */
    List<Match> find(Evidence evidence, List<Observation> open);

    /**
     * An observation that speaks of a cause.
     *
     * @param values what the sentence names of it
     */
    record Match(Observation seen, Map<String, String> values) {}

    /** What was said by one of these. */
    static CauseRule text(String expression, Source first, Source... others) {
        Pattern pattern = Pattern.compile(expression);
        Set<Source> sources = EnumSet.of(first, others);
        return (evidence, open) -> open.stream()
                .filter(seen -> sources.contains(seen.source()))
                .flatMap(seen -> match(pattern, seen).stream())
                .toList();
    }

    /** What was said by anybody but the program itself. */
    static CauseRule any(String expression) {
        return text(
                expression,
                Source.TASK,
                Source.CONTAINER,
                Source.EVENT,
                Source.TARGET,
                Source.DEPLOYMENT,
                Source.STACK,
                Source.ROLLOUT);
    }

    /** Only where something else holds, too. */
    static CauseRule when(Predicate<Evidence> condition, CauseRule rule) {
        return (evidence, open) -> condition.test(evidence) ? rule.find(evidence, open) : List.of();
    }

    /** A container that ended so; the last line that it wrote belongs to it. */
    static CauseRule exit(String code) {
        CauseRule ended = text("container (?<container>[\\w-]+) of task .*exit code " + code + "\\b", Source.CONTAINER);
        return (evidence, open) -> {
            List<Match> found = ended.find(evidence, open);
            return evidence.log().isEmpty()
                    ? found
                    : found.stream()
                            .map(match -> {
                                Map<String, String> values = new HashMap<>(match.values());
                                values.put(
                                        "last",
                                        " Its last line: "
                                                + evidence.log().getLast().text());
                                return new Match(match.seen(), values);
                            })
                            .toList();
        };
    }

    /** The program's log tells a port on which it listens, and never the one that it should. */
    static CauseRule otherPort() {
        return (evidence, open) -> {
            List<Match> told = listening(open);
            return told.stream().anyMatch(match -> isRight(evidence, match)) ? List.of() : told;
        };
    }

    /** The program's log tells an address on which it listens, and that only its own container reaches. */
    static CauseRule loopback() {
        Pattern local = Pattern.compile("(?i)(?<address>(?:127\\.0\\.0\\.1|localhost|\\[?::1]?):\\d+)");
        return (evidence, open) -> {
            List<Match> told = listening(open);
            List<Match> found = told.stream()
                    .flatMap(match -> match(local, match.seen()).stream())
                    .toList();
            boolean elsewhere = told.stream()
                    .filter(match -> match(local, match.seen()).isEmpty())
                    .anyMatch(match -> isRight(evidence, match));
            return elsewhere ? List.of() : found;
        };
    }

    private static boolean isRight(Evidence evidence, Match match) {
        return String.valueOf(evidence.subject().port()).equals(match.values().get("seen"));
    }

    /**
     * The lines by which a program says that it listens, with the port: as web servers and frameworks word it. Not what it connects
     * to, what is for others than its users, nor the time of day.
     */
    private static List<Match> listening(List<Observation> open) {
        Pattern says = Pattern.compile("(?i)\\b(?:listen|bind|bound|serv|start|running|ready|accept)\\w*\\b.*?"
                + "(?:\\bport(?:\\(s\\))?\\W{1,3}|(?:[\\s=\"']|0\\.0\\.0\\.0|::1?]?|\\*|localhost|127\\.0\\.0\\.1"
                + "|(?:https?|tcp)://[^\\s/:]*):)(?<seen>\\d{2,5})\\b");
        Pattern ofOthers = Pattern.compile(
                "(?i)connect|upstream|broker|consumer|database|\\bdb_|redis|postgres|mysql|mongo|migrat|metrics|prometheus|debugger");
        Pattern time = Pattern.compile("(?<![.\\w:])\\d{1,2}:[0-5]\\d(?::[0-5]\\d)?\\b");
        return open.stream()
                .filter(seen -> seen.source() == Source.LOG
                        && !ofOthers.matcher(seen.text()).find())
                .flatMap(seen -> {
                    Matcher found = says.matcher(time.matcher(seen.text()).replaceAll(""));
                    return found.find()
                            ? Stream.of(new Match(seen, Map.of("seen", found.group("seen"))))
                            : Stream.empty();
                })
                .toList();
    }

    /** A task was stopped for its health although the program had only just become ready, or was still starting. */
    static CauseRule slowStart() {
        Pattern ready = Pattern.compile(
                "(?i)\\b(?:ready|listening|accepting|started (?:server|application|in)|startup complete|serving)\\b");
        Pattern starting =
                Pattern.compile("(?i)\\b(?:starting|initiali[sz]ing|migrat|loading|warming|compiling|waiting for)");
        return (evidence, open) -> {
            Optional<Evidence.StoppedTask> task = evidence.logged().filter(found -> found.startedAt() != null);
            if (task.isEmpty() || !evidence.failsHealth() || evidence.log().isEmpty()) {
                return List.of();
            }
            Instant started = task.get().startedAt();
            Instant patience = started == null
                    ? Instant.MAX
                    : started.plus(evidence.subject().healthCheck().patience());
            List<Evidence.LogLine> lines = evidence.log();
            Optional<Evidence.LogLine> first = lines.stream()
                    .filter(line -> ready.matcher(line.text()).find())
                    .findFirst();
            boolean late = first.filter(line -> line.at().isAfter(patience)).isPresent();
            Instant stopped = task.get().stoppedAt();
            boolean never = first.isEmpty()
                    && starting.matcher(lines.getLast().text()).find()
                    && stopped != null
                    && Duration.between(lines.getLast().at(), stopped).compareTo(Duration.ofMinutes(5)) < 0;
            return late || never
                    ? open.stream()
                            .filter(seen -> Evidence.HEALTH.matcher(seen.text()).find()
                                    || seen.source() == Source.LOG
                                            && (ready.matcher(seen.text()).find()
                                                    || starting.matcher(seen.text())
                                                            .find()))
                            .map(seen -> new Match(seen, Map.of()))
                            .toList()
                    : List.of();
        };
    }

    private static Optional<Match> match(Pattern pattern, Observation seen) {
        Matcher matcher = pattern.matcher(seen.nameless());
        if (!matcher.find()) {
            return Optional.empty();
        }
        Map<String, String> values = new HashMap<>();
        matcher.namedGroups().forEach((name, group) -> {
            if (matcher.start(group) >= 0) {
                values.put(
                        name,
                        seen.text()
                                .substring(matcher.start(group), matcher.end(group))
                                .strip());
            }
        });
        return Optional.of(new Match(seen, values));
    }
}
