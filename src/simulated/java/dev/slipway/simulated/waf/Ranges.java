package dev.slipway.simulated.waf;

import java.math.BigInteger;
import java.net.InetAddress;

/** Ranges of addresses as an IP set has them. */
final class Ranges {
    private Ranges() {}

    static boolean contains(String range, String address) {
        int slash = range.indexOf('/');
        byte[] first = InetAddress.ofLiteral(range.substring(0, slash)).getAddress();
        byte[] asked = InetAddress.ofLiteral(address).getAddress();
        int free = first.length * 8 - Integer.parseInt(range.substring(slash + 1));
        return first.length == asked.length
                && new BigInteger(1, first).shiftRight(free).equals(new BigInteger(1, asked).shiftRight(free));
    }
}
