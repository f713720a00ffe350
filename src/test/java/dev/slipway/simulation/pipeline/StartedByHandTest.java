package dev.slipway.simulation.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.id.EnvironmentId;
import dev.slipway.id.PipelineId;
import dev.slipway.id.ServiceId;
import dev.slipway.ledger.LedgerEntry.EventType;
import dev.slipway.problem.ProblemException;
import dev.slipway.rollout.Rollout;
import dev.slipway.simulated.aws.Faults;
import dev.slipway.simulated.codepipeline.SimulatedCodePipeline;
import dev.slipway.simulated.codepipeline.SimulatedCodePipeline.Pushed;
import dev.slipway.simulated.codepipeline.SourcePush;
import dev.slipway.simulation.Ledgers;
import dev.slipway.simulation.World;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whoever starts an execution of a pipeline by hand has started what it rolls out, and others have to approve it. */
class StartedByHandTest {
    private static final PipelineId WEB = new PipelineId("web");
    private static final ServiceId PROD = WEB.serviceIn("prod");
    private static final String ROLES = "arn:aws:sts::123456789012:assumed-role/";
    private static final String COMMIT = "3f2c8a91b7d0e5f6a7b8c9d0e1f2a3b4c5d6e7f8";

    private final World world = new World(6);
    private final SimulatedCodePipeline codePipeline = world.account.pipelines();

    private void created(String by) {
        EnvironmentId prod = PROD.environmentId();
        assertThat(world.apply(prod, "network: {cidr: 172.17.0.0/16}\n").failure())
                .isNull();
        assertThat(world.apply(
                                PROD,
                                ("container: {port: 8000}\nrollout: {strategy: blue-green, bakeMinutes: 0,"
                                                + " approval: {when: before-production, timeoutMinutes: 600%s}}\n")
                                        .formatted(by))
                        .failure())
                .isNull();
        world.rollOut(PROD, "v1");
        world.plane.pipelines().grants().grant(prod, WEB, World.by("ann"));
        assertThat(world.apply(
                                WEB,
                                "repository: {id: acme/web}\nbuild: {buildspec: repository}\ndeploy: [{environment: prod}]\n")
                        .failure())
                .isNull();
        world.timeline.advance(Duration.ofMinutes(1));
        world.account.approveConnection(
                codePipeline.connectionOf(WEB.stackName()).orElseThrow());
        pushed(); // a head to be started
        answer(rollout(), false, ROLES + "Approver/eve");
        ended();
    }

    private void until(BooleanSupplier reached) {
        Instant limit = world.timeline.instant().plus(Duration.ofDays(2));
        while (!reached.getAsBoolean()) {
            assertThat(world.timeline.instant()).isBefore(limit);
            world.timeline.step();
        }
    }

    /** The rollout of the newest execution, once it asks for an approval. */
    private Rollout rollout() {
        until(() -> newest().filter(found -> found.isRunning()
                        && world.plane
                                .rollouts()
                                .gate(found)
                                .flatMap(gate -> gate.awaitingApproval())
                                .isPresent())
                .isPresent());
        return newest().orElseThrow();
    }

    private Optional<Rollout> newest() {
        return world.plane.rollouts().rollouts(PROD, 1, null).items().stream()
                .map(found -> found.value())
                .findFirst();
    }

    private void pushed() {
        assertThat(codePipeline.push(WEB.stackName(), SourcePush.of(COMMIT, "v2")))
                .isInstanceOf(Pushed.Started.class);
    }

    private String ended() {
        String execution = codePipeline.executions(WEB.stackName()).getLast();
        until(() -> !codePipeline.status(execution).equals("InProgress"));
        world.timeline.advance(Duration.ofMinutes(1));
        return codePipeline.status(execution);
    }

    private void answer(Rollout rollout, boolean yes, String who) {
        world.answer(PROD, rollout.id(), yes, null, who);
    }

    private void refused(Rollout rollout, String who, String... words) {
        assertThatThrownBy(() -> answer(rollout, true, who)).isInstanceOfSatisfying(ProblemException.class, refused -> {
            assertThat(refused.status()).isEqualTo(403);
            assertThat(refused.problem().code()).isEqualTo("own-rollout");
            assertThat(refused.problem().detail() + refused.problem().action()).contains(words);
        });
    }

    @ParameterizedTest
    @CsvSource({
        "assumed-role/Dev/ann, assumed-role/Dev/somebody-else",
        "assumed-role/AWSReservedSSO_Dev_1a/ann@x.com, assumed-role/AWSReservedSSO_Ops_2b/ann@x.com",
        "assumed-role/Dev, assumed-role/Dev/ann",
        "federated-user/ann, assumed-role/Approver/eve",
    })
    void whoeverPressedStartMayNotApproveItButReject(String starter, String sameMaybe) {
        created("");
        String by = "arn:aws:sts::123456789012:" + starter;
        codePipeline.start(WEB.stackName(), by);
        Rollout asking = rollout();

        assertThat(asking.request().actor()).isEqualTo("pipeline/web");
        assertThat(asking.request().onBehalfOf()).isEqualTo(by);
        assertThat(Ledgers.of(world, PROD, EventType.ROLLOUT_STARTED).getLast().toString())
                .contains(by);
        refused(asking, "arn:aws:sts::123456789012:" + sameMaybe, by, "by another role");

        answer(asking, false, "arn:aws:sts::123456789012:" + sameMaybe);
        assertThat(ended()).isEqualTo("Failed");
    }

    @Test
    void somebodyElseApprovesWhatWasStartedByHand() {
        created("");
        codePipeline.start(WEB.stackName(), ROLES + "Dev/ann");

        answer(rollout(), true, ROLES + "Approver/eve");

        assertThat(ended()).isEqualTo("Succeeded");
    }

    @Test
    void whoWorksAloneApprovesWhatHeHasStarted() {
        created(", by: anyone");
        codePipeline.start(WEB.stackName(), ROLES + "Dev/ann");

        answer(rollout(), true, ROLES + "Dev/ann");

        assertThat(ended()).isEqualTo("Succeeded");
    }

    @Test
    void aPushIsStartedByNobodyInParticular() {
        created("");
        pushed();
        Rollout asking = rollout();

        assertThat(asking.request().onBehalfOf()).isNull();
        answer(asking, true, ROLES + "Dev/ann");
        assertThat(ended()).isEqualTo("Succeeded");
    }

    /** An older role, or a policy of the organisation; and an answer that names nobody. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whereItIsNotKnownWhoStartedItNobodyMayApprove(boolean denied) {
        created("");
        world.aws.faults(denied ? new Reads(Faults.Call.DENIED, Integer.MAX_VALUE) : Faults.NONE);
        codePipeline.start(WEB.stackName(), denied ? ROLES + "Dev/ann" : "");
        Rollout asking = rollout();

        refused(asking, ROLES + "Approver/eve", "not known", "codepipeline:GetPipelineExecution");
        answer(asking, false, ROLES + "Approver/eve");
        assertThat(ended()).isEqualTo("Failed");
    }

    /** A refusal that passes by itself is no answer. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3, 6})
    void aThrottledReadIsTriedAgainBeforeAnythingStarts(int times) {
        created("");
        world.aws.faults(new Reads(Faults.Call.THROTTLED, times));
        codePipeline.start(WEB.stackName(), ROLES + "Dev/ann");

        assertThat(rollout().request().onBehalfOf()).isEqualTo(ROLES + "Dev/ann");
    }

    /** What is asked of executions fails so many times. */
    private static final class Reads implements Faults {
        private final Call fate;
        private int left;

        Reads(Call fate, int times) {
            this.fate = fate;
            this.left = times;
        }

        @Override
        public Call on(String service, String operation) {
            return operation.equals("getPipelineExecution") && left-- > 0 ? fate : Call.ANSWERED;
        }

        @Override
        public List<Duration> deliveries() {
            return NONE.deliveries();
        }
    }
}
