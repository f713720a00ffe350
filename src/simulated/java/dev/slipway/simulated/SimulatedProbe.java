package dev.slipway.simulated;

import dev.slipway.rollout.Probe;
import dev.slipway.simulated.traffic.HttpAnswer;
import dev.slipway.simulated.traffic.HttpCall;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** Requests through the simulated load balancer. */
public final class SimulatedProbe implements Probe {
    private final SimulatedAccount account;

    public SimulatedProbe(SimulatedAccount account) {
        this.account = account;
    }

    @Override
    public Result get(Request request) {
        Duration timeout = request.timeout();
        Map<String, String> headers = new HashMap<>(request.headers());
        headers.put("Host", request.host());
        headers.put("User-Agent", USER_AGENT);
        try {
            HttpAnswer answer = account.http(new HttpCall(request.address(), request.path(), headers, "GET"));
            return answer.latency().compareTo(timeout) > 0
                    ? new Result.NoResponse("no answer within " + timeout.toMillis() + " ms")
                    : new Result.Response(answer.status(), answer.body(), answer.latency());
        } catch (UncheckedIOException e) {
            return new Result.NoResponse(String.valueOf(e.getMessage()));
        }
    }
}
