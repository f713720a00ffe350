package dev.slipway.simulated.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.simulated.ecs.SimulatedEcsFixture;
import java.util.Map;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.cloudwatchlogs.model.*;

class SimulatedLogsTest {
    private static final String GROUP = SimulatedEcsFixture.LOG_GROUP;
    private final SimulatedEcsFixture account = new SimulatedEcsFixture();

    @Test
    void tasksWriteWhyTheyCrashed() {
        account.running("v1-crash", 1);
        assertThat(account.logs
                        .filterLogEvents(request -> request.logGroupName(GROUP).filterPattern("\"fatal\""))
                        .events())
                .first()
                .satisfies(event -> {
                    assertThat(event.message()).isEqualTo("fatal: cannot start, exiting with code 1");
                    assertThat(event.logStreamName()).matches("web/web/[0-9a-f]{32}");
                });
    }

    @Test
    void aStreamGivesItsNewestLinesUnlessAskedForTheFirst() {
        account.running("v1", 1);
        String stream = account.logs
                .filterLogEvents(request -> request.logGroupName(GROUP))
                .events()
                .getFirst()
                .logStreamName();
        assertThat(line(stream, false)).contains("\"status\":200");
        assertThat(line(stream, true)).startsWith("starting ");
        assertThatThrownBy(() -> line("none", true)).isInstanceOf(ResourceNotFoundException.class);
    }

    private String line(String stream, boolean fromHead) {
        return account.logs
                .getLogEvents(request -> request.logGroupName(GROUP)
                        .logStreamName(stream)
                        .limit(1)
                        .startFromHead(fromHead))
                .events()
                .getFirst()
                .message();
    }

    @Test
    void groupsAreCreatedOnceAndKeepRetentionAndTags() {
        assertThatThrownBy(() -> account.logs.createLogGroup(request -> request.logGroupName(GROUP)))
                .isInstanceOf(ResourceAlreadyExistsException.class);
        account.logs.putRetentionPolicy(request -> request.logGroupName(GROUP).retentionInDays(30));
        LogGroup group = account.logs
                .describeLogGroups(request -> request.logGroupNamePrefix("/slipway"))
                .logGroups()
                .getFirst();
        assertThat(group.retentionInDays()).isEqualTo(30);
        account.logs.tagResource(
                request -> request.resourceArn(group.logGroupArn()).tags(Map.of("a", "1")));
        assertThat(account.logs
                        .listTagsForResource(request -> request.resourceArn(group.logGroupArn()))
                        .tags())
                .containsEntry("a", "1");
        account.logs.deleteLogGroup(request -> request.logGroupName(GROUP));
        assertThatThrownBy(() -> account.logs.deleteLogGroup(request -> request.logGroupName(GROUP)))
                .isInstanceOf(ResourceNotFoundException.class);
    }
}
