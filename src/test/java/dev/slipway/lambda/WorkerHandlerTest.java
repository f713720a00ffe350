package dev.slipway.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse.BatchItemFailure;
import com.amazonaws.services.lambda.runtime.events.SQSEvent;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

class WorkerHandlerTest {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_PROPERTIES)
            .build();

    private final RecordingReceiver inbox = new RecordingReceiver();
    private final WorkerHandler worker = new WorkerHandler(inbox);
    private final TestContext context = new TestContext(120_000);

    @Test
    void returnsOnlyTheFailedMessageToTheQueue() throws IOException {
        var answer = worker.handleRequest(batch(), context);

        assertThat(answer.getBatchItemFailures())
                .extracting(BatchItemFailure::getItemIdentifier)
                .containsExactly("2e1424d4-f796-459a-8184-9c92662be6da");
    }

    @Test
    void handsOverTheMessagesAroundAFailedOneWithTheirReceiveCounts() throws IOException {
        worker.handleRequest(batch(), context);

        assertThat(inbox.received())
                .extracting(RecordingReceiver.Received::receiveCount)
                .containsExactly(1, 2);
        assertThat(inbox.received().get(0).body()).isEqualTo("{\"rollout\":\"01JB2Z7Q4T\",\"look\":1}");
    }

    @Test
    void handsOverAnEventBridgeEventAsItCame() throws IOException {
        worker.handleRequest(batch(), context);

        var event = JSON.readTree(inbox.received().get(1).body());
        assertThat(event.get("detail-type").asText()).isEqualTo("ECS Deployment State Change");
        assertThat(event.at("/detail/eventName").asText()).isEqualTo("SERVICE_DEPLOYMENT_FAILED");
    }

    @Test
    void answersWithAnEmptyListWhenAllWentWell() throws IOException {
        var batch = batch();
        batch.setRecords(List.of(batch.getRecords().get(0)));

        assertThat(worker.handleRequest(batch, context).getBatchItemFailures()).isEmpty();
    }

    @Test
    void logsWhyAMessageFailed() throws IOException {
        var log = new ArrayList<LogRecord>();
        var handler = new Handler() {
            @Override
            public void publish(LogRecord line) {
                log.add(line);
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        var logger = Logger.getLogger(WorkerHandler.class.getName());
        logger.addHandler(handler);
        try {
            worker.handleRequest(batch(), context);
        } finally {
            logger.removeHandler(handler);
        }

        assertThat(log)
                .singleElement()
                .satisfies(line -> assertThat(line.getThrown()).hasMessage("cannot be dealt with"));
    }

    @Test
    void letsAnErrorOfTheProcessFailTheWholeBatch() throws IOException {
        var broken = new WorkerHandler(new RecordingReceiver() {
            @Override
            public void receive(String body, int receiveCount) {
                throw new NoClassDefFoundError("gone");
            }
        });
        var batch = batch();

        assertThatThrownBy(() -> broken.handleRequest(batch, context)).isInstanceOf(NoClassDefFoundError.class);
    }

    /** Else Lambda would end it in the middle of one, and all would come again after twelve minutes. */
    @Test
    void putsBackWhatItHasNoTimeFor() throws IOException {
        var batch = batch();
        var first = batch.getRecords().getFirst();
        batch.setRecords(List.of(first, first, first));

        var answer = worker.handleRequest(batch, new TestContext(39_000));

        assertThat(answer.getBatchItemFailures()).isEmpty();
        assertThat(inbox.received()).hasSize(1); // one at least, however short an invocation is
        assertThat(inbox.putBack()).containsExactly(first.getBody(), first.getBody());
    }

    @Test
    void leavesToTheQueueWhatCannotBePutBack() throws IOException {
        var answer = worker.handleRequest(batch(), new TestContext(39_000));

        assertThat(answer.getBatchItemFailures())
                .extracting(BatchItemFailure::getItemIdentifier)
                .containsExactly("2e1424d4-f796-459a-8184-9c92662be6da");
    }

    private static SQSEvent batch() throws IOException {
        try (var json = WorkerHandlerTest.class.getResourceAsStream("/events/sqs-batch.json")) {
            return JSON.readValue(json, SQSEvent.class);
        }
    }
}
