package dev.slipway.operation;

import java.time.Duration;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.SendMessageRequest;

/** The work queue on SQS. */
public final class SqsQueue implements WorkQueue {
    private final SqsClient sqs;
    private final String queueUrl;
    private final String deadLetterQueueUrl;

    /**
     * @param queueUrl URL of the queue that the worker reads
     * @param deadLetterQueueUrl URL of the queue that operators look at
     */
    public SqsQueue(SqsClient sqs, String queueUrl, String deadLetterQueueUrl) {
        this.sqs = sqs;
        this.queueUrl = queueUrl;
        this.deadLetterQueueUrl = deadLetterQueueUrl;
    }

    @Override
    public void send(String body, Duration delay) {
        // Whole seconds, rounded up: a look that comes early finds nothing to do and costs another.
        long seconds = Math.clamp(delay.plusMillis(999).toSeconds(), 0, MAX_DELAY.toSeconds());
        sqs.sendMessage(SendMessageRequest.builder()
                .queueUrl(queueUrl)
                .messageBody(body)
                .delaySeconds((int) seconds)
                .build());
    }

    @Override
    public void deadLetter(String body) {
        sqs.sendMessage(SendMessageRequest.builder()
                .queueUrl(deadLetterQueueUrl)
                .messageBody(body)
                .build());
    }
}
