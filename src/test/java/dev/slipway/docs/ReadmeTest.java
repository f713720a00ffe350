package dev.slipway.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.slipway.environment.AwsLocation;
import dev.slipway.validation.SpecFixture;
import dev.slipway.validation.SpecReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What the documents say must be so: else they rot. */
class ReadmeTest {
    private static final Path README = Path.of("README.md");
    private static final List<Path> TOURS =
            List.of(README, Path.of("docs/tour.md"), Path.of("docs/rollouts.md"), Path.of("docs/environments.md"));
    private static final Path TROUBLESHOOTING = Path.of("docs/troubleshooting.md");
    private static final Set<String> SHELL = Set.of("sh", "console");
    /** Where the code names a problem: {@code Problem.user("code"}, {@code rule("code"}, {@code refused(400, "code"}. */
    private static final Pattern CODE = Pattern.compile(
            "(?:Problem\\.(?:user|dependency|internal|invalid)|\\b(?:rule|refused))\\(\\s*(?:\\d{3},\\s*)?"
                    + "\"([a-z]+(?:-[a-z0-9]+)*)\"");

    private final SpecReader reader = new SpecReader();

    @Test
    void everyLinkLeadsSomewhere() throws IOException {
        List<String> broken = new ArrayList<>();
        int seen = 0;
        for (Path file : Documents.all()) {
            for (String link : Documents.links(file)) {
                if (!link.contains("://")) {
                    seen++;
                    if (!leadsSomewhere(file, link)) {
                        broken.add(file + ": " + link);
                    }
                }
            }
        }
        assertThat(broken).isEmpty();
        assertThat(seen).isGreaterThan(20);
    }

    @Test
    void everyPageSaysFirstForWhomItIs() throws IOException {
        Pattern introduction = Pattern.compile("\\A# [^\\n]+\\n\\n(?:<!--[^\\n]+-->\\n\\n)?For ");
        List<Path> decisions = Documents.under("docs/adr", ".md").stream()
                .filter(page -> !page.endsWith("README.md"))
                .toList();
        List<Path> silent = new ArrayList<>();
        for (Path page : Documents.all()) {
            if (!decisions.contains(page)
                    && !introduction.matcher(Files.readString(page)).find()) {
                silent.add(page);
            }
        }
        assertThat(silent).isEmpty();
    }

    @Test
    void theTableOfTheReadmeHasEveryPage() throws IOException {
        String table = Files.readString(README).split("\n## Documentation\n", 2)[1];
        List<String> missing = new ArrayList<>(List.of("CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"));
        for (Path page : Documents.under("docs", ".md")) {
            if (page.getNameCount() == 2) {
                missing.add(page.toString());
            }
        }
        missing.removeIf(page -> table.contains("](" + page + ")"));
        assertThat(missing).isEmpty();
    }

    private static boolean leadsSomewhere(Path from, String link) throws IOException {
        String[] parts = link.split("#", 2);
        Path file = parts[0].isEmpty() ? from : from.resolveSibling(parts[0]).normalize();
        return Files.exists(file)
                && (parts.length == 1 || Documents.anchors(file).contains(parts[1]));
    }

    /** As REUSE has it: one annotation for whatever says nothing of its own, and the licence's text under its SPDX name. */
    @Test
    void everyFileHasALicence() throws IOException {
        assertThat(Files.readString(Path.of("REUSE.toml")))
                .contains("path = \"**\"", "SPDX-FileCopyrightText = ", "SPDX-License-Identifier = \"Apache-2.0\"");
        assertThat(Path.of("LICENSES/Apache-2.0.txt")).hasSameTextualContentAs(Path.of("LICENSE"));
    }

    @Test
    void everySpecInADocumentIsOne() throws IOException {
        int seen = 0;
        for (Path file : Documents.all()) {
            for (Documents.Block block : Documents.blocks(file)) {
                if (block.language().equals("yaml")) {
                    read(
                            block.file() + ": " + block.text(),
                            block.text().lines().findFirst().orElse(""),
                            block.text());
                    seen++;
                }
            }
        }
        assertThat(seen).isPositive();
    }

    @Test
    void everyExampleIsASpec() throws IOException {
        for (Path file : Documents.under("examples", ".yaml")) {
            String kind = switch (file.getFileName().toString()) {
                case "service.yaml" -> "# service spec";
                case "pipeline.yaml" -> "# pipeline spec";
                default -> "# environment spec";
            };
            read(file.toString(), kind, Files.readString(file));
        }
    }

    private void read(String name, String kind, String text) {
        byte[] document = text.getBytes(StandardCharsets.UTF_8);
        assertThat(kind).as(name).startsWith("#").containsAnyOf("environment spec", "service spec", "pipeline spec");
        assertThatCode(() -> {
                    if (kind.contains("environment spec")) {
                        reader.environment(
                                document, "application/yaml", new AwsLocation("123456789012", "eu-central-1"));
                    } else if (kind.contains("pipeline spec")) {
                        reader.pipeline(document, "application/yaml");
                    } else {
                        SpecFixture.service(document, "application/yaml");
                    }
                })
                .as(name)
                .doesNotThrowAnyException();
    }

    @Test
    void everyCurlCommandCallsWhatTheApiHas() throws IOException {
        Routes routes = Routes.ofTheApi();
        List<Curl> commands = new ArrayList<>();
        for (Path document : TOURS) {
            Map<String, String> variables = new HashMap<>();
            for (Documents.Block block : Documents.blocks(document)) {
                if (SHELL.contains(block.language())) {
                    commands.addAll(Curl.in(block.text(), variables));
                }
            }
        }
        assertThat(commands).hasSizeGreaterThan(16);
        assertThat(commands)
                .filteredOn(command -> !command.path().startsWith("/q/"))
                .allMatch(command -> routes.has(command.method(), command.path()));
    }

    /** In the document itself, or in the section of another to which it links; the shell and the AWS CLI have some. */
    @Test
    void everyVariableInACommandIsDefined() throws IOException {
        Pattern used = Pattern.compile("\\$\\{?([A-Za-z_]\\w*)");
        Pattern inline = Pattern.compile("(?m)`(curl [^`\\n]+)`|^ {4,}(curl .+)$");
        List<String> undefined = new ArrayList<>();
        int seen = 0;
        for (Path file : Documents.all()) {
            String commands = shell(Documents.blocks(file));
            Set<String> defined = definedIn(commands);
            for (String link : Documents.links(file)) {
                String[] parts = link.split("#", 2);
                if (parts.length == 2 && parts[0].endsWith(".md") && !link.contains("://")) {
                    Path linked = file.resolveSibling(parts[0]).normalize();
                    defined.addAll(definedIn(shell(Documents.blocks(linked, parts[1]))));
                }
            }
            String all = commands
                    + inline.matcher(Files.readString(file))
                            .results()
                            .map(MatchResult::group)
                            .collect(Collectors.joining("\n"));
            for (MatchResult variable : used.matcher(all).results().toList()) {
                seen++;
                if (!defined.contains(variable.group(1)) && !variable.group(1).matches("HOME|AWS_\\w+")) {
                    undefined.add(file + ": $" + variable.group(1));
                }
            }
        }
        assertThat(undefined).isEmpty();
        assertThat(seen).isGreaterThan(40);
    }

    private static String shell(List<Documents.Block> blocks) {
        return blocks.stream()
                .filter(block -> SHELL.contains(block.language()))
                .map(Documents.Block::text)
                .collect(Collectors.joining("\n"));
    }

    private static Set<String> definedIn(String commands) {
        return Pattern.compile("(?m)(?:^|[\\s;(])(?:for )?(\\w+)(?:=| in )")
                .matcher(commands)
                .results()
                .map(found -> found.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void everyFileThatACommandSendsExists() throws IOException {
        Pattern file = Pattern.compile("(?:-T |@)([\\w./-]+\\.yaml)");
        List<String> sent = new ArrayList<>();
        for (Path document : TOURS) {
            Documents.blocks(document).stream()
                    .flatMap(block -> file.matcher(block.text()).results())
                    .forEach(found -> sent.add(found.group(1)));
        }

        assertThat(sent).isNotEmpty().allMatch(name -> Files.exists(Path.of(name)));
    }

    @Test
    void everyProblemCodeIsExplained() throws IOException {
        Set<String> codes = new TreeSet<>();
        for (Path source : Documents.under("src/main/java", ".java")) {
            if (!source.toString().contains("simulated")) {
                CODE.matcher(Files.readString(source)).results().forEach(found -> codes.add(found.group(1)));
            }
        }
        String explained = Files.readString(TROUBLESHOOTING);

        assertThat(codes).hasSizeGreaterThan(50);
        assertThat(codes).allMatch(code -> explained.contains("`" + code + "`"));
    }

    @Test
    void makeRunSaysWhatItDoesAndWhatItForgetsAndHasAHeapWithAnEnd() throws IOException {
        String makefile = Files.readString(Path.of("Makefile"));

        assertThat(makefile)
                .contains("-Xmx512m -Dquarkus.http.port=$(PORT) -jar target/local/")
                .contains("@echo \"Building Slipway, which takes a minute or two the first time…\"")
                .contains("(Ctrl-C ends it, and the simulated account is forgotten)");
    }
}
