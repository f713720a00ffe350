package dev.slipway.health;

import java.time.Instant;
import java.util.List;
import org.jboss.logging.Logger;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.SqsException;

/** The dead-letter queue on SQS. */
public final class SqsDeadLetterQueue implements DeadLetterQueue {
    private static final Logger LOG = Logger.getLogger(SqsDeadLetterQueue.class);
    private static final int MOST = 10; // as many as SQS gives at once
    private static final int HIDDEN_SECONDS = 30;

    private final SqsClient sqs;
    private final String workUrl;
    private final String deadUrl;

    /**
     * @param workUrl URL of the queue that the worker reads
     * @param deadUrl URL of the queue of what it has given up
     */
    public SqsDeadLetterQueue(SqsClient sqs, String workUrl, String deadUrl) {
        this.sqs = sqs;
        this.workUrl = workUrl;
        this.deadUrl = deadUrl;
    }

    @Override
    public int work() {
        return count(workUrl);
    }

    @Override
    public int dead() {
        return count(deadUrl);
    }

    private int count(String url) {
        return sqs
                .getQueueAttributes(request -> request.queueUrl(url)
                        .attributeNames(
                                QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES,
                                QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE,
                                QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_DELAYED))
                .attributes()
                .values()
                .stream()
                .mapToInt(Integer::parseInt)
                .sum();
    }

    @Override
    public List<Message> receive() {
        return sqs
                .receiveMessage(request -> request.queueUrl(deadUrl)
                        .maxNumberOfMessages(MOST)
                        .visibilityTimeout(HIDDEN_SECONDS)
                        .waitTimeSeconds(1) // asks all of SQS's servers, where a short poll asks some
                        .messageSystemAttributeNames(
                                MessageSystemAttributeName.SENT_TIMESTAMP,
                                MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT))
                .messages()
                .stream()
                .map(found -> new Message(
                        found.messageId(),
                        found.receiptHandle(),
                        found.body(),
                        Instant.ofEpochMilli(Long.parseLong(
                                found.attributes().getOrDefault(MessageSystemAttributeName.SENT_TIMESTAMP, "0"))),
                        Integer.parseInt(found.attributes()
                                .getOrDefault(MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT, "1"))))
                .toList();
    }

    /** Of one that somebody else has deleted, or who has it by now, nothing is left to be released. */
    @Override
    public void release(Message message) {
        try {
            sqs.changeMessageVisibility(request ->
                    request.queueUrl(deadUrl).receiptHandle(message.receipt()).visibilityTimeout(0));
        } catch (SqsException e) {
            if (e.statusCode() >= 500 || e.isThrottlingException()) {
                throw e;
            }
            LOG.infof("dead letter %s is not released: %s", message.id(), e.getMessage());
        }
    }

    @Override
    public void delete(Message message) {
        sqs.deleteMessage(request -> request.queueUrl(deadUrl).receiptHandle(message.receipt()));
    }
}
