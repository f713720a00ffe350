package dev.slipway.firewall;

import java.math.BigInteger;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * A range of IPv4 or IPv6 addresses.
 *
 * @param first the first address as an unsigned number
 * @param bits of an address: 32 or 128
 * @param prefix how many of its leading bits all addresses share
 */
public record AddressRange(BigInteger first, int bits, int prefix) {
    private static final String NO_ADDRESS = "is no address: neither like 192.0.2.0 nor like 2001:db8::";

    /**
     * Throws IllegalArgumentException with what would be right.
     *
     * @param text an address, a slash and the prefix length; nothing is looked up for it
     */
    public static AddressRange parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            throw new IllegalArgumentException(
                    "needs a prefix length: %s/%d for this one address".formatted(text, text.contains(":") ? 128 : 32));
        }
        InetAddress address = address(text.substring(0, slash));
        int bits = address instanceof Inet4Address ? 32 : 128;
        int prefix = Integer.parseInt(text.substring(slash + 1));
        // AWS WAF, IPSet in its API reference: all ranges except for /0.
        if (prefix == 0) {
            throw new IllegalArgumentException(
                    "is every address, which the firewall takes for none; leave it out, or name the ranges");
        }
        if (prefix > bits) {
            throw new IllegalArgumentException("/%d is longer than such an address".formatted(prefix));
        }
        BigInteger number = new BigInteger(1, address.getAddress());
        BigInteger first = number.shiftRight(bits - prefix).shiftLeft(bits - prefix);
        if (!first.equals(number)) {
            throw new IllegalArgumentException(
                    "does not begin at a multiple of its size; %s/%d does".formatted(text(first, bits), prefix));
        }
        return new AddressRange(number, bits, prefix);
    }

    private static InetAddress address(String literal) {
        boolean six = literal.contains(":");
        InetAddress address;
        if (!six && literal.chars().filter(character -> character == '.').count() != 3) {
            throw new IllegalArgumentException(NO_ADDRESS); // 10.1 would be 10.0.0.1
        }
        try {
            address = InetAddress.ofLiteral(literal);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(NO_ADDRESS, e);
        }
        if (six && address instanceof Inet4Address) {
            throw new IllegalArgumentException("is an IPv4 address in IPv6's clothes; write it as IPv4");
        }
        return address;
    }

    /** Whether all addresses of another range are in this one. */
    public boolean contains(AddressRange other) {
        return bits == other.bits
                && prefix <= other.prefix
                && first.equals(other.first.shiftRight(bits - prefix).shiftLeft(bits - prefix));
    }

    public boolean isIpv4() {
        return bits == 32;
    }

    private static String text(BigInteger number, int bits) {
        byte[] bytes = new byte[bits / 8];
        byte[] digits = number.toByteArray();
        for (int i = 0; i < Math.min(bytes.length, digits.length); i++) {
            bytes[bytes.length - 1 - i] = digits[digits.length - 1 - i];
        }
        try {
            return InetAddress.getByAddress(bytes).getHostAddress();
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }
}
