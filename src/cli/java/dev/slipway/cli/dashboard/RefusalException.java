package dev.slipway.cli.dashboard;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** A request that the dashboard answers by itself: why, and what to do about it. Never holds a token or a body. */
final class RefusalException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int status;
    private final String code;
    private final String detail;
    private final String action;

    /**
     * @param status of HTTP
     * @param code stable and for programs, such as {@code unknown-browser}
     */
    RefusalException(int status, String code, String detail, String action) {
        super(detail);
        this.status = status;
        this.code = code;
        this.detail = detail;
        this.action = action;
    }

    int status() {
        return status;
    }

    /** For a person who has opened an address. */
    String text() {
        return detail + "\n" + action + "\n";
    }

    /** RFC 9457, with the fields that the API's problems have. */
    ObjectNode document() {
        return JsonNodeFactory.instance
                .objectNode()
                .put("type", "about:blank")
                .put(
                        "title",
                        Character.toUpperCase(code.charAt(0))
                                + code.substring(1).replace('-', ' '))
                .put("status", status)
                .put("detail", detail)
                .put("code", code)
                .put("category", status >= 500 ? "dependency" : "user")
                .put("action", action);
    }
}
