package dev.slipway.allowlist;

import dev.slipway.problem.Problem.FieldError;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Repository connections that pipelines may name, beside those that their own stacks make.
 *
 * @param ids the last parts of their ARNs, which are the same under either name of the service; {@code *} for all
 */
public record AllowedConnections(List<String> ids) {
    /** The deployment's parameter. */
    public static final String PARAMETER = "AllowedConnections";

    public AllowedConnections {
        ids = List.copyOf(ids);
    }

    /** Why a pipeline must not name the connection; empty when it may. */
    public Optional<FieldError> refusal(String arn) {
        String id = arn.substring(arn.lastIndexOf('/') + 1);
        if (ids.contains("*") || ids.contains(id)) {
            return Optional.empty();
        }
        String wanted = Stream.concat(ids.stream(), Stream.of(id)).collect(Collectors.joining(","));
        return Optional.of(FieldError.of(
                "/repository/connectionArn",
                arn,
                "is not a connection that pipelines may name; leave it out, and the pipeline gets one of its own, or deploy"
                        + " Slipway with " + PARAMETER + "=" + wanted));
    }
}
