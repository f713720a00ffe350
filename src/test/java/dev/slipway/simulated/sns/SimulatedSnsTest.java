package dev.slipway.simulated.sns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.simulated.SimulatedAccount;
import dev.slipway.simulated.aws.SimulatedAws;
import dev.slipway.simulated.aws.VirtualClock;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sns.model.InvalidParameterException;
import software.amazon.awssdk.services.sns.model.NotFoundException;

class SimulatedSnsTest {
    private final SimulatedAws aws = new SimulatedAws(
            "123456789012", "eu-central-1", new VirtualClock(Instant.parse("2026-11-01T00:00:00Z")), new Random(7));
    private final SimulatedAccount account = new SimulatedAccount(aws);
    private final SnsClient sns = account.sns();

    @Test
    void whatIsPublishedToATopicCanBeReadInOrder() {
        String topic = sns.createTopic(request -> request.name("releases")).topicArn();
        assertThat(topic).isEqualTo("arn:aws:sns:eu-central-1:123456789012:releases");
        String first = sns.publish(
                        request -> request.topicArn(topic).subject("web v1").message("live"))
                .messageId();
        sns.publish(request -> request.topicArn(topic).message("second"));
        assertThat(account.published()).extracting(SnsMessage::message).containsExactly("live", "second");
        assertThat(account.published().getFirst())
                .isEqualTo(new SnsMessage(first, topic, "web v1", "live", Instant.parse("2026-11-01T00:00:00Z")));
    }

    @Test
    void makingATopicTwiceGivesTheSame() {
        String topic = sns.createTopic(request -> request.name("releases")).topicArn();
        assertThat(sns.createTopic(request -> request.name("releases")).topicArn())
                .isEqualTo(topic);
    }

    @Test
    void aTopicThatIsNotThereIsNotFound() {
        String topic = sns.createTopic(request -> request.name("releases")).topicArn();
        sns.deleteTopic(request -> request.topicArn(topic));
        assertThatThrownBy(() -> sns.publish(request -> request.topicArn(topic).message("x")))
                .isInstanceOf(NotFoundException.class)
                .hasMessageContaining("Topic does not exist");
        assertThat(account.published()).isEmpty();
    }

    @Test
    void messagesAndSubjectsHaveLimits() {
        String topic = sns.createTopic(request -> request.name("releases")).topicArn();
        assertThatThrownBy(() -> sns.publish(request -> request.topicArn(topic).message("")))
                .isInstanceOf(InvalidParameterException.class);
        assertThatThrownBy(() -> sns.publish(
                        request -> request.topicArn(topic).message("x").subject("two\nlines")))
                .isInstanceOf(InvalidParameterException.class);
        assertThatThrownBy(() -> sns.publish(request -> request.topicArn(topic).message("x".repeat(262_145))))
                .isInstanceOf(InvalidParameterException.class);
    }
}
