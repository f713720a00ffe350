package dev.slipway.rollout;

/** The lifecycle stages at which ECS asks our gate, as AWS spells them. */
enum GateStage {
    /** The new tasks are up and get test traffic. */
    POST_TEST_TRAFFIC_SHIFT,
    /** Before each step that moves production traffic. */
    PRE_PRODUCTION_TRAFFIC_SHIFT;

    /**
     * Whether a deployment that is at this stage may show itself as at another: what is shown may be of a moment before, the stage of
     * test traffic or the step that has just been made. AmazonECS/latest/APIReference/API_ServiceDeployment.html
     *
     * @param shown as DescribeServiceDeployments spells it
     * @param tested whether the stage of test traffic has been let pass
     */
    boolean isShownAs(String shown, boolean tested) {
        return shown.equals(name())
                || this == PRE_PRODUCTION_TRAFFIC_SHIFT
                        && (shown.equals("PRODUCTION_TRAFFIC_SHIFT")
                                || tested && shown.equals("POST_TEST_TRAFFIC_SHIFT"));
    }
}
