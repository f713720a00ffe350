package dev.slipway.simulation.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.PipelineId;
import dev.slipway.lambda.PipelineHandler;
import dev.slipway.pipeline.DeployJobs;
import dev.slipway.rollout.Rollout;
import dev.slipway.simulated.aws.Faults;
import dev.slipway.simulated.codepipeline.SimulatedCodePipeline;
import dev.slipway.simulated.codepipeline.SimulatedCodePipeline.Pushed;
import dev.slipway.simulated.codepipeline.SourcePush;
import dev.slipway.simulation.Crash;
import dev.slipway.simulation.World;
import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import dev.slipway.store.Stored;
import dev.slipway.store.Write;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Events that somebody who may call the pipeline function has written himself: nothing starts by them, and nothing is lost. */
class ForgedJobsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final PipelineId WEB = new PipelineId("web");
    private static final PipelineId OTHER = new PipelineId("other");
    private static final String COMMIT = "3f2c8a91b7d0e5f6a7b8c9d0e1f2a3b4c5d6e7f8";
    private static final String MADE_UP = "00000000-0000-4000-8000-000000000000";
    private static final String BLUE_GREEN =
            "strategy: blue-green, approval: {when: before-production, timeoutMinutes: 600}";

    private final World world = new World(5);
    private final SimulatedCodePipeline codePipeline = world.account.pipelines();
    private final PipelineHandler function =
            new PipelineHandler(world.plane.pipelines().jobs());
    /** The events of CodePipeline's own, in their order. */
    private final List<ObjectNode> genuine = new ArrayList<>();
    /** Told of each before the function is. */
    private Consumer<ObjectNode> before = event -> {};

    ForgedJobsTest() {
        world.account.functions().register(World.PIPELINE, event -> {
            ObjectNode read = read(event);
            genuine.add(read);
            before.accept(read);
            try {
                return world.chaos.piping(() -> call(read));
            } catch (Crash e) {
                throw new IllegalStateException("crashed " + e.getMessage(), e);
            }
        });
    }

    private static ObjectNode read(String event) {
        try {
            return (ObjectNode) JSON.readTree(event);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    @SuppressWarnings("unchecked")
    private String call(JsonNode event) {
        return '"' + function.handleRequest(JSON.convertValue(event, Map.class), null) + '"';
    }

    private void created(PipelineId pipeline, String rollout, String... environments) {
        int network = 17;
        StringBuilder stages = new StringBuilder();
        for (String environment : environments) {
            EnvironmentId id = new EnvironmentId(environment);
            world.apply(id, "network: {cidr: 172.%d.0.0/16}\n".formatted(network++));
            assertThat(world.apply(
                                    pipeline.serviceIn(environment),
                                    "container: {port: 8000}\nrouting: {paths: [/%s/*]}\nrollout: {%s}\n"
                                            .formatted(pipeline.service(), rollout))
                            .failure())
                    .isNull();
            world.plane.pipelines().grants().grant(id, pipeline, World.by("ann"));
            stages.append("{environment: ").append(environment).append("},");
        }
        assertThat(world.apply(
                                pipeline,
                                "repository: {id: acme/%s}\nbuild: {buildspec: repository}\ndeploy: [%s]\n"
                                        .formatted(pipeline.service(), stages))
                        .failure())
                .isNull();
        world.timeline.advance(Duration.ofMinutes(1));
        world.account.approveConnection(
                codePipeline.connectionOf(pipeline.stackName()).orElseThrow());
    }

    private String push(PipelineId pipeline, String tag) {
        return ((Pushed.Started) codePipeline.push(pipeline.stackName(), SourcePush.of(COMMIT, tag))).execution();
    }

    private void until(BooleanSupplier reached) {
        Instant limit = world.timeline.instant().plus(Duration.ofDays(2));
        while (!reached.getAsBoolean()) {
            assertThat(world.timeline.instant()).isBefore(limit);
            world.timeline.step();
        }
    }

    private String ended(String execution) {
        until(() -> !codePipeline.status(execution).equals("InProgress"));
        world.timeline.advance(Duration.ofMinutes(1));
        return codePipeline.status(execution);
    }

    private List<Rollout> rollouts(PipelineId pipeline, String environment) {
        return world.plane.rollouts().rollouts(pipeline.serviceIn(environment), 50, null).items().stream()
                .map(Stored::value)
                .toList();
    }

    private static ObjectNode data(ObjectNode event) {
        return (ObjectNode) event.path("CodePipeline.job").path("data");
    }

    private static ObjectNode with(ObjectNode event, String parameter, String value) {
        ObjectNode copy = event.deepCopy();
        ObjectNode configuration = (ObjectNode) data(copy).at("/actionConfiguration/configuration");
        configuration.put(
                "UserParameters",
                read(configuration.path("UserParameters").asText())
                        .put(parameter, value)
                        .toString());
        return copy;
    }

    private static ObjectNode withJob(ObjectNode event, String job) {
        ObjectNode copy = event.deepCopy();
        ((ObjectNode) copy.path("CodePipeline.job")).put("id", job);
        return copy;
    }

    private static ObjectNode inBucket(ObjectNode event, String bucket) {
        ObjectNode copy = event.deepCopy();
        ((ObjectNode) data(copy).at("/inputArtifacts/0/location/s3Location")).put("bucketName", bucket);
        return copy;
    }

    /** The first job of the deploy action in dev, which came while {@code attack} was made before it. */
    private String attacked(Consumer<ObjectNode> attack) {
        before = event -> {
            before = later -> {};
            attack.accept(event);
        };
        return push(WEB, "v1");
    }

    @Test
    void aMadeUpJobOfAMadeUpExecutionStartsNothing() {
        created(WEB, "strategy: rolling", "dev", "prod");
        String execution = push(WEB, "v1");
        assertThat(ended(execution)).isEqualTo("Succeeded");
        ObjectNode model = genuine.getLast();

        call(with(withJob(model, MADE_UP), "execution", MADE_UP));
        world.timeline.advance(Duration.ofMinutes(10));

        assertThat(rollouts(WEB, "prod")).hasSize(1);
        assertThat(world.plane.pipelines().deployJobs(WEB))
                .allSatisfy(jobs -> assertThat(jobs.jobs()).hasSize(1));
    }

    @Test
    void aJobForAServiceWithoutAPipelineStartsNothingAndLeavesNoTrace() {
        created(WEB, "strategy: rolling", "dev");
        world.apply(OTHER.serviceIn("dev"), "container: {port: 8000}\nrouting: {paths: [/other/*]}\n");
        world.plane.pipelines().grants().grant(new EnvironmentId("dev"), OTHER, World.by("ann"));
        String execution = attacked(event -> call(with(event, "service", "other")));

        assertThat(ended(execution))
                .isEqualTo("Failed"); // the answer says what is wrong, to the pipeline that has sent it
        assertThat(codePipeline.said(execution)).contains("There is no pipeline other");
        assertThat(rollouts(OTHER, "dev")).isEmpty();
        assertThat(world.plane.pipelines().deployJobs(OTHER)).isEmpty();
    }

    @Test
    void aMadeUpJobBeforeTheGenuineOneStartsNothingAndTakesNothingFromIt() {
        created(WEB, "strategy: rolling", "dev");
        List<Integer> started = new ArrayList<>();
        String execution = attacked(event -> {
            call(withJob(event, MADE_UP));
            started.add(rollouts(WEB, "dev").size());
        });

        assertThat(ended(execution)).isEqualTo("Succeeded");
        assertThat(started).containsExactly(0);
        assertThat(rollouts(WEB, "dev")).hasSize(1);
    }

    /** Nothing can be started by it, and CodePipeline does not take that either. */
    @Test
    void aMadeUpJobThatIsRefusedIsNotWrittenDown() {
        created(WEB, "strategy: rolling", "dev");
        List<Integer> known = new ArrayList<>();
        before = event -> {
            before = later -> {};
            call(withJob(event, MADE_UP));
            known.add(world.plane.pipelines().deployJobs(WEB).size());
        };
        String execution = push(WEB, "v1-no-definitions");

        assertThat(ended(execution)).isEqualTo("Failed");
        assertThat(known).containsExactly(0);
        assertThat(world.plane.pipelines().deployJobs(WEB))
                .singleElement()
                .satisfies(jobs -> assertThat(jobs.jobs())
                        .singleElement()
                        .satisfies(job -> assertThat(job.jobId()).isNotEqualTo(MADE_UP)));
    }

    @Test
    void aStageThatTheExecutionHasNotReachedIsNotDeployed() {
        created(WEB, "strategy: rolling", "dev", "prod");
        List<Integer> started = new ArrayList<>();
        String execution = attacked(event -> {
            call(with(event, "environment", "prod"));
            started.add(rollouts(WEB, "prod").size());
        });
        until(() -> !rollouts(WEB, "dev").isEmpty());

        assertThat(started).containsExactly(0);
        assertThat(ended(execution)).isEqualTo("Succeeded");
        assertThat(rollouts(WEB, "prod")).hasSize(1);
    }

    @Test
    void anArtifactOfAnotherBucketIsNotDeployed() {
        created(WEB, "strategy: rolling", "dev");
        String execution = attacked(event -> call(inBucket(event, "a-bucket-of-mine")));

        assertThat(ended(execution)).isEqualTo("Failed");
        assertThat(codePipeline.said(execution)).contains("The artifact is in a-bucket-of-mine");
        assertThat(rollouts(WEB, "dev")).isEmpty();
    }

    @Test
    void anotherArtifactOfTheSameBucketIsNotDeployed() {
        created(WEB, "strategy: rolling", "dev");
        assertThat(ended(push(WEB, "v0"))).isEqualTo("Succeeded");
        JsonNode old = data(genuine.getLast()).path("inputArtifacts").deepCopy();
        String execution = attacked(event -> {
            ObjectNode copy = event.deepCopy();
            data(copy).set("inputArtifacts", old);
            call(copy);
        });

        assertThat(ended(execution)).isEqualTo("Failed");
        assertThat(rollouts(WEB, "dev")).hasSize(1);
    }

    @Test
    void aGenuineJobOfAnotherPipelineDeploysOnlyWhatThatPipelineMay() {
        created(WEB, "strategy: rolling", "dev", "prod");
        created(OTHER, "strategy: rolling", "dev");
        assertThat(ended(push(WEB, "v1"))).isEqualTo("Succeeded");
        ObjectNode ofWeb = genuine.getLast();
        before = event -> {
            before = later -> {};
            call(withJob(ofWeb, event.path("CodePipeline.job").path("id").asText()));
        };
        push(OTHER, "v1");
        until(() -> !rollouts(OTHER, "dev").isEmpty());
        world.timeline.advance(Duration.ofMinutes(10));

        assertThat(rollouts(WEB, "prod")).hasSize(1);
        assertThat(rollouts(WEB, "dev")).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anExecutionThatHasEndedDeploysNoMore(boolean madeUp) {
        created(WEB, "strategy: rolling", "dev");
        String execution = push(WEB, "v1");
        assertThat(ended(execution)).isEqualTo("Succeeded");
        ObjectNode first = genuine.stream()
                .filter(event -> !data(event).has("continuationToken"))
                .findFirst()
                .orElseThrow();

        call(madeUp ? withJob(first, MADE_UP) : first);
        world.timeline.advance(Duration.ofMinutes(10));

        assertThat(rollouts(WEB, "dev")).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aMadeUpJobBesideTheHeldOneDoesNotTakeItsPlace(boolean token) {
        created(WEB, BLUE_GREEN, "dev");
        world.rollOut(WEB.serviceIn("dev"), "v1");
        String execution = push(WEB, "v2");
        until(() -> rollouts(WEB, "dev").size() == 2);
        world.timeline.advance(Duration.ofMinutes(5));
        ObjectNode forged = withJob(genuine.getLast(), MADE_UP);
        if (!token) {
            data(forged).remove("continuationToken");
        }
        call(forged);
        world.timeline.advance(Duration.ofMinutes(5));
        world.answer(WEB.serviceIn("dev"), rollouts(WEB, "dev").getFirst().id(), true, null, "bob");
        until(() -> rollouts(WEB, "dev").getFirst().outcome() != null);
        Instant over = world.timeline.instant();

        until(() -> !codePipeline.status(execution).equals("InProgress"));
        assertThat(codePipeline.status(execution)).isEqualTo("Succeeded");
        assertThat(Duration.between(over, world.timeline.instant())).isLessThan(Duration.ofMinutes(1));
        assertThat(rollouts(WEB, "dev")).hasSize(2);
    }

    @Test
    void aMadeUpJobBetweenTwoGenuineOnesDoesNotKeepTheEndFromThePipeline() {
        created(WEB, "strategy: rolling", "dev");
        String execution = push(WEB, "v1");
        until(() -> !rollouts(WEB, "dev").isEmpty());
        ObjectNode forged = withJob(genuine.getLast(), MADE_UP);
        data(forged).put("continuationToken", "later");
        call(forged);

        assertThat(ended(execution)).isEqualTo("Succeeded");
        assertThat(rollouts(WEB, "dev")).hasSize(1);
    }

    @Test
    void aTokenThatNamesARolloutOfSomebodyElseIsNotBelieved() {
        created(WEB, "strategy: rolling", "dev");
        Rollout byHand = world.rollOut(WEB.serviceIn("dev"), "hand1");
        assertThat(byHand.state()).isEqualTo(Rollout.State.SUCCEEDED);
        String execution = attacked(event -> {
            ObjectNode copy = event.deepCopy();
            data(copy).put("continuationToken", byHand.id());
            call(copy);
        });

        assertThat(ended(execution)).isEqualTo("Failed");
        assertThat(codePipeline.said(execution)).contains("no record of the rollout " + byHand.id());
    }

    @Test
    void whatCodePipelineListsMayComeLate() {
        created(WEB, "strategy: rolling", "dev");
        Instant[] jobs = new Instant[1];
        codePipeline.listsAfter(Duration.ofSeconds(40));
        before = event -> jobs[0] = jobs[0] == null ? world.timeline.instant() : jobs[0];
        String execution = push(WEB, "v1");

        assertThat(ended(execution)).isEqualTo("Succeeded");
        assertThat(rollouts(WEB, "dev"))
                .singleElement()
                .satisfies(rollout -> assertThat(rollout.progress().startedAt())
                        .isBetween(jobs[0].plusSeconds(40), jobs[0].plusSeconds(120)));
    }

    /** Whatever the function was about when it died: the rollout starts, and once. */
    @Test
    void aStartThatIsCutOffAnywhereIsTakenUpByTheNextJob() {
        created(WEB, "strategy: rolling", "dev");
        int died = 0;
        for (int step = 1; step <= 40; step++) {
            int at = step;
            boolean[] hit = new boolean[1];
            before = event -> {
                before = later -> {};
                world.chaos.dieAt = world.chaos.steps + at;
                hit[0] = true;
            };
            int already = rollouts(WEB, "dev").size();
            String execution = push(WEB, "v" + step);
            assertThat(ended(execution))
                    .as("step %d: %s", step, codePipeline.said(execution))
                    .isEqualTo("Succeeded");
            assertThat(rollouts(WEB, "dev")).as("step %d", step).hasSize(already + 1);
            died += hit[0] && world.chaos.steps >= world.chaos.dieAt ? 1 : 0;
        }
        assertThat(died).isEqualTo(40);
    }

    /** Refused, lost on the way there or on the way back, once or several times: the rollout starts, and once. */
    @ParameterizedTest
    @EnumSource(value = Faults.Call.class, mode = EnumSource.Mode.EXCLUDE, names = "ANSWERED")
    void noAnswerThatCodePipelineDoesNotTakeAtOnceStartsASecondRollout(Faults.Call fate) {
        created(WEB, "strategy: rolling", "dev");
        for (int first = 0; first < 4; first++) {
            for (int times = 1; times <= 3; times++) {
                String which = "answers %d to %d".formatted(first, first + times);
                int already = rollouts(WEB, "dev").size();
                AnswersFail faults = new AnswersFail(fate, first, first + times);
                world.aws.faults(faults);
                String execution = push(WEB, "v" + already);

                assertThat(ended(execution))
                        .as("%s: %s", which, codePipeline.said(execution))
                        .isEqualTo("Succeeded");
                assertThat(rollouts(WEB, "dev")).as(which).hasSize(already + 1);
                assertThat(world.plane
                                .pipelines()
                                .deployJobs(WEB)
                                .getFirst()
                                .jobs()
                                .getFirst())
                        .as(which)
                        .satisfies(job -> assertThat(job.execution()).isEqualTo(execution))
                        .satisfies(job -> assertThat(job.isDone()).isTrue());
            }
        }
    }

    /** The answers of the deploy action to CodePipeline fail, from one to before another. */
    private static final class AnswersFail implements Faults {
        private final Call fate;
        private final int from;
        private final int to;
        private int answers;

        AnswersFail(Call fate, int from, int to) {
            this.fate = fate;
            this.from = from;
            this.to = to;
        }

        @Override
        public Call on(String service, String operation) {
            if (!operation.startsWith("putJob")) {
                return Call.ANSWERED;
            }
            int answer = answers++;
            return answer >= from && answer < to ? fate : Call.ANSWERED;
        }

        @Override
        public List<Duration> deliveries() {
            return NONE.deliveries();
        }
    }

    /** What CodePipeline lists comes late also to a control plane whose table was restored, and the token is all it has. */
    @Test
    void aJobThatIsNotProvenYetStillKnowsTheRolloutThatWasStarted() {
        created(WEB, BLUE_GREEN, "dev");
        world.rollOut(WEB.serviceIn("dev"), "v1");
        Key<DeployJobs> key = new Key<>("deploy-jobs", "web/dev", new ItemType<>("deploy-jobs", DeployJobs.class, 1));
        List<String> tokens = new ArrayList<>();
        before = event -> {
            String token = data(event).path("continuationToken").asText();
            String rollout = rollouts(WEB, "dev").getFirst().id();
            if (token.equals(rollout) && tokens.isEmpty()) {
                world.store.write(
                        List.of(new Write.Delete<>(world.store.get(key).orElseThrow())));
            }
            if (token.startsWith(rollout)) {
                tokens.add(token.substring(rollout.length()));
                codePipeline.listsAfter(tokens.size() > 2 ? Duration.ZERO : Duration.ofHours(9));
            }
        };
        String execution = push(WEB, "v2");
        until(() -> !tokens.isEmpty());
        world.timeline.advance(Duration.ofMinutes(5));
        world.answer(WEB.serviceIn("dev"), rollouts(WEB, "dev").getFirst().id(), true, null, "bob");

        assertThat(ended(execution)).as(codePipeline.said(execution)).isEqualTo("Succeeded");
        assertThat(tokens).startsWith("", ":1", ":2");
        assertThat(rollouts(WEB, "dev")).hasSize(2);
    }

    /** What is not told is not compared; then nothing is proven. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aJobWhoseArtifactCodePipelineDoesNotTellStartsNothingUntilItDoes(boolean later) {
        created(WEB, "strategy: rolling", "dev");
        codePipeline.listsInput(false);
        String execution = push(WEB, "v1");
        until(() -> codePipeline.stage(execution).equals("Deploy-dev"));
        world.timeline.advance(Duration.ofSeconds(70));
        assertThat(rollouts(WEB, "dev")).isEmpty();
        if (later) {
            codePipeline.listsInput(true);
        }

        assertThat(ended(execution)).isEqualTo(later ? "Succeeded" : "Failed");
        assertThat(rollouts(WEB, "dev")).hasSize(later ? 1 : 0);
        if (!later) {
            assertThat(codePipeline.said(execution)).contains("does not tell the artifact");
        }
    }
}
