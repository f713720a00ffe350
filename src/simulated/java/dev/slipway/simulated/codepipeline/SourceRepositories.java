package dev.slipway.simulated.codepipeline;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.simulated.aws.SimulatedAws;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Repositories, as far as pipelines fetch from them. Source: CodePipeline user guide, "CodeStarSourceConnection for Bitbucket
 * Cloud, GitHub, …": the output variables; the result's id, summary and URL as seen in public events. How long a fetch takes
 * and what a pending connection says is assumed.
 */
public final class SourceRepositories {
    private static final Duration FETCH = Duration.ofSeconds(5);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final SimulatedAws aws;
    private final SimulatedConnections connections;
    private final PipelineArtifacts artifacts;
    private final CodeBuildProjects builds;
    /** The newest commit, by repository and branch. */
    private final Map<String, SourcePush> heads = new LinkedHashMap<>();

    public SourceRepositories(
            SimulatedAws aws, SimulatedConnections connections, PipelineArtifacts artifacts, CodeBuildProjects builds) {
        this.aws = aws;
        this.connections = connections;
        this.artifacts = artifacts;
        this.builds = builds;
    }

    void push(SimulatedPipeline pipeline, SourcePush push) {
        heads.put(branch(pipeline, push.branch()), push);
    }

    /** The newest commit of the branch that the pipeline follows; a repository that nobody has pushed to has one commit. */
    SourcePush head(SimulatedPipeline pipeline) {
        String branch = pipeline.source().configuration().getOrDefault("BranchName", "main");
        return heads.computeIfAbsent(
                branch(pipeline, branch),
                key -> new SourcePush(aws.hex(40), branch, List.of(), null, "First commit", "ann", true));
    }

    private static String branch(SimulatedPipeline pipeline, String branch) {
        return pipeline.source().configuration().get("FullRepositoryId") + "#" + branch;
    }

    Optional<SimulatedConnections.Connection> connection(SimulatedPipeline pipeline) {
        return connections.find(pipeline.source().configuration().getOrDefault("ConnectionArn", ""));
    }

    void start(ActionRun run) {
        aws.clock().after(FETCH, () -> fetch(run));
    }

    private void fetch(ActionRun run) {
        String arn = run.configured("ConnectionArn");
        Optional<SimulatedConnections.Connection> connection = connections.find(arn);
        if (connection.isEmpty()) {
            run.fail("ConfigurationError", "Unable to use Connection: %s. It does not exist.".formatted(arn));
            return;
        }
        if (!connection.get().status().equals("AVAILABLE")) {
            String words = "Unable to use Connection: %s. The connection is in the state %s.";
            run.fail("ConfigurationError", words.formatted(arn, connection.get().status()));
            return;
        }
        SourcePush push = run.execution.push;
        artifacts.put(run, files(run.execution.pipeline, push));
        run.execution.variables.put(run.action.namespace(), variables(run, push, arn));
        run.externalId = push.commit();
        run.externalUrl = ("https://%s.console.aws.amazon.com/codesuite/settings/connections/redirect?connectionArn=%s"
                        + "&referenceType=COMMIT&FullRepositoryId=%s&Commit=%s")
                .formatted(aws.region(), arn, run.configured("FullRepositoryId"), push.commit());
        run.succeed(JSON.createObjectNode()
                .put("ProviderType", connection.get().provider())
                .put("CommitMessage", push.message())
                .toString());
    }

    private Map<String, String> variables(ActionRun run, SourcePush push, String arn) {
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("AuthorDate", aws.clock().instant().toString());
        variables.put("AuthorDisplayName", push.author());
        variables.put("AuthorEmail", push.author() + "@example.com");
        variables.put("AuthorId", push.author());
        variables.put("BranchName", push.branch());
        variables.put("CommitId", push.commit());
        variables.put("CommitMessage", push.message());
        variables.put("ConnectionArn", arn);
        variables.put("FullRepositoryName", run.configured("FullRepositoryId"));
        return variables;
    }

    /** A repository with a buildspec has it where the pipeline looks for it; the one of tests is always there. */
    private Map<String, String> files(SimulatedPipeline pipeline, SourcePush push) {
        Map<String, String> files = new TreeMap<>(Map.of("README.md", "# A service\n"));
        if (!push.says("no-dockerfile")) {
            files.put("Dockerfile", "FROM scratch\n");
        }
        for (SimulatedAction action : pipeline.actions()) {
            builds.buildspecPath(action)
                    .filter(path -> push.ownBuildspec() || !CodeBuildProjects.makesImages(action))
                    .ifPresent(path -> files.put(path, "version: 0.2\n"));
        }
        return files;
    }
}
