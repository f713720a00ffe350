package dev.slipway.cli.api;

import dev.slipway.cli.exit.CliException;
import dev.slipway.cli.exit.ExitCode;
import java.net.URI;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where Slipway is and who asks: an address that was given, else the one that its stack tells.
 *
 * @param url that was given; null to ask the stack
 * @param stack the name of Slipway's stack
 * @param region where it is deployed; null for what the AWS SDK finds
 * @param profile of the AWS configuration; null for what the AWS SDK finds
 * @param actor who asks Slipway on this machine; null for nobody in particular
 */
public record Endpoint(
        @Nullable String url,
        String stack,
        @Nullable String region,
        @Nullable String profile,
        @Nullable String actor) {
    private static final Pattern API_GATEWAY =
            Pattern.compile("[a-z0-9]+\\.execute-api\\.(?<region>[a-z0-9-]+)\\.amazonaws\\.com(\\.cn)?");

    /** Throws {@link CliException} when there is no address, region or stack. */
    public ApiClient connect(ApiClient.Pause pause) {
        if (url != null) {
            URI base = base(url);
            return new ApiClient(base, isLoopback(base) ? RequestSigner.named(actor) : aws().signer(base), pause);
        }
        AwsAccess aws = aws();
        URI base = base(aws.addressOf(stack));
        return new ApiClient(base, aws.signer(base), pause);
    }

    private AwsAccess aws() {
        return new AwsAccess(region, profile);
    }

    private static URI base(String url) {
        URI base;
        try {
            base = URI.create(url.endsWith("/") ? url : url + "/");
        } catch (IllegalArgumentException e) {
            throw notAnAddress(url);
        }
        if (base.getHost() == null || !("https".equals(base.getScheme()) || "http".equals(base.getScheme()))) {
            throw notAnAddress(url);
        }
        if (base.getUserInfo() != null || base.getQuery() != null || base.getFragment() != null) {
            throw CliException.usage(
                    url + " says more than an address.",
                    "Write scheme, host and, if there is one, its path: who asks is told by the signature.");
        }
        if (base.getScheme().equals("http") && !isLoopback(base)) {
            throw new CliException(
                    ExitCode.USAGE,
                    url + " is not encrypted.",
                    "Only Slipway on this machine is asked by http; write https.");
        }
        return base;
    }

    private static CliException notAnAddress(String url) {
        return CliException.usage(
                url + " is no address of Slipway.",
                "Write one such as https://abc123.execute-api.eu-central-1.amazonaws.com or http://localhost:8080.");
    }

    static boolean isLoopback(URI base) {
        return base.getHost().matches("localhost|127(\\.[0-9]{1,3}){3}|\\[::1]");
    }

    /** The region in API Gateway's address; null for another. */
    static @Nullable String regionOf(URI base) {
        Matcher matcher = API_GATEWAY.matcher(base.getHost());
        return matcher.matches() ? matcher.group("region") : null;
    }
}
