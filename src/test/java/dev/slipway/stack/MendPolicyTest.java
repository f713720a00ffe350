package dev.slipway.stack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.problem.Problem;
import dev.slipway.stack.Difference.Action;
import dev.slipway.stack.Difference.Property;
import dev.slipway.stack.Difference.Replacement;
import dev.slipway.stack.Difference.Resource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What somebody has changed is put back only where nothing that is live goes with it. */
class MendPolicyTest {
    private static final String SERVICE = "AWS::ECS::Service";

    private static Resource resource(
            String id, String type, Action action, Replacement replacement, Property... properties) {
        return new Resource(id, "id-1", type, action, replacement, false, List.of(properties));
    }

    private static Resource modified(
            String id, String type, String path, @Nullable String before, @Nullable String after) {
        return resource(
                id,
                type,
                Action.MODIFY,
                Replacement.NO,
                new Property("/Properties" + path, before, after, "the template"));
    }

    private static Optional<Problem> refusal(Set<String> seen, Resource... resources) {
        return MendPolicy.refusal("slipway-dev-web", new Difference(List.of(resources), "digest"), seen);
    }

    @ParameterizedTest
    @CsvSource({
        "AWS::ECS::Service, /TaskDefinition, true",
        "AWS::ECS::Service, /DesiredCount, true",
        "AWS::ECS::Service, /LoadBalancers/0/TargetGroupArn, true",
        "AWS::ECS::Service, /LoadBalancers, true",
        "AWS::ECS::Service, /DeploymentConfiguration/Strategy, false",
        "AWS::ECS::Service, /EnableExecuteCommand, false",
        "AWS::ElasticLoadBalancingV2::ListenerRule, /Actions/0/ForwardConfig/TargetGroups/0/Weight, true",
        "AWS::ElasticLoadBalancingV2::ListenerRule, /Actions, true",
        "AWS::ElasticLoadBalancingV2::ListenerRule, /Conditions/0/PathPatternConfig/Values, false",
        "AWS::ApplicationAutoScaling::ScalableTarget, /MinCapacity, true",
        "AWS::EC2::SecurityGroup, /SecurityGroupIngress/1, false"
    })
    void whatIsLiveIsNotTouched(String type, String path, boolean refused) {
        Optional<Problem> found = refusal(Set.of("R"), modified("R", type, path, "now", "then"));

        assertThat(found.map(Problem::code)).isEqualTo(refused ? Optional.of("mend-refused") : Optional.empty());
        found.ifPresent(problem -> assertThat(problem.detail()).contains("R (%s) %s".formatted(type, path)));
    }

    @Test
    void whatIsLiveAndStaysAsItIsIsNoReasonToRefuse() {
        assertThat(refusal(Set.of("S"), modified("S", SERVICE, "/TaskDefinition", "web:3", "web:3")))
                .isEmpty();
    }

    @Test
    void whatTakesTheIdentityOfAResourceThatStaysDoesNotChange() {
        Resource group =
                modified("TargetGroupA", "AWS::ElasticLoadBalancingV2::TargetGroup", "/HealthCheckPath", "/x", "/");
        Resource service = resource(
                "S",
                SERVICE,
                Action.MODIFY,
                Replacement.NO,
                new Property("/Properties/LoadBalancers/0/TargetGroupArn", "arn", null, "TargetGroupA"));

        assertThat(refusal(Set.of("TargetGroupA"), group, service)).isEmpty();
        assertThat(refusal(Set.of("S"), service).map(Problem::code)).contains("mend-refused");
    }

    @Test
    void whatNobodyHasSeenIsNotPutBack() {
        assertThat(refusal(Set.of("A"), modified("B", "AWS::EC2::SecurityGroup", "/SecurityGroupIngress/1", "{}", null))
                        .map(Problem::code))
                .contains("drift-changed");
    }

    @ParameterizedTest
    @CsvSource({
        "AWS::Logs::LogGroup, ADD, NO, false",
        "AWS::CloudWatch::Alarm, ADD, NO, false",
        "AWS::ECS::Service, ADD, NO, true",
        "AWS::ElasticLoadBalancingV2::TargetGroup, ADD, NO, true",
        "AWS::EC2::SecurityGroup, ADD, NO, true",
        "AWS::Logs::LogGroup, MODIFY, YES, true",
        "AWS::Logs::LogGroup, MODIFY, CONDITIONAL, true",
        "AWS::Logs::LogGroup, REMOVE, NO, true",
    })
    void whatWouldBecomeAnotherOneIsLeftAlone(String type, Action action, Replacement replacement, boolean refused) {
        Resource resource =
                resource("R", type, action, replacement, new Property("/Properties/X", "now", "then", "the template"));

        assertThat(refusal(Set.of("R"), resource).map(Problem::code))
                .isEqualTo(refused ? Optional.of("mend-refused") : Optional.empty());
    }
}
