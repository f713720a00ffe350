package dev.slipway.digest;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256. */
public final class Sha256 {
    private Sha256() {}

    /** Of the parts one after the other: 32 bytes. */
    public static byte[] of(byte[]... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (byte[] part : parts) {
                digest.update(part);
            }
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** Of a text in UTF-8: the first of 64 hexadecimal digits. */
    public static String hex(CharSequence text, int digits) {
        return HexFormat.of()
                .formatHex(of(text.toString().getBytes(StandardCharsets.UTF_8)))
                .substring(0, digits);
    }

    /** Of a text in UTF-8: 64 hexadecimal digits. */
    public static String hex(CharSequence text) {
        return hex(text, 64);
    }
}
