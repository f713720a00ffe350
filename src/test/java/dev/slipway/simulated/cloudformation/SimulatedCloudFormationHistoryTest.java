package dev.slipway.simulated.cloudformation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.cloudformation.model.CloudFormationException;

/** Random updates and failures, and what must hold after each. */
class SimulatedCloudFormationHistoryTest {
    private static final int HISTORIES = 150;
    private static final int STEPS = 8;

    @Test
    void whatIsLiveIsAlwaysWhatTheLastSuccessDeclared() {
        for (int seed = 0; seed < HISTORIES; seed++) {
            Random random = new Random(seed);
            SimulatedCloudFormationFixture fixture = new SimulatedCloudFormationFixture();
            Map<String, Integer> declared = declared(random);
            fixture.create(template(declared));
            for (int step = 0; step < STEPS; step++) {
                Map<String, Integer> wanted = declared(random);
                declared = update(fixture, random, declared, wanted);
                assertThat(fixture.services.logs.groups)
                        .as("seed %s step %s in %s", seed, step, fixture.status())
                        .containsExactlyInAnyOrderEntriesOf(declared);
            }
        }
    }

    /** One update, perhaps failing, until the stack is at rest; gives what should be live now. */
    private static Map<String, Integer> update(
            SimulatedCloudFormationFixture fixture,
            Random random,
            Map<String, Integer> declared,
            Map<String, Integer> wanted) {
        for (int i = 0; i < random.nextInt(3); i++) {
            fixture.cloud.failNext("web", "Logs" + random.nextInt(5), "drawn from the seed");
        }
        int told = fixture.story().size();
        try {
            fixture.begin(template(wanted));
        } catch (CloudFormationException e) {
            assertThat(e).hasMessageContaining("No updates are to be performed.");
            return declared;
        }
        fixture.settle();
        for (int tries = 0; fixture.status().equals("UPDATE_ROLLBACK_FAILED"); tries++) {
            assertThat(tries).isLessThan(20);
            fixture.cloud.continueUpdateRollback(request -> request.stackName("web"));
            fixture.settle();
        }
        assertThat(fixture.status()).isIn("UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE");
        Map<String, Integer> expected = new TreeMap<>(fixture.status().equals("UPDATE_COMPLETE") ? wanted : declared);
        Map<String, Integer> surplus = new TreeMap<>(fixture.services.logs.groups);
        surplus.keySet().removeAll(expected.keySet());
        if (!surplus.isEmpty()) { // a cleanup that failed leaves behind what it could not delete, and what that needed
            assertThat(fixture.story().subList(told, fixture.story().size()))
                    .anyMatch(event -> event.endsWith(" DELETE_FAILED"));
            fixture.services.logs.groups.keySet().removeAll(surplus.keySet());
        }
        return expected;
    }

    private static Map<String, Integer> declared(Random random) {
        Map<String, Integer> groups = new TreeMap<>();
        for (int i = 0; i < 5; i++) {
            if (random.nextInt(4) > 0) {
                groups.put("/g" + i + "v" + random.nextInt(2), 1 + random.nextInt(3));
            }
        }
        groups.put("/g9v0", 7);
        return groups;
    }

    /** A chain: each group waits for the one before it. */
    private static String template(Map<String, Integer> groups) {
        StringBuilder template = new StringBuilder("Resources:\n");
        String before = "";
        for (Map.Entry<String, Integer> group : groups.entrySet()) {
            String id = "Logs" + group.getKey().charAt(2);
            template.append("  ").append(id).append(":\n    Type: AWS::Logs::LogGroup\n");
            if (!before.isEmpty()) {
                template.append("    DependsOn: ").append(before).append('\n');
            }
            template.append("    Properties: {LogGroupName: %s, RetentionInDays: %d}\n"
                    .formatted(group.getKey(), group.getValue()));
            before = id;
        }
        return template.toString();
    }
}
