package dev.slipway.validation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.environment.EnvironmentSpec;
import dev.slipway.environment.EnvironmentSpec.NatGateways;
import dev.slipway.environment.EnvironmentSpec.Preset;
import dev.slipway.environment.EnvironmentSpec.ServiceDefaults;
import dev.slipway.problem.ProblemException;
import dev.slipway.service.ServiceSpec;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PresetsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private final SpecReader reader = new SpecReader();

    private ServiceSpec service(EnvironmentSpec environment, String yaml) {
        return reader.service(
                        yaml.getBytes(StandardCharsets.UTF_8),
                        "application/yaml",
                        new SpecReader.Place("dev", environment.services(), _ -> true))
                .spec();
    }

    @Test
    void thereAreThoseThatTheSchemaNames() {
        assertThat(reader.presets().properties())
                .extracting(Map.Entry::getKey)
                .containsExactlyElementsOf(
                        Arrays.stream(Preset.values()).map(Preset::value).toList());
    }

    /** So a preset can be read, and written out by hand, and nothing else comes with its name. */
    @ParameterizedTest
    @EnumSource
    void aPresetMeansWhatItSaysAndNothingElse(Preset preset) throws Exception {
        JsonNode said = reader.presets().path(preset.value());
        EnvironmentSpec named = SpecFixture.environment("preset: " + preset.value());
        EnvironmentSpec byHand = SpecFixture.environment(JSON.writeValueAsString(said));

        JsonNode one = JSON.valueToTree(named);
        assertThat(one.path("preset").asText()).isEqualTo(preset.value());
        ((ObjectNode) one).remove("preset");
        JsonNode other = JSON.valueToTree(byHand);
        assertThat(one).isEqualTo(other);
        assertThat(MergePatch.apply(other, said)).as("all of it is there").isEqualTo(other);
    }

    @Test
    void whatTheSpecSaysComesBeforeItsPreset() {
        EnvironmentSpec spec = SpecFixture.environment("""
                preset: development
                network: {natGateways: one}
                accessLogs: {enabled: true}
                services: {capacity: {spotPercent: 50}}
                """);

        assertThat(spec.network().natGateways()).isEqualTo(NatGateways.ONE);
        assertThat(spec.accessLogs()).isEqualTo(new EnvironmentSpec.Logs(true, 7));
        assertThat(spec.services().capacity()).isEqualTo(new ServiceDefaults.Capacity(50, 0));
        assertThat(spec.services().count()).isEqualTo(1);
        assertThat(spec.terminationProtection()).isFalse();
    }

    @Test
    void withoutOneTheDefaultsAreThoseOfTheSchema() {
        EnvironmentSpec spec = SpecFixture.environment();

        assertThat(spec.preset()).isNull();
        assertThat(spec.accessLogs()).isEqualTo(new EnvironmentSpec.Logs(true, 90));
        assertThat(spec.flowLogs().enabled()).isFalse();
        assertThat(spec.services()).isEqualTo(ServiceDefaults.NONE);
        assertThat(service(spec, "container: {port: 8000}")).isEqualTo(SpecFixture.service());
    }

    @Test
    void servicesOfADevelopmentEnvironmentAreSmallAndOnSpotUnlessTheySayOtherwise() {
        EnvironmentSpec development = SpecFixture.environment("preset: development");

        ServiceSpec plain = service(development, "container: {port: 8000}");
        assertThat(plain.count()).isEqualTo(1);
        assertThat(plain.capacity()).isEqualTo(new ServiceSpec.Capacity(100, 0));
        ServiceSpec own = service(
                development, "{container: {port: 8000}, capacity: {spotPercent: 0, onDemandBase: 2}, count: 4}");
        assertThat(own.count()).isEqualTo(4);
        assertThat(own.capacity()).isEqualTo(new ServiceSpec.Capacity(0, 2));
        ServiceSpec scaled =
                service(development, "{container: {port: 8000}, scaling: {min: 1, max: 3, cpuPercent: 50}}");
        assertThat(scaled.count()).as("scaling says how many there are").isNull();
    }

    @Test
    void whatAServiceOverridesIsMergedBeforeTheEnvironmentsDefaults() {
        EnvironmentSpec development = SpecFixture.environment("preset: development");

        ServiceSpec spec = service(
                development,
                "{container: {port: 8000}, count: 3, environments: {dev: {count: null, container: {cpu: 512, memory: 1024}}}}");

        assertThat(spec.count()).isEqualTo(1);
        assertThat(spec.container().cpu()).isEqualTo(512);
    }

    @Test
    void aSizeThatFargateDoesNotHaveIsFoundAtTheEnvironment() {
        assertThat(catchThrowableOfType(
                                ProblemException.class,
                                () -> SpecFixture.environment("services: {container: {cpu: 1024}}"))
                        .problem()
                        .errors())
                .singleElement()
                .satisfies(error -> assertThat(error.field()).isEqualTo("/services/container/memory"));
    }
}
