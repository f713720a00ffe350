package dev.slipway.simulated.sqs;

import dev.slipway.health.DeadLetterQueue;
import dev.slipway.operation.WorkQueue;
import dev.slipway.simulated.aws.SimulatedAws;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.ObjIntConsumer;

/**
 * The work queue on the simulated account's clock, with SQS's promises: a message is delivered at least once, in any
 * order; one whose handling fails comes again after the visibility timeout and, after five times, is put aside.
 */
public final class SimulatedQueue implements WorkQueue, DeadLetterQueue {
    /** As in template.yaml. */
    private static final int MOST_RECEIVES = 5;

    private static final Duration VISIBILITY = Duration.ofMinutes(12);

    private static final Duration HIDDEN = Duration.ofSeconds(30);
    private static final int MOST = 10;

    private final SimulatedAws aws;
    private final List<Dead> dead = new ArrayList<>();
    private int sent;
    private int waiting;
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
        waiting++;
        aws.clock().after(delay, () -> {
            waiting--;
            try {
                consumer.accept(body, receive);
            } catch (RuntimeException e) {
                if (receive == MOST_RECEIVES) {
                    deadLetter(body);
                } else {
                    deliver(body, VISIBILITY, receive + 1);
                }
            }
        });
    }

    @Override
    public synchronized void deadLetter(String body) {
        Instant now = aws.clock().instant();
        dead.add(new Dead("dead-" + ++sent, body, now, now, 0));
    }

    /** @param visibleAt from when on it is given to whoever asks */
    private record Dead(String id, String body, Instant sentAt, Instant visibleAt, int receives) {
        Dead received(Instant until) {
            return new Dead(id, body, sentAt, until, receives + 1);
        }

        Dead released(Instant now) {
            return new Dead(id, body, sentAt, now, receives);
        }
    }

    @Override
    public int work() {
        return waiting;
    }

    @Override
    public synchronized int dead() {
        return dead.size();
    }

    @Override
    public synchronized List<Message> receive() {
        Instant now = aws.clock().instant();
        List<Message> given = new ArrayList<>();
        for (int i = 0; i < dead.size() && given.size() < MOST; i++) {
            if (!dead.get(i).visibleAt().isAfter(now)) {
                Dead taken = dead.get(i).received(now.plus(HIDDEN));
                dead.set(i, taken);
                given.add(new Message(taken.id(), taken.id(), taken.body(), taken.sentAt(), taken.receives()));
            }
        }
        return given;
    }

    @Override
    public synchronized void release(Message message) {
        dead.replaceAll(found ->
                found.id().equals(message.id()) ? found.released(aws.clock().instant()) : found);
    }

    @Override
    public synchronized void delete(Message message) {
        dead.removeIf(found -> found.id().equals(message.id()));
    }

    /** What was put aside. */
    public List<String> bodiesOfDead() {
        return dead.stream().map(Dead::body).toList();
    }
}
