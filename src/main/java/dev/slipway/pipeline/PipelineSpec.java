package dev.slipway.pipeline;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the user wants of a pipeline, with every default filled in. Names, ranges and defaults are those of {@code
 * schemas/pipeline.json}.
 *
 * @param repository null when images are built elsewhere
 * @param tagPattern then: which pushed tags start a rollout; {@code *} is a wildcard
 * @param deploy the environments in order, one to five
 * @param artifactDays how long sources and build results are kept
 * @param tags of every resource of the pipeline's stack, in order of their names
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PipelineSpec(
        @Nullable Repository repository,
        @Nullable String tagPattern,
        Build build,
        List<Stage> deploy,
        int artifactDays,
        Logs logs,
        Map<String, String> tags) {
    public PipelineSpec {
        deploy = List.copyOf(deploy);
        tags = Collections.unmodifiableMap(new TreeMap<>(tags));
    }

    /** The environments in order. */
    public List<String> environments() {
        return deploy.stream().map(Stage::environment).toList();
    }

    /**
     * Where the source is.
     *
     * @param id organisation and name, {@code acme/web}
     * @param paths patterns, at most 8; empty for every push
     * @param connectionArn of an existing connection; null to make one to the provider
     * @param provider of a new connection
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Repository(
            String id,
            String branch,
            List<String> paths,
            @Nullable String connectionArn,
            String provider) {
        public Repository {
            paths = List.copyOf(paths);
        }
    }

    /**
     * How the image is built.
     *
     * @param path of the repository's own buildspec
     * @param dockerfile for our buildspec, as is the context
     * @param target stage of the Dockerfile; null for the last
     * @param arguments of docker build
     * @param variables of tests and builds, whoever's buildspec it is
     * @param privileged whether a build may run a Docker daemon
     * @param test a test stage before it; null for none
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Build(
            Buildspec buildspec,
            String path,
            String dockerfile,
            String context,
            @Nullable String target,
            Map<String, String> arguments,
            Map<String, String> variables,
            Size size,
            boolean privileged,
            int timeoutMinutes,
            @Nullable Test test) {
        public Build {
            arguments = Collections.unmodifiableMap(new TreeMap<>(arguments));
            variables = Collections.unmodifiableMap(new TreeMap<>(variables));
        }
    }

    /** Whose buildspec it is. */
    public enum Buildspec {
        /** The repository's where a commit has one, else ours. */
        AUTO,
        REPOSITORY,
        SLIPWAY;

        /** As it stands in the spec and in the stack's parameter. */
        @JsonValue
        public String value() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** How large a build machine is. */
    public enum Size {
        SMALL,
        MEDIUM,
        LARGE;

        @JsonValue
        String value() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Tests: either commands or the path of a buildspec, never both. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Test(
            @Nullable List<String> commands, @Nullable String buildspec) {
        public Test {
            commands = commands == null ? null : List.copyOf(commands);
        }
    }

    /** A deploy stage. */
    public record Stage(String environment) {}

    /** The log group of the builds. */
    public record Logs(int retentionDays) {}
}
