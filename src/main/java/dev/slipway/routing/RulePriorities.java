package dev.slipway.routing;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Priorities of the listener's rules: the load balancer takes the first rule that matches, so the more specific rule must
 * have the smaller number. A rule's number depends on what it matches alone, and no service's rule ever moves because of
 * another's.
 *
 * <p>The numbers are divided into {@value #BANDS} bands of {@value #BAND_SIZE}, one for each degree of being specific; a band
 * has room for 64 services, and a load balancer for 50. In a band each service has a pair: an even number for its
 * production rule, and the number before it for its test rule, which must be asked first. What counts:
 *
 * <ol>
 *   <li>exact hosts, then hosts with wildcards, then no hosts at all;
 *   <li>the number of characters before the first wildcard in the path, most first; a path without a wildcard counts one
 *       more, so {@code /api} comes before {@code /api*}.
 * </ol>
 *
 * A rule with several hosts or paths is as specific as the broadest of them: a rule that has {@code /*} among its paths
 * must not stand before anybody's {@code /api/*}.
 *
 * <p>Worked example, a listener with four services:
 *
 * <pre>
 * api.example.com  /*        exact host,    1 character   band 128   production 16386, test 16385
 * *.example.com    /*        wildcard host, 1 character   band 258   production 33026, test 33025
 * any host         /api/*    no host,       5 characters  band 384   production 49154, test 49153
 * any host         /*        no host,       1 character   band 388   production 49666, test 49665
 * </pre>
 */
public final class RulePriorities {
    /** 128 characters is a path's longest, and one more for a path without a wildcard. */
    private static final int MAX_PATH_LENGTH = 129;

    private static final int BANDS = 3 * (MAX_PATH_LENGTH + 1);
    private static final int BAND_SIZE = 128;

    private RulePriorities() {}

    /**
     * The production rule's priority.
     *
     * @param own what the service has now; its priority stays as long as it is as specific as before
     * @param others the claims of all other services of the listener
     * @return 2 to 49920; empty when 64 other services have taken everything of this degree
     */
    public static OptionalInt next(
            List<String> hosts, List<String> paths, @Nullable RouteClaim own, Collection<RouteClaim> others) {
        Set<Integer> taken = new HashSet<>();
        for (RouteClaim claim : others) {
            taken.add(claim.priority());
            taken.add(claim.priority() - 1);
        }
        int base = band(hosts, paths) * BAND_SIZE;
        if (own != null && own.priority() > base && own.priority() <= base + BAND_SIZE && free(own.priority(), taken)) {
            return OptionalInt.of(own.priority());
        }
        for (int priority = base + 2; priority <= base + BAND_SIZE; priority += 2) {
            if (free(priority, taken)) {
                return OptionalInt.of(priority);
            }
        }
        return OptionalInt.empty();
    }

    private static boolean free(int production, Set<Integer> taken) {
        return production >= 2 && !taken.contains(production) && !taken.contains(production - 1);
    }

    /** 0 for the most specific rules there can be, {@value #BANDS} − 1 for the broadest. */
    static int band(List<String> hosts, List<String> paths) {
        int path = paths.stream().mapToInt(RulePriorities::specificity).min().orElse(0);
        return hostClass(hosts) * (MAX_PATH_LENGTH + 1) + MAX_PATH_LENGTH - path;
    }

    private static int hostClass(List<String> hosts) {
        if (hosts.isEmpty()) {
            return 2;
        }
        return hosts.stream().anyMatch(host -> wildcard(host) < host.length()) ? 1 : 0;
    }

    private static int specificity(String path) {
        int literal = wildcard(path);
        return Math.min(MAX_PATH_LENGTH, literal == path.length() ? literal + 1 : literal);
    }

    /** Where the first wildcard stands; the length when there is none. */
    private static int wildcard(String pattern) {
        int star = pattern.indexOf('*');
        int mark = pattern.indexOf('?');
        int first = star < 0 ? mark : mark < 0 ? star : Math.min(star, mark);
        return first < 0 ? pattern.length() : first;
    }
}
