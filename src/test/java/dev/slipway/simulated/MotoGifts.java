package dev.slipway.simulated;

import dev.slipway.MotoServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a user has before there is an environment, put into moto. By hand, because the product talks to neither service
 * and has no client of them.
 */
final class MotoGifts {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private MotoGifts() {}

    /** The id of a new hosted zone. */
    static String hostedZone(String domain) {
        HttpRequest.Builder request = request("/2013-04-01/hostedzone", "route53")
                .POST(HttpRequest.BodyPublishers.ofString("""
                        <CreateHostedZoneRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/">
                        <Name>%s</Name><CallerReference>once</CallerReference></CreateHostedZoneRequest>""".formatted(domain)));
        return found("<Id>/hostedzone/([^<]+)</Id>", request);
    }

    /** The ARN of a new certificate. */
    static String certificate(String domain) {
        HttpRequest.Builder request = request("/", "acm")
                .header("X-Amz-Target", "CertificateManager.RequestCertificate")
                .header("Content-Type", "application/x-amz-json-1.1")
                .POST(HttpRequest.BodyPublishers.ofString("{\"DomainName\": \"%s\"}".formatted(domain)));
        return found("\"CertificateArn\": ?\"([^\"]+)\"", request);
    }

    private static HttpRequest.Builder request(String path, String service) {
        URI address = MotoServer.get().endpoint().resolve(path);
        return HttpRequest.newBuilder(address)
                .header(
                        "Authorization",
                        "AWS4-HMAC-SHA256 Credential=test/20260301/eu-west-1/%s/aws4_request, SignedHeaders=host, Signature=0"
                                .formatted(service));
    }

    private static String found(String expression, HttpRequest.Builder request) {
        try {
            String body = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString())
                    .body();
            Matcher matcher = Pattern.compile(expression).matcher(body);
            if (!matcher.find()) {
                throw new IllegalStateException("moto answers " + body);
            }
            return matcher.group(1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
