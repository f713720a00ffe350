package dev.slipway.cli.dashboard;

import com.sun.net.httpserver.Headers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Who may use the credentials behind the dashboard: the browser that has come by the printed address first, and in that browser
 * the dashboard's own pages. Neither other users of the machine nor other sites in the same browser.
 */
final class AccessRules {
    /** What a token's path begins with. */
    static final String OPEN = "/open/";

    private static final String AGAIN = "Run slipway dashboard again, and open the address that it prints.";
    private static final Set<String> READS = Set.of("GET", "HEAD");

    private final String token = random();
    private final String session = random();
    private final AtomicBoolean opened = new AtomicBoolean();
    private final int port;
    private final Set<String> hosts;

    AccessRules(int port) {
        this.port = port;
        this.hosts = Set.of("127.0.0.1:" + port, "localhost:" + port, "[::1]:" + port);
    }

    private static String random() {
        byte[] bytes = new byte[32];
        new SecureRandom().nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** The path that lets in who opens it first. */
    String openingPath() {
        return OPEN + token;
    }

    /** The host that was asked. Throws {@link RefusalException} for a name that only leads here, by a DNS that is somebody else's. */
    String host(Headers headers) {
        List<String> said = headers.getOrDefault("Host", List.of());
        if (said.size() != 1 || !hosts.contains(said.getFirst())) {
            throw new RefusalException(
                    403,
                    "unknown-host",
                    "The dashboard answers on 127.0.0.1:%d, and by no other name.".formatted(port),
                    "Open it by the address that slipway dashboard has printed.");
        }
        return said.getFirst();
    }

    /**
     * Exchanges the token for a cookie, once. Cookies are shared by all ports of a host, so its name has the port. Throws
     * {@link RefusalException} when the token is none, or is somebody else's already.
     */
    String open(String path, Headers headers) {
        if (isSession(headers)) {
            return cookie(); // the same browser again: a page that was reloaded or fetched ahead
        }
        if (!same(path, openingPath())) {
            throw new RefusalException(403, "unknown-token", "This address was not printed by this dashboard.", AGAIN);
        }
        if (!opened.compareAndSet(false, true)) {
            throw new RefusalException(
                    403,
                    "used-token",
                    "This address works once, and has been used.",
                    "Go on in the browser that has opened it. If that was none of yours, end slipway dashboard at once (Ctrl-C):"
                            + " somebody else reads what is printed on this machine. " + AGAIN);
        }
        return cookie();
    }

    private String cookieName() {
        return "slipway-dashboard-" + port;
    }

    private String cookie() {
        return "%s=%s; Path=/; HttpOnly; SameSite=Strict".formatted(cookieName(), session);
    }

    /** Throws {@link RefusalException} unless the browser is the one that was let in, and one of its own pages asks. */
    void check(String method, String host, Headers headers) {
        if (!isSession(headers)) {
            throw new RefusalException(
                    403,
                    "unknown-browser",
                    "This browser has not opened the dashboard by the address that slipway dashboard printed.",
                    AGAIN);
        }
        List<String> origins = headers.getOrDefault("Origin", List.of());
        String site = first(headers, "Sec-Fetch-Site");
        boolean ownOrigin = origins.equals(List.of("http://" + host));
        boolean ownSite = site.equals("same-origin");
        // What an address bar, a link or a bookmark opens is a page, which has no side effect and nobody else can read.
        boolean opensPage = first(headers, "Sec-Fetch-Mode").equals("navigate")
                && first(headers, "Sec-Fetch-Dest").equals("document");
        boolean allowed = READS.contains(method)
                ? (origins.isEmpty() || ownOrigin) && (site.isEmpty() || ownSite || site.equals("none") || opensPage)
                : (site.isEmpty() || ownSite) && (origins.isEmpty() ? ownSite : ownOrigin);
        if (!allowed) {
            throw new RefusalException(
                    403,
                    "foreign-origin",
                    "Another site than the dashboard asks for this, or the browser does not say which.",
                    "Do it in the dashboard itself, http://%s/ui/, in a browser of this decade.".formatted(host));
        }
    }

    private boolean isSession(Headers headers) {
        return headers.getOrDefault("Cookie", List.of()).stream()
                .flatMap(line -> List.of(line.split(";")).stream())
                .map(String::strip)
                .anyMatch(cookie -> same(cookie, cookieName() + "=" + session));
    }

    private static String first(Headers headers, String name) {
        String value = headers.getFirst(name);
        return value == null ? "" : value;
    }

    /** In the same time, however much of it is right. */
    private static boolean same(String given, String wanted) {
        return MessageDigest.isEqual(given.getBytes(StandardCharsets.UTF_8), wanted.getBytes(StandardCharsets.UTF_8));
    }
}
