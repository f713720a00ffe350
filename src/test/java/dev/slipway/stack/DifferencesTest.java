package dev.slipway.stack;

import static dev.slipway.stack.Changes.detail;
import static dev.slipway.stack.Changes.modify;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.stack.Difference.Action;
import dev.slipway.stack.Difference.Property;
import dev.slipway.stack.Difference.Replacement;
import dev.slipway.stack.Difference.Resource;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Differences and what they put at risk. */
final class DifferencesTest {
    private static final String SERVICE = "AWS::ECS::Service";

    @Test
    void aPropertyStandsOnceWithAllItsCauses() {
        Difference difference = Differences.of(Changes.of(modify(
                "Web",
                SERVICE,
                "False",
                detail("/Properties/Size", "1", "2", "ParameterReference", "Size", "Never"),
                detail("/Properties/Size", "1", "2", "DirectModification", null, "Never"))));
        assertThat(difference.resources().getFirst().properties())
                .containsExactly(new Property("/Properties/Size", "1", "2", "parameter Size, the template"));
    }

    @Test
    void aValueThatIsOnlyKnownLaterIsLeftOut() {
        Difference difference = Differences.of(Changes.of(modify(
                "Web",
                SERVICE,
                "False",
                detail("/a", "x", "{{changeSet:KNOWN_AFTER_APPLY}}", "ResourceAttribute", "Role.Arn", "Never"))));
        assertThat(difference.resources().getFirst().properties())
                .containsExactly(new Property("/a", "x", null, "Role.Arn"));
    }

    @Test
    void theOrderOfTheChangeSetDoesNotMatter() {
        var a = modify(
                "A",
                SERVICE,
                "False",
                detail("/x", "1", "2", "DirectModification", null, "Never"),
                detail("/y", "1", "2", "DirectModification", null, "Never"));
        var turned = modify(
                "A",
                SERVICE,
                "False",
                detail("/y", "1", "2", "DirectModification", null, "Never"),
                detail("/x", "1", "2", "DirectModification", null, "Never"));
        var b = Changes.add("B", SERVICE);
        assertThat(Differences.of(Changes.of(a, b))).isEqualTo(Differences.of(Changes.of(b, turned)));
    }

    @Test
    void anotherValueHasAnotherDigest() {
        var two = modify("A", SERVICE, "False", detail("/x", "1", "2", "DirectModification", null, "Never"));
        var three = modify("A", SERVICE, "False", detail("/x", "1", "3", "DirectModification", null, "Never"));
        var gone = modify("A", SERVICE, "False", detail("/x", "1", null, "DirectModification", null, "Never"));
        var empty = modify("A", SERVICE, "False", detail("/x", "1", "", "DirectModification", null, "Never"));
        assertThat(List.of(two, three, gone, empty).stream()
                        .map(change -> Differences.of(Changes.of(change)).digest())
                        .distinct())
                .hasSize(4);
    }

    @Test
    void whatRefersToAResourceThatStaysIsNotReplaced() {
        Difference difference = Differences.of(Changes.of(
                modify(
                        "Cluster",
                        "AWS::ECS::Cluster",
                        "False",
                        detail("/Tags", "a", "b", "DirectModification", null, "Never")),
                modify(
                        "Web",
                        SERVICE,
                        "Conditional",
                        detail("/Properties/Cluster", null, null, "ResourceReference", "Cluster", "Always"))));
        assertThat(difference.resources().get(1).replacement()).isEqualTo(Replacement.NO);
        assertThat(Risk.of(difference)).isEmpty();
    }

    @Test
    void whatRefersToAReplacedResourceMayBeReplacedWithIt() {
        Difference difference = Differences.of(Changes.of(
                modify("Vpc", "AWS::EC2::VPC", "True"),
                modify(
                        "Group",
                        "AWS::ElasticLoadBalancingV2::TargetGroup",
                        "Conditional",
                        detail("/Properties/VpcId", null, null, "ResourceReference", "Vpc", "Always")),
                modify(
                        "ARule",
                        "AWS::ElasticLoadBalancingV2::ListenerRule",
                        "Conditional",
                        detail("/x", null, null, "ResourceAttribute", "Group.TargetGroupArn", "Always"))));
        assertThat(difference.resources())
                .extracting(Resource::replacement)
                .containsExactly(Replacement.CONDITIONAL, Replacement.CONDITIONAL, Replacement.YES);
    }

    @Test
    void aChangedValueThatMayReplaceStaysConditional() {
        Difference difference = Differences.of(Changes.of(modify(
                "Web",
                SERVICE,
                "Conditional",
                detail("/Properties/X", "1", "2", "ParameterReference", "X", "Conditionally"))));
        assertThat(difference.resources().getFirst().replacement()).isEqualTo(Replacement.CONDITIONAL);
    }

    @ParameterizedTest(name = "{0} of {2} replaced {1}, retained {3}: {4}")
    @CsvSource(textBlock = """
            ADD,    NO,          AWS::ECS::Service,                         false, none
            MODIFY, NO,          AWS::ECS::Service,                         false, none
            MODIFY, YES,         AWS::ECS::Service,                         false, blocking
            MODIFY, CONDITIONAL, AWS::ECS::Service,                         false, blocking
            REMOVE, NO,          AWS::ElasticLoadBalancingV2::TargetGroup,  false, blocking
            MODIFY, YES,         AWS::ElasticLoadBalancingV2::ListenerRule, true,  blocking
            REMOVE, NO,          AWS::ECR::Repository,                      false, blocking
            REMOVE, NO,          AWS::ECR::Repository,                      true,  told
            REMOVE, NO,          AWS::Logs::LogGroup,                       false, blocking
            MODIFY, YES,         AWS::EC2::NatGateway,                      false, blocking
            REMOVE, NO,          AWS::EC2::EIP,                             false, blocking
            MODIFY, YES,         AWS::EC2::Subnet,                          false, blocking
            MODIFY, YES,         AWS::IAM::Role,                            false, told
            REMOVE, NO,          AWS::EC2::RouteTable,                      false, told
            """)
    void aRiskIsWhatIsReplacedOrRemoved(
            Action action, Replacement replacement, String type, boolean retained, String risk) {
        Resource resource = new Resource("It", "it-1", type, action, replacement, retained, List.of());
        List<Risk> risks = Risk.of(new Difference(List.of(resource), "digest"));
        String found = risks.isEmpty() ? "none" : risks.getFirst().blocking() ? "blocking" : "told";
        assertThat(found).isEqualTo(risk);
    }

    @Test
    void aRefusalNamesEverythingAndHowToAllowIt() {
        Difference difference = Differences.of(Changes.of(
                modify("Web", SERVICE, "True"),
                Changes.remove("Images", "AWS::ECR::Repository", "Delete"),
                Changes.remove("Logs", "AWS::Logs::LogGroup", "Retain")));
        assertThat(Risk.blockingProblem(difference, Set.of())).hasValueSatisfying(problem -> {
            assertThat(problem.code()).isEqualTo("replacement-refused");
            assertThat(problem.detail())
                    .contains("Web (AWS::ECS::Service) is replaced: all its running tasks are stopped.")
                    .contains("Images (AWS::ECR::Repository) is removed")
                    .doesNotContain("Logs");
            assertThat(problem.action()).contains("?allow=Images&allow=Web");
        });
        assertThat(Risk.blockingProblem(difference, Set.of("Web")))
                .hasValueSatisfying(problem -> assertThat(problem.action()).doesNotContain("Web"));
        assertThat(Risk.blockingProblem(difference, Set.of("Web", "Images"))).isEmpty();
    }
}
