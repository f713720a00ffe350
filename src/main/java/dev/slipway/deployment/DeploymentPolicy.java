package dev.slipway.deployment;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Decides from what ECS says of a service what a rollout does next. Plain values in, a decision out. */
public final class DeploymentPolicy {
    /** How far ECS's clock may be behind ours. */
    public static final Duration CLOCK_SKEW = Duration.ofSeconds(5);
    /** How long what we have made may take to show: a deployment after UpdateService, a task after RunTask. */
    public static final Duration VISIBLE_WITHIN = Duration.ofMinutes(3);

    private static final Set<String> TIMED_OUT = Set.of("timeout", "timed out", "too long", "24 hours");

    private DeploymentPolicy() {}

    /**
     * A deployment of {@code DescribeServices}.
     *
     * @param completed whether it has reached its steady state
     */
    public record DeploymentState(String taskDefinition, Instant createdAt, boolean primary, boolean completed) {}

    /** A deployment of {@code ListServiceDeployments}; {@code status} as AWS spells it, since unknown ones may come. */
    record ServiceDeploymentState(
            String arn,
            Instant createdAt,
            String status,
            @Nullable String reason) {}

    /** What to do before UpdateService. */
    public sealed interface StartDecision {
        /** No service yet: the first release goes out with the stack. */
        record CreateService() implements StartDecision {}

        /** The release is live already and nothing is under way. */
        record AlreadyLive() implements StartDecision {}

        /** UpdateService has been called since we meant to: by an attempt before this one. Never again. */
        record AlreadyStarted() implements StartDecision {}

        /** A deployment is under way: somebody else's, or ours is being rolled back. */
        record Wait() implements StartDecision {}

        /** UpdateService, unless the list of deployments has one of ours that ECS has rolled back since. */
        record Deploy() implements StartDecision {}
    }

    /**
     * @param active whether there is an active service
     * @param intended when we wrote down that we mean to deploy
     */
    public static StartDecision start(
            boolean active, List<DeploymentState> deployments, String taskDefinition, Instant intended) {
        if (!active) {
            return new StartDecision.CreateService();
        }
        Instant since = intended.minus(CLOCK_SKEW);
        boolean ours = deployments.stream()
                .anyMatch(found -> found.taskDefinition().equals(taskDefinition)
                        && !found.createdAt().isBefore(since));
        if (ours) {
            return new StartDecision.AlreadyStarted();
        }
        boolean quiet = deployments.size() == 1 && deployments.getFirst().completed();
        if (!quiet) {
            return new StartDecision.Wait();
        }
        return deployments.getFirst().taskDefinition().equals(taskDefinition)
                ? new StartDecision.AlreadyLive()
                : new StartDecision.Deploy();
    }

    /** What to do about a deployment of somebody else that is in the way. */
    public enum Displacement {
        /** It may still end by itself. */
        WAIT,
        /** UpdateService, which ends it. */
        SUPERSEDE,
        /** It is stopped first, since it shifts traffic: so the next begins with one revision, and may be rolling. */
        STOP,
        /** It is somebody's, and well: theirs to end. */
        GIVE_UP
    }

    /**
     * A deployment outside Slipway that is in the way of a rollout.
     *
     * @param since when it, or its rollback, began
     * @param rolling whether it replaces tasks; such a one has no bake, and is over when its tasks run
     * @param nothingNew whether it brings the release that is live
     * @param idle whether it has no production traffic, and not all of its tasks
     * @param rollingBack whether it was stopped, or failed, already
     */
    public record OtherDeployment(
            Instant since, boolean rolling, boolean nothingNew, boolean idle, boolean rollingBack) {}

    /**
     * A release that fails keeps a deployment of it from ending, for good; so the one that mends it does not wait for that. What
     * is well is left to whoever started it.
     *
     * @param asked when the rollout was ready to deploy
     * @param wantsRolling whether the rollout replaces tasks
     * @param limit how long tasks may take to start and to leave
     */
    public static Displacement displace(
            OtherDeployment other, Instant asked, boolean wantsRolling, Duration limit, Instant now) {
        Instant last = asked.plus(limit.multipliedBy(2));
        if (now.isBefore(other.since().plus(limit))) {
            return now.isBefore(last) ? Displacement.WAIT : Displacement.GIVE_UP;
        }
        if (!other.rolling() && !other.nothingNew() && !other.idle() && !other.rollingBack()) {
            return now.isBefore(asked.plus(limit)) ? Displacement.WAIT : Displacement.GIVE_UP;
        }
        if (other.rolling()) {
            return Displacement.SUPERSEDE;
        }
        // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/update-bluegreen-to-rolling.html
        if (!other.rollingBack()) {
            return now.isBefore(last) ? Displacement.STOP : Displacement.GIVE_UP;
        }
        return !wantsRolling ? Displacement.SUPERSEDE : now.isBefore(last) ? Displacement.WAIT : Displacement.GIVE_UP;
    }

    /** What one call tells while a deployment is under way, in the usual case. */
    public enum PrimaryStatus {
        LIVE,
        IN_PROGRESS,
        /** Look at the service's deployments one by one. */
        UNKNOWN
    }

    public static PrimaryStatus primaryStatus(
            List<DeploymentState> deployments, String taskDefinition, Instant intended) {
        Optional<DeploymentState> primary =
                deployments.stream().filter(DeploymentState::primary).findFirst();
        if (primary.isEmpty()
                || !primary.get().taskDefinition().equals(taskDefinition)
                || primary.get().createdAt().isBefore(intended.minus(CLOCK_SKEW))) {
            return PrimaryStatus.UNKNOWN;
        }
        return primary.get().completed() ? PrimaryStatus.LIVE : PrimaryStatus.IN_PROGRESS;
    }

    /**
     * Whether an answer of DescribeServices is one from before our deployment: its primary deployment is older than we meant ours to be.
     * Answers are eventually consistent, and those of ListServiceDeployments may be ahead of them.
     */
    public static boolean isFromBefore(List<DeploymentState> deployments, Instant intended) {
        return deployments.stream()
                .filter(DeploymentState::primary)
                .anyMatch(primary -> primary.createdAt().isBefore(intended.minus(CLOCK_SKEW)));
    }

    /**
     * What a deployment tells of its rollback.
     *
     * @param circuitBroken whether the circuit breaker has triggered
     * @param alarmed whether one of its alarms has
     */
    public record RollbackState(
            boolean circuitBroken,
            boolean alarmed,
            @Nullable String reason) {}

    /** Why a release was rolled back that we did not have rolled back. */
    public enum RollbackCause {
        CIRCUIT_BREAKER,
        ALARM,
        /** The hook failed, or did not answer in time. */
        HOOK,
        /** A stage lasted longer than ECS waits. */
        TIME_LIMIT,
        /** The traffic could not be moved. */
        TRAFFIC,
        /** Somebody ordered it, in the console or by StopServiceDeployment. */
        ORDER,
        UNKNOWN
    }

    /**
     * ECS has a sign for the circuit breaker and for alarms, and names hooks, time limits and listeners in its reason; the words for an
     * order are not documented, so what is left is one. Without any reason nothing can be told, and the release is at fault.
     */
    public static RollbackCause cause(RollbackState seen) {
        String reason = seen.reason() == null ? "" : seen.reason().toLowerCase(Locale.ROOT);
        if (seen.circuitBroken() || !seen.alarmed() && reason.contains("circuit breaker")) {
            return RollbackCause.CIRCUIT_BREAKER;
        }
        if (seen.alarmed() || reason.contains("alarm")) {
            return RollbackCause.ALARM;
        }
        if (reason.contains("hook")) {
            return RollbackCause.HOOK;
        }
        if (TIMED_OUT.stream().anyMatch(reason::contains)) {
            return RollbackCause.TIME_LIMIT;
        }
        if (reason.contains("traffic") || reason.contains("listener")) {
            return RollbackCause.TRAFFIC;
        }
        return reason.isBlank() || reason.contains("fail") ? RollbackCause.UNKNOWN : RollbackCause.ORDER;
    }

    /** What to do after it. */
    public sealed interface MonitorDecision {
        /** It is at work. */
        record InProgress(String arn) implements MonitorDecision {}

        /** It is being rolled back. */
        record RollingBack(String arn) implements MonitorDecision {}

        /** It is to be stopped, and rolled back. */
        record Stop(String arn) implements MonitorDecision {}

        /** The release is live. */
        record Live(String arn) implements MonitorDecision {}

        /** AWS rolled it back. */
        record RolledBack(String arn, @Nullable String reason) implements MonitorDecision {}

        /** Somebody stopped it, or a deployment outside Slipway superseded it; what is live has to be looked at. */
        record Stopped(String arn, @Nullable String reason) implements MonitorDecision {}

        /** The rollback itself failed. */
        record RollbackFailed(String arn, @Nullable String reason) implements MonitorDecision {}

        /** No deployment has shown yet. */
        record NotVisibleYet() implements MonitorDecision {}

        /** No deployment has shown in time. */
        record Missing() implements MonitorDecision {}
    }

    /**
     * @param deployments of the service since we meant to deploy, in any order; ours is the first of them
     * @param known its ARN, once we have seen it
     * @param stop whether it shall end: cancelled, or over its time limit
     * @param intended when we wrote down that we mean to deploy
     * @param called when ECS was told to
     */
    public static MonitorDecision monitor(
            List<ServiceDeploymentState> deployments,
            @Nullable String known,
            boolean stop,
            Instant intended,
            Instant called,
            Instant now) {
        Instant since = intended.minus(CLOCK_SKEW);
        Optional<ServiceDeploymentState> ours = deployments.stream()
                .filter(found -> known == null
                        ? !found.createdAt().isBefore(since)
                        : found.arn().equals(known))
                .min((a, b) -> a.createdAt().compareTo(b.createdAt()));
        if (ours.isEmpty()) {
            return called.plus(VISIBLE_WITHIN).isBefore(now)
                    ? new MonitorDecision.Missing()
                    : new MonitorDecision.NotVisibleYet();
        }
        ServiceDeploymentState found = ours.get();
        return switch (found.status()) {
            case "SUCCESSFUL" -> new MonitorDecision.Live(found.arn());
            case "ROLLBACK_SUCCESSFUL" -> new MonitorDecision.RolledBack(found.arn(), found.reason());
            case "STOPPED" -> new MonitorDecision.Stopped(found.arn(), found.reason());
            case "ROLLBACK_FAILED" -> new MonitorDecision.RollbackFailed(found.arn(), found.reason());
            case "PENDING", "IN_PROGRESS" ->
                stop ? new MonitorDecision.Stop(found.arn()) : new MonitorDecision.InProgress(found.arn());
            default ->
                isRollingBack(found.status())
                        ? new MonitorDecision.RollingBack(found.arn())
                        : new MonitorDecision.InProgress(found.arn()); // a status yet unknown
        };
    }

    /** Whether a stop or a rollback is asked for or under way. */
    public static boolean isRollingBack(String status) {
        return status.equals("STOP_REQUESTED")
                || status.equals("ROLLBACK_REQUESTED")
                || status.equals("ROLLBACK_IN_PROGRESS");
    }
}
