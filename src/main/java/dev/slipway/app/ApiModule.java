package dev.slipway.app;

import dev.slipway.environment.AwsLocation;
import dev.slipway.pipeline.PipelineJobs;
import dev.slipway.rollout.Gate;
import dev.slipway.service.Clients;
import dev.slipway.service.ServiceQueries;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.InstantSource;

/** What the resources of the API and the hook function get beside the control plane. */
final class ApiModule {
    @Produces
    @Singleton
    AwsLocation awsLocation(SlipwayConfig config) {
        return config.settings().awsLocation();
    }

    /** What the hook function asks, and its clock. */
    @Produces
    @Singleton
    Gate gate(ControlPlane plane) {
        return plane.gate();
    }

    /** What the pipeline function hands its jobs to. */
    @Produces
    @Singleton
    PipelineJobs jobs(ControlPlane plane) {
        return plane.pipelines().jobs();
    }

    @Produces
    @Singleton
    InstantSource clock(ControlPlane plane) {
        return plane.clock();
    }

    @Produces
    @Singleton
    ServiceQueries queries(ControlPlane plane, Clients clients) {
        return new ServiceQueries(plane.store(), clients);
    }
}
