package dev.slipway.service;

import dev.slipway.release.Release;
import dev.slipway.rollout.Rollout;
import dev.slipway.scaling.ScalingSettings;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/** Why what is live of a service is not what its spec declares. */
final class DriftExplanation {
    private DriftExplanation() {}

    /** @param latest the rollout that was started last */
    static Optional<String> explain(
            ServiceRecord record, Optional<ServiceQueries.Live> live, Optional<Rollout> latest) {
        if (live.isEmpty()) {
            return Optional.of(noLiveRelease(record, latest));
        }
        Release release = live.get().release();
        if (live.get().outOfBand() != null) {
            return Optional.of("A deployment of %s that was started outside Slipway is under way."
                    .formatted(live.get().outOfBand()));
        }
        if (latest.filter(Rollout::isRunning).isPresent()) {
            return Optional.of(inProgress(latest.get(), live.get().traffic()));
        }
        if (latest.filter(Rollout::isRollbackFailed).isPresent()) {
            return Optional.of(
                    "The rollback of the rollout %s failed%s. Roll out a release that you know to be good: POST %s/rollback"
                            .formatted(
                                    latest.get().id(),
                                    shares(live.get().traffic()),
                                    record.id().path()));
        }
        if (release == null) {
            return Optional.of("ECS runs %s, which is none of this service's releases: it was deployed by other means."
                    .formatted(live.get().taskDefinition()));
        }
        if (!release.container().equals(record.declared().container())) {
            return Optional.of("The declared container settings are not those of release %d, which is live: %s"
                    .formatted(release.number(), settings(record, latest)));
        }
        Integer ours = record.live();
        if (ours != null && ours != release.number()) {
            return Optional.of("ECS runs release %d where the last rollout that succeeded made release %d live: %s"
                    .formatted(release.number(), ours, otherReleaseReason(release, latest)));
        }
        return count(record, live.get());
    }

    /** A rollout that we lost sight of may have gone on; else it was somebody else. */
    private static String otherReleaseReason(Release release, Optional<Rollout> latest) {
        return latest.filter(rollout -> Objects.equals(rollout.release(), release.number()))
                .map(DriftExplanation::rolloutStatus)
                .orElse("it was deployed outside Slipway.");
    }

    private static String inProgress(Rollout rollout, List<ServiceQueries.Share> traffic) {
        return "The rollout %s is under way%s.".formatted(rollout.id(), shares(traffic));
    }

    private static String shares(List<ServiceQueries.Share> traffic) {
        return traffic.size() < 2
                ? ""
                : traffic.stream()
                        .map(share -> "%s has %s %% of the requests"
                                .formatted(
                                        share.release() == null ? "another release" : "release " + share.release(),
                                        percent(share.percent())))
                        .collect(Collectors.joining(", ", "; ", ""));
    }

    private static String percent(double value) {
        double rounded = Math.round(value * 10) / 10.0;
        return rounded == Math.rint(rounded) ? Long.toString((long) rounded) : Double.toString(rounded);
    }

    private static String noLiveRelease(ServiceRecord record, Optional<Rollout> latest) {
        if (latest.isPresent()) {
            return "No release is live: " + rolloutStatus(latest.get());
        }
        return record.outputs().isEmpty()
                ? "No release is live: the service has not been created yet."
                : "No release is live yet: push an image to %s and roll it out (POST %s/rollouts)."
                        .formatted(record.output("RepositoryUri"), record.id().path());
    }

    private static String settings(ServiceRecord record, Optional<Rollout> latest) {
        return latest.filter(rollout ->
                        rollout.request().container().equals(record.declared().container()))
                .map(DriftExplanation::rolloutStatus)
                .orElseGet(() -> record.declared().container().equals(record.attempted())
                        ? "another release was called for since. Roll out an image to have them again: POST %s/rollouts"
                                .formatted(record.id().path())
                        : "they go out with the next rollout or apply.");
    }

    private static Optional<String> count(ServiceRecord record, ServiceQueries.Live live) {
        Integer declared = record.declared().count();
        if (declared == null) {
            return scaling(record, live);
        }
        if (live.desired() == declared) {
            return Optional.empty();
        }
        boolean set = record.count() != null && record.count().equals(declared);
        return Optional.of("ECS is set to run %d tasks where the spec says %d: %s"
                .formatted(
                        live.desired(),
                        declared,
                        set
                                ? "somebody or something else set it, or they are left of when the service scaled, and"
                                        + " an apply leaves it alone until the spec says another number."
                                : "the number has not been applied."));
    }

    private static Optional<String> scaling(ServiceRecord record, ServiceQueries.Live live) {
        ScalingSettings scaled = record.scaled();
        if (scaled == null || !scaled.limitsLike(record.declared().scaling())) {
            return Optional.of("The declared scaling has not been applied.");
        }
        return live.scaling() == null
                ? Optional.of("The service does not scale: it is not registered with Application Auto Scaling any more."
                        + " Apply the spec without scaling, then with it.")
                : Optional.empty();
    }

    private static String rolloutStatus(Rollout rollout) {
        if (rollout.isRunning()) {
            return "the rollout %s is under way.".formatted(rollout.id());
        }
        String end = "the rollout %s is %s"
                .formatted(
                        rollout.id(),
                        rollout.state().name().toLowerCase(Locale.ROOT).replace('_', ' '));
        return rollout.outcome() == null
                ? end + "."
                : end + ": " + rollout.outcome().detail();
    }
}
