package dev.slipway.app;

import dev.slipway.environment.Home;
import dev.slipway.service.Clients;
import dev.slipway.service.ServiceQueries;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** What the resources of the API get beside the control plane. */
final class ApiParts {
    @Produces
    @Singleton
    Home home(SlipwayConfig config) {
        return config.settings().home();
    }

    @Produces
    @Singleton
    ServiceQueries queries(ControlPlane plane, Clients clients) {
        return new ServiceQueries(plane.store(), clients);
    }
}
