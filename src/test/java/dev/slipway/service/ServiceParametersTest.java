package dev.slipway.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.slipway.id.ServiceId;
import dev.slipway.routing.RouteClaim;
import dev.slipway.stack.StackChange;
import dev.slipway.stack.StackChange.Parameter;
import dev.slipway.stack.StackState;
import dev.slipway.validation.SpecFixture;
import dev.slipway.validation.TemplateParameters;
import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServiceParametersTest {
    private static final ServiceId WEB = new ServiceId("prod", "web");
    private static final RouteClaim CLAIM = new RouteClaim(List.of("a.example.com"), List.of("/a/*", "/b"), 4002);
    private static final Map<String, String> OUTPUTS = Map.of(
            "VpcId", "vpc-1",
            "TaskSubnets", "subnet-1,subnet-2",
            "AssignPublicIp", "DISABLED",
            "LoadBalancerSecurityGroup", "sg-1",
            "ListenerArn", "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/slipway-prod/1a2b/3c4d",
            "Cluster", "slipway-prod",
            "PermissionsBoundary", "boundary",
            "Address", "not a parameter");

    @Test
    void theTemplateHasTheseParametersAndNoOthers() throws IOException {
        Set<String> keys = new TreeSet<>(
                of(SpecFixture.service(), LiveTraffic.initial(8000)).keySet());
        keys.addAll(Set.of("HookFunction", "Playbooks")); // the same for every service: ServiceStack knows them

        assertThat(keys).containsExactlyInAnyOrderElementsOf(TemplateParameters.of("service"));
    }

    @Test
    void anApplyHandsBackWhatIsLive() {
        String release = "arn:aws:ecs:eu-central-1:123456789012:task-definition/slipway-prod-web:7";

        assertThat(of(
                        SpecFixture.service("container: {port: 9000}"),
                        new LiveTraffic(release, 8000, "A", 0, 100, 100, 0, 2, null, Map.of())))
                .containsEntry("TaskDefinition", Parameter.of(release))
                .containsEntry("LiveContainerPort", Parameter.of("8000"))
                .containsEntry("ContainerPort", Parameter.of("9000"))
                .containsEntry("ProductionWeightA", Parameter.of("0"))
                .containsEntry("ProductionWeightB", Parameter.of("100"))
                .containsEntry("TestWeightA", Parameter.of("100"))
                .containsEntry("TestWeightB", Parameter.of("0"));
    }

    /** Which of its two resources a rule is, is what the stack has, and not what its parameter says. */
    @ParameterizedTest
    @CsvSource({
        // parameter, physical ids of the two resources, the ARN that is not there, the parameter to commit
        "a, gone, , b",
        "b, , gone, a",
        "b, gone, , b", // a failed attempt has gone back to the first one
        "a, , gone, a",
        "a, gone, new, b", // the first one is still to be cleaned up
        "b, new, gone, a",
        "b, , new, ", // it has been made anew since we looked
        "a, new, , ",
        "b, , , a" // neither
    })
    void aRuleThatIsMissingIsMadeByTheOtherResource(
            String parameter, @Nullable String first, @Nullable String second, @Nullable String wanted) {
        StackState stack = new StackState(
                "slipway-prod-web",
                "arn",
                "UPDATE_COMPLETE",
                null,
                Map.of("ProductionRuleCopy", parameter),
                Map.of(),
                Map.of(),
                false,
                Instant.EPOCH);
        Map<String, String> resources = new HashMap<>();
        if (first != null) {
            resources.put("ProductionRule", first);
        }
        if (second != null) {
            resources.put("ProductionRuleB", second);
        }
        LiveTraffic live = new LiveTraffic(null, 8000, "A", 1, 0, 0, 1, 0, null, Map.of("ProductionRule", "gone"));

        StackChange change = ServiceStack.sync(WEB, stack, live, null, null, resources, "1");

        if (wanted == null) {
            assertThat(change).isNull();
        } else {
            assertThat(change).isNotNull();
            assertThat(change.parameters()).containsEntry("ProductionRuleCopy", Parameter.of(wanted));
        }
    }

    @Test
    void aNewServiceHasNoReleaseAndTestsOnB() {
        assertThat(of(SpecFixture.service(), LiveTraffic.initial(8000)))
                .containsEntry("TaskDefinition", Parameter.of(""))
                .containsEntry("ProductionWeightA", Parameter.of("1"))
                .containsEntry("ProductionWeightB", Parameter.of("0"))
                .containsEntry("TestWeightA", Parameter.of("0"))
                .containsEntry("TestWeightB", Parameter.of("1"));
    }

    @Test
    void theSpecAndTheClaimReachTheStack() {
        assertThat(of(SpecFixture.service(), LiveTraffic.initial(8000)))
                .containsEntry("RulePriority", Parameter.of("4002"))
                .containsEntry("TestRulePriority", Parameter.of("4001"))
                .containsEntry("Paths", Parameter.of("/a/*,/b"))
                .containsEntry("Hosts", Parameter.of("a.example.com"))
                .containsEntry("TestHeaderValue", new Parameter.Previous("0123456789abcdef"))
                .containsEntry("HealthCheckTimeoutSeconds", Parameter.of("4"))
                .containsEntry("DrainingSeconds", Parameter.of("15"))
                .containsEntry("KeepImages", Parameter.of("20"))
                .containsEntry("AllowExec", Parameter.of("false"))
                .doesNotContainKey("Address");
    }

    @Test
    void whoMayPushReachesTheStack() {
        ServiceSpec spec = SpecFixture.service("""
                container: {port: 8000}
                registry:
                  pushFrom:
                    - arn:aws:iam::210987654321:role/slipway-pipeline-web-copy-eu-central-1
                    - arn:aws:iam::210987654321:role/ci/push
                """);

        assertThat(of(spec, LiveTraffic.initial(8000)))
                .containsEntry(
                        "RegistryPushers",
                        Parameter.of("arn:aws:iam::210987654321:role/slipway-pipeline-web-copy-eu-central-1,"
                                + "arn:aws:iam::210987654321:role/ci/push"));
        assertThat(of(SpecFixture.service(), LiveTraffic.initial(8000)))
                .containsEntry("RegistryPushers", Parameter.of(""));
    }

    @Test
    void anEnvironmentWithoutAnOutputIsNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ServiceStack.parameters(
                        WEB, SpecFixture.service(), Map.of(), CLAIM, LiveTraffic.initial(8000), null, Instant.EPOCH))
                .withMessage("the stack of prod has no output VpcId");
    }

    private static Map<String, Parameter> of(ServiceSpec spec, LiveTraffic live) {
        return ServiceStack.parameters(WEB, spec, OUTPUTS, CLAIM, live, "0123456789abcdef", Instant.EPOCH);
    }
}
