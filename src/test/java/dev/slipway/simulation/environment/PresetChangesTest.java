package dev.slipway.simulation.environment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.ledger.LedgerEntry.EventType;
import dev.slipway.operation.Operation;
import dev.slipway.plan.Plans;
import dev.slipway.rollout.Rollout.State;
import dev.slipway.simulation.Ledgers;
import dev.slipway.simulation.World;
import dev.slipway.stack.Risk;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A living environment goes from preset to preset, and back, by ordinary applies. */
class PresetChangesTest {
    private static final Set<String> GATEWAYS = Set.of("NatGatewayA", "NatAddressA", "NatGatewayB", "NatAddressB");
    /** What holds data or traffic whatever the preset is. */
    private static final List<String> LASTING = List.of(
            "Vpc",
            "PublicSubnetA",
            "PrivateSubnetA",
            "LoadBalancer",
            "HttpListener",
            "Cluster",
            "AccessLogBucket",
            "LoadBalancerSecurityGroup");

    private final World world = new World(1);

    private Map<String, String> lasting() {
        Map<String, String> lasting = world.resources(World.DEV);
        lasting.keySet().retainAll(LASTING);
        assertThat(lasting).containsOnlyKeys(LASTING);
        return lasting;
    }

    private void apply(String yaml) {
        Operation applied = world.ended(
                World.DEV,
                world.plane
                        .environments()
                        .apply(World.DEV, World.environmentSpec(yaml), World.anything(GATEWAYS), World.by("ann")));
        assertThat(applied.failure()).isNull();
        assertThat(applied.notes()).isEmpty();
    }

    private List<String> planned(String yaml) {
        String id = world.plane
                .environments()
                .plan(World.DEV, World.environmentSpec(yaml), World.by("ann"))
                .id();
        world.settle();
        return Plans.get(world.store, World.DEV, id).risks().stream()
                .map(Risk::message)
                .toList();
    }

    @Test
    void nothingThatHoldsDataOrTrafficIsReplacedAndNoRequestFails() {
        apply("{}");
        assertThat(world.apply(World.WEB, "container: {port: 8000}\n").failure())
                .isNull();
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(State.SUCCEEDED);
        Map<String, String> before = lasting();

        apply("preset: production");
        assertThat(world.resources(World.DEV))
                .containsKeys("VpcFlowLog", "FlowLogBucket", "NatGatewayA", "NatGatewayB");
        assertThat(lasting()).isEqualTo(before);

        List<String> risks = planned("preset: development");
        assertThat(risks)
                .anySatisfy(risk -> assertThat(risk).startsWith("network.natGateways moves all tasks"))
                .anySatisfy(risk -> assertThat(risk).startsWith("accessLogs.enabled ends the access logs"))
                .anySatisfy(risk -> assertThat(risk).startsWith("flowLogs.enabled ends the flow logs"))
                .anySatisfy(risk -> assertThat(risk).startsWith("terminationProtection is declared weaker"))
                .anySatisfy(risk -> assertThat(risk)
                        .startsWith("FlowLogBucket (AWS::S3::Bucket) is removed: it stays in the account"));

        apply("preset: development");
        assertThat(world.resources(World.DEV)).doesNotContainKeys("VpcFlowLog", "NatGatewayA", "NatGatewayB");
        assertThat(world.parameter(World.DEV, "AccessLogs")).isEqualTo("false");
        assertThat(world.parameter(World.WEB, "AssignPublicIp")).isEqualTo("ENABLED");
        assertThat(lasting()).isEqualTo(before);
        assertThat(Ledgers.of(world, World.DEV, EventType.CONTROLS_WEAKENED))
                .singleElement()
                .satisfies(entry -> assertThat(entry.message())
                        .contains("terminationProtection", "accessLogs.enabled", "flowLogs.enabled"));

        apply("{preset: development, network: {natGateways: one}, flowLogs: {enabled: true}}");
        assertThat(world.resources(World.DEV))
                .containsKeys("VpcFlowLog", "NatGatewayA")
                .doesNotContainKey("NatGatewayB");

        apply("{}");
        assertThat(world.resources(World.DEV))
                .doesNotContainKey("VpcFlowLog")
                .containsKeys("NatGatewayA", "NatGatewayB");
        assertThat(lasting()).isEqualTo(before);
        assertThat(world.traffic(World.WEB).allServed()).isTrue();
    }
}
