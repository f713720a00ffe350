package dev.slipway.simulated.ecs;

/**
 * The stages of a deployment that shifts traffic, in their order ("Amazon ECS blue/green service deployments
 * workflow"), as deployments show them (API_ServiceDeployment.html). The SDK's own enumeration lacks PRE_PRODUCTION_TRAFFIC_SHIFT.
 */
enum EcsStage {
    /** Only when more than one revision is ACTIVE at the start: the service comes back to its last good revision. */
    RECONCILE_SERVICE,
    PRE_SCALE_UP,
    SCALE_UP,
    POST_SCALE_UP,
    TEST_TRAFFIC_SHIFT,
    POST_TEST_TRAFFIC_SHIFT,
    /** Again before every step. */
    PRE_PRODUCTION_TRAFFIC_SHIFT,
    /** One step of the production traffic and, for all steps but the last, the time it bakes. */
    PRODUCTION_TRAFFIC_SHIFT,
    POST_PRODUCTION_TRAFFIC_SHIFT,
    BAKE_TIME,
    CLEAN_UP;

    /** "No hooks at SCALE_UP, BAKE_TIME, CLEAN_UP" (DeploymentLifecycleHook lists the stages that can have one). */
    boolean hasHooks() {
        return switch (this) {
            case SCALE_UP, BAKE_TIME, CLEAN_UP -> false;
            default -> true;
        };
    }

    EcsStage next() {
        return values()[ordinal() + 1];
    }

    boolean reached(EcsStage other) {
        return compareTo(other) >= 0;
    }
}
