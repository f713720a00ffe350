package dev.slipway.simulated.cloudformation;

/** A resource's handler failed; the message is the status reason that the stack's events show. */
final class ResourceFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String reason;

    ResourceFailure(String reason) {
        super(reason);
        this.reason = reason;
    }

    String reason() {
        return reason;
    }

    /** The form in which CloudFormation shows what a handler said. */
    static String handler(String message, String token, String code) {
        return "Resource handler returned message: \"%s\" (RequestToken: %s, HandlerErrorCode: %s)"
                .formatted(message, token, code);
    }
}
