package dev.slipway.operation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.MotoServer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/** The work queue on an emulated SQS, over HTTP. */
class SqsQueueIT {
    private final SqsClient sqs = MotoServer.get().client(SqsClient.builder());
    private String work;
    private String dead;
    private WorkQueue queue;

    @BeforeEach
    void makeQueues() {
        MotoServer.reset();
        work = sqs.createQueue(request -> request.queueName("work")).queueUrl();
        dead = sqs.createQueue(request -> request.queueName("dead")).queueUrl();
        queue = new SqsQueue(sqs, work, dead);
    }

    @Test
    void aMessageWithoutDelayIsThereAtOnce() {
        queue.send("{\"resync\":true}", Duration.ZERO);

        assertThat(received(work, 0)).containsExactly("{\"resync\":true}");
        assertThat(received(dead, 0)).isEmpty();
    }

    /** A millisecond is rounded up to a second; long polling, not this test, waits for it. */
    @Test
    void aDelayedMessageArrivesAfterItsDelay() {
        queue.send("later", Duration.ofMillis(1));

        assertThat(received(work, 0)).isEmpty();
        assertThat(delayed()).isEqualTo("1");
        assertThat(received(work, 10)).containsExactly("later");
    }

    @Test
    void aDelayBeyondWhatSqsAllowsBecomesTheLongest() {
        queue.send("tomorrow", Duration.ofDays(1));

        assertThat(delayed()).isEqualTo("1");
    }

    @Test
    void whatIsBuriedLiesInTheDeadLetterQueueAlone() {
        queue.deadLetter("{\"broken\":1}");

        assertThat(received(dead, 0)).containsExactly("{\"broken\":1}");
        assertThat(received(work, 0)).isEmpty();
    }

    private String delayed() {
        return sqs.getQueueAttributes(request -> request.queueUrl(work)
                        .attributeNames(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_DELAYED))
                .attributes()
                .get(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_DELAYED);
    }

    private List<String> received(String url, int seconds) {
        return sqs.receiveMessage(request -> request.queueUrl(url).waitTimeSeconds(seconds)).messages().stream()
                .map(Message::body)
                .toList();
    }
}
