package dev.slipway.environment;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A range of IPv4 addresses, for example {@code 172.17.0.0/16}.
 *
 * @param first the first address as an unsigned 32-bit number
 * @param prefix how many of its leading bits all addresses share, 0 to 32
 */
@RegisterForReflection
public record Cidr(long first, int prefix) {
    private static final Pattern FORM = Pattern.compile("(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})/(\\d{1,2})");

    public Cidr {
        if (prefix < 0 || prefix > 32 || first < 0 || first >= 1L << 32) {
            throw new IllegalArgumentException("not a range of IPv4 addresses: " + first + "/" + prefix);
        }
        if (first % size(prefix) != 0) {
            throw new IllegalArgumentException("does not begin at a multiple of its size; "
                    + text(first - first % size(prefix), prefix) + " does");
        }
    }

    /** Throws IllegalArgumentException with what would be right. */
    @JsonCreator
    public static Cidr parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("must be an IPv4 range such as 172.17.0.0/16");
        }
        long first = 0;
        for (int i = 1; i <= 4; i++) {
            int part = Integer.parseInt(matcher.group(i));
            if (part > 255) {
                throw new IllegalArgumentException(part + " is no part of an IPv4 address: each goes from 0 to 255");
            }
            first = first * 256 + part;
        }
        int prefix = Integer.parseInt(matcher.group(5));
        if (prefix > 32) {
            throw new IllegalArgumentException("/" + prefix + " is longer than an IPv4 address");
        }
        return new Cidr(first, prefix);
    }

    public boolean overlaps(Cidr other) {
        return first < other.first + other.size() && other.first < first + size();
    }

    public boolean contains(Cidr other) {
        return first <= other.first && other.first + other.size() <= first + size();
    }

    /** How many addresses it has. */
    public long size() {
        return size(prefix);
    }

    @Override
    @JsonValue
    public String toString() {
        return text(first, prefix);
    }

    private static long size(int prefix) {
        return 1L << (32 - prefix);
    }

    private static String text(long first, int prefix) {
        return "%d.%d.%d.%d/%d".formatted(first >> 24, first >> 16 & 255, first >> 8 & 255, first & 255, prefix);
    }
}
