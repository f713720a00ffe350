package dev.slipway.status;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.status.StatusPolicy.Share;
import dev.slipway.status.TrafficSplit.Part;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.services.ecs.model.Deployment;
import software.amazon.awssdk.services.ecs.model.Service;
import software.amazon.awssdk.services.ecs.model.ServiceCurrentRevisionSummary;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetHealthDescription;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetHealthStateEnum;

/** What becomes of the requests of two releases; what nobody knows is not claimed. */
class TrafficSplitTest {
    private static final String NONE_RUNS = "no task runs";

    private static TrafficSplit split(double percent) {
        return new TrafficSplit(new Part(1, "blue", 100 - percent), new Part(2, "green", percent), true);
    }

    /** @param tasks that ECS asks for, of the live release and of the new one, and those that run */
    private static Service service(int askedLive, int runningLive, int askedNew, int runningNew) {
        return Service.builder()
                .deployments(deployment("PRIMARY", "new", runningNew), deployment("ACTIVE", "old", runningLive))
                .currentServiceRevisions(revision(askedNew, runningNew), revision(askedLive, runningLive))
                .build();
    }

    private static Deployment deployment(String status, String definition, int running) {
        return Deployment.builder()
                .status(status)
                .taskDefinition(definition)
                .runningCount(running)
                .build();
    }

    private static ServiceCurrentRevisionSummary revision(int asked, int running) {
        return ServiceCurrentRevisionSummary.builder()
                .requestedTaskCount(asked)
                .runningTaskCount(running)
                .build();
    }

    private static List<Double> lost(List<Share> shares) {
        return shares.stream()
                .filter(share -> !share.served())
                .map(Share::percent)
                .toList();
    }

    /** The last one: the shift has gone on since the worker looked, and ECS takes the old tasks away. */
    @ParameterizedTest
    @CsvSource({
        "0,   2, 2, 2, 2, ''",
        "0,   2, 2, 2, 0, ''",
        "0,   2, 0, 2, 2, 100.0",
        "5,   2, 2, 2, 0, 5.0",
        "5,   2, 0, 2, 2, 95.0",
        "50,  2, 1, 2, 1, ''",
        "100, 2, 2, 2, 0, 100.0",
        "100, 2, 0, 2, 2, ''",
        "0,   0, 0, 2, 2, unknown",
    })
    void byTheTasksThatRun(
            double percent, int askedLive, int runningLive, int askedNew, int runningNew, String expected) {
        List<Share> shares =
                split(percent).byTasks(service(askedLive, runningLive, askedNew, runningNew), "new"::equals);

        if (expected.equals("unknown")) {
            assertThat(shares).isEmpty();
        } else {
            assertThat(shares).hasSize(2);
            assertThat(lost(shares)).isEqualTo(expected.isEmpty() ? List.of() : List.of(Double.parseDouble(expected)));
            assertThat(shares.stream().filter(share -> !share.served()))
                    .allSatisfy(share -> assertThat(share.otherwise()).isEqualTo(NONE_RUNS));
        }
    }

    private static List<TargetHealthDescription> targets(String states) {
        return Arrays.stream(states.split(" "))
                .filter(state -> !state.isEmpty())
                .map(state -> TargetHealthDescription.builder()
                        .targetHealth(health -> health.state(TargetHealthStateEnum.fromValue(state)))
                        .build())
                .toList();
    }

    /** Targets that are to go, or none, of a release of which ECS asks for no task: the requests go elsewhere meanwhile. */
    @ParameterizedTest
    @CsvSource({
        "0,   healthy healthy,     '',                  ''",
        "0,   healthy unhealthy,   healthy,             ''",
        "0,   unhealthy unhealthy, healthy healthy,     100.0",
        "0,   unhealthy,           '',                  100.0",
        "5,   healthy,             unhealthy unhealthy, 5.0",
        "5,   unhealthy,           healthy,             95.0",
        "100, '',                  healthy,             ''",
        "100, healthy,             unhealthy,           100.0",
        "0,   draining draining,   healthy healthy,     unknown",
        "0,   '',                  healthy healthy,     unknown",
        "5,   healthy,             draining,            unknown",
    })
    void byWhatTheLoadBalancerSays(double percent, String blue, String green, String expected) {
        List<Share> shares =
                split(percent).byTargets(service(0, 0, 0, 0), Map.of("blue", targets(blue), "green", targets(green)));

        if (expected.equals("unknown")) {
            assertThat(shares).isEmpty();
        } else {
            assertThat(lost(shares)).isEqualTo(expected.isEmpty() ? List.of() : List.of(Double.parseDouble(expected)));
        }
    }

    @Test
    void anEmptyGroupOfAReleaseThatIsToHaveTasksServesNobody() {
        assertThat(lost(split(0).byTargets(
                                service(2, 0, 2, 2), Map.of("blue", List.of(), "green", targets("healthy")))))
                .containsExactly(100.0);
    }

    @Test
    void whileEcsGoesBackNobodyKnows() {
        TrafficSplit back = new TrafficSplit(new Part(1, "blue", 0), new Part(2, "green", 100), false);

        assertThat(back.byTasks(service(2, 2, 2, 0), "new"::equals)).isEmpty();
    }
}
