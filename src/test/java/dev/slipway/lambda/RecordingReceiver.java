package dev.slipway.lambda;

import dev.slipway.lambda.WorkerHandler.MessageReceiver;
import io.quarkus.arc.DefaultBean;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps what it was given, and throws at what says so. Steps aside as soon as the application has a receiver. */
@Singleton
@DefaultBean
public class RecordingReceiver implements MessageReceiver {
    record Received(String body, int receiveCount) {}

    private final List<Received> received = new CopyOnWriteArrayList<>();
    private final List<String> putBack = new CopyOnWriteArrayList<>();

    @Override
    public void receive(String body, int receiveCount) {
        if (body.contains("\"poison\"")) {
            throw new IllegalStateException("cannot be dealt with");
        }
        received.add(new Received(body, receiveCount));
    }

    @Override
    public void putBack(String body) {
        if (body.contains("\"poison\"")) {
            throw new IllegalStateException("cannot be put back");
        }
        putBack.add(body);
    }

    List<Received> received() {
        return received;
    }

    List<String> putBack() {
        return putBack;
    }
}
