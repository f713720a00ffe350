package dev.slipway.service;

import dev.slipway.release.Release;
import dev.slipway.rollout.Rollout;
import java.util.Locale;
import java.util.Optional;

/** Why what is live of a service is not what its spec declares. */
final class LiveDifference {
    private LiveDifference() {}

    /** @param latest the rollout that was started last */
    static Optional<String> sentence(
            ServiceRecord record, Optional<ServiceQueries.Live> live, Optional<Rollout> latest) {
        if (live.isEmpty()) {
            return Optional.of(nothing(record, latest));
        }
        Release release = live.get().release();
        if (release == null) {
            return Optional.of("ECS runs %s, which is none of this service's releases: it was deployed by other means."
                    .formatted(live.get().taskDefinition()));
        }
        if (!release.container().equals(record.declared().container())) {
            return Optional.of("The declared container settings are not those of release %d, which is live: %s"
                    .formatted(release.number(), settings(record, latest)));
        }
        return count(record, live.get()).or(() -> running(latest));
    }

    private static String nothing(ServiceRecord record, Optional<Rollout> latest) {
        if (latest.isPresent()) {
            return "No release is live: " + course(latest.get());
        }
        return record.outputs().isEmpty()
                ? "No release is live: the service has not been created yet."
                : "No release is live yet: push an image to %s and roll it out (POST %s/rollouts)."
                        .formatted(
                                record.outputs().get("RepositoryUri"),
                                record.id().path());
    }

    private static String settings(ServiceRecord record, Optional<Rollout> latest) {
        return latest.filter(
                        rollout -> rollout.container().equals(record.declared().container()))
                .map(LiveDifference::course)
                .orElse("they go out with the next rollout or apply.");
    }

    private static Optional<String> count(ServiceRecord record, ServiceQueries.Live live) {
        int declared = record.declared().count();
        if (live.desired() == declared) {
            return Optional.empty();
        }
        boolean set = record.count() != null && record.count() == declared;
        return Optional.of("ECS is set to run %d tasks where the spec says %d: %s"
                .formatted(
                        live.desired(),
                        declared,
                        set
                                ? "somebody or something else set it, and an apply leaves it alone until the spec says"
                                        + " another number."
                                : "the number has not been applied."));
    }

    private static Optional<String> running(Optional<Rollout> latest) {
        return latest.filter(Rollout::isRunning).map(LiveDifference::course);
    }

    private static String course(Rollout rollout) {
        if (rollout.isRunning()) {
            return "the rollout %s is under way.".formatted(rollout.id());
        }
        String end = "the rollout %s is %s"
                .formatted(
                        rollout.id(),
                        rollout.state().name().toLowerCase(Locale.ROOT).replace('_', ' '));
        return rollout.detail() == null ? end + "." : end + ": " + rollout.detail();
    }
}
