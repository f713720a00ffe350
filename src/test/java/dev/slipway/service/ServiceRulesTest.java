package dev.slipway.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.environment.EnvironmentSpec;
import dev.slipway.id.ServiceId;
import dev.slipway.problem.Problem.FieldError;
import dev.slipway.routing.RouteClaim;
import dev.slipway.validation.SpecFixture;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServiceRulesTest {
    private static final ServiceId WEB = new ServiceId("prod", "web");

    @Test
    void aRouteThatAnotherServiceHasIsRefusedByName() {
        var others = Map.of("shop", new RouteClaim(List.of(), List.of("/shop/*", "/*"), 4000));

        assertThat(ServiceRules.check(WEB, SpecFixture.service(), others))
                .containsExactly(new FieldError(
                        "/routing/paths/0",
                        "\"/*\"",
                        "is taken: on any host, /* goes to the service shop; choose another path or host"));
    }

    @Test
    void onlyTheSameHostAndPathTogetherAreTaken() {
        ServiceSpec spec = routed("{paths: [/a, /b], hosts: [x.example.com, y.example.com]}");
        var others = Map.of(
                "elsewhere", new RouteClaim(List.of("z.example.com"), List.of("/a"), 2),
                "anyhost", new RouteClaim(List.of(), List.of("/b"), 4),
                "same", new RouteClaim(List.of("y.example.com"), List.of("/b"), 6));

        assertThat(ServiceRules.check(WEB, spec, others)).singleElement().satisfies(error -> {
            assertThat(error.field()).isEqualTo("/routing/paths/1");
            assertThat(error.message()).contains("on y.example.com, /b goes to the service same");
        });
    }

    @ParameterizedTest
    @CsvSource({
        "dev.example.com, true",
        "api.dev.example.com, true",
        "'*.dev.example.com', true",
        "v2.api.dev.example.com, false",
        "'*.api.dev.example.com', false",
        "example.com, false",
        "notdev.example.com, false",
        "shop.example.org, false"
    })
    void aHostThatTheCertificateIsNotForIsAFinding(String host, boolean covered) {
        EnvironmentSpec environment =
                SpecFixture.environment("domain: {name: dev.example.com, hostedZoneId: Z0123456789ABCDEFGHIJ}");

        List<FieldError> found = ServiceRules.warnings(routed("{hosts: ['%s']}".formatted(host)), environment);

        assertThat(found.isEmpty()).isEqualTo(covered);
        if (!covered) {
            assertThat(found.getFirst().field()).isEqualTo("/routing/hosts/0");
            assertThat(found.getFirst().message())
                    .startsWith(
                            "is covered by no certificate: those of the environment are for dev.example.com, *.dev.example.com");
        }
        assertThat(ServiceRules.warnings(routed("{hosts: ['%s']}".formatted(host)), SpecFixture.environment()))
                .isEmpty();
    }

    @Test
    void itsOwnRouteIsNotInAServicesWay() {
        assertThat(ServiceRules.check(
                        WEB, SpecFixture.service(), Map.of("web", new RouteClaim(List.of(), List.of("/*"), 4000))))
                .isEmpty();
    }

    @Test
    void theFiftyFirstServiceIsRefused() {
        Map<String, RouteClaim> others = new HashMap<>();
        for (int i = 1; i < 50; i++) {
            others.put("s" + i, new RouteClaim(List.of(), List.of("/s" + i), i * 2));
        }
        assertThat(ServiceRules.check(WEB, SpecFixture.service(), others)).isEmpty();

        others.put("s50", new RouteClaim(List.of(), List.of("/s50"), 100));
        assertThat(ServiceRules.check(WEB, SpecFixture.service(), others))
                .singleElement()
                .satisfies(error -> assertThat(error.message()).contains("100 target groups"));
        assertThat(ServiceRules.check(new ServiceId("prod", "s50"), SpecFixture.service(), others))
                .as("a service that is there already")
                .isEmpty();
    }

    private static ServiceSpec routed(String routing) {
        return SpecFixture.service("container: {port: 80}\nrouting: " + routing);
    }
}
