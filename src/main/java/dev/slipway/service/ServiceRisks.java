package dev.slipway.service;

import dev.slipway.routing.RouteClaim;
import dev.slipway.stack.Risk;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a change of a living service's spec means for its users although no resource is lost. None of it waits for a rollout: it
 * is so as soon as the spec is applied.
 */
final class ServiceRisks {
    static final String AT_ONCE = " This is so as soon as it is applied, without a rollout.";

    private ServiceRisks() {}

    /**
     * @param release the number of the one that is live; null where none is, so that there is nothing to break
     * @param now as of when limits by schedules are compared
     */
    static List<Risk> of(ServiceSpec before, ServiceSpec after, @Nullable Integer release, Instant now) {
        if (release == null) {
            return List.of();
        }
        List<Risk> risks = new ArrayList<>();
        ScalingRisks.of(before, after, release, now, risks);
        routing(before.routing(), after.routing(), risks);
        healthCheck(before.routing().healthCheck(), after.routing().healthCheck(), risks);
        starting(before, after, risks);
        kept(before, after, risks);
        access(before, after, risks);
        alarms(before.alarms(), after.alarms(), risks);
        return risks;
    }

    /**
     * Requests that another service has now, by a rule that is less specific. A service without a release takes them, too: its
     * rule is there from its first apply on.
     *
     * @param before null where the service is new
     * @param others what the other services of the environment have of the listener, by their names
     * @param live whether a release of this one is
     */
    static List<Risk> taken(
            ServiceSpec.@Nullable Routing before, RouteClaim after, Map<String, RouteClaim> others, boolean live) {
        boolean sameHosts = before != null && Set.copyOf(before.hosts()).equals(Set.copyOf(after.hosts()));
        Set<String> had = before != null && sameHosts ? Set.copyOf(before.paths()) : Set.of();
        List<Risk> risks = new ArrayList<>();
        for (String path : after.paths()) {
            if (had.contains(path)) {
                continue;
            }
            String from = new TreeMap<>(others)
                    .entrySet().stream()
                            .filter(other -> other.getValue().priority() > after.priority())
                            .filter(other -> shareHosts(other.getValue(), after))
                            .filter(other -> other.getValue().paths().stream().anyMatch(wide -> includes(wide, path)))
                            .map(Map.Entry::getKey)
                            .collect(Collectors.joining(", "));
            if (!from.isEmpty()) {
                risks.add(
                        note(
                                "routing.paths",
                                "takes %s from %s.%s".formatted(path, from, AT_ONCE)
                                        + (live
                                                ? ""
                                                : " Until a release of this service is live, requests for it get 503: roll one out soon, or declare the path with the apply that follows the first release.")));
            }
        }
        return risks;
    }

    private static boolean shareHosts(RouteClaim other, RouteClaim own) {
        return other.hosts().isEmpty()
                || own.hosts().isEmpty()
                || own.hosts().stream()
                        .anyMatch(host ->
                                other.hosts().stream().anyMatch(wide -> includes(wide, host) || includes(host, wide)));
    }

    /** Whether all that one pattern of a listener rule matches is matched by another, too, as far as their texts say. */
    private static boolean includes(String wide, String narrow) {
        String expression = Stream.of(wide.split("(?=[*?])|(?<=[*?])"))
                .map(part -> part.equals("*") ? ".*" : part.equals("?") ? "." : Pattern.quote(part))
                .collect(Collectors.joining());
        return narrow.matches(expression);
    }

    private static void starting(ServiceSpec before, ServiceSpec after, List<Risk> risks) {
        if (after.gracePeriodSeconds() < before.gracePeriodSeconds()) {
            risks.add(note(
                    "gracePeriodSeconds",
                    "has ECS replace a task that is not healthy %d s after its start: one that takes longer never serves, and is started again and again."
                                    .formatted(after.gracePeriodSeconds())
                            + AT_ONCE));
        }
        int draining = after.routing().drainingSeconds();
        if (draining < before.routing().drainingSeconds()) {
            risks.add(note(
                    "routing.drainingSeconds",
                    "breaks off requests that take longer than %d s when their task leaves, in every rollout and whenever tasks become fewer."
                                    .formatted(draining)
                            + AT_ONCE));
        }
    }

    private static void kept(ServiceSpec before, ServiceSpec after, List<Risk> risks) {
        int logs = after.logs().retentionDays();
        if (logs < before.logs().retentionDays()) {
            risks.add(note("logs.retentionDays", "deletes the logs that are older than %d days.".formatted(logs)));
        }
        ServiceSpec.Registry was = before.registry();
        ServiceSpec.Registry will = after.registry();
        if (will.keepReleases() < was.keepReleases()) {
            risks.add(note(
                    "registry.keepReleases",
                    "lets the images of all but the newest %d releases expire: there is no way back to older ones."
                            .formatted(will.keepReleases())));
        }
        if (will.keepImages() < was.keepImages()) {
            risks.add(note(
                    "registry.keepImages",
                    "deletes all images but the newest %d that no release has: they cannot be rolled out any more."
                            .formatted(will.keepImages())));
        }
    }

    private static void access(ServiceSpec before, ServiceSpec after, List<Risk> risks) {
        Set<String> lost = new TreeSet<>(before.registry().pushFrom());
        after.registry().pushFrom().forEach(lost::remove);
        if (!lost.isEmpty()) {
            risks.add(note(
                    "registry.pushFrom",
                    "refuses pushes and pulls by %s.%s".formatted(String.join(", ", lost), AT_ONCE)));
        }
        if (after.exec() && !before.exec()) {
            risks.add(
                    note(
                            "exec",
                            "lets whoever has ecs:ExecuteCommand open a shell in tasks that start from now on, with all that their containers know."));
        }
    }

    private static void alarms(ServiceSpec.Alarms before, ServiceSpec.Alarms after, List<Risk> risks) {
        if (before.enabled() && !after.enabled()) {
            risks.add(note(
                    "alarms.enabled",
                    "takes the alarms away: nobody is told any more when the service fails." + AT_ONCE));
            return;
        }
        later("failedPercent", before.failedPercent(), after.failedPercent(), "%s %% of the requests fail", risks);
        later(
                "slowSeconds",
                before.slowSeconds(),
                after.slowSeconds(),
                "5 %% of the answers take longer than %s s",
                risks);
        later("cpuPercent", before.cpuPercent(), after.cpuPercent(), "tasks use %s %% of their CPU", risks);
        later("memoryPercent", before.memoryPercent(), after.memoryPercent(), "a task uses %s %% of its memory", risks);
    }

    private static void later(String field, double before, double after, String until, List<Risk> risks) {
        if (after > before) {
            DecimalFormat shown = new DecimalFormat("0.###", DecimalFormatSymbols.getInstance(Locale.ROOT));
            risks.add(note(
                    "alarms." + field,
                    "tells people later: not until %s; it was %s."
                                    .formatted(until.formatted(shown.format(after)), shown.format(before))
                            + AT_ONCE));
        }
    }

    private static void routing(ServiceSpec.Routing before, ServiceSpec.Routing after, List<Risk> risks) {
        gone("routing.paths", before.paths(), after.paths(), risks);
        if (before.hosts().isEmpty() && !after.hosts().isEmpty()) {
            risks.add(note(
                    "routing.hosts",
                    "leaves out requests for other hosts than %s: they get 404, or another service."
                                    .formatted(String.join(", ", after.hosts()))
                            + AT_ONCE));
        } else if (!after.hosts().isEmpty()) {
            gone("routing.hosts", before.hosts(), after.hosts(), risks);
        }
    }

    private static void gone(String field, List<String> before, List<String> after, List<Risk> risks) {
        TreeSet<String> gone = new TreeSet<>(before);
        after.forEach(gone::remove);
        if (!gone.isEmpty()) {
            risks.add(note(
                    field,
                    "leaves out %s: requests for it get 404, or another service.".formatted(String.join(", ", gone))
                            + AT_ONCE));
        }
    }

    private static void healthCheck(ServiceSpec.HealthCheck before, ServiceSpec.HealthCheck after, List<Risk> risks) {
        boolean other = !before.path().equals(after.path()) || !before.codes().equals(after.codes());
        boolean stricter = after.timeoutSeconds() < before.timeoutSeconds()
                || after.unhealthyThreshold() < before.unhealthyThreshold()
                || after.intervalSeconds() < before.intervalSeconds();
        if (other || stricter) {
            risks.add(note(
                    "routing.healthCheck",
                    "has the load balancer ask the tasks that serve now for %s: one that does not answer %s within %d s, %d times in a row, %d s apart, is taken out and replaced, and if none does the service is down."
                                    .formatted(
                                            after.path(),
                                            after.codes(),
                                            after.timeoutSeconds(),
                                            after.unhealthyThreshold(),
                                            after.intervalSeconds())
                            + AT_ONCE
                            + " Be sure that the live release answers it, or roll out one that does first."));
        }
    }

    static Risk note(String field, String what) {
        return new Risk(field, field + " " + what, false);
    }
}
