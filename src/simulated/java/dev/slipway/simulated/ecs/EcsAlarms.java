package dev.slipway.simulated.ecs;

import java.time.Duration;
import java.util.List;
import software.amazon.awssdk.services.ecs.model.DeploymentAlarms;
import software.amazon.awssdk.services.ecs.model.ServiceDeploymentAlarms;
import software.amazon.awssdk.services.ecs.model.ServiceDeploymentRollbackMonitorsStatus;

/** Deployment alarms ("How CloudWatch alarms detect Amazon ECS deployment failures"): any strategy can have them. */
final class EcsAlarms {
    /** How often ECS looks (assumed). */
    static final Duration INTERVAL = Duration.ofSeconds(30);

    private static final String FIRING = "ALARM";

    private final EcsState state;

    EcsAlarms(EcsState state) {
        this.state = state;
    }

    static boolean watched(EcsServiceDeployment deployment) {
        DeploymentAlarms alarms = deployment.configuration.alarms();
        return alarms != null && Boolean.TRUE.equals(alarms.enable());
    }

    /** An alarm that is in ALARM when the deployment starts "is ignored" for that deployment. */
    void begin(EcsServiceDeployment deployment) {
        if (watched(deployment)) {
            deployment.ignoredAlarms.addAll(firing(deployment));
        }
    }

    /** Whether an alarm has gone off since the deployment began; remembers which. */
    boolean triggered(EcsServiceDeployment deployment) {
        if (!watched(deployment)) {
            return false;
        }
        deployment.triggeredAlarms.addAll(firing(deployment).stream()
                .filter(name -> !deployment.ignoredAlarms.contains(name))
                .toList());
        return !deployment.triggeredAlarms.isEmpty();
    }

    static boolean rollsBack(EcsServiceDeployment deployment) {
        return Boolean.TRUE.equals(deployment.configuration.alarms().rollback());
    }

    private List<String> firing(EcsServiceDeployment deployment) {
        return deployment.configuration.alarms().alarmNames().stream()
                .filter(name -> FIRING.equals(state.alarmState.apply(name)))
                .toList();
    }

    static ServiceDeploymentAlarms view(EcsServiceDeployment deployment) {
        if (!watched(deployment)) {
            return ServiceDeploymentAlarms.builder()
                    .status(ServiceDeploymentRollbackMonitorsStatus.DISABLED)
                    .build();
        }
        return ServiceDeploymentAlarms.builder()
                .status(
                        !deployment.triggeredAlarms.isEmpty()
                                ? ServiceDeploymentRollbackMonitorsStatus.TRIGGERED
                                : deployment.running()
                                        ? ServiceDeploymentRollbackMonitorsStatus.MONITORING
                                        : ServiceDeploymentRollbackMonitorsStatus.MONITORING_COMPLETE)
                .alarmNames(deployment.configuration.alarms().alarmNames())
                .triggeredAlarmNames(deployment.triggeredAlarms)
                .build();
    }
}
