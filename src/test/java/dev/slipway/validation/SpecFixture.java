package dev.slipway.validation;

import dev.slipway.environment.AwsLocation;
import dev.slipway.environment.EnvironmentSpec;
import dev.slipway.environment.EnvironmentSpec.ServiceDefaults;
import dev.slipway.pipeline.PipelineSpec;
import dev.slipway.service.ServiceSpec;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Specs for tests, from YAML. */
public final class SpecFixture {
    public static final AwsLocation HOME = new AwsLocation("123456789012", "eu-central-1");
    private static final SpecReader READER = new SpecReader();

    private SpecFixture() {}

    /** A service that listens on 8000, with all defaults. */
    public static ServiceSpec service() {
        return service("container: {port: 8000}");
    }

    public static ServiceSpec service(String yaml) {
        return service(yaml.getBytes(StandardCharsets.UTF_8), "application/yaml")
                .spec();
    }

    /** A spec in dev, where there is every environment that it names. */
    public static SpecReader.Result<ServiceSpec> service(byte[] document, @Nullable String contentType) {
        return READER.service(document, contentType, new SpecReader.Place("dev", ServiceDefaults.NONE, _ -> true));
    }

    /** An environment with all defaults, in {@link #HOME}. */
    public static EnvironmentSpec environment() {
        return environment("{}");
    }

    public static EnvironmentSpec environment(String yaml) {
        return READER.environment(yaml.getBytes(StandardCharsets.UTF_8), "application/yaml", HOME)
                .spec();
    }

    public static PipelineSpec pipeline(String yaml) {
        return READER.pipeline(yaml.getBytes(StandardCharsets.UTF_8), "application/yaml")
                .spec();
    }
}
