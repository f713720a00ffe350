package dev.slipway.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.slipway.app.ControlPlane;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.regions.Region;

/**
 * What a native image asks of class files, for machines that cannot build one. Quarkus initialises our classes when the image is
 * built, and the SDK's are initialised when it runs: what a static initialiser makes or reads is what the build machine had.
 */
@Tag("slow")
class NativeImageTest {
    private static final JavaClasses PRODUCT = new ClassFileImporter()
            .importUrl(ControlPlane.class.getProtectionDomain().getCodeSource().getLocation());

    /** Not to be held by an image: an SDK's object, a seed, a thread, a moment, a connection. */
    private static final Pattern RUNTIME_ONLY = Pattern.compile("software\\.amazon\\.awssdk\\..*"
            + "|java\\.util\\.(Random|SplittableRandom|Timer)|java\\.util\\.random\\..*|java\\.security\\.SecureRandom"
            + "|java\\.lang\\.(Thread|Process|ref\\.Cleaner)|java\\.util\\.concurrent\\.(ThreadLocalRandom|.*(Executor|Pool)(s|Service)?)"
            + "|java\\.time\\.(Clock|InstantSource)|java\\.net\\.(.*Socket.*|InetAddress|http\\..*)|java\\.nio\\.channels\\..*"
            + "|java\\.io\\.(File(Input|Output)Stream|RandomAccessFile)|io\\.vertx\\..*");

    /** Calls that answer with what the build machine has, or the moment of the build. */
    private static final Pattern BUILD_MACHINE = Pattern.compile(
            "java\\.lang\\.System\\.(getenv|getProperty|getProperties|nanoTime|currentTimeMillis)"
                    + "|java\\.time\\.[A-Za-z]+\\.now|java\\.time\\.ZoneId\\.systemDefault|java\\.util\\.UUID\\.randomUUID"
                    + "|java\\.util\\.(Locale|TimeZone)\\.getDefault|java\\.lang\\.Math\\.random|java\\.nio\\.file\\.Files\\..*");

    @Test
    void noStaticFieldHoldsWhatOnlyARunningFunctionCanHave() {
        assertThat(PRODUCT).hasSizeGreaterThan(500);
        assertThat(staticFieldsOf(PRODUCT)).isEmpty();
    }

    @Test
    void noStaticInitialiserNamesTheSdkOrReadsTheBuildMachine() {
        assertThat(initialisersOf(PRODUCT)).isEmpty();
    }

    /** The rules see what they are for, be it in a collection, behind a method of ours, or in a table that the compiler makes. */
    @Test
    void theRulesFindEachKind() {
        JavaClasses bad = new ClassFileImporter()
                .withImportOption(location -> location.contains("NativeImageTest$"))
                .importPackagesOf(NativeImageTest.class);
        assertThat(staticFieldsOf(bad)).hasSize(4);
        assertThat(initialisersOf(bad))
                .containsOnlyKeys(Fields.class.getName(), Behind.class.getName(), Frozen.class.getName());
    }

    private static List<String> staticFieldsOf(JavaClasses classes) {
        return classes.stream()
                .flatMap(type -> type.getFields().stream())
                .filter(field -> field.getModifiers().contains(JavaModifier.STATIC))
                .filter(field -> field.getAllInvolvedRawTypes().stream().anyMatch(NativeImageTest::isRuntimeOnly))
                .map(field -> field.getFullName())
                .toList();
    }

    /** By class, what its static initialiser does that it must not, itself or by what it calls of ours. */
    private static Map<String, List<String>> initialisersOf(JavaClasses classes) {
        Map<String, List<String>> found = new TreeMap<>();
        for (JavaClass type : classes) {
            type.getStaticInitializer().ifPresent(initialiser -> {
                List<String> bad = reached(initialiser, classes);
                if (!bad.isEmpty()) {
                    found.put(type.getName(), bad);
                }
            });
        }
        return found;
    }

    private static List<String> reached(JavaCodeUnit from, JavaClasses classes) {
        Map<String, JavaCodeUnit> seen = new LinkedHashMap<>(Map.of(from.getFullName(), from));
        Deque<JavaCodeUnit> left = new ArrayDeque<>(List.of(from));
        List<String> bad = new ArrayList<>();
        while (!left.isEmpty()) {
            for (JavaAccess<?> access : left.remove().getAccessesFromSelf()) {
                // What a lambda does is done when it is called.
                if (access.isDeclaredInLambda()) {
                    continue;
                }
                String owner = access.getTargetOwner().getName();
                if (isRuntimeOnly(access.getTargetOwner())
                        || BUILD_MACHINE.matcher(owner + "." + access.getName()).matches()) {
                    bad.add(access.getDescription());
                } else if (classes.contain(owner)) {
                    access.getTarget()
                            .resolveMember()
                            .filter(JavaCodeUnit.class::isInstance)
                            .map(JavaCodeUnit.class::cast)
                            .filter(called -> seen.putIfAbsent(called.getFullName(), called) == null)
                            .ifPresent(left::add);
                }
            }
        }
        return bad;
    }

    private static boolean isRuntimeOnly(JavaClass type) {
        return RUNTIME_ONLY.matcher(type.getName()).matches();
    }

    @SuppressWarnings("unused")
    private static final class Fields {
        static final Random SEED = new SecureRandom();
        static final AtomicReference<List<Clock>> CLOCKS = new AtomicReference<>();
        static final Map<String, Region> REGIONS = Map.of();
        static final Thread[] THREADS = {};
        static final Path FINE = Path.of("fine");
        final Random own = new Random();
    }

    @SuppressWarnings("unused")
    private static final class Behind {
        static final String REGION = region();

        private static String region() {
            return Region.EU_CENTRAL_1.id();
        }
    }

    @SuppressWarnings("unused")
    private static final class Frozen {
        static final long STARTED = System.nanoTime();
        static final LongSupplier FINE = System::nanoTime;
        static final Supplier<Object> LATER = () -> new Random();
    }
}
