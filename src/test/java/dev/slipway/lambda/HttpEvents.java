package dev.slipway.lambda;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** HTTP API events of payload format 2.0, in the shape that AWS documents, to be changed as a test needs. */
final class HttpEvents {
    static final String ACTOR = "arn:aws:sts::123456789012:assumed-role/Developer/ann";

    private HttpEvents() {}

    static ObjectNode request(String method, String path) {
        var event = JsonNodeFactory.instance.objectNode();
        event.put("version", "2.0")
                .put("routeKey", "$default")
                .put("rawPath", path)
                .put("rawQueryString", "");
        event.putObject("headers")
                .put("host", "abc123.execute-api.eu-central-1.amazonaws.com")
                .put("user-agent", "curl/8.7.1 (one, two)")
                .put("x-forwarded-for", "203.0.113.7");
        var context = event.putObject("requestContext");
        context.put("accountId", "999999999999")
                .put("apiId", "abc123")
                .put("domainName", "abc123.execute-api.eu-central-1.amazonaws.com")
                .put("domainPrefix", "abc123")
                .put("requestId", "JKJaXmPLvHcESHA=")
                .put("routeKey", "$default")
                .put("stage", "$default")
                .put("time", "10/Mar/2026:05:16:23 +0000")
                .put("timeEpoch", 1773119783000L)
                .put("aFieldThatAwsAddsLater", true);
        context.putObject("authorizer")
                .putObject("iam")
                .put("accessKey", "ASIAEXAMPLE")
                .put("accountId", "123456789012")
                .put("callerId", "AROAEXAMPLE:ann")
                .putNull("cognitoIdentity")
                .putNull("principalOrgId")
                .put("userArn", ACTOR)
                .put("userId", "AROAEXAMPLE:ann");
        context.putObject("http")
                .put("method", method)
                .put("path", path)
                .put("protocol", "HTTP/1.1")
                .put("sourceIp", "203.0.113.7")
                .put("userAgent", "curl/8.7.1");
        event.put("isBase64Encoded", false);
        return event;
    }

    static ObjectNode headers(ObjectNode event) {
        return (ObjectNode) event.get("headers");
    }

    static ObjectNode context(ObjectNode event) {
        return (ObjectNode) event.get("requestContext");
    }
}
