package dev.slipway.simulated.codepipeline;

import dev.slipway.simulated.aws.SimulatedAws;
import dev.slipway.simulated.s3.SimulatedS3;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/**
 * What actions leave for each other: zip files in the pipeline's bucket, at {@code {pipeline}/{artifact}/{random}}, the
 * artifact's name cut to 10 letters (seen in public events).
 */
public final class PipelineArtifacts {
    private static final int NAME = 10;
    private static final int RANDOM = 7;

    private final SimulatedAws aws;
    private final SimulatedS3 s3;

    public PipelineArtifacts(SimulatedAws aws, SimulatedS3 s3) {
        this.aws = aws;
        this.s3 = s3;
    }

    /** Keeps {@code files} as each output of the action. */
    void put(ActionRun run, Map<String, String> files) {
        for (String artifact : run.action.outputs()) {
            String name = artifact.substring(0, Math.min(NAME, artifact.length()));
            String key = run.execution.pipeline.name() + "/" + name + "/" + aws.hex(RANDOM);
            s3.put(run.execution.pipeline.bucket(), key, zip(files));
            run.execution.artifacts.put(artifact, key);
        }
    }

    /** The files of the action's first input; none when it has none or S3 has let it expire. */
    Map<String, String> get(ActionRun run) {
        String key = run.execution.artifacts.get(run.action.inputs().getFirst());
        byte[] zip = key == null ? null : s3.get(run.execution.pipeline.bucket(), key);
        return zip == null ? Map.of() : unzip(zip);
    }

    private static byte[] zip(Map<String, String> files) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, String> file : files.entrySet()) {
                zip.putNextEntry(new ZipEntry(file.getKey()));
                zip.write(file.getValue().getBytes(StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static Map<String, String> unzip(byte[] bytes) {
        Map<String, String> files = new LinkedHashMap<>();
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(bytes))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                files.put(entry.getName(), new String(zip.readAllBytes(), StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return files;
    }
}
