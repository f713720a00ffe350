package dev.slipway.rollout;

/** The lifecycle stages at which ECS asks our gate, as AWS spells them. */
enum GateStage {
    /** The new tasks are up and get test traffic. */
    POST_TEST_TRAFFIC_SHIFT,
    /** Before each step that moves production traffic. */
    PRE_PRODUCTION_TRAFFIC_SHIFT
}
