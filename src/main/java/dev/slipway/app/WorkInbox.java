package dev.slipway.app;

import dev.slipway.lambda.Inbox;
import jakarta.inject.Singleton;

/** Hands the messages of the queue to the worker. */
@Singleton
class WorkInbox implements Inbox {
    private final ControlPlane plane;

    WorkInbox(ControlPlane plane) {
        this.plane = plane;
    }

    /** The worker counts its own failures: a look-again message is a new message, received for the first time. */
    @Override
    public void receive(String body, int receiveCount) {
        plane.worker().receive(body);
    }
}
