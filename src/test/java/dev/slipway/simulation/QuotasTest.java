package dev.slipway.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.operation.Operation;
import dev.slipway.release.Release;
import dev.slipway.rollout.Rollout;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.services.cloudformation.model.CloudFormationException;
import software.amazon.awssdk.services.ecs.model.EcsException;

/** A quota of the account is used up: whoever asked is told which, nothing is left half, and after the raise it works. */
class QuotasTest {
    private static final String SERVICE = "container: {port: 8000}\nrollout: {strategy: %s}\n";

    private final World world = new World(5);

    @AfterEach
    void noFaultOfOurOwn() {
        assertThat(world.queue.bodiesOfDead()).isEmpty();
    }

    private void refuse(String refused, RuntimeException with) {
        world.chaos.watcher = (operation, request) -> {
            if (operation.equals(refused)) {
                throw with;
            }
            return () -> {};
        };
    }

    private void raise() {
        world.chaos.watcher = (operation, request) -> () -> {};
    }

    private static AwsErrorDetails limit(String message) {
        return AwsErrorDetails.builder()
                .errorCode("LimitExceededException")
                .errorMessage(message)
                .build();
    }

    @ParameterizedTest
    @CsvSource({
        "rolling, registerTaskDefinition",
        "rolling, updateService",
        "canary, updateService",
        "'rolling, before: {command: [migrate]}', runTask"
    })
    void inTheMiddleOfARollout(String strategy, String call) {
        world.apply(World.DEV, "terminationProtection: false\n");
        world.apply(World.WEB, SERVICE.formatted("rolling"));
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(Rollout.State.SUCCEEDED);
        world.apply(World.WEB, SERVICE.formatted(strategy));
        String before = world.ecs(World.WEB).taskDefinition();
        String message = "The maximum number of revisions for the family has been reached.";
        refuse(
                call,
                EcsException.builder()
                        .message(message)
                        .awsErrorDetails(limit(message))
                        .statusCode(400)
                        .build());

        Rollout refused = world.rollOut(World.WEB, "v2");

        assertThat(refused.state()).isEqualTo(Rollout.State.FAILED);
        assertThat(refused.outcome().failure().code()).isEqualTo("quota-exceeded");
        assertThat(refused.outcome().failure().detail()).contains(message);
        assertThat(world.ecs(World.WEB).taskDefinition()).isEqualTo(before);
        assertThat(world.record(World.WEB).live()).isEqualTo(1);
        raise();
        Rollout next = world.rollOut(World.WEB, "v2");
        assertThat(next.state()).as(String.valueOf(next.outcome())).isEqualTo(Rollout.State.SUCCEEDED);
        assertThat(world.store
                        .get(Release.key(World.WEB, world.record(World.WEB).live()))
                        .orElseThrow()
                        .value()
                        .isTaskDefinition(world.ecs(World.WEB).taskDefinition()))
                .isTrue();
    }

    /** As CloudFormation tells what the services behind it refuse. */
    @ParameterizedTest
    @CsvSource({
        "ProductionRule, The maximum number of rules on the load balancer has been reached (Service: ElasticLoadBalancingV2; Status Code: 400; Error Code: TooManyRules)",
        "TargetGroupA, The maximum number of target groups has been reached (Service: ElasticLoadBalancingV2; Status Code: 400; Error Code: TooManyTargetGroups)",
        "ExecutionRole, Cannot exceed quota for RolesPerAccount: 1000 (Service: Iam; Status Code: 409; Error Code: LimitExceeded)"
    })
    void inTheMiddleOfAnApply(String resource, String reason) {
        world.apply(World.DEV, "terminationProtection: false\n");
        world.account.stacks().failNext(World.WEB.stackName(), resource, reason);

        Operation refused = world.apply(World.WEB, SERVICE.formatted("rolling"));

        assertThat(refused.failure().code()).isEqualTo("quota-exceeded");
        assertThat(refused.failure().detail()).contains(reason.substring(0, 30));
        assertThat(world.apply(World.WEB, SERVICE.formatted("rolling")).failure())
                .isNull();
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(Rollout.State.SUCCEEDED);
    }

    /** Services in a cluster: the first release makes the service. */
    @ParameterizedTest
    @ValueSource(
            strings =
                    "The limit on the number of services in the cluster was exceeded (Error Code: LimitExceededException)")
    void withTheFirstRelease(String reason) {
        world.apply(World.DEV, "terminationProtection: false\n");
        world.apply(World.WEB, SERVICE.formatted("rolling"));
        world.account.stacks().failNext(World.WEB.stackName(), "EcsService", reason);

        Rollout refused = world.rollOut(World.WEB, "v1");

        assertThat(refused.outcome().failure().code()).isEqualTo("quota-exceeded");
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(Rollout.State.SUCCEEDED);
    }

    /** 2,000 stacks in an account and region. */
    @ParameterizedTest
    @ValueSource(strings = {"createStack", "createChangeSet", "updateStack"})
    void ofStacks(String call) {
        world.apply(World.DEV, "terminationProtection: false\n");
        if (!call.equals("createStack")) {
            world.apply(World.WEB, SERVICE.formatted("rolling"));
        }
        String message = "Limit for stack has been exceeded";
        refuse(
                call,
                CloudFormationException.builder()
                        .message(message)
                        .awsErrorDetails(limit(message))
                        .statusCode(400)
                        .build());
        List<String> logs = List.of("logs: {retentionDays: 14}\n", "logs: {retentionDays: 30}\n");

        Operation refused = call.equals("updateStack")
                ? null
                : world.apply(World.WEB, SERVICE.formatted("rolling") + logs.getFirst());
        Rollout rollout = call.equals("updateStack") ? world.rollOut(World.WEB, "v1") : null;

        assertThat(
                        refused == null
                                ? rollout.outcome().failure().code()
                                : refused.failure().code())
                .isEqualTo("quota-exceeded");
        raise();
        assertThat(world.apply(World.WEB, SERVICE.formatted("rolling") + logs.getLast())
                        .failure())
                .isNull();
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(Rollout.State.SUCCEEDED);
    }
}
