package dev.slipway.simulated.ecs;

/** Why a service deployment turned back, and in which words (docs/assumptions.md tells which of them are public). */
enum EcsFailure {
    CIRCUIT_BREAKER(
            "tasks failed to start.",
            "ECS deployment circuit breaker: tasks failed to start.",
            "ECS deployment circuit breaker: rolling back to deploymentId %s.",
            "Service deployment rolled back because the circuit breaker threshold was exceeded."),
    STOPPED_BY_USER(
            "ECS deployment %s was stopped.",
            "ECS deployment %s was stopped.",
            "ECS deployment %s in progress.",
            "Service deployment rolled back because of a user request."),
    HOOK(
            "hook execution failure(s) detected.",
            "ECS deployment failed: hook execution failure(s) detected.",
            "ECS deployment failed: rolling back to deploymentId %s.",
            "Service deployment rolled back because of hook execution failure(s)."),
    ALARM(
            "alarm detected.",
            "ECS deployment alarm: alarm detected.",
            "ECS deployment alarm: rolling back to deploymentId %s.",
            "Service deployment rolled back because of CloudWatch alarm(s)."),
    TIMEOUT(
            "a lifecycle stage took longer than 24 hours.",
            "ECS deployment failed: a lifecycle stage took longer than 24 hours.",
            "ECS deployment failed: rolling back to deploymentId %s.",
            "Service deployment rolled back because a lifecycle stage timed out."),
    LISTENER_RULE(
            "the listener rule does not forward to both target groups.",
            "ECS deployment failed: the listener rule does not forward to both target groups.",
            "ECS deployment failed: rolling back to deploymentId %s.",
            "Service deployment rolled back because traffic could not be shifted.");

    private final String message;
    private final String reason;
    private final String returning;
    private final String status;

    EcsFailure(String message, String reason, String returning, String status) {
        this.message = message;
        this.reason = reason;
        this.returning = returning;
        this.status = status;
    }

    /** In the service's event stream. */
    String message(String deploymentId) {
        return message.formatted(deploymentId);
    }

    /** The reason of the deployment that failed, also in its event. */
    String reason(String deploymentId) {
        return reason.formatted(deploymentId);
    }

    /** The reason of the deployment that is gone back to: there a rollback shows itself. */
    String returning(String deploymentId) {
        return returning.formatted(deploymentId);
    }

    /** The service deployment's. */
    String status() {
        return status;
    }
}
