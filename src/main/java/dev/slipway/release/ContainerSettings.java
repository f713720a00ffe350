package dev.slipway.release;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Everything in a spec that goes into the task definition: with an image it makes a release, and a change of anything
 * here is a rollout. Nothing else belongs here, and nothing of the task definition belongs elsewhere. Maps are in order
 * of their names, so that equal settings have equal JSON.
 *
 * @param port the container listens on
 * @param cpu units; 1024 are one virtual CPU
 * @param memory MiB
 * @param entryPoint empty: the image's
 * @param command empty: the image's
 * @param environment variables by name
 * @param secrets by variable name: the ARN of a Secrets Manager secret, with {@code :json-key:stage:version} behind it where
 *     wanted, or the ARN or name of an SSM parameter
 * @param healthCheck run inside the container; null: none, the load balancer's is all there is
 * @param readOnlyRootFilesystem whether the container may write to volumes only
 * @param user null: the image's
 * @param workingDirectory null: the image's
 * @param initProcess whether a small init process reaps zombies and forwards signals
 * @param stopTimeoutSeconds between SIGTERM and SIGKILL
 * @param ephemeralStorageGiB 21 to 200; null: the 20 GiB that a task has at no extra cost
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ContainerSettings(
        int port,
        int cpu,
        int memory,
        Architecture architecture,
        List<String> entryPoint,
        List<String> command,
        Map<String, String> environment,
        Map<String, String> secrets,
        @Nullable HealthCheck healthCheck,
        boolean readOnlyRootFilesystem,
        @Nullable String user,
        @Nullable String workingDirectory,
        boolean initProcess,
        int stopTimeoutSeconds,
        @Nullable Integer ephemeralStorageGiB) {
    public ContainerSettings {
        entryPoint = List.copyOf(entryPoint);
        command = List.copyOf(command);
        environment = Collections.unmodifiableMap(new TreeMap<>(environment));
        secrets = Collections.unmodifiableMap(new TreeMap<>(secrets));
    }

    /** The processor the image is built for. */
    public enum Architecture {
        @JsonProperty("x86_64")
        X86_64,
        @JsonProperty("arm64")
        ARM64
    }

    /**
     * A check that ECS runs inside the container.
     *
     * @param command begins with {@code CMD} or {@code CMD-SHELL}
     * @param startPeriodSeconds during which failures do not count
     */
    public record HealthCheck(
            List<String> command, int intervalSeconds, int timeoutSeconds, int retries, int startPeriodSeconds) {
        public HealthCheck {
            command = List.copyOf(command);
        }
    }
}
