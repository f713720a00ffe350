package dev.slipway.stack;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

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
            byte[] bytes = in.readAllBytes();
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
            return new Template(
                    new String(bytes, StandardCharsets.UTF_8), HexFormat.of().formatHex(digest, 0, 8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
