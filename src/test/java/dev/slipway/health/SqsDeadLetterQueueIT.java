package dev.slipway.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.MotoServer;
import dev.slipway.health.DeadLetterQueue.Message;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sqs.SqsClient;

/** The dead letters on an emulated SQS, over HTTP. */
class SqsDeadLetterQueueIT {
    private final SqsClient sqs = MotoServer.get().client(SqsClient.builder());
    private String dead;
    private DeadLetterQueue queue;

    @BeforeEach
    void makeQueues() {
        MotoServer.reset();
        String work = sqs.createQueue(request -> request.queueName("work")).queueUrl();
        dead = sqs.createQueue(request -> request.queueName("dead")).queueUrl();
        queue = new SqsDeadLetterQueue(sqs, work, dead);
        sqs.sendMessage(request -> request.queueUrl(work).messageBody("waits").delaySeconds(60));
        sqs.sendMessage(request -> request.queueUrl(dead).messageBody("{\"target\":\"prod/web\"}"));
    }

    @Test
    void whatIsTakenIsCountedHiddenAndSeenAgainOnceItIsReleased() {
        List<Message> taken = queue.receive();

        assertThat(taken).extracting(Message::body).containsExactly("{\"target\":\"prod/web\"}");
        assertThat(taken.getFirst().receives()).isEqualTo(1);
        assertThat(taken.getFirst().sentAt()).isAfter("2020-01-01T00:00:00Z");
        assertThat(queue.receive()).isEmpty();
        assertThat(queue.dead()).isEqualTo(1);
        assertThat(queue.work()).as("delayed ones, too").isEqualTo(1);

        queue.release(taken.getFirst());
        assertThat(queue.receive()).extracting(Message::receives).containsExactly(2);
    }

    @Test
    void whatIsDeletedIsGoneAndCannotBeReleasedAnyMore() {
        Message taken = queue.receive().getFirst();
        queue.delete(taken);

        queue.release(taken);

        assertThat(queue.dead()).isZero();
    }
}
