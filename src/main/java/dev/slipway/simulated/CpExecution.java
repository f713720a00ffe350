package dev.slipway.simulated;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** An execution of a simulated pipeline, and the action that it is in. */
final class CpExecution {
    final CpPipeline pipeline;
    final String id;
    final String commit;
    final String tag;
    final String artifact;
    String status = "InProgress";
    int stage;

    /** Of the deploy action under way: the only job that takes an answer, and null when it has had one. */
    @Nullable
    String job;

    Instant actionStarted = Instant.MIN;

    @Nullable
    String token;

    /** What the action under way, or the last one, has said of itself. */
    @Nullable
    String said;

    CpExecution(CpPipeline pipeline, String id, String commit, String tag) {
        this.pipeline = pipeline;
        this.id = id;
        this.commit = commit;
        this.tag = tag;
        this.artifact = pipeline.name() + "/Image/" + id;
    }

    boolean isIn(int number) {
        return status.equals("InProgress") && stage == number;
    }
}
