package dev.slipway;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sqs.SqsClient;

class MotoServerIT {
    /** Other tests of this JVM may have been here before. */
    @BeforeEach
    void clear() {
        MotoServer.reset();
    }

    @Test
    void keepsWhatItWasToldUntilItIsReset() {
        try (SqsClient sqs = MotoServer.get().client(SqsClient.builder())) {
            sqs.createQueue(queue -> queue.queueName("work"));
            assertThat(sqs.listQueues().queueUrls()).singleElement().asString().endsWith("/work");

            MotoServer.reset();

            assertThat(sqs.listQueues().queueUrls()).isEmpty();
        }
    }
}
