package dev.slipway.simulated.sns;

import static dev.slipway.simulated.aws.SimulatedErrors.fill;

import dev.slipway.simulated.aws.SimulatedAws;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sns.model.*;

/** SNS in memory: topics, and what was published to them. Nobody subscribes. */
public final class SimulatedSns implements SnsClient {
    private static final String SNS = "Sns";
    // API reference, Publish.
    private static final int LONGEST_MESSAGE = 262_144;
    private static final int LONGEST_SUBJECT = 100;
    private static final int REMEMBERED = 1000;

    private final SimulatedAws aws;
    private final Set<String> topics = new LinkedHashSet<>();
    private final Deque<SnsMessage> published = new ArrayDeque<>();

    public SimulatedSns(SimulatedAws aws) {
        this.aws = aws;
    }

    /** The last thousand, the oldest first. */
    public List<SnsMessage> published() {
        return List.copyOf(published);
    }

    @Override
    public String serviceName() {
        return SERVICE_NAME;
    }

    @Override
    public void close() {}

    /** CreateTopic: "This action is idempotent, so if the requester already owns a topic with the specified name, that topic's ARN is returned". */
    @Override
    public CreateTopicResponse createTopic(CreateTopicRequest request) {
        if (request.name() == null || !request.name().matches("[A-Za-z0-9_-]{1,256}(?<!\\.fifo)")) {
            throw invalid("Invalid parameter: Topic Name");
        }
        String arn = aws.arn("sns", request.name());
        topics.add(arn);
        return CreateTopicResponse.builder().topicArn(arn).build();
    }

    /** DeleteTopic: "deleting a topic that does not exist does not result in an error". */
    @Override
    public DeleteTopicResponse deleteTopic(DeleteTopicRequest request) {
        topics.remove(request.topicArn());
        return DeleteTopicResponse.builder().build();
    }

    @Override
    public PublishResponse publish(PublishRequest request) {
        String topic = request.topicArn() == null ? request.targetArn() : request.topicArn();
        if (topic == null) {
            throw invalid("Invalid parameter: TopicArn or TargetArn Reason: no value for required parameter");
        }
        if (request.message() == null || request.message().isEmpty()) {
            throw invalid("Invalid parameter: Empty message");
        }
        if (request.message().getBytes(StandardCharsets.UTF_8).length > LONGEST_MESSAGE) {
            throw invalid("Invalid parameter: Message too long");
        }
        checkSubject(request.subject());
        if (!topics.contains(topic)) {
            throw fill(NotFoundException.builder(), SNS, "NotFound", "Topic does not exist")
                    .build();
        }
        String id = aws.uuid();
        published.addLast(new SnsMessage(
                id, topic, request.subject(), request.message(), aws.clock().instant()));
        if (published.size() > REMEMBERED) {
            published.removeFirst();
        }
        return PublishResponse.builder().messageId(id).build();
    }

    /** What another service of AWS publishes: to a topic that is not there it goes nowhere. */
    public void deliver(String topic, String message) {
        if (topics.contains(topic)) {
            publish(PublishRequest.builder().topicArn(topic).message(message).build());
        }
    }

    /** "Subjects must be UTF-8 text with no line breaks or control characters, and less than 100 characters long." */
    private static void checkSubject(@Nullable String subject) {
        if (subject != null
                && (subject.isEmpty()
                        || subject.length() > LONGEST_SUBJECT
                        || subject.chars().anyMatch(Character::isISOControl))) {
            throw invalid("Invalid parameter: Subject");
        }
    }

    private static RuntimeException invalid(String message) {
        return fill(InvalidParameterException.builder(), SNS, "InvalidParameter", message)
                .build();
    }
}
