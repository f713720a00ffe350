package dev.slipway.simulated;

import dev.slipway.rollout.Probe;
import dev.slipway.simulated.traffic.HttpAnswer;
import dev.slipway.simulated.traffic.HttpCall;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;

/** Requests through the simulated load balancer. */
public final class SimulatedProbe implements Probe {
    private final SimulatedAccount account;

    public SimulatedProbe(SimulatedAccount account) {
        this.account = account;
    }

    @Override
    public Result get(URI uri, Map<String, String> headers, Duration timeout) {
        String path = uri.getRawQuery() == null ? uri.getRawPath() : uri.getRawPath() + "?" + uri.getRawQuery();
        try {
            HttpAnswer answer = account.http(new HttpCall(uri.getHost(), path, headers, "GET"));
            return answer.latency().compareTo(timeout) > 0
                    ? new Result.NoResponse("no answer within " + timeout.toMillis() + " ms")
                    : new Result.Response(answer.status(), answer.body(), answer.latency());
        } catch (UncheckedIOException e) {
            return new Result.NoResponse(String.valueOf(e.getMessage()));
        }
    }
}
