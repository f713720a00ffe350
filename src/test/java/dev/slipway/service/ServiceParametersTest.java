package dev.slipway.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.slipway.id.ServiceId;
import dev.slipway.routing.RouteClaim;
import dev.slipway.stack.StackChange.Parameter;
import dev.slipway.validation.SpecFixture;
import dev.slipway.validation.TemplateParameters;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ServiceParametersTest {
    private static final ServiceId WEB = new ServiceId("prod", "web");
    private static final RouteClaim CLAIM = new RouteClaim(List.of("a.example.com"), List.of("/a/*", "/b"), 4002);
    private static final Map<String, String> OUTPUTS = Map.of(
            "VpcId", "vpc-1",
            "TaskSubnets", "subnet-1,subnet-2",
            "AssignPublicIp", "DISABLED",
            "LoadBalancerSecurityGroup", "sg-1",
            "ListenerArn", "listener",
            "Cluster", "slipway-prod",
            "PermissionsBoundary", "boundary",
            "Address", "not a parameter");

    @Test
    void theTemplateHasTheseParametersAndNoOthers() throws IOException {
        Set<String> keys = new TreeSet<>(
                of(SpecFixture.service(), LiveTraffic.initial(8000)).keySet());
        keys.add("HookFunction"); // the same for every service: ServiceStack knows it

        assertThat(keys).containsExactlyInAnyOrderElementsOf(TemplateParameters.of("service"));
    }

    @Test
    void anApplyHandsBackWhatIsLive() {
        String release = "arn:aws:ecs:eu-central-1:123456789012:task-definition/slipway-prod-web:7";

        assertThat(of(
                        SpecFixture.service("container: {port: 9000}"),
                        new LiveTraffic(release, 8000, "A", 0, 100, 100, 0, java.util.Set.of())))
                .containsEntry("TaskDefinition", Parameter.of(release))
                .containsEntry("LiveContainerPort", Parameter.of("8000"))
                .containsEntry("ContainerPort", Parameter.of("9000"))
                .containsEntry("ProductionWeightA", Parameter.of("0"))
                .containsEntry("ProductionWeightB", Parameter.of("100"))
                .containsEntry("TestWeightA", Parameter.of("100"))
                .containsEntry("TestWeightB", Parameter.of("0"));
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
                        WEB, SpecFixture.service(), Map.of(), CLAIM, LiveTraffic.initial(8000), null))
                .withMessage("the stack of prod has no output VpcId");
    }

    private static Map<String, Parameter> of(ServiceSpec spec, LiveTraffic live) {
        return ServiceStack.parameters(WEB, spec, OUTPUTS, CLAIM, live, "0123456789abcdef");
    }
}
