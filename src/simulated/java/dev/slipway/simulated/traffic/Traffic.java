package dev.slipway.simulated.traffic;

import dev.slipway.simulated.aws.VirtualClock;
import java.util.List;

/**
 * The requests that people send to the services of the account. Every production rule gets {@value
 * TrafficRates#USUAL} a minute unless something else was said; a test rule gets none. A change counts from now on.
 */
public final class Traffic {
    private final VirtualClock timeline;
    private final TrafficRates rates;

    public Traffic(VirtualClock timeline, TrafficRates rates) {
        this.timeline = timeline;
        this.rates = rates;
    }

    /** For every production rule of which nothing else was said; 0 is no traffic. */
    public void requestsPerMinute(double requests) {
        everywhere(TrafficPattern.steady(requests));
    }

    /** For one rule (its ARN) or the production rule of a service (its ARN or name). */
    public void requestsPerMinute(String ruleOrService, double requests) {
        at(ruleOrService, TrafficPattern.steady(requests));
    }

    public void everywhere(TrafficPattern pattern) {
        synchronized (timeline) {
            rates.tell(null, pattern);
        }
    }

    /** Who sends the requests of one rule (its ARN) or of the production rule of a service (its ARN or name): people, unless told. */
    public void senders(String ruleOrService, Senders... parts) {
        synchronized (timeline) {
            rates.tell(ruleOrService, List.of(parts));
        }
    }

    /** For one rule (its ARN) or the production rule of a service (its ARN or name). */
    public void at(String ruleOrService, TrafficPattern pattern) {
        synchronized (timeline) {
            rates.tell(ruleOrService, pattern);
        }
    }
}
