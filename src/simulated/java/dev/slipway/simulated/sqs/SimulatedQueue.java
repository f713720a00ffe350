package dev.slipway.simulated.sqs;

import dev.slipway.health.DeadLetterQueue;
import dev.slipway.operation.WorkQueue;
import dev.slipway.simulated.aws.SimulatedAws;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The work queue on the simulated account's clock, with SQS's promises: a message is delivered at least once, in any
 * order; one whose handling fails comes again after the visibility timeout and, after five times, is put aside.
 */
public final class SimulatedQueue implements WorkQueue, DeadLetterQueue {
    /** As in template.yaml. */
    private static final int MOST_RECEIVES = 5;

    private static final Duration VISIBILITY = Duration.ofMinutes(12);

    /** How long Lambda gathers messages for an invocation, where it does. */
    private static final Duration WINDOW = Duration.ofSeconds(1);

    private static final Duration HIDDEN = Duration.ofSeconds(30);
    private static final int MOST = 10;

    private final SimulatedAws aws;
    private final List<Dead> dead = new ArrayList<>();
    private int sent;
    private int waiting;
    /** The messages of the next invocation, while Lambda gathers them. */
    private List<Received> gathered = new ArrayList<>();

    private int mostInBatch = 1;
    private BatchConsumer consumer = batch -> List.of();

    public SimulatedQueue(SimulatedAws aws) {
        this.aws = aws;
    }

    /** Who handles the messages, one at a time; an exception means that it could not. */
    public void consumer(Consumer<String> handler) {
        batches(1, batch -> {
            handler.accept(batch.getFirst().body());
            return List.of();
        });
    }

    /** Who handles batches of up to so many messages that come within a second; where it is one, it comes at once. */
    public void batches(int most, BatchConsumer handler) {
        this.mostInBatch = most;
        this.consumer = handler;
    }

    /**
     * A message as it is handed out.
     *
     * @param receipt how often it has been, 1 the first time
     */
    public record Received(String body, int receipt) {}

    /** A function behind the queue. */
    public interface BatchConsumer {
        /** The messages that it could not handle; all of them, where it throws. */
        List<Received> handle(List<Received> batch);
    }

    @Override
    public void send(String body, Duration delay) {
        deliver(body, delay, 1);
    }

    private void deliver(String body, Duration delay, int receive) {
        waiting++;
        aws.clock().after(delay, () -> {
            Received message = new Received(body, receive);
            if (mostInBatch == 1) {
                invoke(List.of(message));
                return;
            }
            gathered.add(message);
            if (gathered.size() == 1) {
                List<Received> next = gathered;
                aws.clock().after(WINDOW, () -> {
                    if (gathered == next) {
                        gathered = new ArrayList<>();
                        invoke(next);
                    }
                });
            } else if (gathered.size() >= mostInBatch) {
                List<Received> full = gathered;
                gathered = new ArrayList<>();
                invoke(full);
            }
        });
    }

    private void invoke(List<Received> batch) {
        waiting -= batch.size();
        List<Received> failed;
        try {
            failed = consumer.handle(batch);
        } catch (RuntimeException e) {
            failed = batch;
        }
        for (Received message : failed) {
            if (message.receipt() == MOST_RECEIVES) {
                deadLetter(message.body());
            } else {
                deliver(message.body(), VISIBILITY, message.receipt() + 1);
            }
        }
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
