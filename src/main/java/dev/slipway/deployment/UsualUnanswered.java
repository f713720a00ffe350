package dev.slipway.deployment;

import io.quarkus.runtime.annotations.RegisterForReflection;
import org.jspecify.annotations.Nullable;

/**
 * What part of the requests usually has no answer of a target and is no failure: connections that are upgraded, and those that clients
 * close.
 *
 * @param service of the service, whichever release serves; null if unknown
 * @param others of the other services of the load balancer together; null if unknown
 */
@RegisterForReflection
public record UsualUnanswered(UnansweredRequests.@Nullable Usual service, UnansweredRequests.@Nullable Usual others) {
    public static final UsualUnanswered UNKNOWN = new UsualUnanswered(null, null);
}
