package dev.slipway.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import dev.slipway.verdict.Tally;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.Comparator;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Everything that lies in the table is registered for native images, whether a test stores it or not. What Jackson is asked
 * for beside that is found while tests run, by {@link JacksonRecorder}.
 */
@Tag("slow")
class ReflectionTest {
    /** The product's own, without the tests and the simulation. */
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .importUrl(ControlPlane.class.getProtectionDomain().getCodeSource().getLocation());

    @Test
    void everyTypeThatIsStoredIsRegistered() throws ReflectiveOperationException {
        Set<Class<?>> reached = new TreeSet<>(Comparator.comparing(Class::getName));
        for (JavaClass type : CLASSES) {
            for (var field : type.getFields()) {
                if (field.getRawType().isEquivalentTo(ItemType.class)
                        || field.getRawType().isEquivalentTo(Key.class)) {
                    Type stored = Class.forName(type.getName(), false, ReflectionTest.class.getClassLoader())
                            .getDeclaredField(field.getName())
                            .getGenericType();
                    for (Type item : ((ParameterizedType) stored).getActualTypeArguments()) {
                        Registrations.reach(item, reached);
                    }
                }
            }
        }
        assertThat(reached).hasSizeGreaterThan(50);
        assertThat(Registrations.missing(reached)).isEmpty();
    }

    /** Any mapper, whatever it is asked by; a record is noted with all that it holds. */
    @Test
    void whatJacksonIsAskedForIsNoted() throws JsonProcessingException {
        new ObjectMapper().writeValueAsString(new Unregistered(1));
        new ObjectMapper().readValue("{\"value\": 1}", Unregistered.class);

        assertThat(System.getProperties()).containsKey(JacksonRecorder.ASKED + Unregistered.class.getName());
        assertThat(Registrations.missing(Registrations.reached(Unregistered.class)))
                .containsExactly(Unregistered.class.getName());
        assertThat(Registrations.missing(Registrations.reached(Tally.class))).isEmpty();
    }

    /** Of a test, so that the recorder does not ask for its registration. */
    record Unregistered(int value) {}
}
