package dev.slipway.simulated.ecr;

import org.jspecify.annotations.Nullable;

/**
 * The parts of an image's name as container clients write it.
 *
 * @param repository with the registry's host, where it has one
 * @param tag {@code latest} when there is neither tag nor digest; null when there is only a digest
 */
record EcrReference(
        String repository, @Nullable String tag, @Nullable String digest) {
    static EcrReference of(String reference) {
        int at = reference.indexOf('@');
        String name = at < 0 ? reference : reference.substring(0, at);
        int colon = name.indexOf(':', name.lastIndexOf('/') + 1);
        String repository = colon < 0 ? name : name.substring(0, colon);
        String tag = colon < 0 ? null : name.substring(colon + 1);
        return at < 0
                ? new EcrReference(repository, tag == null ? "latest" : tag, null)
                : new EcrReference(repository, tag, reference.substring(at + 1));
    }
}
