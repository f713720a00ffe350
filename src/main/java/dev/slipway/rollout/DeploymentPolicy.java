package dev.slipway.rollout;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Decides from what ECS says of a service what a rollout does next. Plain values in, a decision out. */
final class DeploymentPolicy {
    /** How far ECS's clock may be behind ours. */
    static final Duration SKEW = Duration.ofSeconds(5);
    /** How long a deployment may take to show after UpdateService. */
    static final Duration SHOWS_WITHIN = Duration.ofMinutes(3);

    private DeploymentPolicy() {}

    /**
     * A deployment of {@code DescribeServices}.
     *
     * @param completed whether it has reached its steady state
     */
    record Current(String taskDefinition, Instant createdAt, boolean primary, boolean completed) {}

    /** A deployment of {@code ListServiceDeployments}; {@code status} as AWS spells it, since unknown ones may come. */
    record Shift(
            String arn,
            Instant createdAt,
            String status,
            @Nullable String reason) {}

    /** What to do before UpdateService. */
    sealed interface Start {
        /** No service yet: the first release goes out with the stack. */
        record First() implements Start {}

        /** The release is live already and nothing is under way. */
        record AlreadyLive() implements Start {}

        /** UpdateService has been called since we meant to: by an attempt before this one. Never again. */
        record HasHappened() implements Start {}

        /** A deployment is under way: somebody else's, or ours is being taken back. */
        record Wait() implements Start {}

        /** UpdateService, unless the list of deployments has one of ours that ECS has taken back since. */
        record Deploy() implements Start {}
    }

    /**
     * @param active whether there is an active service
     * @param intended when we wrote down that we mean to deploy
     */
    static Start start(boolean active, List<Current> deployments, String taskDefinition, Instant intended) {
        if (!active) {
            return new Start.First();
        }
        Instant since = intended.minus(SKEW);
        boolean ours = deployments.stream()
                .anyMatch(found -> found.taskDefinition().equals(taskDefinition)
                        && !found.createdAt().isBefore(since));
        if (ours) {
            return new Start.HasHappened();
        }
        boolean quiet = deployments.size() == 1 && deployments.getFirst().completed();
        if (!quiet) {
            return new Start.Wait();
        }
        return deployments.getFirst().taskDefinition().equals(taskDefinition)
                ? new Start.AlreadyLive()
                : new Start.Deploy();
    }

    /** What one call tells while a deployment is under way, in the usual case. */
    enum Glance {
        LIVE,
        GOING,
        /** Look at the service's deployments one by one. */
        UNCLEAR
    }

    static Glance glance(List<Current> deployments, String taskDefinition, Instant intended) {
        Optional<Current> primary =
                deployments.stream().filter(Current::primary).findFirst();
        if (primary.isEmpty()
                || !primary.get().taskDefinition().equals(taskDefinition)
                || primary.get().createdAt().isBefore(intended.minus(SKEW))) {
            return Glance.UNCLEAR;
        }
        return primary.get().completed() ? Glance.LIVE : Glance.GOING;
    }

    /** What to do after it. */
    sealed interface Watch {
        /** It is at work. */
        record Going(String arn) implements Watch {}

        /** It is to be stopped, and rolled back. */
        record Stop(String arn) implements Watch {}

        /** The release is live. */
        record Live(String arn) implements Watch {}

        /** AWS took it back. */
        record TakenBack(String arn, @Nullable String reason) implements Watch {}

        /** Somebody stopped it, or a deployment past us superseded it; what is live has to be looked at. */
        record Stopped(String arn, @Nullable String reason) implements Watch {}

        /** The rollback itself failed. */
        record Stuck(String arn, @Nullable String reason) implements Watch {}

        /** No deployment has shown yet. */
        record NotYet() implements Watch {}

        /** No deployment has shown in time. */
        record Never() implements Watch {}
    }

    /**
     * @param deployments of the service since we meant to deploy, in any order; ours is the first of them
     * @param known its ARN, once we have seen it
     * @param stop whether it shall end: cancelled, or over its time limit
     */
    static Watch watch(List<Shift> deployments, @Nullable String known, boolean stop, Instant intended, Instant now) {
        Instant since = intended.minus(SKEW);
        Optional<Shift> ours = deployments.stream()
                .filter(found -> known == null
                        ? !found.createdAt().isBefore(since)
                        : found.arn().equals(known))
                .min((a, b) -> a.createdAt().compareTo(b.createdAt()));
        if (ours.isEmpty()) {
            return intended.plus(SHOWS_WITHIN).isBefore(now) ? new Watch.Never() : new Watch.NotYet();
        }
        Shift found = ours.get();
        return switch (found.status()) {
            case "SUCCESSFUL" -> new Watch.Live(found.arn());
            case "ROLLBACK_SUCCESSFUL" -> new Watch.TakenBack(found.arn(), found.reason());
            case "STOPPED" -> new Watch.Stopped(found.arn(), found.reason());
            case "ROLLBACK_FAILED" -> new Watch.Stuck(found.arn(), found.reason());
            case "PENDING", "IN_PROGRESS" -> stop ? new Watch.Stop(found.arn()) : new Watch.Going(found.arn());
            default -> new Watch.Going(found.arn()); // stop or rollback requested or under way, or a status yet unknown
        };
    }
}
