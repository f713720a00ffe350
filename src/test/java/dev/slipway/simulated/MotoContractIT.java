package dev.slipway.simulated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.MotoServer;
import dev.slipway.simulated.ContractAccount.Outcome;
import dev.slipway.simulated.MotoTemplate.Gap;
import dev.slipway.simulated.cloudformation.TemplateFunctions;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.FieldSource;
import software.amazon.awssdk.services.cloudformation.model.CloudFormationException;

/**
 * The simulation against an implementation of CloudFormation that is not ours: each shipped template is created once in
 * moto over HTTP and once in the simulated account, with the same parameters, and must come to the same resources and
 * the same outputs, a service to the same listener rules as well. The simulation gets the templates as they are shipped; moto gets a copy in which what it cannot
 * evaluate is written another way ({@link MotoTemplate}), the subnets' Fn::Cidr as the literal blocks that the simulation
 * computes.
 *
 * <p>Everything that moto cannot do is listed here by name, and each entry is held against moto, so an entry that a newer
 * moto has made idle fails. Not seen here: the values of properties, the subnets' zones (moto takes {@code !GetAZs ''} for
 * us-east-1's), and a certificate of our own making (moto has no such resource to refer to).
 */
class MotoContractIT {
    /** Types that moto's CloudFormation passes over in silence. */
    private static final List<String> SKIPPED_TYPES =
            List.of("AWS::S3::BucketPolicy", "AWS::CertificateManager::Certificate");
    /** Outputs whose attribute moto does not compute; it answers with the text of the function. */
    private static final Set<String> UNCOMPUTED_OUTPUTS = Set.of("LoadBalancerFullName", "LoadBalancerHostedZoneId");

    private static final List<String> BLOCKS =
            List.of("10.20.0.0/24", "10.20.1.0/24", "10.20.2.0/24", "10.20.3.0/24", "10.20.4.0/24", "10.20.5.0/24");
    private static final Map<String, String> ENVIRONMENT = Map.of(
            "Environment", "dev",
            "Cidr", "10.20.0.0/16",
            "PermissionsBoundary", "arn:aws:iam::123456789012:policy/boundary");
    private static final Map<String, String> SERVICE = Map.of(
            "Environment", "dev",
            "Service", "web",
            "LoadBalancer", "app/slipway-dev/0123456789abcdef",
            "LiveContainerPort", "8000",
            "ContainerPort", "8000",
            "RulePriority", "4002",
            "TestRulePriority", "4001",
            "TestHeaderValue", "0123456789abcdef",
            // Its default, which moto does not split.
            "Paths", "/*");

    private final ContractAccount simulated = ContractAccount.simulated();
    private final ContractAccount moto = ContractAccount.moto();

    @BeforeEach
    void forget() {
        MotoServer.reset();
    }

    @Test
    void anEnvironmentWithPrivateSubnets() {
        Map<String, String> parameters = with(ENVIRONMENT, Map.of("NatGateways", "per-zone"));

        agreeOnEnvironment(parameters, Set.of());
    }

    @Test
    void anEnvironmentWithoutPrivateWaysOut() {
        agreeOnEnvironment(with(ENVIRONMENT, Map.of("NatGateways", "none")), Set.of());
    }

    @Test
    void anEnvironmentInThreeZonesWithACertificateAndADomain() {
        agreeOnEnvironment(certified(), Set.of("HasCertificate", "ThreeZones"));
    }

    @Test
    void aServiceWithoutARelease() {
        agreeOnService(Map.of(), Set.of(), false);
    }

    @Test
    void aServiceWithAReleaseAndAllThatIsOptional() {
        Map<String, String> extras = Map.of(
                "ContainerPort", "9000",
                "Hosts", "a.example.com,b.example.com",
                "RegistryPushers", "arn:aws:iam::210987654321:role/slipway-pipeline-web-copy-eu-west-1",
                "AllowExec", "true");

        agreeOnService(extras, Set.of("PortChanges", "HasHosts", "HasPushers"), true);
    }

    @Test
    void theBlocksThatMotoIsGivenAreTheSimulations() throws Exception {
        JsonNode computed = TemplateFunctions.cidr(new ObjectMapper().readTree("[\"10.20.0.0/16\", \"6\", \"8\"]"));

        assertThat(computed).extracting(JsonNode::asText).isEqualTo(BLOCKS);
    }

    /** With all gaps closed but one, moto fails or comes to something else. */
    @ParameterizedTest
    @EnumSource
    void motoStillNeeds(Gap gap) {
        boolean certificate = gap == Gap.SHORT_CONDITION;
        Map<String, String> parameters = certificate ? certified() : ENVIRONMENT;
        Set<String> conditions = certificate ? Set.of("HasCertificate", "ThreeZones") : Set.of();
        Outcome whole = environmentInMoto(EnumSet.allOf(Gap.class), parameters, conditions);
        MotoServer.reset();
        Map<String, String> again = certificate ? certified() : ENVIRONMENT;
        Set<Gap> others = EnumSet.complementOf(EnumSet.of(gap));

        List<Outcome> came = new ArrayList<>();
        Throwable failure = catchThrowable(() -> came.add(environmentInMoto(others, again, conditions)));

        if (failure == null) {
            assertThat(came).singleElement().extracting(Outcome::resources).isNotEqualTo(whole.resources());
        } else {
            assertThat(failure)
                    .asInstanceOf(type(CloudFormationException.class))
                    .as("an error inside moto, not a refusal")
                    .extracting(CloudFormationException::statusCode)
                    .isEqualTo(500);
        }
    }

    @ParameterizedTest
    @FieldSource("SKIPPED_TYPES")
    void motoStillSkips(String type) {
        Outcome outcome = moto.create("small", """
                Resources:
                  LogGroup: {Type: 'AWS::Logs::LogGroup'}
                  Skipped: {Type: '%s', Properties: {DomainName: dev.example.com, Bucket: logs, PolicyDocument: {}}}
                """.formatted(type), Map.of());

        assertThat(outcome.resources()).containsOnlyKeys("LogGroup");
    }

    @Test
    void motoStillKnowsNoZonesButUsEast1sAndSplitsNoDefaults() {
        Outcome outcome = moto.create("small", """
                Parameters: {Paths: {Type: CommaDelimitedList, Default: '/a,/b'}}
                Resources: {LogGroup: {Type: 'AWS::Logs::LogGroup'}}
                Outputs:
                  Zone: {Value: !Select [0, !GetAZs '']}
                  Paths: {Value: !Join [' ', !Ref Paths]}
                """, Map.of());

        assertThat(outcome.outputs()).containsOnly(Map.entry("Zone", "us-east-1a"), Map.entry("Paths", "/ a , / b"));
    }

    private Outcome environmentInMoto(Set<Gap> closed, Map<String, String> parameters, Set<String> conditions) {
        String template = new MotoTemplate(closed, conditions, BLOCKS).of(ContractAccount.shipped("environment"));
        return moto.create("slipway-dev", template, parameters);
    }

    /** The one parameter that is not the same: the ids of moto's zones lack the Z that the template wants. */
    private void agreeOnEnvironment(Map<String, String> parameters, Set<String> conditions) {
        Map<String, String> valid = new TreeMap<>(parameters);
        valid.computeIfPresent("HostedZoneId", (name, id) -> "Z0123456789ABCDEFGHI");
        Outcome ours = simulated.create("slipway-dev", ContractAccount.shipped("environment"), valid);
        Outcome theirs = environmentInMoto(EnumSet.allOf(Gap.class), parameters, conditions);

        agree(ours, theirs, UNCOMPUTED_OUTPUTS);
    }

    /** The service's parameters are the outputs of an environment on the same side, as they are in the product. */
    private void agreeOnService(Map<String, String> extras, Set<String> conditions, boolean released) {
        Outcome ourEnvironment = simulated.create("slipway-dev", ContractAccount.shipped("environment"), ENVIRONMENT);
        Outcome theirEnvironment = environmentInMoto(EnumSet.allOf(Gap.class), ENVIRONMENT, Set.of());
        String template = ContractAccount.shipped("service");
        String theirTemplate = new MotoTemplate(
                        EnumSet.of(Gap.NO_VALUE_IN_LISTS, Gap.SHORT_CONDITION), conditions, List.of())
                .of(template);

        Outcome ours =
                simulated.create("slipway-dev-web", template, service(simulated, ourEnvironment, extras, released));
        Outcome theirs =
                moto.create("slipway-dev-web", theirTemplate, service(moto, theirEnvironment, extras, released));

        agree(ours, theirs, Set.of());
        for (String rule : List.of("ProductionRule", "TestRule")) {
            assertThat(simulated.rule(ours.outputs().get(rule)))
                    .isEqualTo(moto.rule(theirs.outputs().get(rule)));
        }
    }

    private static Map<String, String> service(
            ContractAccount account, Outcome environment, Map<String, String> extras, boolean released) {
        Map<String, String> parameters = with(SERVICE, extras);
        for (String output : List.of(
                "VpcId",
                "TaskSubnets",
                "AssignPublicIp",
                "LoadBalancerSecurityGroup",
                "ListenerArn",
                "Cluster",
                "PermissionsBoundary")) {
            parameters.put(output, environment.outputs().get(output));
        }
        parameters.put("HookFunction", "arn:aws:lambda:eu-west-1:123456789012:function:slipway-hook:live");
        if (released) {
            parameters.put("TaskDefinition", account.release("slipway-dev-web", "web"));
        }
        return parameters;
    }

    private static void agree(Outcome ours, Outcome theirs, Set<String> uncomputed) {
        Map<String, String> comparable = new TreeMap<>(ours.resources());
        comparable.values().removeIf(SKIPPED_TYPES::contains);
        assertThat(comparable).isEqualTo(theirs.resources());
        assertThat(ours.outputs()).containsOnlyKeys(theirs.outputs().keySet());
        assertThat(theirs.outputs())
                .allSatisfy((key, value) -> assertThat(value.contains("Fn::GetAtt"))
                        .as("moto does not compute " + key)
                        .isEqualTo(uncomputed.contains(key)));
        Map<String, String> expected = theirs.comparableOutputs();
        expected.keySet().removeAll(uncomputed);
        assertThat(ours.comparableOutputs()).containsAllEntriesOf(expected);
    }

    private static Map<String, String> certified() {
        return with(
                ENVIRONMENT,
                Map.of(
                        "Zones", "3",
                        "NatGateways", "one",
                        "DomainName", "dev.example.com",
                        "HostedZoneId", MotoGifts.hostedZone("dev.example.com"),
                        "CertificateArn", MotoGifts.certificate("dev.example.com")));
    }

    private static Map<String, String> with(Map<String, String> some, Map<String, String> more) {
        Map<String, String> all = new TreeMap<>(some);
        all.putAll(more);
        return all;
    }
}
