package dev.slipway.service;

import dev.slipway.stack.Risk;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a change of a living service's spec means for its users although no resource is lost. None of it waits for a rollout: it
 * is so as soon as the spec is applied.
 */
final class ServiceRisks {
    private static final String AT_ONCE = " This is so as soon as it is applied, without a rollout.";

    private ServiceRisks() {}

    /** @param release the number of the one that is live; null where none is, so that there is nothing to break */
    static List<Risk> of(ServiceSpec before, ServiceSpec after, @Nullable Integer release) {
        if (release == null) {
            return List.of();
        }
        List<Risk> risks = new ArrayList<>();
        count(before.count(), after.count(), release, risks);
        routing(before.routing(), after.routing(), risks);
        healthCheck(before.routing().healthCheck(), after.routing().healthCheck(), risks);
        int logs = after.logs().retentionDays();
        if (logs < before.logs().retentionDays()) {
            risks.add(note("logs.retentionDays", "deletes the logs that are older than %d days.".formatted(logs)));
        }
        return risks;
    }

    private static void count(int before, int after, int release, List<Risk> risks) {
        if (before == after) {
            return;
        }
        if (after == 0) {
            risks.add(note(
                    "count",
                    "stops the service: its %d tasks end, and requests to it get 503.".formatted(before) + AT_ONCE));
        } else if (before == 0) {
            risks.add(note(
                    "count",
                    "starts the service with release %d, which has all requests at once; what was rolled out while the service was stopped was neither checked nor judged."
                            .formatted(release)));
        } else if (after < before) {
            risks.add(note(
                    "count", "leaves %d of %d tasks to serve the same requests.".formatted(after, before) + AT_ONCE));
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
                || after.unhealthyThreshold() < before.unhealthyThreshold();
        if (other || stricter) {
            risks.add(note(
                    "routing.healthCheck",
                    "has the load balancer ask the tasks that serve now for %s: one that does not answer %s within %d s, %d times in a row, is taken out and replaced, and if none does the service is down."
                                    .formatted(
                                            after.path(),
                                            after.codes(),
                                            after.timeoutSeconds(),
                                            after.unhealthyThreshold())
                            + AT_ONCE
                            + " Be sure that the live release answers it, or roll out one that does first."));
        }
    }

    private static Risk note(String field, String what) {
        return new Risk(field, field + " " + what, false);
    }
}
