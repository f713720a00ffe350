package dev.slipway.simulated.traffic;

import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;

/** The requests that are made up, as a firewall sees them: who sends them, and how many. */
public interface SentRequests {
    /** @param perMinute requests of all the addresses */
    record Sent(Senders senders, double perMinute) {}

    /**
     * What is sent to a load balancer at a time.
     *
     * @param loadBalancer {@code app/name/id}
     * @param time epoch milliseconds
     */
    List<Sent> at(String loadBalancer, long time);

    /** How many of the counted kind one address has sent in the window before a time. */
    default double ofAddress(
            String loadBalancer, String address, long time, Duration window, Predicate<HttpCall> counted) {
        double requests = 0;
        long minutes = window.toMinutes();
        for (long minute = 0; minute < minutes; minute++) {
            long middle = time - minute * TrafficGenerator.MINUTE - TrafficGenerator.MINUTE / 2;
            requests += at(loadBalancer, middle).stream()
                    .filter(sent -> sent.senders().call().client().address().equals(address))
                    .filter(sent -> counted.test(sent.senders().call()))
                    .mapToDouble(sent -> sent.perMinute() / sent.senders().addresses())
                    .sum();
        }
        return requests;
    }
}
