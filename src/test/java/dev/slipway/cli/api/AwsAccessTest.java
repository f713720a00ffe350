package dev.slipway.cli.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.slipway.cli.exit.CliException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;

/** Where Slipway is, by its stack, and who asks, by IAM's signature. */
class AwsAccessTest {
    private static final URI API = URI.create("https://abc123.execute-api.eu-central-1.amazonaws.com/");
    private static final Map<String, String> SETTINGS = Map.of(
            "aws.accessKeyId", "AKIDEXAMPLE",
            "aws.secretAccessKey", "secret",
            "aws.region", "eu-central-1");

    private HttpServer cloudFormation;
    private int status = 200;
    private String answer = "";
    private String asked = "";

    @BeforeEach
    void start() throws IOException {
        cloudFormation = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        cloudFormation.createContext("/", exchange -> {
            asked = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            byte[] body = answer.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        cloudFormation.start();
        SETTINGS.forEach(System::setProperty);
        System.setProperty(
                "aws.endpointUrlCloudFormation",
                "http://127.0.0.1:" + cloudFormation.getAddress().getPort());
    }

    @AfterEach
    void stop() {
        cloudFormation.stop(0);
        SETTINGS.keySet().forEach(System::clearProperty);
        System.clearProperty("aws.endpointUrlCloudFormation");
    }

    private static Endpoint stack() {
        return new Endpoint(null, "slipway", null, null, null);
    }

    @Test
    void theAddressIsInTheOutputsOfTheStack() {
        answer = """
                <DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult>
                <Stacks><member><StackName>slipway</StackName><CreationTime>2026-01-01T00:00:00Z</CreationTime>
                <StackStatus>CREATE_COMPLETE</StackStatus><Outputs>
                <member><OutputKey>TableName</OutputKey><OutputValue>t</OutputValue></member>
                <member><OutputKey>ApiUrl</OutputKey><OutputValue>https://abc123.execute-api.eu-central-1.amazonaws.com</OutputValue></member>
                </Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>
                """;

        ApiClient client = stack().connect(time -> {});

        assertThat(client.base()).isEqualTo(API);
        assertThat(client.isLocal()).isFalse();
        assertThat(asked).contains("Action=DescribeStacks", "StackName=slipway");
    }

    @Test
    void aStackThatIsNotThereIsSaidWithWhatWouldNameAnother() {
        status = 400;
        answer = """
                <ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code>
                <Message>Stack with id slipway does not exist</Message></Error></ErrorResponse>
                """;

        assertThatThrownBy(() -> stack().connect(time -> {})).isInstanceOfSatisfying(CliException.class, failure -> {
            assertThat(failure).hasMessageContaining("eu-central-1: Stack with id slipway does not exist");
            assertThat(failure.action()).contains("SLIPWAY_STACK", "SLIPWAY_URL");
            assertThat(failure.exitCode()).isEqualTo(5);
        });
    }

    /** What AWS says of credentials is no word about the stack. */
    @ParameterizedTest
    @ValueSource(strings = {"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "SignatureDoesNotMatch"})
    void credentialsThatAwsDoesNotAcceptAreWhatIsToBeMended(String code) {
        status = 403;
        answer =
                "<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>Not these.</Message></Error></ErrorResponse>"
                        .formatted(code);

        assertThatThrownBy(() -> stack().connect(time -> {})).isInstanceOfSatisfying(CliException.class, failure -> {
            assertThat(failure).hasMessage("The stack slipway cannot be read in eu-central-1: Not these.");
            assertThat(failure.action()).isEqualTo(MissingCredentials.ACTION);
            assertThat(failure.exitCode()).isEqualTo(5);
        });
    }

    @Test
    void aStackThatHasNoAddressIsNotSlipways() {
        answer = """
                <DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult>
                <Stacks><member><StackName>slipway</StackName><CreationTime>2026-01-01T00:00:00Z</CreationTime>
                <StackStatus>CREATE_COMPLETE</StackStatus></member></Stacks></DescribeStacksResult></DescribeStacksResponse>
                """;

        assertThatThrownBy(() -> stack().connect(time -> {})).isInstanceOfSatisfying(CliException.class, failure -> {
            assertThat(failure).hasMessage("The stack slipway has no output ApiUrl");
            assertThat(failure.action()).contains("--stack", "--region", "SLIPWAY_URL");
        });
    }

    @Test
    void aRegionThatIsGivenGoesBeforeTheOneThatTheSdkFinds() {
        status = 400;
        answer = "<ErrorResponse><Error><Code>ValidationError</Code><Message>None.</Message></Error></ErrorResponse>";

        assertThatThrownBy(() -> new Endpoint(null, "slipway", "eu-west-1", null, null).connect(time -> {}))
                .hasMessageContaining("in eu-west-1: None.");
    }

    /** A role's credentials come of the session of another profile, and that of a third. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            corp   | The session of the profile corp has ended, or there is none.  | Log in: aws sso login --profile corp
            role   | The session of the profile corp has ended, or there is none.  | Log in: aws sso login --profile corp
            second | The session of the profile corp has ended, or there is none.  | Log in: aws sso login --profile corp
            """)
    void aSessionThatIsMissingIsSaidOfTheProfileThatHasIt(String profile, String said, String action)
            throws IOException {
        withProfiles(() -> assertThatThrownBy(() -> signer(profile).headers("GET", API, new byte[0]))
                .isInstanceOfSatisfying(CredentialsException.class, failure -> {
                    assertThat(failure).hasMessage(said);
                    assertThat(failure.action()).isEqualTo(action);
                }));
    }

    /** Profiles that name each other, or nobody, end: in what the SDK says. */
    @ParameterizedTest
    @ValueSource(strings = {"one", "nobody", "unknown"})
    void aProfileThatLeadsNowhereIsSaid(String profile) throws IOException {
        withProfiles(() -> assertThatThrownBy(() -> signer(profile).headers("GET", API, new byte[0]))
                .isInstanceOfSatisfying(RuntimeException.class, failure -> {
                    assertThat(MissingCredentials.isCauseOf(failure)).isTrue();
                    assertThat(MissingCredentials.message(failure)).isNotBlank();
                    assertThat(MissingCredentials.action(failure)).isEqualTo(MissingCredentials.ACTION);
                }));
    }

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path directory;

    private static RequestSigner signer(String profile) {
        return new Endpoint(API.toString(), "slipway", null, profile, null)
                .connect(time -> {})
                .signer();
    }

    private void withProfiles(Runnable test) throws IOException {
        Path config = directory.resolve("config");
        Files.writeString(config, """
                [profile corp]
                sso_session = no-session-of-this-name-is-begun
                sso_account_id = 123456789012
                sso_role_name = Dev
                [sso-session no-session-of-this-name-is-begun]
                sso_region = eu-central-1
                sso_start_url = https://corp.awsapps.com/start
                [profile role]
                role_arn = arn:aws:iam::123456789012:role/deploy
                source_profile = corp
                [profile second]
                role_arn = arn:aws:iam::123456789012:role/more
                source_profile = role
                [profile one]
                role_arn = arn:aws:iam::123456789012:role/one
                source_profile = other
                [profile other]
                role_arn = arn:aws:iam::123456789012:role/other
                source_profile = one
                [profile nobody]
                role_arn = arn:aws:iam::123456789012:role/nobody
                source_profile = missing
                """);
        System.setProperty("aws.configFile", config.toString());
        System.setProperty(
                "aws.sharedCredentialsFile", directory.resolve("none").toString());
        try {
            test.run();
        } finally {
            List.of("aws.configFile", "aws.sharedCredentialsFile", "aws.profile")
                    .forEach(System::clearProperty);
        }
    }

    @Test
    void requestsAreSignedForApiGatewayWithTheSessionsToken() {
        RequestSigner signer = RequestSigner.sigV4(
                () -> AwsSessionCredentials.create("AKIDEXAMPLE", "secret", "token"), "eu-central-1");

        Map<String, String> headers = signer.headers("GET", API.resolve("/v1/services?state=down"), new byte[0]);

        assertThat(headers).containsKeys("X-Amz-Date").containsEntry("X-Amz-Security-Token", "token");
        assertThat(headers.get("Authorization"))
                .matches("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/[0-9]{8}/eu-central-1/execute-api/aws4_request,"
                        + " SignedHeaders=[a-z0-9;-]*host[a-z0-9;-]*, Signature=[0-9a-f]{64}");
        assertThat(headers.keySet()).noneMatch(name -> name.equalsIgnoreCase("Host"));
    }

    /** Somebody logs in while the dashboard is open. */
    @Test
    void credentialsThatWereMissingOrHaveEndedAreLookedUpAnew() {
        RequestSigner signer = new Endpoint(API.toString(), "slipway", null, null, null)
                .connect(time -> {})
                .signer();
        System.setProperty("aws.disableEc2Metadata", "true");
        System.setProperty("aws.profile", "none");
        System.clearProperty("aws.secretAccessKey");
        try {
            assertThatThrownBy(() -> signer.headers("GET", API, new byte[0]))
                    .isInstanceOfSatisfying(
                            RuntimeException.class,
                            failure -> assertThat(MissingCredentials.isCauseOf(failure))
                                    .isTrue());
            System.setProperty("aws.secretAccessKey", "secret");
            assertThat(signer.headers("GET", API, new byte[0]).get("Authorization"))
                    .contains("AKIDEXAMPLE/");

            System.setProperty("aws.accessKeyId", "AKIDAFTERLOGIN");
            signer.forget();

            assertThat(signer.headers("GET", API, new byte[0]).get("Authorization"))
                    .contains("AKIDAFTERLOGIN/");
        } finally {
            System.clearProperty("aws.disableEc2Metadata");
            System.clearProperty("aws.profile");
        }
    }

    /** A refusal is of the rights, unless somebody has logged in meanwhile. */
    @Test
    void credentialsThatAreTheSameAndHoldAreNotWhatIsRefused() {
        RequestSigner signer = new Endpoint(API.toString(), "slipway", null, null, null)
                .connect(time -> {})
                .signer();
        signer.headers("GET", API, new byte[0]);

        assertThat(signer.renewed()).isFalse();

        System.setProperty("aws.accessKeyId", "AKIDAFTERLOGIN");
        assertThat(signer.renewed()).isTrue();
        assertThat(signer.renewed()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://ann:secret@slipway.example.com",
                "https://slipway.example.com/?a=b",
                "https://slipway.example.com/#a",
                "ftp://slipway.example.com",
                "slipway.example.com",
                "https://"
            })
    void anAddressThatCannotBeMeantIsNamed(String url) {
        assertThatThrownBy(() -> new Endpoint(url, "slipway", null, null, null).connect(time -> {}))
                .isInstanceOfSatisfying(CliException.class, failure -> {
                    assertThat(failure.exitCode()).isEqualTo(3);
                    assertThat(failure).hasMessageContaining(url);
                });
    }

    @Test
    void theRegionOfAnAddressIsTheOneItIsSignedFor() {
        assertThat(Endpoint.regionOf(API)).isEqualTo("eu-central-1");
        assertThat(Endpoint.regionOf(URI.create("https://slipway.example.com/")))
                .isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"http://example.com", "ftp://localhost", "localhost:8080", "http://127.0.0.1.example.com", " "})
    void nothingIsSentToWhatIsNeitherEncryptedNorThisMachine(String url) {
        assertThatThrownBy(() -> new Endpoint(url, "slipway", null, null, null).connect(time -> {}))
                .isInstanceOfSatisfying(
                        CliException.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(3));
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://localhost:8080", "http://127.0.0.1:8080/", "http://[::1]:8080"})
    void slipwayOnThisMachineIsAskedWithoutCredentials(String url) {
        assertThat(new Endpoint(url, "slipway", null, null, null)
                        .connect(time -> {})
                        .isLocal())
                .isTrue();
    }
}
