package dev.slipway.release;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What a manifest says of the processors that its image is for. */
class ManifestTest {
    private static Manifest of(String body) {
        return new Manifest("application/vnd.oci.image.index.v1+json", body);
    }

    @Test
    void anIndexNamesThePlatformsOfItsImagesAndAttestationsAreNone() {
        Manifest index = of("""
                {"manifests": [
                  {"digest": "sha256:1", "platform": {"architecture": "arm64", "os": "linux", "variant": "v8"}},
                  {"digest": "sha256:2", "platform": {"architecture": "amd64", "os": "windows"}},
                  {"digest": "sha256:3", "platform": {"architecture": "unknown", "os": "unknown"}}]}""");

        assertThat(index.architectures()).containsExactly("arm64");
        assertThat(index.configuration()).isEmpty();
    }

    @Test
    void aSingleImagePointsToItsConfiguration() {
        Manifest single = of("{\"config\": {\"digest\": \"sha256:4\"}, \"layers\": []}");

        assertThat(single.architectures()).isEmpty();
        assertThat(single.configuration()).contains("sha256:4");
        assertThat(Manifest.architecture("{\"architecture\": \"arm64\"}")).containsExactly("arm64");
    }

    @Test
    void whatCannotBeReadSaysNothing() {
        assertThat(of("no JSON").architectures()).isEmpty();
        assertThat(of("no JSON").configuration()).isEmpty();
        assertThat(Manifest.architecture("<Error/>")).isEmpty();
        assertThat(Manifest.architecture("{}")).isEmpty();
    }
}
