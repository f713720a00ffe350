package dev.slipway.cli.api;

import dev.slipway.cli.exit.CliException;
import dev.slipway.cli.exit.ExitCode;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
import software.amazon.awssdk.services.cloudformation.CloudFormationClient;
import software.amazon.awssdk.services.cloudformation.model.CloudFormationException;
import software.amazon.awssdk.services.cloudformation.model.Output;
import software.amazon.awssdk.services.cloudformation.model.Stack;

/** Credentials and region as the AWS SDK finds them: environment, profiles, SSO, `aws login`, roles. */
final class AwsAccess {
    private final @Nullable String region;
    private final @Nullable String profile;
    // Made anew when credentials end: somebody may have logged in meanwhile.
    private DefaultCredentialsProvider credentials;

    AwsAccess(@Nullable String region, @Nullable String profile) {
        this.region = region;
        this.profile = profile;
        this.credentials = provider();
    }

    private DefaultCredentialsProvider provider() {
        return DefaultCredentialsProvider.builder().profileName(profile).build();
    }

    RequestSigner signer(URI base) {
        String inAddress = Endpoint.regionOf(base);
        RequestSigner signer = RequestSigner.sigV4(this::resolve, inAddress != null ? inAddress : region().id());
        return new RequestSigner() {
            @Override
            public Map<String, String> headers(String method, URI uri, byte[] body) {
                return signer.headers(method, uri, body);
            }

            @Override
            public void forget() {
                renew();
            }
        };
    }

    private synchronized AwsCredentials resolve() {
        try {
            return credentials.resolveCredentials();
        } catch (SdkException e) {
            renew();
            throw e;
        }
    }

    private synchronized void renew() {
        credentials.close();
        credentials = provider();
    }

    /** The address in the outputs of Slipway's stack. */
    String addressOf(String stackName) {
        try (CloudFormationClient cloudFormation = CloudFormationClient.builder()
                .region(region())
                .credentialsProvider(credentials)
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .build()) {
            List<Stack> stacks = cloudFormation
                    .describeStacks(request -> request.stackName(stackName))
                    .stacks();
            return stacks.stream()
                    .flatMap(stack -> stack.outputs().stream())
                    .filter(output -> output.outputKey().equals("ApiUrl"))
                    .map(Output::outputValue)
                    .findFirst()
                    .orElseThrow(() -> notFound(stackName, "has no output ApiUrl"));
        } catch (CloudFormationException e) {
            String said = e.awsErrorDetails() == null
                    ? e.getMessage()
                    : e.awsErrorDetails().errorMessage();
            throw notFound(stackName, "cannot be read in " + region().id() + ": " + said);
        }
    }

    private static CliException notFound(String stackName, String why) {
        return new CliException(
                ExitCode.UNREACHABLE,
                "The stack %s %s".formatted(stackName, why),
                "Name Slipway's stack with --stack or SLIPWAY_STACK, its region with --region, or its address with"
                        + " SLIPWAY_URL.");
    }

    private Region region() {
        try {
            return region != null
                    ? Region.of(region)
                    : DefaultAwsRegionProviderChain.builder()
                            .profileName(profile)
                            .build()
                            .getRegion();
        } catch (SdkClientException e) {
            throw new CliException(
                    ExitCode.USAGE,
                    "No region is set.",
                    "Set AWS_REGION or the profile's region, give --region, or set SLIPWAY_URL, which for `make run` is"
                            + " http://localhost:8080.");
        }
    }
}
