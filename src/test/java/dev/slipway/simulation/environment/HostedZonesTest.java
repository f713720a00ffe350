package dev.slipway.simulation.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.aws.AwsLookups.HostedZone;
import dev.slipway.plan.Declarations.Order;
import dev.slipway.problem.ProblemException;
import dev.slipway.simulation.World;
import dev.slipway.status.HealthReason;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A zone in which a name cannot be proven is found out at the request, not after hours of waiting for a certificate. */
class HostedZonesTest {
    private static final String PLAIN = "terminationProtection: false\n";
    private static final String DOMAIN = PLAIN + "domain: {name: dev.example.com, hostedZoneId: Z1}\n";
    private static final Set<String> SERVERS = Set.of("ns-1.awsdns-01.com", "ns-2.awsdns-02.net");

    private final World world = new World(1);

    private void refused(String yaml, String what) {
        assertThatThrownBy(() -> world.plane
                        .environments()
                        .apply(
                                World.DEV,
                                World.environmentSpec(yaml),
                                new Order(null, Set.of(), null),
                                World.by("ann")))
                .isInstanceOfSatisfying(ProblemException.class, problem -> {
                    assertThat(problem.problem().code()).isEqualTo("invalid-spec");
                    assertThat(problem.problem().errors()).singleElement().satisfies(error -> {
                        assertThat(error.field()).isEqualTo("/domain/hostedZoneId");
                        assertThat(error.value()).contains("Z1");
                        assertThat(error.message()).contains(what);
                    });
                });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "example.com | true  | ns-1.awsdns-01.com | is a private zone",
                "example.org | false | ns-1.awsdns-01.com | is the zone of example.org, in which there can be no dev.example.com",
                "ample.com   | false | ns-1.awsdns-01.com | is the zone of ample.com, in which",
                "example.com | false | ns1.registrar.test | the public DNS names ns1.registrar.test, so",
                "dev.example.com | false | ns1.registrar.test | name ns-1.awsdns-01.com, ns-2.awsdns-02.net as its name servers",
            })
    void aZoneThatCannotProveTheNameIsRefused(String name, boolean isPrivate, String delegatedTo, String what) {
        world.account.hostedZone("Z1", new HostedZone(name, isPrivate, isPrivate ? Set.of() : SERVERS), delegatedTo);

        refused(DOMAIN, what);

        assertThat(world.plane.environments().find(World.DEV)).isEmpty();
    }

    @Test
    void aZoneThatNobodyAnswersForIsNotDelegated() {
        world.account.hostedZone("Z1", new HostedZone("example.com", false, SERVERS));

        refused(DOMAIN, "the public DNS names no name server");
    }

    @Test
    void aZoneThatIsNotThereIsRefusedOnALivingEnvironmentToo() {
        assertThat(world.apply(World.DEV, PLAIN).failure()).isNull();
        world.account.remove("Z1");

        refused(DOMAIN, "is no hosted zone of this account");

        assertThat(world.plane.environments().get(World.DEV).declared().domain())
                .isNull();
    }

    /** Whoever has lost the delegation can still change everything else. */
    @Test
    void whatIsDeclaredAlreadyIsNotLookedAtAgain() {
        world.account.hostedZone("Z1", new HostedZone("example.com", false, SERVERS), "ns-2.awsdns-02.net");
        assertThat(world.apply(World.DEV, DOMAIN).failure()).isNull();
        world.account.hostedZone("Z1", new HostedZone("example.com", false, SERVERS));

        assertThat(world.apply(World.DEV, DOMAIN + "accessLogs: {retentionDays: 30}\n")
                        .failure())
                .isNull();
        refused(DOMAIN.replace("dev.example.com", "a.dev.example.com"), "is not delegated");
    }

    /**
     * Where the delegation goes just after it was looked at, CloudFormation waits: status and diagnosis say for what, also when much
     * else has happened since, and it goes on as soon as the zone is delegated.
     */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aCertificateThatIsWaitedForIsSaidSo(boolean living) {
        if (living) {
            assertThat(world.apply(World.DEV, PLAIN).failure()).isNull();
            assertThat(world.apply(World.WEB, "container: {port: 8000}\n").failure())
                    .isNull();
        }
        world.account.hostedZone("Z1", new HostedZone("example.com", false, SERVERS), "ns-2.awsdns-02.net");
        String id = world.plane
                .environments()
                .apply(World.DEV, World.environmentSpec(DOMAIN), World.anything(), World.by("ann"))
                .id();
        world.account.hostedZone("Z1", new HostedZone("example.com", false, SERVERS));
        world.timeline.advance(Duration.ofMinutes(10));

        assertThat(world.plane.statuses().of(World.DEV).reasons())
                .extracting(HealthReason::message)
                .anyMatch(reason -> reason.startsWith("Certificate (AWS::CertificateManager::Certificate) waits"));
        if (living) {
            assertThat(world.plane
                            .serviceDiagnosis()
                            .report(World.WEB, List.of())
                            .diagnosis()
                            .causes())
                    .anyMatch(cause -> cause.code().equals("certificate-pending"));
        }

        world.account.hostedZone("Z1", new HostedZone("example.com", false, SERVERS), "ns-2.awsdns-02.net");
        world.settle();
        assertThat(world.plane.operations().find(World.DEV, id).orElseThrow().failure())
                .isNull();
    }
}
