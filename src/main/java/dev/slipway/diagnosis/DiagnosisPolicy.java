package dev.slipway.diagnosis;

import dev.slipway.diagnosis.Cause.Tier;
import dev.slipway.diagnosis.CauseRule.Match;
import dev.slipway.diagnosis.Diagnosis.Line;
import dev.slipway.diagnosis.Diagnosis.RankedCause;
import dev.slipway.diagnosis.Evidence.Subject;
import dev.slipway.diagnosis.Observation.Source;
import dev.slipway.logs.Redaction;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Which known causes fit what was seen, the likeliest first. What was decided upon a failure counts least; then what is about the
 * release that is asked about before what is not, what names its reason before what does not, and what is recent before what is past.
 */
public final class DiagnosisPolicy {
    static final int MOST_CAUSES = 3;
    static final int MOST_EVIDENCE = 3;
    static final int MOST_LINES = 12;

    /** What a cause has in brackets. */
    private static final Pattern ROLLBACK = Pattern.compile("\\[([^]]*)]");

    private static final Pattern VALUE = Pattern.compile("\\{(\\w+)(?:\\|([^}]*))?}");
    private static final Pattern ARN =
            Pattern.compile("arn:[\\w-]+:(?:secretsmanager|ssm|kms):[^\\s,;'\"]*[^\\s,;:.'\"]");
    private static final Pattern SUBNET = Pattern.compile("\\bsubnet-[0-9a-f]+");
    private static final Pattern ROLE = Pattern.compile("(?:assumed-role|:role)/([\\w+=,.@-]+)");
    private static final Pattern ACTION = Pattern.compile("perform:? ([a-zA-Z0-9-]+:[A-Za-z0-9]+)");

    private static final Set<Source> OF_TASKS =
            Set.of(Source.TASK, Source.CONTAINER, Source.EVENT, Source.TARGET, Source.LOG);

    private DiagnosisPolicy() {}

    private record Found(Cause cause, List<Match> matches) {
        boolean isOfRelease() {
            return matches.stream().anyMatch(match -> match.seen().ofRelease());
        }

        /** Whether tasks showed it, or what ECS and the load balancer say of them. */
        boolean isSeenInTasks() {
            return matches.stream()
                    .anyMatch(match -> OF_TASKS.contains(match.seen().source()));
        }

        Instant latest() {
            return matches.stream()
                    .map(match -> match.seen().time())
                    .max(Comparator.naturalOrder())
                    .orElseThrow();
        }
    }

    /** Tells which known causes fit what was seen, the likeliest first and {@value #MOST_CAUSES} at most, with what could not be read. */
    public static Diagnosis diagnose(Evidence evidence, Instant now) {
        List<Observation> seen = evidence.observations();
        List<RankedCause> causes = causes(evidence, seen).stream()
                .limit(MOST_CAUSES)
                .map(found -> ranked(found, evidence))
                .toList();
        List<Line> lines = lines(seen);
        return new Diagnosis(now, summary(causes, lines, evidence), causes, lines, evidence.unread());
    }

    private static String summary(List<RankedCause> causes, List<Line> lines, Evidence evidence) {
        if (!causes.isEmpty()) {
            return causes.getFirst().cause();
        }
        String standing = evidence.standing().map(said -> said + " ").orElse("");
        String unread = evidence.unread().isEmpty() ? "" : " Not everything could be read.";
        return (lines.isEmpty()
                        ? "Nothing that is known to be trouble is seen."
                        : standing + "No known cause fits what is seen; the evidence is in order of time.")
                + unread;
    }

    private static List<Found> causes(Evidence evidence, List<Observation> seen) {
        List<Observation> open = new ArrayList<>(seen);
        List<Found> all = new ArrayList<>();
        for (Cause cause : Cause.values()) {
            List<Match> matches = cause.rule.find(evidence, List.copyOf(open));
            if (!matches.isEmpty()) {
                all.add(new Found(cause, matches));
                matches.forEach(match -> open.remove(match.seen()));
            }
        }
        return all.stream()
                .filter(found -> all.stream().noneMatch(other -> explains(other, found)))
                .sorted(Comparator.comparing((Found found) -> found.cause().tier == Tier.CONSEQUENCE)
                        .thenComparing(found -> !found.isOfRelease())
                        .thenComparing(found -> found.cause().tier)
                        .thenComparing(Found::latest, Comparator.reverseOrder()))
                .toList();
    }

    /** Whether one says why the other is seen: that is no cause of its own then, and stays in the evidence. */
    private static boolean explains(Found why, Found symptom) {
        return (why.isOfRelease() || !symptom.isOfRelease())
                && SymptomPolicy.explains(why.cause(), why.isSeenInTasks(), symptom.cause());
    }

    private static RankedCause ranked(Found found, Evidence evidence) {
        Cause cause = found.cause();
        Match first = found.matches().stream()
                .filter(match -> match.seen().ofRelease())
                .findFirst()
                .orElse(found.matches().getFirst());
        Map<String, String> values = values(evidence.subject(), first);
        return new RankedCause(
                cause.code(),
                told(first.seen(), fill(cause.sentence, values)),
                found.matches().stream()
                        .map(match -> line(match.seen()))
                        .map(line -> (line.at() == null ? "" : line.at() + " ") + line.source() + ": " + line.text())
                        .distinct()
                        .limit(MOST_EVIDENCE)
                        .toList(),
                fill(action(cause, evidence.subject().rollback() && first.seen().ofRelease()), values),
                "docs/playbooks/" + cause.playbook + ".md");
    }

    /** A release that has been rolled back needs no rollback: that would go back from the one that is live. */
    private static String action(Cause cause, boolean rollback) {
        return ROLLBACK.matcher(cause.action).replaceAll(rollback ? "$1" : "");
    }

    /** The newest, oldest first. A log alone is no trouble: it is shown beside what is. */
    private static List<Line> lines(List<Observation> newestFirst) {
        List<Observation> told = newestFirst.stream()
                .filter(seen -> seen.source() != Source.LOG)
                .limit(MOST_LINES * 2 / 3)
                .toList();
        Stream<Observation> log = newestFirst.stream()
                .filter(seen -> seen.source() == Source.LOG)
                .limit(told.isEmpty() ? 0 : MOST_LINES - told.size());
        return Stream.concat(told.stream(), log)
                .sorted(Comparator.comparing(Observation::time))
                .map(DiagnosisPolicy::line)
                .toList();
    }

    private static Line line(Observation seen) {
        return new Line(seen.at(), seen.source().name().toLowerCase(Locale.ROOT), told(seen, seen.text()));
    }

    /** What Slipway says itself of a rollout is told whole: a verdict's sentence would lose its numbers. */
    private static String told(Observation seen, String text) {
        return seen.source() == Source.ROLLOUT ? text : Redaction.shorten(text);
    }

    private static Map<String, String> values(Subject subject, Match match) {
        Map<String, String> values = new HashMap<>();
        String[] names = subject.service().split("/", 2);
        values.put("environment", names[0]);
        values.put("name", names[names.length - 1]);
        values.put("path", subject.path());
        values.put(
                "release", subject.release() == null ? "?" : subject.release().toString());
        values.put("image", subject.image() == null ? "of the release" : subject.image());
        values.put("port", String.valueOf(subject.port()));
        values.put("memory", String.valueOf(subject.memory()));
        values.put("architecture", subject.architecture());
        values.put("healthPath", subject.healthCheck().path());
        values.put("healthCodes", subject.healthCheck().codes());
        values.put("healthTimeout", String.valueOf(subject.healthCheck().timeoutSeconds()));
        values.put("patience", String.valueOf(subject.healthCheck().patience().toSeconds()));
        String text = match.seen().text();
        put(values, "arn", ARN, text, 0);
        put(values, "subnet", SUBNET, text, 0);
        put(values, "role", ROLE, text, 1);
        put(values, "action", ACTION, text, 1);
        values.putAll(match.values());
        return values;
    }

    private static void put(Map<String, String> values, String name, Pattern pattern, String text, int group) {
        Matcher found = pattern.matcher(text);
        if (found.find()) {
            values.put(name, found.group(group));
        }
    }

    private static String fill(String sentence, Map<String, String> values) {
        return VALUE.matcher(sentence)
                .replaceAll(found -> {
                    String value = values.get(found.group(1));
                    String otherwise = found.group(2) == null ? "?" : found.group(2);
                    return Matcher.quoteReplacement(value == null ? otherwise : value);
                })
                .replace("  ", " ")
                .replace(" ,", ",");
    }
}
