package dev.slipway.release;

import org.jspecify.annotations.Nullable;

/**
 * An image in a service's registry.
 *
 * @param repositoryUri without tag or digest
 * @param digest {@code sha256:…}
 * @param tag by which it was asked for; null when it was the digest
 * @param manifest its manifest, by which it can be tagged again
 */
public record Image(
        String repositoryUri, String digest, @Nullable String tag, Manifest manifest) {
    /** By digest, as it stands in a task definition. */
    public String uri() {
        return repositoryUri + "@" + digest;
    }
}
