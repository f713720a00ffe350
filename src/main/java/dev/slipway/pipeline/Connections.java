package dev.slipway.pipeline;

import dev.slipway.aws.AwsErrors;
import dev.slipway.aws.AwsLookups;
import java.util.Optional;
import org.jboss.logging.Logger;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * Whether connections to repositories work. It is an aside of what is asked for, so that AWS will not tell must not be the end
 * of that.
 */
final class Connections {
    /** A person has to approve it once. */
    static final String PENDING = "PENDING";
    /** AWS did not say. */
    static final String UNKNOWN = "UNKNOWN";

    private static final Logger LOG = Logger.getLogger(Connections.class);

    private final AwsLookups lookups;

    Connections(AwsLookups lookups) {
        this.lookups = lookups;
    }

    /** For somebody who looks: {@link #UNKNOWN} when AWS does not say, empty when there is none. One call to AWS. */
    Optional<String> status(String arn) {
        try {
            return lookups.connectionStatus(arn);
        } catch (SdkException e) {
            LOG.warnf("connection=%s status is not known: %s", arn, e.getMessage());
            return Optional.of(UNKNOWN);
        }
    }

    /**
     * For an operation: whether it waits for a person. Not when we may not know, as of a connection in another account or
     * region; what passes by itself is thrown, and the operation looks again. One call to AWS.
     */
    boolean isPending(String arn) {
        try {
            return lookups.connectionStatus(arn).filter(PENDING::equals).isPresent();
        } catch (SdkException e) {
            if (AwsErrors.denied(e).isEmpty()) {
                throw e;
            }
            LOG.warnf("connection=%s status is not known: %s", arn, e.getMessage());
            return false;
        }
    }
}
