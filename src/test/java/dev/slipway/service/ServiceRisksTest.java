package dev.slipway.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.stack.Risk;
import dev.slipway.validation.SpecFixture;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServiceRisksTest {
    private static ServiceSpec spec(@Nullable String more) {
        return SpecFixture.service("container: {port: 8000}\n" + (more == null ? "" : more));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                                                    | count: 0                                              | count stops the service: its 2 tasks end
            count: 0                                | count: 3                                              | count starts the service with release 4
            count: 4                                | count: 1                                              | count leaves 1 of 4 tasks
            routing: {paths: [/a, /b]}              | routing: {paths: [/a]}                                | routing.paths leaves out /b
                                                    | routing: {hosts: [api.example.com]}                   | routing.hosts leaves out requests for other hosts than api.example.com
            routing: {hosts: [a.example.com]}       | routing: {hosts: [b.example.com]}                     | routing.hosts leaves out a.example.com
                                                    | routing: {healthCheck: {path: /ready}}                | routing.healthCheck has the load balancer ask the tasks that serve now for /ready
                                                    | routing: {healthCheck: {codes: '200'}}                | routing.healthCheck has the load balancer ask
            logs: {retentionDays: 90}               | logs: {retentionDays: 7}                              | logs.retentionDays deletes the logs that are older than 7 days
            """)
    void aChangeThatGoesLiveAtOnceIsARisk(@Nullable String before, String after, String message) {
        List<Risk> risks = ServiceRisks.of(spec(before), spec(after), 4);

        assertThat(risks).singleElement().satisfies(risk -> {
            assertThat(risk.message()).startsWith(message);
            assertThat(risk.blocking()).isFalse();
        });
        assertThat(ServiceRisks.of(spec(before), spec(after), null)).isEmpty();
    }

    @Test
    void whatBreaksNothingIsNone() {
        assertThat(ServiceRisks.of(
                        spec("count: 2\nrouting: {paths: [/a]}"),
                        spec(
                                "count: 5\nrouting: {paths: [/a, /b], healthCheck: {intervalSeconds: 10, timeoutSeconds: 8}, drainingSeconds: 60}"),
                        4))
                .isEmpty();
    }
}
