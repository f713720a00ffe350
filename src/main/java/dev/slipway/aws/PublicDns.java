package dev.slipway.aws;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.HashSet;
import java.util.Hashtable;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import javax.naming.Context;
import javax.naming.NameNotFoundException;
import javax.naming.NamingEnumeration;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.directory.DirContext;
import javax.naming.directory.InitialDirContext;
import org.jspecify.annotations.Nullable;

/** What the public DNS says, asked by the JDK's own client. */
@RegisterForReflection(classNames = PublicDns.FACTORY)
final class PublicDns {
    static final String FACTORY = "com.sun.jndi.dns.DnsContextFactory";

    /** Of the first of two attempts; the second takes twice as long. */
    private static final String TIMEOUT_MILLIS = "1500";

    private final String resolver;

    /** @param resolver {@code dns:} for that of the machine, {@code dns://host:port} for another */
    PublicDns(String resolver) {
        this.resolver = resolver;
    }

    /**
     * The name servers of a zone, in lower case and without a dot at the end: none when nobody answers for it. Empty when the DNS could
     * not be asked.
     */
    // The factory is named, so it is the DNS that is asked, whose attributes are texts and no objects.
    @SuppressWarnings("BanJNDI")
    Optional<Set<String>> nameServers(String zone) {
        Hashtable<String, String> settings = new Hashtable<>();
        settings.put(Context.INITIAL_CONTEXT_FACTORY, FACTORY);
        settings.put(Context.PROVIDER_URL, resolver);
        settings.put("com.sun.jndi.dns.timeout.initial", TIMEOUT_MILLIS);
        settings.put("com.sun.jndi.dns.timeout.retries", "2");
        try {
            DirContext context = new InitialDirContext(settings);
            try {
                return Optional.of(
                        names(context.getAttributes(zone, new String[] {"NS"}).get("NS")));
            } finally {
                context.close();
            }
        } catch (NameNotFoundException e) {
            return Optional.of(Set.of());
        } catch (NamingException e) {
            return Optional.empty();
        }
    }

    private static Set<String> names(@Nullable Attribute servers) throws NamingException {
        Set<String> names = new HashSet<>();
        if (servers != null) {
            NamingEnumeration<?> all = servers.getAll();
            while (all.hasMore()) {
                String name = String.valueOf(all.next()).toLowerCase(Locale.ROOT);
                names.add(name.endsWith(".") ? name.substring(0, name.length() - 1) : name);
            }
        }
        return names;
    }
}
