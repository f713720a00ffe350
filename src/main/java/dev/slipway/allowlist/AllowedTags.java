package dev.slipway.allowlist;

import dev.slipway.problem.Problem.FieldError;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Keys of tags that specs may set. CloudFormation gives the tags of a stack to its IAM roles, too, where policies of the account may
 * take them for rights ({@code aws:PrincipalTag}): what a tag means in an account only its owner knows.
 *
 * @param keys {@code *} for all
 */
public record AllowedTags(List<String> keys) {
    /** The deployment's parameter. */
    public static final String PARAMETER = "AllowedTags";

    public AllowedTags {
        keys = List.copyOf(keys);
    }

    /** What of a spec's tags it must not set; empty when it may set all. */
    public List<FieldError> refusals(Collection<String> wanted) {
        if (keys.contains("*")) {
            return List.of();
        }
        List<String> others =
                wanted.stream().filter(key -> !keys.contains(key)).sorted().toList();
        String parameter = Stream.concat(keys.stream(), others.stream()).collect(Collectors.joining(","));
        return others.stream()
                .map(key -> new FieldError(
                        "/tags/" + key.replace("~", "~0").replace("/", "~1"),
                        null,
                        "is not a tag that specs may set, for it reaches the service's IAM roles; to allow it, deploy Slipway with %s=%s, or with * for all"
                                .formatted(PARAMETER, parameter)))
                .toList();
    }
}
