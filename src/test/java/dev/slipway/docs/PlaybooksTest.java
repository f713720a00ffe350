package dev.slipway.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
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

    @Test
    void everyAlarmNamesAPlaybookAndEveryPlaybookIsNamed() throws IOException {
        Set<String> files = new TreeSet<>();
        for (Path file : Documents.under(PLAYBOOKS.toString(), ".md")) {
            files.add(file.getFileName().toString());
        }

        assertThat(files).isEqualTo(alarms().keySet());
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
