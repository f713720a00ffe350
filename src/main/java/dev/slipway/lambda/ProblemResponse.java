package dev.slipway.lambda;

import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPResponse;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.Map;

/**
 * A problem that ends a request in the bridge, before or instead of a resource (RFC 9457).
 *
 * @param status HTTP status
 * @param code stable, for programs
 * @param category who can do something about it: {@code user}, {@code dependency} or {@code internal}
 * @param title the same for every problem of this code
 * @param detail what is wrong this time and what to do; never echoes the request
 */
record ProblemResponse(int status, String code, String category, String title, String detail) {

    static ProblemResponse user(int status, String code, String title, String detail) {
        return new ProblemResponse(status, code, "user", title, detail);
    }

    static ProblemResponse internal(int status, String code, String title, String detail) {
        return new ProblemResponse(status, code, "internal", title, detail);
    }

    APIGatewayV2HTTPResponse toResponse() {
        // The same keys as problem.ProblemDocument; without Jackson's databind, which an early refusal need not wait
        // for.
        var body = JsonNodeFactory.instance
                .objectNode()
                .put("type", "about:blank")
                .put("title", title)
                .put("status", status)
                .put("detail", detail)
                .put("code", code)
                .put("category", category);
        return APIGatewayV2HTTPResponse.builder()
                .withStatusCode(status)
                .withHeaders(Map.of("content-type", "application/problem+json"))
                .withBody(body.toString())
                .build();
    }
}
