package dev.slipway.aws;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.InputStream;
import java.io.StringReader;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.retries.api.AcquireInitialTokenRequest;
import software.amazon.awssdk.retries.api.RecordSuccessRequest;
import software.amazon.awssdk.retries.api.RefreshRetryTokenRequest;
import software.amazon.awssdk.retries.api.RefreshRetryTokenResponse;
import software.amazon.awssdk.retries.api.RetryStrategy;
import software.amazon.awssdk.retries.api.RetryToken;
import software.amazon.awssdk.retries.api.TokenAcquisitionFailedException;

/**
 * The lookups in AWS's query, JSON and XML protocols. AWSEC2/latest/APIReference/API_DescribeSubnets.html,
 * IAM/latest/APIReference/API_GetRole.html and API_CreateServiceLinkedRole.html, secretsmanager/latest/apireference/API_DescribeSecret.html,
 * systems-manager/latest/APIReference/API_ListTagsForResource.html,
 * awscloudtrail/latest/APIReference/API_LookupEvents.html,
 * codeconnections/latest/APIReference/API_GetConnection.html, acm/latest/APIReference/API_DescribeCertificate.html,
 * AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html, Route53/latest/APIReference/API_GetHostedZone.html; targets and versions as in the models of the SDKs
 */
public final class SignedLookups implements AwsLookups {
    /** What deploys and scales. */
    private static final Set<String> DEPLOYING =
            Set.of("cloudformation.amazonaws.com", "ecs.amazonaws.com", "ecs.application-autoscaling.amazonaws.com");

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String CONNECTIONS = "codeconnections";
    private static final String OLDER_CONNECTIONS = "codestar-connections";

    private final SignedHttpClient calls;
    private final Function<String, SignedHttpClient> elsewhere;
    private final RetryStrategy retries;
    private final Consumer<Duration> pause;
    private final BiConsumer<String, SdkException> failed;
    private final PublicDns dns = new PublicDns("dns:");

    /**
     * @param region whose resources are looked up
     * @param endpoint what stands in for all of AWS; null for AWS itself
     * @param retries which errors are tried again, how often and after how long, as for the SDK's clients
     * @param pause waits that long
     * @param failed is told of each attempt that has failed, by the service of AWS
     */
    public SignedLookups(
            SdkHttpClient http,
            AwsCredentialsProvider credentials,
            String region,
            @Nullable URI endpoint,
            RetryStrategy retries,
            Consumer<Duration> pause,
            BiConsumer<String, SdkException> failed) {
        this.elsewhere = other -> new SignedHttpClient(http, credentials, other, endpoint);
        this.calls = elsewhere.apply(region);
        this.retries = retries;
        this.pause = pause;
        this.failed = failed;
    }

    @Override
    public Map<String, Integer> freeAddresses(List<String> subnets) {
        Map<String, String> query = new TreeMap<>(Map.of("Filter.1.Name", "subnet-id"));
        for (int i = 0; i < subnets.size(); i++) {
            query.put("Filter.1.Value." + (i + 1), subnets.get(i));
        }
        Map<String, List<String>> answer = query("ec2", "DescribeSubnets", "2016-11-15", query);
        List<String> ids = answer.getOrDefault("subnetId", List.of());
        List<String> counts = answer.getOrDefault("availableIpAddressCount", List.of());
        Map<String, Integer> free = new HashMap<>();
        for (int i = 0; i < Math.min(ids.size(), counts.size()); i++) {
            free.put(ids.get(i), Integer.parseInt(counts.get(i)));
        }
        return free;
    }

    @Override
    public boolean hasRole(String arn) {
        try {
            query("iam", "GetRole", "2010-05-08", Map.of("RoleName", arn.substring(arn.lastIndexOf('/') + 1)));
            return true;
        } catch (AwsServiceException e) {
            return isNot(e, "NoSuchEntity");
        }
    }

    @Override
    public boolean makeServiceLinkedRole(String service) {
        try {
            query("iam", "CreateServiceLinkedRole", "2010-05-08", Map.of("AWSServiceName", service));
            return true;
        } catch (AwsServiceException e) {
            return isNot(e, "InvalidInput"); // "Service role name … has been taken in this account"
        }
    }

    @Override
    public Optional<Secret> secret(String arn) {
        try {
            JsonNode secret = json("secretsmanager", "secretsmanager.DescribeSecret", Map.of("SecretId", arn));
            return secret.hasNonNull("DeletedDate")
                    ? Optional.empty()
                    : Optional.of(new Secret(secret.path("ARN").asText(), tags(secret.path("Tags"))));
        } catch (AwsServiceException e) {
            isNot(e, "ResourceNotFoundException");
            return Optional.empty();
        }
    }

    @Override
    public Optional<Map<String, String>> parameterTags(String name) {
        try {
            JsonNode answer = json(
                    "ssm", "AmazonSSM.ListTagsForResource", Map.of("ResourceType", "Parameter", "ResourceId", name));
            return Optional.of(tags(answer.path("TagList")));
        } catch (AwsServiceException e) {
            isNot(e, "InvalidResourceId");
            return Optional.empty();
        }
    }

    private static Map<String, String> tags(JsonNode list) {
        Map<String, String> tags = new HashMap<>();
        list.forEach(tag -> tags.put(tag.path("Key").asText(), tag.path("Value").asText()));
        return tags;
    }

    /** False for the error that says there is none; any other is thrown. */
    private static boolean isNot(AwsServiceException error, String none) {
        if (AwsErrors.code(error).equals(none)) {
            return false;
        }
        throw error;
    }

    /** A pipeline may use a connection of another region, so the ARN says where to ask; and of which of the two services. */
    @Override
    public Optional<String> connectionStatus(String arn) {
        String[] parts = arn.split(":", 6); // arn:partition:service:region:account:connection/id
        String target = parts[2].equals(OLDER_CONNECTIONS)
                ? "com.amazonaws.codestar.connections.CodeStar_connections_20191201.GetConnection"
                : "com.amazonaws.codeconnections.CodeConnections_20231201.GetConnection";
        String service = parts[2].equals(OLDER_CONNECTIONS) ? OLDER_CONNECTIONS : CONNECTIONS;
        try {
            JsonNode found = retried(
                    service,
                    () -> json(elsewhere.apply(parts[3]), "1.0", service, target, Map.of("ConnectionArn", arn)));
            return Optional.of(found.path("Connection").path("ConnectionStatus").asText());
        } catch (AwsServiceException e) {
            isNot(e, "ResourceNotFoundException");
            return Optional.empty();
        }
    }

    @Override
    public Optional<Certificate> certificate(String arn) {
        try {
            JsonNode found = json("acm", "CertificateManager.DescribeCertificate", Map.of("CertificateArn", arn))
                    .path("Certificate");
            Set<String> names = new TreeSet<>();
            names.add(found.path("DomainName").asText());
            found.path("SubjectAlternativeNames").forEach(name -> names.add(name.asText()));
            return Optional.of(new Certificate(found.path("Status").asText(), List.copyOf(names)));
        } catch (AwsServiceException e) {
            isNot(e, "ResourceNotFoundException");
            return Optional.empty();
        }
    }

    @Override
    public Optional<HostedZone> hostedZone(String id) {
        try {
            Map<String, List<String>> found = retried("route53", () -> {
                SignedHttpClient.Response answer = calls.get("route53", "/2013-04-01/hostedzone/" + id);
                return succeeded("route53", answer);
            });
            return Optional.of(new HostedZone(
                    withoutDot(first(found, "Name")),
                    Boolean.parseBoolean(first(found, "PrivateZone")),
                    found.getOrDefault("NameServer", List.of()).stream()
                            .map(SignedLookups::withoutDot)
                            .collect(Collectors.toSet())));
        } catch (AwsServiceException e) {
            isNot(e, "NoSuchHostedZone");
            return Optional.empty();
        }
    }

    @Override
    public Optional<Set<String>> nameServers(String zone) {
        return dns.nameServers(zone);
    }

    private static String withoutDot(String name) {
        return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    }

    /** awscloudtrail/latest/APIReference/API_LookupEvents.html */
    @Override
    public List<RecordedChange> changes(String resource, Instant since) {
        JsonNode answer = json(
                "cloudtrail",
                "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents",
                Map.of(
                        "LookupAttributes",
                        List.of(Map.of("AttributeKey", "ResourceName", "AttributeValue", resource)),
                        "StartTime",
                        since.getEpochSecond(),
                        "MaxResults",
                        50));
        List<RecordedChange> changes = new ArrayList<>();
        answer.path("Events").forEach(event -> {
            if (event.path("ReadOnly").asText().equals("false") && isOfSomebody(event)) {
                changes.add(new RecordedChange(
                        Instant.ofEpochMilli(Math.round(event.path("EventTime").asDouble() * 1000)),
                        event.path("Username").asText("unknown"),
                        event.path("EventSource").asText() + " "
                                + event.path("EventName").asText()));
            }
        });
        return changes;
    }

    /** Whether it was no service of AWS at work for us, and was not refused. */
    private static boolean isOfSomebody(JsonNode event) {
        try {
            JsonNode record = JSON.readTree(event.path("CloudTrailEvent").asText("{}"));
            String service = record.path("userIdentity").path("invokedBy").asText();
            return !record.hasNonNull("errorCode") && !DEPLOYING.contains(service);
        } catch (JsonProcessingException e) {
            return true;
        }
    }

    /** Names that begin with this one come after it. */
    @Override
    public boolean hasLogGroup(String name) {
        JsonNode found = json("logs", "Logs_20140328.DescribeLogGroups", Map.of("logGroupNamePrefix", name))
                .path("logGroups");
        return found.path(0).path("logGroupName").asText().equals(name);
    }

    @Override
    public Optional<String> download(String url) {
        try {
            return Optional.of(retried("s3", () -> {
                SignedHttpClient.Response answer = calls.get(url);
                if (answer.failed()) {
                    throw failure("s3", answer.status(), "", "");
                }
                return answer.body();
            }));
        } catch (SdkException e) {
            return Optional.empty();
        }
    }

    /** AmazonS3/latest/API/API_GetObject.html */
    @Override
    public AbortableInputStream object(AwsCredentials credentials, String bucket, String key) {
        return retried("s3", () -> {
            HttpExecuteResponse answer = calls.object(credentials, bucket, key);
            AbortableInputStream body =
                    answer.responseBody().orElseGet(() -> AbortableInputStream.create(InputStream.nullInputStream()));
            if (answer.httpResponse().isSuccessful()) {
                return body;
            }
            Map<String, List<String>> texts = texts(SignedHttpClient.text(body, "s3"));
            throw failure("s3", answer.httpResponse().statusCode(), first(texts, "Code"), first(texts, "Message"));
        });
    }

    /** Tries again what the SDK's clients would; the last error is thrown. */
    private <T> T retried(String service, Supplier<T> call) {
        RetryToken token = retries.acquireInitialToken(AcquireInitialTokenRequest.create(service))
                .token();
        while (true) {
            try {
                T answer = call.get();
                retries.recordSuccess(RecordSuccessRequest.create(token));
                return answer;
            } catch (SdkException e) {
                failed.accept(service, e);
                RefreshRetryTokenResponse again;
                try {
                    again = retries.refreshRetryToken(RefreshRetryTokenRequest.builder()
                            .token(token)
                            .failure(e)
                            .build());
                } catch (TokenAcquisitionFailedException givenUp) {
                    throw e;
                }
                pause.accept(again.delay());
                token = again.token();
            }
        }
    }

    private Map<String, List<String>> query(
            String service, String action, String version, Map<String, String> parameters) {
        Map<String, String> form = new TreeMap<>(parameters);
        form.put("Action", action);
        form.put("Version", version);
        String body = form.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + URLEncoder.encode(entry.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
        return retried(service, () -> {
            SignedHttpClient.Response answer = calls.post(
                    service, Map.of("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"), body);
            return succeeded(service, answer);
        });
    }

    private static Map<String, List<String>> succeeded(String service, SignedHttpClient.Response answer) {
        Map<String, List<String>> texts = texts(answer.body());
        if (answer.failed()) {
            throw failure(service, answer.status(), first(texts, "Code"), first(texts, "Message"));
        }
        return texts;
    }

    /**
     * The texts of an XML answer by the name of their element, in order: the answers that we read are flat where it
     * matters. An answer that is no XML has no texts: proxies answer with pages of their own.
     */
    private static Map<String, List<String>> texts(String xml) {
        Map<String, List<String>> texts = new HashMap<>();
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        try {
            XMLStreamReader reader = factory.createXMLStreamReader(new StringReader(xml));
            StringBuilder text = new StringBuilder();
            while (reader.hasNext()) {
                switch (reader.next()) {
                    case XMLStreamConstants.START_ELEMENT -> text.setLength(0);
                    case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA -> text.append(reader.getText());
                    case XMLStreamConstants.END_ELEMENT -> {
                        texts.computeIfAbsent(reader.getLocalName(), name -> new ArrayList<>())
                                .add(text.toString().strip());
                        text.setLength(0);
                    }
                    default -> {}
                }
            }
        } catch (XMLStreamException e) {
            return Map.of();
        }
        return texts;
    }

    private static String first(Map<String, List<String>> texts, String element) {
        return texts.getOrDefault(element, List.of("")).getFirst();
    }

    private JsonNode json(String service, String target, Map<String, ?> request) {
        return retried(service, () -> json(calls, "1.1", service, target, request));
    }

    private static JsonNode json(
            SignedHttpClient calls, String version, String service, String target, Map<String, ?> request) {
        try {
            SignedHttpClient.Response answer = calls.post(
                    service,
                    Map.of("Content-Type", "application/x-amz-json-" + version, "X-Amz-Target", target),
                    JSON.writeValueAsString(request));
            if (!answer.failed()) {
                return JSON.readTree(answer.body());
            }
            JsonNode error = answer.body().startsWith("{") ? JSON.readTree(answer.body()) : JSON.nullNode();
            String type = error.path("__type").asText();
            String message = error.path("message").asText(error.path("Message").asText());
            throw failure(service, answer.status(), type.substring(type.indexOf('#') + 1), message);
        } catch (JsonProcessingException e) {
            throw failure(service, 500, "", "the answer is no JSON");
        }
    }

    private static AwsServiceException failure(String service, int status, String code, String message) {
        return AwsServiceException.builder()
                .message("%s answered %d %s: %s".formatted(service, status, code, message))
                .statusCode(status)
                .awsErrorDetails(AwsErrorDetails.builder()
                        .serviceName(service)
                        .errorCode(code)
                        .errorMessage(message)
                        .build())
                .build();
    }
}
