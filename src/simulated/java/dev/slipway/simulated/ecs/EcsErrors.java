package dev.slipway.simulated.ecs;

import static dev.slipway.simulated.aws.SimulatedErrors.fill;

import software.amazon.awssdk.services.ecs.model.ClientException;
import software.amazon.awssdk.services.ecs.model.ClusterContainsServicesException;
import software.amazon.awssdk.services.ecs.model.ClusterContainsTasksException;
import software.amazon.awssdk.services.ecs.model.ClusterNotFoundException;
import software.amazon.awssdk.services.ecs.model.ConflictException;
import software.amazon.awssdk.services.ecs.model.InvalidParameterException;
import software.amazon.awssdk.services.ecs.model.ServiceDeploymentNotFoundException;
import software.amazon.awssdk.services.ecs.model.ServiceNotActiveException;
import software.amazon.awssdk.services.ecs.model.ServiceNotFoundException;

/** The errors of ECS. */
final class EcsErrors {
    private static final String ECS = "Ecs";

    private EcsErrors() {}

    static RuntimeException noCluster() {
        return fill(ClusterNotFoundException.builder(), ECS, "ClusterNotFoundException", "Cluster not found.")
                .build();
    }

    static RuntimeException noService() {
        return fill(ServiceNotFoundException.builder(), ECS, "ServiceNotFoundException", "Service not found.")
                .build();
    }

    static RuntimeException serviceNotActive() {
        return fill(ServiceNotActiveException.builder(), ECS, "ServiceNotActiveException", "Service was not ACTIVE.")
                .build();
    }

    static RuntimeException noServiceDeployment() {
        return fill(
                        ServiceDeploymentNotFoundException.builder(),
                        ECS,
                        "ServiceDeploymentNotFoundException",
                        "Service deployment not found.")
                .build();
    }

    static RuntimeException invalid(String message) {
        return fill(InvalidParameterException.builder(), ECS, "InvalidParameterException", message)
                .build();
    }

    static RuntimeException client(String message) {
        return fill(ClientException.builder(), ECS, "ClientException", message).build();
    }

    static RuntimeException conflict(String message) {
        return fill(ConflictException.builder(), ECS, "ConflictException", message)
                .build();
    }

    static RuntimeException clusterHasServices() {
        return fill(
                        ClusterContainsServicesException.builder(),
                        ECS,
                        "ClusterContainsServicesException",
                        "The Cluster cannot be deleted while Services are active.")
                .build();
    }

    static RuntimeException clusterHasTasks() {
        return fill(
                        ClusterContainsTasksException.builder(),
                        ECS,
                        "ClusterContainsTasksException",
                        "The Cluster cannot be deleted while Tasks are active.")
                .build();
    }
}
