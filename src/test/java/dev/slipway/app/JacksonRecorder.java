package dev.slipway.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.deser.BeanDeserializerFactory;
import com.fasterxml.jackson.databind.ser.BeanSerializerFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import net.bytebuddy.agent.ByteBuddyAgent;
import net.bytebuddy.agent.builder.AgentBuilder;
import net.bytebuddy.agent.builder.AgentBuilder.RedefinitionStrategy;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.matcher.ElementMatchers;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Notes what Jackson is asked to read or write in any test, by whichever mapper and in whichever class loader, and fails the test
 * class after which a type of the product is without {@link io.quarkus.runtime.annotations.RegisterForReflection}: on the JVM
 * it goes without, in a native image the request or the rollout fails.
 */
public final class JacksonRecorder implements BeforeAllCallback, AfterAllCallback {
    /** Before a type's name, among the properties of the system: what all class loaders share. Not below a prefix of Quarkus or ours. */
    static final String ASKED = "jackson.asked:";

    private static final Path PRODUCT = Path.of(ControlPlane.class
            .getProtectionDomain()
            .getCodeSource()
            .getLocation()
            .getPath());
    private static boolean installed;

    @Override
    public void beforeAll(ExtensionContext context) {
        install();
    }

    private static synchronized void install() {
        // Of this class there may be one in each of Quarkus's class loaders.
        if (!installed && System.getProperty(ASKED) == null) {
            System.setProperty(ASKED, "");
            new AgentBuilder.Default()
                    .disableClassFormatChanges()
                    .with(RedefinitionStrategy.RETRANSFORMATION)
                    .type(ElementMatchers.named(BeanSerializerFactory.class.getName())
                            .or(ElementMatchers.named(BeanDeserializerFactory.class.getName())))
                    .transform((builder, _, _, _, _) -> builder.visit(Advice.to(Note.class)
                            .on(ElementMatchers.named("createSerializer")
                                    .or(ElementMatchers.named("createBeanDeserializer")))))
                    .installOn(ByteBuddyAgent.install());
        }
        installed = true;
    }

    /** Becomes part of Jackson's methods. */
    static final class Note {
        private Note() {}

        @Advice.OnMethodEnter
        static void asked(@Advice.Argument(1) JavaType type) {
            if (type.getRawClass().getName().startsWith("dev.slipway.")) {
                System.setProperty("jackson.asked:" + type.getRawClass().getName(), "");
            }
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        assertThat(Registrations.missing(recorded()))
                .as("types that Jackson met up to here and that are not registered for native images")
                .isEmpty();
    }

    /** The product's types that Jackson was asked for in this process up to now, and all that those lead to. */
    static Set<Class<?>> recorded() {
        Set<Class<?>> reached = new TreeSet<>((a, b) -> a.getName().compareTo(b.getName()));
        for (String property : System.getProperties().stringPropertyNames()) {
            String name = property.startsWith(ASKED) ? property.substring(ASKED.length()) : "";
            if (Files.exists(PRODUCT.resolve(name.replace('.', '/') + ".class"))) {
                try {
                    Registrations.reach(Class.forName(name, false, JacksonRecorder.class.getClassLoader()), reached);
                } catch (ClassNotFoundException e) {
                    throw new IllegalStateException(e);
                }
            }
        }
        return reached;
    }
}
