package dev.slipway.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.operation.Operation;
import dev.slipway.preflight.Finding;
import dev.slipway.rollout.Rollout;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.RuleNotFoundException;

/**
 * What belongs to a service's stack is deleted by hand. CloudFormation does not miss it; the preflight says so, and the next apply
 * puts it right.
 */
class DeletedBeneathTest {
    private static final String SERVICE = "container: {port: 8000}\nrollout: {strategy: %s, bakeMinutes: 10}\n";

    private final World world = new World(7);

    private void created(String strategy, int rollouts) {
        world.apply(World.DEV, "terminationProtection: false\n");
        world.apply(World.WEB, SERVICE.formatted(strategy));
        for (int i = 1; i <= rollouts; i++) {
            assertThat(world.rollOut(World.WEB, "v" + i).state()).isEqualTo(Rollout.State.SUCCEEDED);
        }
    }

    private void delete(String rule) {
        String arn = world.record(World.WEB).outputs().get(rule);
        world.account.elb().deleteRule(request -> request.ruleArn(arn));
    }

    private List<String> findings(Rollout rollout) {
        return Objects.requireNonNull(rollout.preflight()).findings().stream()
                .map(Finding::code)
                .toList();
    }

    @AfterEach
    void theLedgerReplaysToWhatIs() {
        Ledgers.replay(world, World.WEB);
    }

    /** With the live release on either target group. */
    @ParameterizedTest
    @CsvSource({
        "ProductionRule, rolling, 1",
        "ProductionRule, rolling, 2",
        "ProductionRule, blue-green, 2",
        "ProductionRule, blue-green, 3",
        "TestRule, blue-green, 2",
        "TestRule, blue-green, 3",
        "both, blue-green, 2",
        "both, rolling, 1"
    })
    void aListenerRuleIsMadeAnewByTheNextApply(String rule, String strategy, int rollouts) {
        created(strategy, rollouts);
        List<String> rules = rule.equals("both") ? List.of("ProductionRule", "TestRule") : List.of(rule);
        List<String> before = new ArrayList<>();
        rules.forEach(name -> {
            before.add(world.record(World.WEB).outputs().get(name));
            delete(name);
        });
        Rollout refused = world.rollOut(World.WEB, "v9");
        assertThat(refused.state()).isEqualTo(Rollout.State.FAILED);
        assertThat(findings(refused)).contains("listener-rule-missing");

        Operation applied = world.apply(World.WEB, SERVICE.formatted(strategy));

        assertThat(applied.failure()).isNull();
        assertThat(applied.notes()).anyMatch(note -> note.contains("A listener rule had been deleted outside Slipway"));
        assertThat(rules)
                .allSatisfy(name -> assertThat(before)
                        .doesNotContain(world.record(World.WEB).outputs().get(name)));
        assertThat(world.record(World.WEB).live()).isEqualTo(rollouts);
        assertThat(world.traffic(World.WEB).allServed()).isTrue();
        Rollout next = world.rollOut(World.WEB, "v9");
        assertThat(next.state()).as(next.outcome().detail()).isEqualTo(Rollout.State.SUCCEEDED);
        assertThat(findings(next)).isEmpty();
        assertThat(world.traffic(World.WEB).allServed()).isTrue();

        // And a second time, which takes the other resource.
        rules.forEach(this::delete);
        assertThat(world.apply(World.WEB, SERVICE.formatted(strategy)).failure())
                .isNull();
        assertThat(world.traffic(World.WEB).allServed()).isTrue();
        assertThat(world.apply(World.WEB, SERVICE.formatted(strategy)).notes())
                .noneMatch(note -> note.contains("deleted outside"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"rolling", "blue-green"})
    void aLogGroupIsMissedByThePreflightAndMadeAnewByTheNextApply(String strategy) {
        created(strategy, 2);
        world.account.logs().deleteLogGroup(request -> request.logGroupName("/slipway/dev/web"));

        Rollout refused = world.rollOut(World.WEB, "v9");
        assertThat(refused.state()).isEqualTo(Rollout.State.FAILED);
        assertThat(findings(refused)).contains("log-group-missing");
        assertThat(world.rollBack(World.WEB, null).outcome().detail()).contains("/slipway/dev/web was deleted");

        Operation applied = world.apply(World.WEB, SERVICE.formatted(strategy));

        assertThat(applied.failure()).isNull();
        assertThat(applied.notes()).anyMatch(note -> note.contains("/slipway/dev/web had been deleted"));
        assertThat(world.account.logs().describeLogGroups().logGroups())
                .filteredOn(group -> group.logGroupName().equals("/slipway/dev/web"))
                .singleElement()
                .satisfies(group -> assertThat(group.retentionInDays()).isEqualTo(30));
        assertThat(world.rollOut(World.WEB, "v9").state()).isEqualTo(Rollout.State.SUCCEEDED);
        assertThat(world.apply(World.WEB, SERVICE.formatted(strategy)).notes())
                .noneMatch(note -> note.contains("deleted"));
    }

    /** With all that the stack had given it, and also when the pass that makes it is cut off between its calls. */
    @ParameterizedTest
    @ValueSource(strings = {"createLogGroup", "putRetentionPolicy", "none"})
    void theLogGroupMadeAnewHasRetentionAndTags(String cutOffAfter) {
        world.apply(World.DEV, "terminationProtection: false\ntags: {owner: ann}\n");
        String service = SERVICE.formatted("rolling") + "tags: {cost: web}\nlogs: {retentionDays: 14}\n";
        world.apply(World.WEB, service);
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(Rollout.State.SUCCEEDED);
        Map<String, String> tags = tags();
        assertThat(tags).containsEntry("owner", "ann").containsEntry("cost", "web");
        world.account.logs().deleteLogGroup(request -> request.logGroupName("/slipway/dev/web"));
        AtomicBoolean crashed = new AtomicBoolean(cutOffAfter.equals("none"));
        world.chaos.watcher = (operation, _) -> () -> {
            if (operation.equals(cutOffAfter) && !crashed.getAndSet(true)) {
                throw new Crash("after " + operation);
            }
        };

        Operation applied = world.apply(World.WEB, service);

        assertThat(crashed).isTrue();
        assertThat(applied.failure()).isNull();
        assertThat(world.account.logs().describeLogGroups().logGroups())
                .filteredOn(group -> group.logGroupName().equals("/slipway/dev/web"))
                .singleElement()
                .satisfies(group -> assertThat(group.retentionInDays()).isEqualTo(14));
        assertThat(tags()).containsAllEntriesOf(tags);
        assertThat(world.apply(World.WEB, service).notes()).noneMatch(note -> note.contains("log group"));
    }

    private Map<String, String> tags() {
        String arn = world.account.logs().describeLogGroups().logGroups().stream()
                .filter(group -> group.logGroupName().equals("/slipway/dev/web"))
                .findFirst()
                .orElseThrow()
                .logGroupArn();
        Map<String, String> tags = new TreeMap<>(world.account
                .logs()
                .listTagsForResource(request -> request.resourceArn(arn))
                .tags());
        tags.keySet().removeIf(name -> name.startsWith("aws:")); // CloudFormation's own
        return tags;
    }

    private String rule(String name) {
        return world.record(World.WEB).outputs().get(name);
    }

    private boolean exists(String rule) {
        try {
            return !world.account
                    .elb()
                    .describeRules(request -> request.ruleArns(rule(rule)))
                    .rules()
                    .isEmpty();
        } catch (RuleNotFoundException e) {
            return false;
        }
    }

    private void notFoundUntil(Instant end) {
        world.chaos.watcher = (operation, request) -> {
            if (operation.equals("describeRules") && world.timeline.instant().isBefore(end)) {
                throw RuleNotFoundException.builder()
                        .message("One or more rules not found")
                        .build();
            }
            return () -> {};
        };
    }

    /** The load balancer's answers are eventually consistent. */
    @ParameterizedTest
    @ValueSource(strings = {"rolling", "blue-green"})
    void aRuleThatALateAnswerDoesNotShowIsNotMadeAnew(String strategy) {
        created(strategy, 2);
        String before = rule("ProductionRule");
        notFoundUntil(world.timeline.instant().plusSeconds(15));

        Operation applied = world.apply(World.WEB, SERVICE.formatted(strategy));

        assertThat(applied.failure()).isNull();
        assertThat(applied.notes()).noneMatch(note -> note.contains("deleted outside"));
        assertThat(rule("ProductionRule")).isEqualTo(before);
        assertThat(world.parameter(World.WEB, "ProductionRuleCopy")).isEqualTo("a");
        assertThat(world.traffic(World.WEB).allServed()).isTrue();
    }

    /** Somebody deletes it again, just when the stack has it anew. */
    @ParameterizedTest
    @ValueSource(strings = {"ProductionRule", "TestRule"})
    void anApplyNeverEndsWellWithoutARule(String name) {
        created("blue-green", 2);
        delete(name);
        String before = rule(name);
        AtomicBoolean again = new AtomicBoolean();
        world.chaos.watcher = (operation, request) -> {
            String made = output(name);
            if (operation.equals("describeRules") && !made.equals(before) && !again.getAndSet(true)) {
                world.account.elb().deleteRule(remove -> remove.ruleArn(made));
            }
            return () -> {};
        };

        Operation applied = world.apply(World.WEB, SERVICE.formatted("blue-green"));

        assertThat(again).isTrue();
        assertThat(applied.failure()).isNotNull();
        assertThat(applied.failure().code()).isEqualTo("listener-rule-missing");
        world.chaos.watcher = (operation, request) -> () -> {};
        assertThat(world.apply(World.WEB, SERVICE.formatted("blue-green")).failure())
                .isNull();
        assertThat(exists(name)).isTrue();
        assertThat(world.rollOut(World.WEB, "v9").state()).isEqualTo(Rollout.State.SUCCEEDED);
    }

    private String output(String name) {
        return world.stack(World.WEB).outputs().stream()
                .filter(found -> found.outputKey().equals(name))
                .findFirst()
                .orElseThrow()
                .outputValue();
    }

    /** ECS refuses the other rule, and CloudFormation goes back to the one that is not there. */
    @ParameterizedTest
    @ValueSource(strings = {"ProductionRule", "TestRule"})
    void afterAnAttemptThatFailedTheNextOneMakesTheRule(String name) {
        created("blue-green", 2);
        delete(name);
        world.account.stacks().failNext(World.WEB.stackName(), "EcsService", "ECS refuses it.");
        assertThat(world.apply(World.WEB, SERVICE.formatted("blue-green")).failure())
                .isNotNull();
        assertThat(exists(name)).isFalse();

        assertThat(world.apply(World.WEB, SERVICE.formatted("blue-green")).failure())
                .isNull();
        assertThat(exists(name)).isTrue();
    }
}
