package dev.slipway.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/**
 * Whoever builds what we have published by {@code make package}, with the same JDK, gets the same zip, so that they can tell whether it
 * is what was published. The JVM of the build has the option that the Makefile gives it; another has an order of its own.
 */
@EnabledIfEnvironmentVariable(named = "MAVEN_OPTS", matches = ".*AOTMode=record.*")
class ReproducibleZipIT {
    private static final Path FIRST = Path.of("target");
    private static final Path AGAIN = Path.of("target", "again");

    /** What the compiler makes is the same by itself; what Quarkus and our packing make of it is made a second time. */
    @Test
    void theSameClassesGiveTheSameZip() throws IOException, InterruptedException {
        copy(FIRST.resolve("classes"), AGAIN.resolve("classes"));
        ProcessBuilder command = new ProcessBuilder(
                        "./mvnw",
                        "-q",
                        "-B",
                        "-o",
                        "-Dslipway.target=" + AGAIN,
                        "jar:jar",
                        "quarkus:build",
                        "antrun:run@store-jars")
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile());
        command.environment().put("JAVA_HOME", System.getProperty("java.home"));
        Process build = command.start();
        String output = new String(build.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(build.waitFor()).as(output).isZero();

        Path first = FIRST.resolve("function.zip");
        Path again = AGAIN.resolve("function.zip");
        assertThat(differing(first, again)).isEmpty();
        assertThat(Files.mismatch(first, again)).isEqualTo(-1);
    }

    /** So that a failure says which entries differ. */
    private static Set<String> differing(Path first, Path again) throws IOException {
        Map<String, Long> one = sums(first);
        Map<String, Long> other = sums(again);
        Set<String> names = new TreeSet<>(one.keySet());
        names.addAll(other.keySet());
        names.removeIf(name -> Objects.equals(one.get(name), other.get(name)));
        return names;
    }

    private static Map<String, Long> sums(Path file) throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            Map<String, Long> sums = new TreeMap<>();
            zip.stream().forEach((ZipEntry entry) -> sums.put(entry.getName(), entry.getCrc()));
            return sums;
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path copy = to.resolve(from.relativize(file));
                Files.createDirectories(copy.getParent());
                Files.write(copy, Files.readAllBytes(file));
            }
        }
    }
}
