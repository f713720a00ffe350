package dev.slipway.simulated.s3;

import static dev.slipway.simulated.aws.SimulatedErrors.fill;

import dev.slipway.simulated.aws.SimulatedAws;
import java.io.ByteArrayInputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.sync.ResponseTransformer;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;

/** Objects of S3 in memory, as far as pipelines read them. Who asks does not matter here. */
public final class SimulatedS3 implements S3Client {
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

    @Override
    public <T> T getObject(GetObjectRequest request, ResponseTransformer<GetObjectResponse, T> transformer) {
        byte[] content;
        synchronized (aws.clock()) {
            content = objects.get(request.bucket() + "/" + request.key());
        }
        if (content == null) {
            throw fill(NoSuchKeyException.builder(), "S3", "NoSuchKey", "The specified key does not exist.")
                    .statusCode(404)
                    .build();
        }
        try {
            return transformer.transform(
                    GetObjectResponse.builder()
                            .contentLength((long) content.length)
                            .build(),
                    AbortableInputStream.create(new ByteArrayInputStream(content)));
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new UncheckedIOException(new java.io.IOException(e));
        }
    }

    @Override
    public String serviceName() {
        return SERVICE_NAME;
    }

    @Override
    public void close() {}
}
