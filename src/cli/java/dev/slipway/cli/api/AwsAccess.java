package dev.slipway.cli.api;

import dev.slipway.cli.exit.CliException;
import dev.slipway.cli.exit.ExitCode;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.SdkSystemSetting;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.profiles.Profile;
import software.amazon.awssdk.profiles.ProfileFile;
import software.amazon.awssdk.profiles.ProfileFileSystemSetting;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
import software.amazon.awssdk.services.cloudformation.CloudFormationClient;
import software.amazon.awssdk.services.cloudformation.model.CloudFormationException;
import software.amazon.awssdk.services.cloudformation.model.Output;
import software.amazon.awssdk.services.cloudformation.model.Stack;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/** Credentials and region as the AWS SDK finds them: environment, profiles, SSO, `aws login`, roles. */
final class AwsAccess {
    // Codes of AWS for credentials that have ended or are none of its own.
    private static final Set<String> NOT_ACCEPTED =
            Set.of("ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "SignatureDoesNotMatch");

    private static final int LONGEST_CHAIN = 5;

    private final @Nullable String region;
    private final @Nullable String profile;
    // Made anew when credentials end: somebody may have logged in meanwhile.
    private AwsCredentialsProvider credentials;
    private @Nullable AwsCredentials last;

    AwsAccess(@Nullable String region, @Nullable String profile) {
        this.region = region;
        this.profile = profile;
        // What the SDK asks for credentials with, such as the client of `aws login`, knows no other way to be told.
        if (region != null) {
            System.setProperty(SdkSystemSetting.AWS_REGION.property(), region);
        }
        if (profile != null) {
            System.setProperty(ProfileFileSystemSetting.AWS_PROFILE.property(), profile);
        }
        this.credentials = provider();
    }

    /** A profile that was asked for goes before keys in the environment, as with the AWS CLI. */
    private AwsCredentialsProvider provider() {
        return profile == null
                ? DefaultCredentialsProvider.builder().build()
                : ProfileCredentialsProvider.create(profile);
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

            @Override
            public boolean renewed() {
                AwsCredentials before = last;
                renew();
                try {
                    AwsCredentials now = resolve();
                    return before == null
                            || !before.accessKeyId().equals(now.accessKeyId())
                            || now.expirationTime()
                                    .filter(end -> end.isBefore(Instant.now()))
                                    .isPresent();
                } catch (RuntimeException e) {
                    return true; // the session that they are of has ended, which the next request tells
                }
            }
        };
    }

    private synchronized AwsCredentials resolve() {
        try {
            last = credentials.resolveCredentials();
            return last;
        } catch (
                RuntimeException
                        e) { // the SDK's own, and what it lets through of a session's file that is not as it should be
            renew();
            throw explained(e);
        }
    }

    private synchronized void renew() {
        ((SdkAutoCloseable) credentials).close();
        credentials = provider();
    }

    /** Where a profile has a session that a person begins: that it has ended, which the SDK says in many ways. */
    private RuntimeException explained(RuntimeException failure) {
        String name = profile != null ? profile : ProfileFileSystemSetting.AWS_PROFILE.getStringValueOrThrow();
        Optional<Profile> found = ProfileFile.defaultProfileFile().profile(name);
        // A role's credentials come of another profile's.
        for (int i = 0;
                i < LONGEST_CHAIN && found.map(AwsAccess::login).orElse("").isEmpty();
                i++) {
            Optional<String> source = found.flatMap(role -> role.property("source_profile"));
            if (source.isEmpty()) {
                break;
            }
            name = source.get();
            found = ProfileFile.defaultProfileFile().profile(name);
        }
        String login = found.map(AwsAccess::login).orElse("");
        if (login.isEmpty()) {
            return failure instanceof SdkException
                    ? failure
                    : new CredentialsException(
                            "No AWS credentials were found: " + failure, MissingCredentials.ACTION, failure);
        }
        String why = MissingCredentials.message(failure).replaceFirst("^No AWS credentials were found: ", "");
        String command = login + (name.equals("default") ? "" : " --profile " + name);
        boolean network = why.contains("Unable to execute HTTP request");
        return network || isOfAnother(failure)
                ? new CredentialsException(
                        "The credentials of the profile %s are not to be had: %s".formatted(name, why),
                        (network ? "Is the network there? If so, log in: " : "If the session has ended, log in: ")
                                + command,
                        failure)
                : new CredentialsException(
                        "The session of the profile %s has ended, or there is none.".formatted(name),
                        "Log in: " + command,
                        failure);
    }

    /** Whether AWS has answered, and not that the session is none: that a role is not given, that it is throttled, that it fails. */
    private static boolean isOfAnother(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof AwsServiceException answered) {
                return answered.statusCode() == 403 || answered.statusCode() == 429 || answered.statusCode() >= 500;
            }
        }
        String said = String.valueOf(failure.getMessage());
        return said.contains("Status Code: 403")
                || said.contains("Status Code: 429")
                || said.contains("Status Code: 5");
    }

    private static String login(Profile profile) {
        return profile.property("sso_session").isPresent()
                        || profile.property("sso_start_url").isPresent()
                ? "aws sso login"
                : profile.property("login_session").isPresent() ? "aws login" : "";
    }

    /** The address in the outputs of Slipway's stack. */
    String addressOf(String stackName) {
        try (CloudFormationClient cloudFormation = CloudFormationClient.builder()
                .region(region())
                .credentialsProvider(StaticCredentialsProvider.create(resolve()))
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
            AwsErrorDetails details = e.awsErrorDetails();
            String said = "cannot be read in %s: %s"
                    .formatted(region().id(), details == null ? e.getMessage() : details.errorMessage());
            throw details != null && NOT_ACCEPTED.contains(details.errorCode())
                    ? new CliException(
                            ExitCode.UNREACHABLE,
                            "The stack %s %s".formatted(stackName, said),
                            MissingCredentials.ACTION)
                    : notFound(stackName, said);
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
