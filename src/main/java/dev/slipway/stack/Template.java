package dev.slipway.stack;

import dev.slipway.digest.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * A CloudFormation template that ships with the control plane.
 *
 * @param body YAML
 * @param version the first 16 hexadecimal digits of the body's SHA-256; stacks carry it as a tag
 */
public record Template(String body, String version) {
    /** Reads {@code stacks/<name>.yaml}. */
    public static Template load(String name) {
        try (InputStream in = Template.class.getResourceAsStream("/stacks/" + name + ".yaml")) {
            if (in == null) {
                throw new IllegalStateException("no template " + name);
            }
            String body = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return new Template(body, Sha256.hex(body, 16));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
