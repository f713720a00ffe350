package dev.slipway.simulation.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.aws.AwsLookups.HostedZone;
import dev.slipway.operation.Operation;
import dev.slipway.plan.Declarations.Order;
import dev.slipway.problem.Problem;
import dev.slipway.problem.ProblemException;
import dev.slipway.rollout.Rollout;
import dev.slipway.simulation.World;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Further names come to a living environment and go, and the others keep what they have. */
class AdditionalDomainsTest {
    private static final String ARN =
            "arn:aws:acm:eu-central-1:123456789012:certificate/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9";
    private static final String DOMAIN =
            "terminationProtection: false\ndomain: {name: dev.example.com, hostedZoneId: Z1}\n";
    private static final String SHOP = "{name: shop.dev.example.com, hostedZoneId: Z1}";
    private static final String WIKI = "{name: wiki.dev.example.com, hostedZoneId: Z1}";

    private final World world = new World(1);

    @BeforeEach
    void living() {
        assertThat(world.apply(World.DEV, DOMAIN).failure()).isNull();
        assertThat(world.apply(World.WEB, "container: {port: 8000}\n").failure())
                .isNull();
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(Rollout.State.SUCCEEDED);
    }

    private static String with(String... domains) {
        return DOMAIN + "additionalDomains: [%s]\n".formatted(String.join(", ", domains));
    }

    private Operation apply(String yaml, String... allowed) {
        return world.ended(
                World.DEV,
                world.plane
                        .environments()
                        .apply(
                                World.DEV,
                                World.environmentSpec(yaml),
                                World.anything(Set.of(allowed)),
                                World.by("ann")));
    }

    private String resource(String logicalId) {
        return world.resources(World.DEV).getOrDefault(logicalId, "none");
    }

    @Test
    void aNameThatStaysKeepsItsRecordAndItsCertificateWhicheverGoes() {
        assertThat(apply(with(SHOP, WIKI)).failure()).isNull();
        String certificate = resource("Certificate2");
        String listener = resource("HttpsListener");
        assertThat(resource("DomainRecord1")).isEqualTo("shop.dev.example.com");
        assertThat(resource("WildcardRecord2")).isEqualTo("*.wiki.dev.example.com");
        assertThat(resource("ListenerCertificate2")).isNotEqualTo("none");

        assertThat(apply(with(WIKI)).failure())
                .isNotNull()
                .satisfies(problem -> assertThat(problem.code()).isEqualTo("replacement-refused"));
        assertThat(resource("DomainRecord1")).isEqualTo("shop.dev.example.com");

        assertThat(apply(with(WIKI), "DomainRecord1", "WildcardRecord1").failure())
                .isNull();

        assertThat(resource("DomainRecord1")).isEqualTo("none");
        assertThat(resource("ListenerCertificate1")).isEqualTo("none");
        assertThat(resource("Certificate2")).isEqualTo(certificate);
        assertThat(resource("DomainRecord2")).isEqualTo("wiki.dev.example.com");
        assertThat(resource("HttpsListener")).isEqualTo(listener);
        assertThat(world.record(World.WEB).live()).isEqualTo(1);
    }

    @Test
    void aCertificateOfOnesOwnIsPutBesideTheFirst() {
        world.account.certificate(ARN, "ISSUED", "example.org", "*.example.org");

        assertThat(apply(with("{name: example.org, certificateArn: '%s'}".formatted(ARN)))
                        .failure())
                .isNull();

        assertThat(resource("ListenerCertificate1")).isNotEqualTo("none");
        assertThat(resource("Certificate1")).isEqualTo("none");
        assertThat(resource("DomainRecord1")).isEqualTo("none");
    }

    @Test
    void allGoWithHttps() {
        assertThat(apply(with(SHOP)).failure()).isNull();
        String plain = "terminationProtection: false\n";

        assertThat(apply(plain, "HttpsListener", "DomainRecord", "WildcardRecord")
                        .failure())
                .isNotNull();
        assertThat(apply(plain, "HttpsListener", "DomainRecord", "WildcardRecord", "DomainRecord1", "WildcardRecord1")
                        .failure())
                .isNull();

        assertThat(resource("HttpsListener")).isEqualTo("none");
        assertThat(resource("Certificate1")).isEqualTo("none");
    }

    /** A name cannot be in both places: CloudFormation would meet its own record. */
    @Test
    void aNameChangesItsPlaceInTwoApplies() {
        assertThat(apply(with(SHOP)).failure()).isNull();
        String other = "domain: {name: %s, hostedZoneId: Z1}\n";

        refused(other.formatted("shop.dev.example.com"), "immutable", "/domain/name", "in two applies");
        refused(
                other.formatted("a.dev.example.com")
                        + "additionalDomains: [{name: dev.example.com, hostedZoneId: Z1}]\n",
                "immutable",
                "/additionalDomains/0/name",
                "in two applies");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            [{name: shop.dev.example.com}]                                                                          | /additionalDomains/0/hostedZoneId  | is required to make
            [{name: dev.example.com, hostedZoneId: Z1}]                                                         | /additionalDomains/0/name          | is named before
            [{name: shop.dev.example.com, hostedZoneId: Z1}, {name: shop.dev.example.com, hostedZoneId: Z1}]            | /additionalDomains/1/name          | is named before
            [{name: a.org, certificateArn: ARN}, {name: b.org, certificateArn: ARN}]                            | /additionalDomains/1/certificateArn | is named before
            """)
    void aListThatContradictsItselfIsRefused(String domains, String field, String what) {
        refused(DOMAIN + "additionalDomains: " + domains.replace("ARN", "'" + ARN + "'"), "invalid-spec", field, what);
    }

    @Test
    void withoutAFirstCertificateThereIsNoFurtherOne() {
        refused("additionalDomains: [%s]".formatted(SHOP), "invalid-spec", "/domain", "is required, or certificateArn");
    }

    @Test
    void aZoneThatIsNotDelegatedIsSaidByItsField() {
        world.account.hostedZone("Z1", new HostedZone("example.com", false, Set.of("ns-1.awsdns-01.com")));

        refused(with(SHOP), "invalid-spec", "/additionalDomains/0/hostedZoneId", "is not delegated");
    }

    @Test
    void hostsOfServicesAreHeldAgainstAllCertificates() {
        assertThat(apply(with(SHOP)).failure()).isNull();
        String spec = "container: {port: 8000}\nrouting: {hosts: [%s]}\n";

        assertThat(warnings(spec.formatted("a.shop.dev.example.com"))).isEmpty();
        assertThat(warnings(spec.formatted("b.wiki.example.org")))
                .singleElement()
                .asString()
                .contains(
                        "those of the environment are for dev.example.com, *.dev.example.com, shop.dev.example.com, *.shop");
    }

    private List<String> warnings(String yaml) {
        var accepted = world.plane
                .services()
                .apply(World.WEB, World.serviceSpec(yaml), new Order(null, Set.of(), null), World.by("ann"));
        world.ended(World.WEB, accepted);
        return accepted.warnings().stream()
                .filter(warning -> warning.contains("certificate"))
                .toList();
    }

    /** At every resource that the change touches: the ports and the other names stay as they are. */
    @ParameterizedTest
    @ValueSource(strings = {"Certificate2", "ListenerCertificate2", "DomainRecord2", "WildcardRecord2"})
    void aChangeThatFailsTakesNothingFromTheOthers(String failing) {
        assertThat(apply(with(SHOP)).failure()).isNull();
        String first = resource("Certificate1");
        world.account.stacks().failNext("slipway-dev", failing, "as the test wants it");

        assertThat(apply(with(WIKI, SHOP)).failure()).isNotNull();

        assertThat(resource("Certificate1")).isEqualTo(first);
        assertThat(resource("DomainRecord1")).isEqualTo("shop.dev.example.com");
        assertThat(apply(with(WIKI, SHOP)).failure()).isNull();
        assertThat(resource("Certificate1")).isEqualTo(first);
        assertThat(resource("DomainRecord2")).isEqualTo("wiki.dev.example.com");
    }

    private void refused(String yaml, String code, String field, String what) {
        assertThatThrownBy(() -> apply(yaml)).isInstanceOfSatisfying(ProblemException.class, thrown -> {
            Problem problem = thrown.problem();
            assertThat(problem.code()).isEqualTo(code);
            assertThat(problem.errors()).anySatisfy(error -> {
                assertThat(error.field()).isEqualTo(field);
                assertThat(error.message()).contains(what);
            });
        });
    }
}
