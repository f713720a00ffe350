package dev.slipway.app;

import dev.slipway.operation.WorkQueue;
import java.time.Duration;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.SendMessageRequest;

/** The work queue on SQS. */
final class SqsQueue implements WorkQueue {
    private final SqsClient sqs;
    private final String work;
    private final String dead;

    /**
     * @param work URL of the queue that the worker reads
     * @param dead URL of the queue that operators look at
     */
    SqsQueue(SqsClient sqs, String work, String dead) {
        this.sqs = sqs;
        this.work = work;
        this.dead = dead;
    }

    @Override
    public void send(String body, Duration delay) {
        // Whole seconds, rounded up: a look that comes early finds nothing to do and costs another.
        long seconds = Math.clamp(delay.plusMillis(999).toSeconds(), 0, LONGEST_DELAY.toSeconds());
        sqs.sendMessage(SendMessageRequest.builder()
                .queueUrl(work)
                .messageBody(body)
                .delaySeconds((int) seconds)
                .build());
    }

    @Override
    public void bury(String body) {
        sqs.sendMessage(
                SendMessageRequest.builder().queueUrl(dead).messageBody(body).build());
    }
}
