package dev.slipway.firewall;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.slipway.firewall.FirewallSettings.Mode;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the rules of a firewall have matched.
 *
 * @param from since when the log was looked through; later than was asked for where there was none before
 * @param rules what each rule does now, by its name in the spec
 * @param matches the most frequent first
 * @param cut whether there are more matches than are shown
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
public record FirewallReport(
        String environment, Instant from, Instant to, Map<String, Mode> rules, List<Match> matches, boolean cut) {
    /** Rows of an answer: more are read by nobody, and paths that attackers make up are without end. */
    static final int MOST = 200;

    /**
     * Requests for one path that one rule has matched.
     *
     * @param rule its name in the spec
     * @param managedRule the one of AWS's group, as AWS calls it; null for a rule that is not of a group
     * @param action COUNT: they were let through, by this rule at least; BLOCK: they were refused by it
     * @param path without query string
     * @param newest one of these requests
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Match(
            String rule, @Nullable String managedRule, Action action, String path, long requests, Example newest) {}

    /** What became of requests. */
    public enum Action {
        COUNT,
        BLOCK
    }

    /**
     * The newest of some requests. Neither headers nor query string: both may prove who somebody is.
     *
     * @param country where AWS takes the address to be; {@code -} where it does not know
     * @param requestId by which the load balancer's access log has it, too
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Example(
            Instant at,
            @Nullable String method,
            @Nullable String address,
            @Nullable String country,
            @Nullable String requestId) {}
}
