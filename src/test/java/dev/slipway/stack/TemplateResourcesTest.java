package dev.slipway.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TemplateResourcesTest {
    private static Map<String, String> of(String template, Map<String, String> parameters) {
        return TemplateResources.of(StackTemplate.named(template).text(), parameters);
    }

    @ParameterizedTest
    @CsvSource({"'', false", "arn:aws:ecs:eu-west-1:123456789012:task-definition/slipway-dev-web:1, true"})
    void aServiceHasAnEcsServiceFromItsFirstReleaseOn(String taskDefinition, boolean has) {
        Map<String, String> resources = of("service.yaml", Map.of("TaskDefinition", taskDefinition));
        assertThat(resources.containsKey("EcsService")).isEqualTo(has);
        assertThat(resources).hasSize(has ? 11 : 10).containsEntry("Repository", "AWS::ECR::Repository");
    }

    @ParameterizedTest
    @CsvSource({"2, none, 0", "2, one, 1", "2, per-zone, 2", "3, per-zone, 3", "3, one, 1"})
    void anEnvironmentHasTheGatewaysThatItsZonesTake(String zones, String gateways, int expected) {
        assertThat(of("environment.yaml", Map.of("Zones", zones, "NatGateways", gateways))
                        .values())
                .filteredOn("AWS::EC2::NatGateway"::equals)
                .hasSize(expected);
    }

    @Test
    void listsAndTextsAreTheSameToAJoin() {
        String template = """
                Parameters: {Hosts: {Type: CommaDelimitedList, Default: ''}, Path: {Type: String, Default: a}}
                Conditions:
                  HasHosts: !Not [!Equals [!Join ['', !Ref Hosts], '']]
                  IsAb: !Equals [!Join ['', [!Ref Path, b]], ab]
                Resources:
                  One: {Type: A, Condition: HasHosts}
                  Two: {Type: B, Condition: IsAb}
                """;
        assertThat(TemplateResources.of(template, Map.of())).containsOnlyKeys("Two");
        assertThat(TemplateResources.of(template, Map.of("Hosts", "a,b"))).containsOnlyKeys("One", "Two");
    }

    /** What an import declares and cannot change any more has to be what the update after it declares. */
    @Test
    void whatIsTakenOverIsDeclaredAsTheServiceDeclaresIt() {
        StackTemplate service = StackTemplate.named("service.yaml");
        assertThat(StackTemplate.named("retained.yaml").resources()).hasSize(2).allSatisfy(retained -> {
            StackTemplate.Resource own = service.resource(retained.logicalId());
            assertThat(retained.type()).isEqualTo(own.type());
            assertThat(retained.at("DeletionPolicy")).isEqualTo(own.at("DeletionPolicy"));
            assertThat(own.properties()).containsAllEntriesOf(retained.properties());
        });
        assertThat(StackTemplate.named("retained.yaml").resource("Repository").properties())
                .as("what would replace the registry")
                .containsKeys("RepositoryName", "EncryptionConfiguration");
    }
}
