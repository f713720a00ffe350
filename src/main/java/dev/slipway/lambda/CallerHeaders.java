package dev.slipway.lambda;

/**
 * The headers that tell a resource who is calling.
 *
 * <p>They are set from what API Gateway verified (IAM, SigV4), and only from that: headers of these names that the
 * client sent are dropped before. A request without a verified caller is refused and reaches no resource.
 */
public final class CallerHeaders {
    /** ARN of the calling user, role session or root, such as {@code arn:aws:sts::123456789012:assumed-role/Dev/ann}. */
    public static final String ACTOR = "Slipway-Actor";

    /** Twelve digits of the account that the caller belongs to. */
    public static final String ACCOUNT = "Slipway-Account";

    /**
     * API Gateway's id of the request, which its access log has and the caller sees as {@code apigw-requestid}. Answers have it under
     * this name, also on a laptop.
     */
    public static final String REQUEST = "Slipway-Request";

    private CallerHeaders() {}
}
