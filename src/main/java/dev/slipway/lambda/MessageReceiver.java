package dev.slipway.lambda;

/** Where the messages of the work queue go. */
public interface MessageReceiver {
    /**
     * Takes one message. Returning means that it is dealt with; throwing returns it to the queue, and after as many
     * receipts as the queue allows to the dead-letter queue.
     *
     * @param body one of our own messages, or an EventBridge event, as JSON
     * @param receiveCount how often SQS has handed out this message, 1 the first time
     */
    void receive(String body, int receiveCount);
}
