package dev.slipway.operation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.id.Target;

/** What the worker does beside operations. Each call can come twice, late, or not at all. */
public interface MessageHandler {
    /** Takes a message if it is one of its own; false when it is not. */
    boolean handle(JsonNode message);

    /** A target was looked at: perhaps an operation has just ended there. */
    void onReconciled(Target target);

    /** Has everything looked at that may have been missed. */
    void resync();
}
