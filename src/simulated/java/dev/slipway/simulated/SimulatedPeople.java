package dev.slipway.simulated;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.app.SlipwayConfig;
import dev.slipway.environment.Environments;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.PipelineId;
import dev.slipway.id.ServiceId;
import dev.slipway.id.Target;
import dev.slipway.problem.Problem;
import dev.slipway.problem.ProblemException;
import dev.slipway.simulated.codepipeline.SimulatedCodePipeline;
import dev.slipway.simulated.codepipeline.SimulatedCodePipeline.Pushed;
import dev.slipway.simulated.codepipeline.SourcePush;
import dev.slipway.simulated.traffic.HttpCall;
import jakarta.inject.Singleton;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ecr.model.ImageTagAlreadyExistsException;
import software.amazon.awssdk.services.ecr.model.RepositoryNotFoundException;

/** What people do outside of Slipway, in the simulated account: they push, and approve connections. */
@Singleton
public class SimulatedPeople {
    private static final int COMMIT = 40;

    private final Simulation simulation;
    private final SlipwayConfig config;
    private final Environments environments;

    SimulatedPeople(Simulation simulation, SlipwayConfig config, Environments environments) {
        this.simulation = simulation;
        this.config = config;
        this.environments = environments;
    }

    /**
     * What a push came to.
     *
     * @param execution of the pipeline; null when none began
     * @param reason why none began
     */
    public record Push(
            String pipeline,
            String commit,
            boolean started,
            @Nullable String execution,
            @Nullable String reason) {}

    /** An image in a registry. */
    public record Image(String image, String digest) {}

    /** An execution of a pipeline, and how it stands now, as CodePipeline spells it. */
    public record Execution(String execution, String status) {}

    /** A connection, and how it is. */
    public record Connection(String connection, String status) {}

    /**
     * A push to the repository of a pipeline.
     *
     * @param commit null for a new one
     * @param tag of the image; its words say how build and image behave. Null for the commit's
     */
    public Push push(
            PipelineId pipeline,
            @Nullable String commit,
            String branch,
            List<String> paths,
            @Nullable String tag,
            String message,
            String author,
            boolean buildspec) {
        String made = Objects.requireNonNullElseGet(
                commit, () -> simulation.account().aws().hex(COMMIT));
        SourcePush push = new SourcePush(made, branch, paths, tag, message, author, buildspec);
        return switch (simulation.account().pipelines().push(pipeline.stackName(), push)) {
            case Pushed.Started(String name, String execution, SourcePush _) ->
                new Push(name, made, true, execution, null);
            case Pushed.Ignored(String name, String reason) -> new Push(name, made, false, null, reason);
            case Pushed.NoPipeline _ -> throw noPipeline(pipeline);
        };
    }

    /** A resource that somebody has changed in the console. */
    public record Changed(String physicalId) {}

    /** Somebody sets a property of a resource in the console. */
    public Changed change(Target target, String resource, String property, JsonNode value, String who) {
        return simulation
                .account()
                .changeByHand(target.stackName(), resource, property, value, who)
                .map(Changed::new)
                .orElseThrow(() -> new ProblemException(
                        404,
                        "resource-not-found",
                        "The stack %s has no resource %s.".formatted(target.stackName(), resource),
                        "Look at those there are: src/main/resources/stacks"));
    }

    /** What came back, of each of some requests alike. */
    public record Answers(Map<Integer, Integer> statuses) {}

    /**
     * Requests to an environment's load balancer.
     *
     * @param path with its query string
     * @param bodyBytes how large its body is
     */
    public Answers request(
            EnvironmentId environment,
            String method,
            String path,
            Map<String, String> headers,
            int bodyBytes,
            HttpCall.Client client,
            int times) {
        String host = environments.get(environment).outputs().get("LoadBalancerDnsName");
        if (host == null) {
            throw new ProblemException(
                    409,
                    "no-load-balancer",
                    "%s has no load balancer yet.".formatted(environment.key()),
                    "Wait for its apply to end.");
        }
        Map<String, String> sent = new HashMap<>(Map.of("User-Agent", "Mozilla/5.0"));
        sent.putAll(headers);
        if (bodyBytes > 0) {
            sent.put("Content-Length", String.valueOf(bodyBytes));
        }
        Map<Integer, Integer> statuses = new TreeMap<>();
        for (int i = 0; i < times; i++) {
            statuses.merge(
                    simulation
                            .account()
                            .http(new HttpCall(host, path, sent, method, client))
                            .status(),
                    1,
                    Integer::sum);
        }
        return new Answers(statuses);
    }

    private static ProblemException noPipeline(PipelineId pipeline) {
        return new ProblemException(
                404,
                Problem.user(
                        "simulated-pipeline-not-found",
                        "There is no pipeline %s in the simulated account.".formatted(pipeline.stackName()),
                        "Set it up first: PUT /v1/pipelines/" + pipeline.service()));
    }

    /** A push of an image to the registry of a service, by another CI. */
    public Image push(ServiceId service, String tag) {
        String image = "%s.dkr.ecr.%s.amazonaws.com/slipway-%s-%s:%s"
                .formatted(config.account(), config.region(), service.environment(), service.service(), tag);
        try {
            return new Image(image, simulation.account().pushImage(image));
        } catch (RepositoryNotFoundException e) {
            throw new ProblemException(
                    404,
                    Problem.user(
                            "simulated-registry-not-found",
                            "%s has no registry in the simulated account.".formatted(service.key()),
                            "Apply the service first: PUT " + service.path()));
        } catch (ImageTagAlreadyExistsException e) {
            throw new ProblemException(
                    409,
                    Problem.user(
                            "simulated-tag-taken",
                            "The tag %s is another image's, and tags cannot move.".formatted(tag),
                            "Push another tag."));
        }
    }

    /** Stops the newest execution of a pipeline, as somebody does in the console. */
    public Execution stop(PipelineId pipeline) {
        return ofNewest(pipeline, "InProgress", simulation.account().pipelines()::stop);
    }

    /** Retries the failed stage of the newest execution of a pipeline. */
    public Execution retry(PipelineId pipeline) {
        return ofNewest(pipeline, "Failed", simulation.account().pipelines()::retry);
    }

    private Execution ofNewest(PipelineId pipeline, String wanted, Consumer<String> act) {
        SimulatedCodePipeline pipelines = simulation.account().pipelines();
        List<String> executions = pipelines.executions(pipeline.stackName());
        if (executions.isEmpty()) {
            throw noPipeline(pipeline);
        }
        String newest = executions.getLast();
        String status = pipelines.status(newest);
        if (!status.equals(wanted)) {
            throw new ProblemException(
                    409,
                    Problem.user(
                            "simulated-execution-elsewhere",
                            "The newest execution of %s is %s, not %s.".formatted(pipeline.stackName(), status, wanted),
                            "Look how it stands: GET " + pipeline.path()));
        }
        act.accept(newest);
        return new Execution(newest, pipelines.status(newest));
    }

    /** Approves the connection of a pipeline. */
    public Connection approve(PipelineId pipeline) {
        return approve(simulation
                .account()
                .pipelines()
                .connectionOf(pipeline.stackName())
                .orElseThrow(() -> noPipeline(pipeline)));
    }

    /** Approves a connection by its ARN. */
    public Connection approve(String arn) {
        if (!simulation.account().approveConnection(arn)) {
            throw new ProblemException(
                    404,
                    Problem.user(
                            "simulated-connection-not-found",
                            "There is no connection %s in the simulated account.".formatted(arn),
                            "GET /v1/pipelines/{service} names that of a pipeline."));
        }
        return new Connection(arn, "AVAILABLE");
    }
}
