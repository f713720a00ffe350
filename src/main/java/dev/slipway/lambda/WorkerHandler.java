package dev.slipway.lambda;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse;
import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse.BatchItemFailure;
import com.amazonaws.services.lambda.runtime.events.SQSEvent;
import com.amazonaws.services.lambda.runtime.events.SQSEvent.SQSMessage;
import jakarta.inject.Named;
import java.util.ArrayList;
import org.jboss.logging.Logger;

/**
 * The worker function: hands each message of a batch to the {@link MessageReceiver} and names those that failed, so that SQS delivers
 * only these again.
 *
 * <p>The event source mapping must carry {@code ReportBatchItemFailures}; without it Lambda ignores the answer and
 * failed messages are lost.
 */
@Named("worker")
public final class WorkerHandler implements RequestHandler<SQSEvent, SQSBatchResponse> {
    private static final Logger LOG = Logger.getLogger(WorkerHandler.class);
    /**
     * A call that hangs is given up after three attempts of eight seconds. Where less than that and the pauses between them are left,
     * Lambda might end the invocation in the middle, and all messages of its batch would come again after the queue's visibility timeout.
     */
    private static final int LEAST_MILLIS = 40_000;

    private final MessageReceiver receiver;

    public WorkerHandler(MessageReceiver receiver) {
        this.receiver = receiver;
    }

    @Override
    public SQSBatchResponse handleRequest(SQSEvent event, Context context) {
        var failures = new ArrayList<BatchItemFailure>();
        boolean first = true;
        for (var message : event.getRecords()) {
            try (LogFields _ = LogFields.of(context).and("message", message.getMessageId())) {
                if (!(first || hasTime(context) ? delivered(message) : putBack(message))) {
                    failures.add(new BatchItemFailure(message.getMessageId()));
                }
            }
            first = false;
        }
        return new SQSBatchResponse(failures);
    }

    /** One message's failure is its own; an Error (memory, linkage) is the process's and fails the whole batch. */
    private boolean delivered(SQSMessage message) {
        int receiveCount = receiveCount(message);
        try {
            receiver.receive(message.getBody(), receiveCount);
            return true;
        } catch (RuntimeException e) {
            LOG.errorf(
                    e, "message %s failed, receipt %d, goes back to the queue", message.getMessageId(), receiveCount);
            return false;
        }
    }

    /** Outside of Lambda the deadline is unknown, and what is left until it is not positive. */
    private static boolean hasTime(Context context) {
        int left = context.getRemainingTimeInMillis();
        return left <= 0 || left >= LEAST_MILLIS;
    }

    /** Others have taken the time; it is a new message then, which has not failed. */
    private boolean putBack(SQSMessage message) {
        try {
            receiver.putBack(message.getBody());
            LOG.infof("message %s waits for the next invocation, too little time is left", message.getMessageId());
            return true;
        } catch (RuntimeException e) {
            LOG.warnf(e, "message %s is left to the queue, too little time is left", message.getMessageId());
            return false;
        }
    }

    private static int receiveCount(SQSMessage message) {
        var attributes = message.getAttributes();
        return attributes == null ? 1 : Integer.parseInt(attributes.getOrDefault("ApproximateReceiveCount", "1"));
    }

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

        /** Has one message come again soon, as a new one: nothing was done for it. */
        void putBack(String body);
    }
}
