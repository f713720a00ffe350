package dev.slipway.simulated.sqs;

import dev.slipway.operation.WorkQueue;
import dev.slipway.simulated.aws.SimulatedAws;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.ObjIntConsumer;

/**
 * The work queue on the simulated account's clock, with SQS's promises: a message is delivered at least once, in any
 * order; one whose handling fails comes again after the visibility timeout and, after five times, is put aside.
 */
public final class SimulatedQueue implements WorkQueue {
    /** As in template.yaml. */
    private static final int MOST_RECEIVES = 5;

    private static final Duration VISIBILITY = Duration.ofMinutes(12);

    private final SimulatedAws aws;
    private final List<String> dead = new ArrayList<>();
    private ObjIntConsumer<String> consumer = (body, receipt) -> {};

    public SimulatedQueue(SimulatedAws aws) {
        this.aws = aws;
    }

    /** Who handles the messages; an exception means that it could not. */
    public void consumer(Consumer<String> handler) {
        consumer((body, receipt) -> handler.accept(body));
    }

    /** Who handles the messages and is told at which receipt of it, from 1. */
    public void consumer(ObjIntConsumer<String> handler) {
        this.consumer = handler;
    }

    @Override
    public void send(String body, Duration delay) {
        deliver(body, delay, 1);
    }

    private void deliver(String body, Duration delay, int receive) {
        aws.clock().after(delay, () -> {
            try {
                consumer.accept(body, receive);
            } catch (RuntimeException e) {
                if (receive == MOST_RECEIVES) {
                    dead.add(body);
                } else {
                    deliver(body, VISIBILITY, receive + 1);
                }
            }
        });
    }

    @Override
    public void deadLetter(String body) {
        dead.add(body);
    }

    /** What was put aside. */
    public List<String> dead() {
        return List.copyOf(dead);
    }
}
