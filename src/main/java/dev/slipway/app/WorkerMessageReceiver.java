package dev.slipway.app;

import dev.slipway.lambda.MessageReceiver;
import jakarta.inject.Singleton;

/** Hands the messages of the queue to the worker. */
@Singleton
class WorkerMessageReceiver implements MessageReceiver {
    private final ControlPlane plane;

    WorkerMessageReceiver(ControlPlane plane) {
        this.plane = plane;
    }

    /** The worker counts its own failures: a requeue message is a new message, received for the first time. */
    @Override
    public void receive(String body, int receiveCount) {
        plane.worker().receive(body);
    }
}
