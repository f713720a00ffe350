package dev.slipway.simulated.s3;

import dev.slipway.simulated.aws.SimulatedAws;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Objects of S3 in memory, as far as pipelines read them. Who asks does not matter here. */
public final class SimulatedS3 {
    private final SimulatedAws aws;
    private final Map<String, byte[]> objects = new LinkedHashMap<>();

    public SimulatedS3(SimulatedAws aws) {
        this.aws = aws;
    }

    public void put(String bucket, String key, byte[] content) {
        synchronized (aws.clock()) {
            objects.put(bucket + "/" + key, content);
        }
    }

    /** Null when there is no such object. */
    public byte @Nullable [] get(String bucket, String key) {
        synchronized (aws.clock()) {
            return objects.get(bucket + "/" + key);
        }
    }
}
