package dev.slipway.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Every alarm of the stacks has its playbook, and every playbook its alarm. */
class PlaybooksTest {
    private static final Path PLAYBOOKS = Path.of("docs/playbooks");
    private static final Pattern ALARM = Pattern.compile(
            "AlarmName: !Sub slipway-\\$\\{Environment}/(\\S+)\\n +AlarmDescription: !Sub (?:'([^'\\n]+)'|([^\\n]+))\\n");

    /** What the alarms of both templates are called, by the file that each names. */
    private static Map<String, String> alarms() throws IOException {
        Map<String, String> alarms = new TreeMap<>();
        int seen = 0;
        for (String stack : Set.of("service", "environment")) {
            String text = Files.readString(Path.of("src/main/resources/stacks/%s.yaml".formatted(stack)));
            seen += text.split("Type: AWS::CloudWatch::(Composite)?Alarm\\n", -1).length - 1;
            ALARM.matcher(text).results().forEach(found -> {
                String description = found.group(2) == null ? found.group(3) : found.group(2);
                String name = found.group(1).replace("${Service}/", "").replace("${Service}", "service");
                assertThat(description).as(name).endsWith(" ${Playbooks}" + name.replace("environment/", "") + ".md");
                alarms.put(name.replace("environment/", "") + ".md", found.group(1));
            });
        }
        assertThat(alarms).hasSize(seen).hasSizeGreaterThan(10);
        return alarms;
    }

    private static final Pattern OWN = Pattern.compile(
            "\\n  (\\w+):\\n    Type: AWS::CloudWatch::Alarm\\n    Properties:\\n      AlarmDescription: !Sub >-\\n .*[.] \\$\\{PlaybooksUrl}(slipway-[a-z-]+[.]md)\\n");

    /** The logical ids of Slipway's own alarms, by the file that each names. */
    private static Map<String, String> own() throws IOException {
        Map<String, String> alarms = new TreeMap<>();
        String text = Files.readString(Path.of("template.yaml"));
        OWN.matcher(text).results().forEach(found -> alarms.put(found.group(2), found.group(1)));
        assertThat(alarms)
                .hasSize(text.split("Type: AWS::CloudWatch::Alarm\n", -1).length - 1)
                .hasSizeGreaterThan(3);
        return alarms;
    }

    @Test
    void everyAlarmNamesAPlaybookAndEveryPlaybookIsNamed() throws IOException {
        Set<String> files = new TreeSet<>();
        for (Path file : Documents.under(PLAYBOOKS.toString(), ".md")) {
            files.add(file.getFileName().toString());
        }

        Set<String> named = new TreeSet<>(alarms().keySet());
        named.addAll(own().keySet());
        assertThat(files).isEqualTo(named);
    }

    @Test
    void everyPlaybookSaysWhatItMeansWhereToLookWhatToDoAndWhoIsNext() throws IOException {
        for (Map.Entry<String, String> alarm : alarms().entrySet()) {
            String text = Files.readString(PLAYBOOKS.resolve(alarm.getKey()));
            String name = "slipway-prod/" + alarm.getValue().replace("${Service}", "web");

            assertThat(text)
                    .as(alarm.getKey())
                    .contains("`" + name + "`")
                    .containsSubsequence("## What it means\n", "## Look at\n", "## Do\n", "## Escalate\n");
        }
    }

    private static final Pattern WINDOW = Pattern.compile(
            "(?:\\{Playbooks}|\\{PlaybooksUrl})(\\S+?\\.md)(?:(?!AlarmDescription)[\\s\\S])*?\\bPeriod: (\\d+)"
                    + "(?:(?!AlarmDescription)[\\s\\S])*?EvaluationPeriods: (\\d+)\\n(?: +DatapointsToAlarm: (\\d+)\\n)?");

    /** In words: of the last thirteen minutes four, or three minutes in a row. One period alone is no window. */
    @Test
    void everyPlaybookHasTheWindowOfItsAlarm() throws IOException {
        int seen = 0;
        for (String template : List.of(
                "src/main/resources/stacks/service.yaml",
                "src/main/resources/stacks/environment.yaml",
                "template.yaml")) {
            for (MatchResult alarm : WINDOW.matcher(Files.readString(Path.of(template)))
                    .results()
                    .toList()) {
                int minutes = Integer.parseInt(alarm.group(2)) / 60;
                int of = Integer.parseInt(alarm.group(3));
                int bad = alarm.group(4) == null ? of : Integer.parseInt(alarm.group(4));
                if (bad > 1) {
                    seen++;
                    assertThat(Files.readString(PLAYBOOKS.resolve(alarm.group(1))))
                            .as(alarm.group(1))
                            .containsIgnoringCase(window(bad, of, minutes));
                }
            }
        }
        assertThat(seen).isEqualTo(12);
    }

    private static String window(int bad, int of, int minutes) {
        if (bad < of) {
            return words(bad) + " of the last " + words(of)
                    + (minutes == 1 ? " minutes" : " periods of " + words(minutes) + " minutes");
        }
        return "for " + (of * minutes == 30 ? "half an hour" : words(of * minutes) + " minutes");
    }

    private static String words(int number) {
        return "no one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
                .split(" ")[number];
    }

    /** Slipway's own have names that CloudFormation makes of the stack's. */
    @Test
    void slipwaysOwnAlarmsHaveTheirsAndStandInTheListOfOperations() throws IOException {
        String list = Files.readString(Path.of("docs/operations.md"));
        for (Map.Entry<String, String> alarm : own().entrySet()) {
            assertThat(Files.readString(PLAYBOOKS.resolve(alarm.getKey())))
                    .as(alarm.getKey())
                    .contains("`slipway-" + alarm.getValue() + "-…`")
                    .containsSubsequence("## What it means\n", "## Look at\n", "## Do\n", "## Escalate\n");
            assertThat(list).contains("| [`%s`](playbooks/%s) |".formatted(alarm.getValue(), alarm.getKey()));
        }
    }

    /** A list of thresholds and reasons that leaves one out is none. */
    @Test
    void everyAlarmIsInTheListWithItsReason() throws IOException {
        String list = Files.readString(Path.of("docs/alarms.md"));

        assertThat(alarms().keySet()).allSatisfy(file -> assertThat(list).contains("](playbooks/" + file + ")"));
    }

    @Test
    void noTwoAlarmsOfAServiceAndAnEnvironmentHaveOneName() throws IOException {
        Map<String, String> alarms = alarms();

        // A service may be called environment.
        assertThat(alarms.values())
                .doesNotHaveDuplicates()
                .filteredOn(name -> name.startsWith("environment/"))
                .isNotEmpty()
                .noneMatch(name -> alarms.containsValue(name.replace("environment/", "${Service}/")));
    }
}
