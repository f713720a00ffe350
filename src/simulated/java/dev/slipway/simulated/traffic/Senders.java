package dev.slipway.simulated.traffic;

import dev.slipway.simulated.traffic.HttpCall.Client;
import java.util.List;
import java.util.Map;

/**
 * Who sends some of the requests that are made up for a minute, and what a firewall sees of them.
 *
 * @param share 0–1 of a rule's requests
 * @param addresses how many addresses send them, each as many
 * @param call what each request looks like, with the first of the addresses; its host does not matter
 */
public record Senders(double share, int addresses, HttpCall call) {
    private static final Client SOMEBODY = new Client("198.18.0.1", "DE"); // RFC 2544: networks for measuring
    private static final Map<String, String> BROWSER = Map.of("User-Agent", "Mozilla/5.0");

    /** Everybody's people: with a browser, each from an address of their own, and asking for nothing strange. */
    public static final List<Senders> PEOPLE = List.of(people(1));

    public Senders {
        if (!(share >= 0 && share <= 1) || addresses < 1) {
            throw new IllegalArgumentException(
                    "no senders: a share of %s from %d addresses".formatted(share, addresses));
        }
    }

    /** People with a part of the requests, beside others. */
    public static Senders people(double share) {
        return new Senders(share, 10_000, new HttpCall("", "/", BROWSER, "GET", SOMEBODY));
    }

    /** Somebody who sends a part of the requests with a browser from few addresses. */
    public static Senders asking(double share, int addresses, String path, Client first) {
        return new Senders(share, addresses, new HttpCall("", path, BROWSER, "GET", first));
    }
}
