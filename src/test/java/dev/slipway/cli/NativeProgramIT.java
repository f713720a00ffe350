package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** What a native image of the command line has to be told, for machines that cannot build one: it lies in the jar that it is made of. */
class NativeProgramIT {
    private static final Path JAR = Path.of("target/cli/slipway.jar");

    /** What the AWS SDK makes by name, for each way to credentials that {@code docs/cli.md} names. */
    private static final List<String> BY_NAME = List.of(
            "software.amazon.awssdk.services.sso.auth.SsoProfileCredentialsProviderFactory",
            "software.amazon.awssdk.services.ssooidc.SsoOidcProfileTokenProviderFactory",
            "software.amazon.awssdk.services.signin.auth.LoginProfileCredentialsProviderFactory",
            "software.amazon.awssdk.services.sts.internal.StsProfileCredentialsProviderFactory",
            "software.amazon.awssdk.services.sts.internal.StsWebIdentityCredentialsProviderFactory",
            "software.amazon.awssdk.http.urlconnection.UrlConnectionSdkHttpService");

    /** All registrations by class: names of fields, and {@code <init>} where it can be made. */
    private static Map<String, Set<String>> registered() throws IOException {
        Map<String, Set<String>> registered = new HashMap<>();
        for (JsonNode document : documents("reflect-config.json")) {
            for (JsonNode type : document) {
                Set<String> known = registered.computeIfAbsent(type.path("name").asText(), name -> new TreeSet<>());
                Stream.of(type.path("methods"), type.path("fields"))
                        .forEach(members -> members.forEach(
                                member -> known.add(member.path("name").asText())));
                if (type.path("allDeclaredConstructors").asBoolean()) {
                    known.add("<init>");
                }
                if (type.path("allDeclaredFields").asBoolean()) {
                    known.add("*");
                }
            }
        }
        return registered;
    }

    private static List<JsonNode> documents(String name) throws IOException {
        List<JsonNode> documents = new ArrayList<>();
        try (JarFile jar = new JarFile(JAR.toFile())) {
            for (JarEntry entry : jar.stream()
                    .filter(one -> one.getName().startsWith("META-INF/native-image/"))
                    .filter(one -> one.getName().endsWith("/" + name))
                    .toList()) {
                try (InputStream text = jar.getInputStream(entry)) {
                    documents.add(new ObjectMapper().readTree(text));
                }
            }
        }
        return documents;
    }

    private static List<Class<?>> ours() throws IOException {
        try (JarFile jar = new JarFile(JAR.toFile())) {
            return jar.stream()
                    .map(JarEntry::getName)
                    .filter(name -> name.startsWith("dev/slipway/cli/")
                            && name.endsWith(".class")
                            && !name.endsWith("package-info.class"))
                    .map(name -> name.replace('/', '.').replaceAll("\\.class$", ""))
                    .<Class<?>>map(NativeProgramIT::load)
                    .toList();
        }
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name, false, NativeProgramIT.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Each verb, and each field that picocli sets. */
    @Test
    void theVerbsWithTheirOptionsAreRegistered() throws IOException {
        Map<String, Set<String>> registered = registered();
        Set<String> missing = new TreeSet<>();
        int options = 0;
        for (Class<?> type : ours()) {
            if (type.isAnnotationPresent(Command.class) && !registered.containsKey(type.getName())) {
                missing.add(type.getName());
            }
            for (Field field : type.getDeclaredFields()) {
                if (Stream.of(
                                Option.class,
                                Parameters.class,
                                Mixin.class,
                                ArgGroup.class,
                                Spec.class,
                                ParentCommand.class)
                        .anyMatch(field::isAnnotationPresent)) {
                    options++;
                    if (!registered.getOrDefault(type.getName(), Set.of()).contains(field.getName())) {
                        missing.add(type.getName() + "." + field.getName());
                    }
                }
            }
        }
        assertThat(options).isGreaterThan(60);
        assertThat(missing).isEmpty();
    }

    /** What picocli makes by itself: verbs, the version, words for completion. */
    @Test
    void whatPicocliMakesCanBeMade() throws IOException {
        Map<String, Set<String>> registered = registered();
        Set<String> made = ours().stream()
                .filter(type -> !Modifier.isAbstract(type.getModifiers()))
                .filter(type -> type.isAnnotationPresent(Command.class)
                        || Iterable.class.isAssignableFrom(type)
                        || type.getSimpleName().equals("Version"))
                .map(Class::getName)
                .filter(name -> !name.endsWith(".Commands"))
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(made).hasSizeGreaterThan(30);
        assertThat(made)
                .allMatch(name -> registered.getOrDefault(name, Set.of()).contains("<init>"));
    }

    @Test
    void eachWayToCredentialsIsRegisteredAndThere() throws IOException {
        Map<String, Set<String>> registered = registered();
        try (JarFile jar = new JarFile(JAR.toFile())) {
            for (String name : BY_NAME) {
                assertThat(registered.getOrDefault(name, Set.of())).as(name).contains("<init>");
                assertThat(jar.getEntry(name.replace('.', '/') + ".class"))
                        .as(name)
                        .isNotNull();
            }
        }
        // Those of the SDK that are made by name are the ones above: a new one in a later version is to be looked at.
        try (JarFile jar = new JarFile(JAR.toFile())) {
            Set<String> factories = jar.stream()
                    .map(entry -> entry.getName().replace('/', '.').replaceAll("\\.class$", ""))
                    .filter(name -> name.matches("software\\.amazon\\.awssdk\\.services\\.[^$]*ProviderFactory"))
                    .collect(Collectors.toSet());
            assertThat(BY_NAME).containsAll(factories);
        }
    }

    /** The version, which has no manifest to stand in; and neither Jackson nor anything else binds a class of ours. */
    @Test
    void whatIsReadAtRunTimeIsInTheImage() throws IOException {
        List<String> patterns = new ArrayList<>();
        for (JsonNode document : documents("resource-config.json")) {
            document.at("/resources/includes")
                    .forEach(include -> patterns.add(include.path("pattern").asText()));
        }
        assertThat(patterns).anyMatch("dev/slipway/cli/version.txt"::matches);
        assertThat(patterns).anyMatch("software/amazon/awssdk/global/handlers/execution.interceptors"::matches);
        try (JarFile jar = new JarFile(JAR.toFile())) {
            assertThat(new String(
                            jar.getInputStream(jar.getEntry("dev/slipway/cli/version.txt"))
                                    .readAllBytes(),
                            java.nio.charset.StandardCharsets.UTF_8))
                    .matches("[0-9]+\\.[0-9]+\\.[0-9]+\\S*\n");
        }
        try (Stream<Path> sources = Files.walk(Path.of("src/cli/java"))) {
            assertThat(sources.filter(Files::isRegularFile).filter(NativeProgramIT::bindsAClass))
                    .isEmpty();
        }
    }

    private static boolean bindsAClass(Path source) {
        try {
            return Files.readString(source)
                    .matches(
                            "(?s).*(readValue\\(|treeToValue\\(|convertValue\\(|TypeReference|Class\\.forName|Proxy\\.newProxy|"
                                    + "ObjectInputStream).*");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
