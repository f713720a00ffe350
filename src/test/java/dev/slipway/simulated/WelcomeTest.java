package dev.slipway.simulated;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class WelcomeTest {
    @Test
    void leadsToWhereTheServerReallyIs() {
        String text = Welcome.text("http://localhost:8090", 20);

        assertThat(text)
                .contains("a minute takes 3 seconds.", "api=http://localhost:8090/v1/environments")
                .contains("In a browser: http://localhost:8090\n", "http://localhost:8090/q/openapi")
                .doesNotContain("8080", "%s");
        assertThat(Arrays.stream(text.split("\n"))).allMatch(line -> line.length() <= 125);
    }
}
