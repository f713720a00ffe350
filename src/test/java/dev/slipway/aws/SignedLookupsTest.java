package dev.slipway.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.retries.api.RetryStrategy;

/** What goes over the wire, and what comes of AWS's answers. */
class SignedLookupsTest {
    private final Wire wire = new Wire();
    private final List<Duration> pauses = new ArrayList<>();
    private final AwsLookups lookups = lookups("eu-central-1");

    private AwsLookups lookups(String region) {
        return lookups(region, AwsRetryStrategy.doNotRetry());
    }

    private AwsLookups lookups(String region, RetryStrategy retries) {
        return new SignedLookups(
                wire,
                StaticCredentialsProvider.create(AwsBasicCredentials.create("AKID", "secret")),
                region,
                null,
                retries,
                pauses::add,
                (_, _) -> {});
    }

    /** Answers with what it was given, in turn, and keeps what it was asked. */
    private static final class Wire implements SdkHttpClient {
        final Deque<Map.Entry<Integer, String>> answers = new ArrayDeque<>();
        final List<HttpExecuteRequest> requests = new ArrayList<>();

        @Override
        public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
            return new ExecutableHttpRequest() {
                @Override
                public HttpExecuteResponse call() throws IOException {
                    requests.add(request);
                    if (answers.isEmpty()) {
                        throw new IOException("connection refused");
                    }
                    var answer = answers.remove();
                    return HttpExecuteResponse.builder()
                            .response(SdkHttpResponse.builder()
                                    .statusCode(answer.getKey())
                                    .build())
                            .responseBody(AbortableInputStream.create(
                                    new ByteArrayInputStream(answer.getValue().getBytes(StandardCharsets.UTF_8))))
                            .build();
                }

                @Override
                public void abort() {}
            };
        }

        @Override
        public void close() {}

        String header(String name) {
            return requests.getLast().httpRequest().firstMatchingHeader(name).orElse("");
        }

        String body() {
            try (var body =
                    requests.getLast().contentStreamProvider().orElseThrow().newStream()) {
                return new String(body.readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private void answers(int status, String body) {
        wire.answers.add(Map.entry(status, body));
    }

    @Test
    void aServiceLinkedRoleThatIsThereAlreadyIsNoFailure() {
        wire.answers.add(Map.entry(200, "<CreateServiceLinkedRoleResponse/>"));
        wire.answers.add(Map.entry(
                400,
                "<ErrorResponse><Error><Code>InvalidInput</Code><Message>Service role name AWSServiceRoleForECS has been taken"
                        + " in this account, please try a different suffix.</Message></Error></ErrorResponse>"));
        wire.answers.add(Map.entry(
                403, "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>"));

        assertThat(lookups.makeServiceLinkedRole("ecs.amazonaws.com")).isTrue();
        assertThat(lookups.makeServiceLinkedRole("ecs.amazonaws.com")).isFalse();
        assertThatThrownBy(() -> lookups.makeServiceLinkedRole("ecs.amazonaws.com"))
                .isInstanceOf(AwsServiceException.class);
    }

    @Test
    void aHostedZoneIsAskedOfRoute53AndHasItsNameServers() {
        answers(200, """
                <?xml version="1.0" encoding="UTF-8"?>
                <GetHostedZoneResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><HostedZone><Id>/hostedzone/Z1</Id>\
                <Name>example.com.</Name><CallerReference>c</CallerReference><Config><Comment>x</Comment>\
                <PrivateZone>false</PrivateZone></Config><ResourceRecordSetCount>4</ResourceRecordSetCount></HostedZone>\
                <DelegationSet><NameServers><NameServer>ns-2048.awsdns-64.com</NameServer>\
                <NameServer>ns-2049.awsdns-65.net</NameServer></NameServers></DelegationSet></GetHostedZoneResponse>
                """.strip());
        answers(
                404,
                "<ErrorResponse><Error><Type>Sender</Type><Code>NoSuchHostedZone</Code><Message>No hosted zone found with ID: Z1</Message></Error></ErrorResponse>");

        assertThat(lookups.hostedZone("Z1"))
                .contains(new AwsLookups.HostedZone(
                        "example.com", false, Set.of("ns-2048.awsdns-64.com", "ns-2049.awsdns-65.net")));
        assertThat(wire.requests.getLast().httpRequest().getUri())
                .hasToString("https://route53.amazonaws.com/2013-04-01/hostedzone/Z1");
        assertThat(wire.header("Authorization")).contains("/us-east-1/route53/aws4_request");
        assertThat(lookups.hostedZone("Z1")).isEmpty();
    }

    @Test
    void freeAddressesAreAskedOfEc2() {
        // from the example in API_DescribeSubnets
        answers(200, """
                <DescribeSubnetsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
                  <subnetSet>
                    <item><subnetId>subnet-a</subnetId><availableIpAddressCount>251</availableIpAddressCount>
                      <tagSet><item><key>Name</key><value>x</value></item></tagSet></item>
                    <item><subnetId>subnet-b</subnetId><availableIpAddressCount>3</availableIpAddressCount></item>
                  </subnetSet>
                </DescribeSubnetsResponse>""");

        assertThat(lookups.freeAddresses(List.of("subnet-a", "subnet-b")))
                .isEqualTo(Map.of("subnet-a", 251, "subnet-b", 3));
        assertThat(wire.requests.getLast().httpRequest().host()).isEqualTo("ec2.eu-central-1.amazonaws.com");
        assertThat(wire.body())
                .isEqualTo("Action=DescribeSubnets&Filter.1.Name=subnet-id&Filter.1.Value.1=subnet-a"
                        + "&Filter.1.Value.2=subnet-b&Version=2016-11-15");
        assertThat(wire.header("Authorization"))
                .startsWith("AWS4-HMAC-SHA256 Credential=AKID/")
                .contains("/eu-central-1/ec2/aws4_request");
    }

    @Test
    void rolesAreAskedOfTheEndpointOfTheirPartition() {
        String role = "arn:aws:iam::123456789012:role/slipway-prod-web-task";
        answers(200, "<GetRoleResponse/>");
        answers(404, "<ErrorResponse><Error><Code>NoSuchEntity</Code><Message>no</Message></Error></ErrorResponse>");

        assertThat(lookups.hasRole(role)).isTrue();
        assertThat(wire.requests.getLast().httpRequest().host()).isEqualTo("iam.amazonaws.com");
        assertThat(wire.header("Authorization")).contains("/us-east-1/iam/aws4_request");
        assertThat(wire.body()).isEqualTo("Action=GetRole&RoleName=slipway-prod-web-task&Version=2010-05-08");
        assertThat(lookups("cn-north-1").hasRole(role)).isFalse();
        assertThat(wire.requests.getLast().httpRequest().host()).isEqualTo("iam.cn-north-1.amazonaws.com.cn");
    }

    @Test
    void aSecretThatIsAboutToBeDeletedIsNone() {
        answers(
                200,
                "{\"ARN\":\"a\",\"Name\":\"n\",\"Tags\":[{\"Key\":\"k\",\"Value\":\"v\"},{\"Key\":\"K\",\"Value\":\"\"}]}");
        answers(200, "{\"ARN\":\"a\",\"DeletedDate\":1.7E9}");
        answers(400, "{\"__type\":\"ResourceNotFoundException\",\"Message\":\"no\"}");

        assertThat(lookups.secret("arn")).contains(new AwsLookups.Secret("a", Map.of("k", "v", "K", "")));
        assertThat(wire.header("X-Amz-Target")).isEqualTo("secretsmanager.DescribeSecret");
        assertThat(wire.body()).isEqualTo("{\"SecretId\":\"arn\"}");
        assertThat(lookups.secret("arn")).isEmpty();
        assertThat(lookups.secret("arn")).isEmpty();
    }

    @Test
    void aParameterIsAskedForItsTags() {
        answers(200, "{\"TagList\":[{\"Key\":\"k\",\"Value\":\"v\"}]}");
        answers(200, "{\"TagList\":[]}");
        answers(400, "{\"__type\":\"InvalidResourceId\"}");
        answers(400, "{\"__type\":\"AccessDeniedException\",\"Message\":\"no\"}");

        assertThat(lookups.parameterTags("/a")).contains(Map.of("k", "v"));
        assertThat(wire.header("X-Amz-Target")).isEqualTo("AmazonSSM.ListTagsForResource");
        assertThat(wire.body()).contains("\"ResourceType\":\"Parameter\"").contains("\"ResourceId\":\"/a\"");
        assertThat(lookups.parameterTags("/b")).contains(Map.of());
        assertThat(lookups.parameterTags("/c")).isEmpty();
        assertThatThrownBy(() -> lookups.parameterTags("/d")).isInstanceOf(AwsServiceException.class);
    }

    @Test
    void aConnectionIsAskedForWhereItsArnSays() {
        String id = ":connection/aEXAMPLE-8aad-4d5d-8878-dfcab0bc441f";
        answers(200, "{\"Connection\":{\"ConnectionName\":\"c\",\"ConnectionStatus\":\"PENDING\"}}");
        answers(200, "{\"Connection\":{\"ConnectionStatus\":\"AVAILABLE\"}}");
        answers(
                400,
                "{\"__type\":\"com.amazonaws.codeconnections#ResourceNotFoundException\",\"Message\":\"Connection not found\"}");
        answers(400, "{\"__type\":\"AccessDeniedException\",\"Message\":\"no\"}");

        String present = "arn:aws:codeconnections:eu-central-1:123456789012" + id;
        assertThat(lookups.connectionStatus(present)).contains("PENDING");
        assertThat(wire.requests.getLast().httpRequest().host())
                .isEqualTo("codeconnections.eu-central-1.amazonaws.com");
        assertThat(wire.header("X-Amz-Target"))
                .isEqualTo("com.amazonaws.codeconnections.CodeConnections_20231201.GetConnection");
        assertThat(wire.header("Content-Type")).isEqualTo("application/x-amz-json-1.0");
        assertThat(wire.header("Authorization")).contains("/eu-central-1/codeconnections/aws4_request");
        assertThat(wire.body()).isEqualTo("{\"ConnectionArn\":\"" + present + "\"}");

        assertThat(lookups.connectionStatus("arn:aws:codestar-connections:us-east-1:123456789012" + id))
                .contains("AVAILABLE");
        assertThat(wire.requests.getLast().httpRequest().host())
                .isEqualTo("codestar-connections.us-east-1.amazonaws.com");
        assertThat(wire.header("X-Amz-Target"))
                .isEqualTo("com.amazonaws.codestar.connections.CodeStar_connections_20191201.GetConnection");
        assertThat(wire.header("Authorization")).contains("/us-east-1/codestar-connections/aws4_request");

        assertThat(lookups.connectionStatus(present)).isEmpty();
        assertThatThrownBy(() -> lookups.connectionStatus(present)).isInstanceOf(AwsServiceException.class);
    }

    @Test
    void whatLiesAtASignedAddressIsFetchedWithoutSigning() {
        answers(200, "{\"architecture\":\"arm64\"}");
        answers(403, "<Error/>");

        assertThat(lookups.download("https://bucket.s3.amazonaws.com/a?X-Amz-Signature=s"))
                .contains("{\"architecture\":\"arm64\"}");
        assertThat(wire.header("Authorization")).isEmpty();
        assertThat(lookups.download("https://bucket.s3.amazonaws.com/a")).isEmpty();
        assertThat(lookups.download("https://bucket.s3.amazonaws.com/a")).isEmpty();
    }

    @Test
    void anObjectIsReadByItsBucketsNameWithTheCredentialsThatComeAlong() throws IOException {
        AwsCredentials job = AwsSessionCredentials.create("ASIAJOB", "secret", "token");
        answers(200, "PK");
        try (InputStream object = lookups.object(job, "artifacts", "web/Image/a b+c")) {
            assertThat(object.readAllBytes()).asString().isEqualTo("PK");
        }
        assertThat(wire.requests.getLast().httpRequest().getUri())
                .hasToString("https://artifacts.s3.eu-central-1.amazonaws.com/web/Image/a%20b%2Bc");
        assertThat(wire.header("Authorization")).contains("Credential=ASIAJOB/", "/eu-central-1/s3/aws4_request");
        assertThat(wire.header("X-Amz-Security-Token")).isEqualTo("token");
        assertThat(wire.header("x-amz-content-sha256")).isNotEmpty();

        answers(200, "PK");
        lookups.object(job, "artifacts.example", "key").close();
        assertThat(wire.requests.getLast().httpRequest().getUri())
                .hasToString("https://s3.eu-central-1.amazonaws.com/artifacts.example/key");

        answers(404, "<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>");
        assertThatThrownBy(() -> lookups.object(job, "artifacts", "gone"))
                .isInstanceOfSatisfying(AwsServiceException.class, gone -> {
                    assertThat(gone.statusCode()).isEqualTo(404);
                    assertThat(AwsErrors.code(gone)).isEqualTo("NoSuchKey");
                });
    }

    @Test
    void whatMayPassIsTriedAgainThreeTimesInAllAfterAPause() {
        AwsLookups patient = lookups("eu-central-1", AwsRetryStrategy.standardRetryStrategy());
        answers(503, "busy");
        answers(400, "{\"__type\":\"ThrottlingException\",\"message\":\"Rate exceeded\"}");
        answers(200, "{\"ARN\":\"a\"}");
        assertThat(patient.secret("arn")).isPresent();
        assertThat(wire.requests).hasSize(3);
        assertThat(pauses).hasSize(2);

        answers(500, "");
        answers(200, "{}");
        assertThat(patient.download("https://bucket.s3.amazonaws.com/a")).contains("{}");

        wire.requests.clear();
        assertThatThrownBy(() -> patient.hasRole("role")).isInstanceOf(SdkClientException.class);
        assertThat(wire.requests).hasSize(3); // nobody answered any of them
    }

    @Test
    void whatStaysWrongIsNotTriedAgain() {
        AwsLookups patient = lookups("eu-central-1", AwsRetryStrategy.standardRetryStrategy());
        answers(403, "{\"__type\":\"AccessDeniedException\",\"message\":\"no\"}");
        assertThatThrownBy(() -> patient.secret("arn")).isInstanceOf(AwsServiceException.class);
        assertThat(wire.requests).hasSize(1);
        assertThat(pauses).isEmpty();
    }

    @Test
    void errorsAreLikeThoseOfTheSdk() {
        answers(
                403,
                "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors></Response>");
        answers(400, "{\"__type\":\"com.amazon#ThrottlingException\",\"message\":\"Rate exceeded\"}");
        answers(503, "busy");

        assertThatThrownBy(() -> lookups.freeAddresses(List.of("subnet-a")))
                .isInstanceOfSatisfying(
                        AwsServiceException.class,
                        error -> assertThat(AwsErrors.denied(error)).isPresent());
        assertThatThrownBy(() -> lookups.secret("arn"))
                .isInstanceOfSatisfying(
                        AwsServiceException.class,
                        error -> assertThat(AwsErrors.isTransient(error)).isTrue());
        assertThatThrownBy(() -> lookups.hasRole("arn"))
                .isInstanceOfSatisfying(
                        AwsServiceException.class,
                        error -> assertThat(AwsErrors.isTransient(error)).isTrue());
        assertThatThrownBy(() -> lookups.hasRole("arn")).isInstanceOf(SdkClientException.class);
    }

    @Test
    void theNamesOfACertificateAreAskedOfAcm() {
        // from the example in API_DescribeCertificate
        answers(200, """
                {"Certificate": {"CertificateArn": "arn:aws:acm:eu-central-1:123456789012:certificate/1", "Status": "ISSUED",
                 "DomainName": "example.com", "SubjectAlternativeNames": ["example.com", "*.example.com"], "Type": "IMPORTED"}}""");

        assertThat(lookups.certificate("arn:aws:acm:eu-central-1:123456789012:certificate/1"))
                .hasValue(new AwsLookups.Certificate("ISSUED", List.of("*.example.com", "example.com")));
        assertThat(wire.requests.getLast().httpRequest().host()).isEqualTo("acm.eu-central-1.amazonaws.com");
        assertThat(wire.header("X-Amz-Target")).isEqualTo("CertificateManager.DescribeCertificate");
        assertThat(wire.body())
                .isEqualTo("{\"CertificateArn\":\"arn:aws:acm:eu-central-1:123456789012:certificate/1\"}");
        answers(400, "{\"__type\": \"ResourceNotFoundException\", \"message\": \"Could not find certificate\"}");
        assertThat(lookups.certificate("arn:aws:acm:eu-central-1:123456789012:certificate/2"))
                .isEmpty();
    }

    @Test
    void aLogGroupIsFoundByItsWholeName() {
        answers(
                200,
                "{\"logGroups\": [{\"logGroupName\": \"/slipway/dev/web\"}, {\"logGroupName\": \"/slipway/dev/web2\"}]}");
        assertThat(lookups.hasLogGroup("/slipway/dev/web")).isTrue();
        assertThat(wire.header("X-Amz-Target")).isEqualTo("Logs_20140328.DescribeLogGroups");
        answers(200, "{\"logGroups\": [{\"logGroupName\": \"/slipway/dev/web2\"}]}");
        assertThat(lookups.hasLogGroup("/slipway/dev/web")).isFalse();
        answers(200, "{\"logGroups\": []}");
        assertThat(lookups.hasLogGroup("/slipway/dev/web")).isFalse();
    }

    private static String event(String name, String readOnly, String record) {
        return """
                {"EventName": "%s", "EventSource": "logs.amazonaws.com", "ReadOnly": "%s", "EventTime": 1772366400.5,
                 "Username": "ann", "CloudTrailEvent": "%s"}""".formatted(name, readOnly, record.replace("\"", "\\\""));
    }

    /** awscloudtrail/latest/APIReference/API_Event.html, awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html */
    @Test
    void ofWhatCloudTrailKnowsOnlyWhatSomebodyHasChangedCounts() {
        answers(
                200,
                "{\"Events\": ["
                        + String.join(
                                ",",
                                event("DescribeLogGroups", "true", "{}"),
                                event("Refused", "false", "{\"errorCode\": \"AccessDenied\"}"),
                                event(
                                        "OfAStack",
                                        "false",
                                        "{\"userIdentity\": {\"invokedBy\": \"cloudformation.amazonaws.com\"}}"),
                                event("OfEcs", "false", "{\"userIdentity\": {\"invokedBy\": \"ecs.amazonaws.com\"}}"),
                                event(
                                        "OfScaling",
                                        "false",
                                        "{\"userIdentity\": {\"invokedBy\": \"ecs.application-autoscaling.amazonaws.com\"}}"),
                                event(
                                        "PutRetentionPolicy",
                                        "false",
                                        "{\"userIdentity\": {\"type\": \"IAMUser\", \"userName\": \"ann\"}}"),
                                event(
                                        "ByAnotherService",
                                        "false",
                                        "{\"userIdentity\": {\"invokedBy\": \"config.amazonaws.com\"}}"),
                                event("Unreadable", "false", "no JSON"))
                        + "]}");

        assertThat(lookups.changes("/slipway/dev/web", Instant.ofEpochSecond(1772000000)))
                .containsExactly(changed("PutRetentionPolicy"), changed("ByAnotherService"), changed("Unreadable"));
        assertThat(wire.header("X-Amz-Target"))
                .isEqualTo("com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents");
        assertThat(wire.body())
                .contains("\"AttributeKey\":\"ResourceName\"")
                .contains("\"AttributeValue\":\"/slipway/dev/web\"")
                .contains("\"StartTime\":1772000000");
    }

    private static AwsLookups.RecordedChange changed(String call) {
        return new AwsLookups.RecordedChange(Instant.ofEpochMilli(1772366400500L), "ann", "logs.amazonaws.com " + call);
    }

    /** An event without a user, as those of AWS's own accounts are, says so. */
    @Test
    void aChangeOfNobodyThatCloudTrailNamesIsOfSomebodyUnknown() {
        answers(
                200,
                "{\"Events\": [{\"EventName\": \"A\", \"EventSource\": \"b\", \"ReadOnly\": \"false\", \"EventTime\": 1772366400}]}");

        assertThat(lookups.changes("x", Instant.EPOCH))
                .singleElement()
                .satisfies(change -> assertThat(change.who()).isEqualTo("unknown"));
    }
}
