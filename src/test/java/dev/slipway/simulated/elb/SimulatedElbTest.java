package dev.slipway.simulated.elb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.simulated.ecs.SimulatedEcsFixture;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.*;

class SimulatedElbTest {
    private final SimulatedEcsFixture account = new SimulatedEcsFixture();

    @Test
    void aPriorityIsGivenOnceAndRulesComeInItsOrder() {
        assertThatThrownBy(() -> account.rule(100, 1, 0))
                .isInstanceOfSatisfying(
                        PriorityInUseException.class,
                        error -> assertThat(error.awsErrorDetails().errorCode()).isEqualTo("PriorityInUse"));
        account.rule(5, 1, 0);
        assertThat(rules()).extracting(Rule::priority).containsExactly("5", "99", "100", "default");
        assertThatThrownBy(() -> priority(account.productionRule, 5)).isInstanceOf(PriorityInUseException.class);
        priority(account.productionRule, 7);
        assertThat(rules()).extracting(Rule::priority).containsExactly("5", "7", "99", "default");
    }

    private void priority(String rule, int priority) {
        account.elb.setRulePriorities(request -> request.rulePriorities(
                RulePriorityPair.builder().ruleArn(rule).priority(priority).build()));
    }

    private List<Rule> rules() {
        return account.elb
                .describeRules(request -> request.listenerArn(account.listener))
                .rules();
    }

    @Test
    void weightsMoveTrafficAndStayUntilSomebodyChangesThem() {
        account.running("v1", 1);
        assertThat(account.traffic().allServed()).isTrue();
        account.elb.modifyRule(request -> request.ruleArn(account.productionRule)
                .actions(action -> action.type(ActionTypeEnum.FORWARD)
                        .forwardConfig(
                                forward -> forward.targetGroups(tuple(account.groupA, 3), tuple(account.groupB, 1)))));
        assertThat(account.traffic().unserved()).isEqualTo(0.25);
        assertThat(account.traffic().shares())
                .singleElement()
                .satisfies(share -> assertThat(share.fraction()).isEqualTo(0.75));
        assertThatThrownBy(() -> account.elb.modifyRule(request -> request.ruleArn(account.productionRule)
                        .actions(action -> action.type(ActionTypeEnum.FORWARD)
                                .forwardConfig(forward -> forward.targetGroups(tuple(account.groupA, 1000))))))
                .isInstanceOf(ElasticLoadBalancingV2Exception.class);
    }

    private static TargetGroupTuple tuple(String group, int weight) {
        return TargetGroupTuple.builder().targetGroupArn(group).weight(weight).build();
    }

    @Test
    void aRuleHasAtMostFiveConditionValues() {
        String[] six = IntStream.range(0, 6).mapToObj(i -> "/p" + i).toArray(String[]::new);
        assertThatThrownBy(() -> account.elb.modifyRule(request -> request.ruleArn(account.productionRule)
                        .conditions(RuleCondition.builder()
                                .field("path-pattern")
                                .pathPatternConfig(path -> path.values(six))
                                .build())))
                .isInstanceOfSatisfying(
                        ElasticLoadBalancingV2Exception.class,
                        error -> assertThat(error.awsErrorDetails().errorCode()).isEqualTo("ValidationError"));
    }

    @Test
    void aLoadBalancerHasAtMostOneHundredTargetGroups() {
        for (int i = 0; i < 49; i++) {
            pair(i);
        }
        assertThatThrownBy(() -> pair(49)).isInstanceOf(TooManyUniqueTargetGroupsPerLoadBalancerException.class);
    }

    private void pair(int number) {
        String a = account.group("g%d-a".formatted(number));
        String b = account.group("g%d-b".formatted(number));
        account.elb.createRule(request -> request.listenerArn(account.listener)
                .priority(1000 + number)
                .conditions(RuleCondition.builder()
                        .field("path-pattern")
                        .pathPatternConfig(path -> path.values("/g" + number))
                        .build())
                .actions(action -> action.type(ActionTypeEnum.FORWARD)
                        .forwardConfig(forward -> forward.targetGroups(tuple(a, 1), tuple(b, 0)))));
    }

    @Test
    void aTargetGroupInUseCannotBeDeleted() {
        assertThatThrownBy(() -> account.elb.deleteTargetGroup(request -> request.targetGroupArn(account.groupA)))
                .isInstanceOf(ResourceInUseException.class);
        account.elb.deleteRule(request -> request.ruleArn(account.productionRule));
        account.elb.deleteRule(request -> request.ruleArn(account.testRule));
        account.elb.deleteTargetGroup(request -> request.targetGroupArn(account.groupA));
        assertThatThrownBy(() -> account.elb.describeTargetGroups(request -> request.targetGroupArns(account.groupA)))
                .isInstanceOf(TargetGroupNotFoundException.class);
    }

    @Test
    void aListenerChangesPortAndProtocolInPlaceAndKeepsItsRules() {
        account.elb.modifyListener(request -> request.listenerArn(account.listener)
                .port(443)
                .protocol(ProtocolEnum.HTTPS)
                .certificates(certificate -> certificate.certificateArn("arn:aws:acm:c")));
        assertThat(account.elb
                        .describeListeners(request -> request.listenerArns(account.listener))
                        .listeners()
                        .getFirst()
                        .port())
                .isEqualTo(443);
        assertThat(rules()).hasSize(3);
    }

    @Test
    void targetsGoFromInitialOverHealthyToDraining() {
        account.elb.registerTargets(request -> request.targetGroupArn(account.groupA)
                .targets(target -> target.id("10.0.0.1").port(8080)));
        // Nothing answers at that address.
        assertThat(states()).containsExactly(TargetHealthStateEnum.INITIAL);
        account.seconds(30);
        assertThat(states()).containsExactly(TargetHealthStateEnum.UNHEALTHY);
        account.elb.deregisterTargets(request -> request.targetGroupArn(account.groupA)
                .targets(target -> target.id("10.0.0.1").port(8080)));
        assertThat(states()).containsExactly(TargetHealthStateEnum.DRAINING);
        account.seconds(30);
        assertThat(states()).isEmpty();
        account.running("v1", 1);
        assertThat(states()).containsExactly(TargetHealthStateEnum.HEALTHY);
    }

    private List<TargetHealthStateEnum> states() {
        return account
                .elb
                .describeTargetHealth(request -> request.targetGroupArn(account.groupA))
                .targetHealthDescriptions()
                .stream()
                .map(target -> target.targetHealth().state())
                .toList();
    }

    @Test
    void aLoadBalancerTakesItsListenersAndRulesWithItAndMayBeProtected() {
        String arn = account.elb
                .describeLoadBalancers(request -> request.names("slipway-dev"))
                .loadBalancers()
                .getFirst()
                .loadBalancerArn();
        account.elb.modifyLoadBalancerAttributes(request -> request.loadBalancerArn(arn)
                .attributes(attribute ->
                        attribute.key("deletion_protection.enabled").value("true")));
        assertThatThrownBy(() -> account.elb.deleteLoadBalancer(request -> request.loadBalancerArn(arn)))
                .isInstanceOf(OperationNotPermittedException.class);
        account.elb.modifyLoadBalancerAttributes(request -> request.loadBalancerArn(arn)
                .attributes(attribute ->
                        attribute.key("deletion_protection.enabled").value("false")));
        account.elb.deleteLoadBalancer(request -> request.loadBalancerArn(arn));
        assertThatThrownBy(() -> account.elb.describeRules(request -> request.ruleArns(account.productionRule)))
                .isInstanceOf(RuleNotFoundException.class);
        assertThatThrownBy(() -> account.elb.describeLoadBalancers(request -> request.loadBalancerArns(arn)))
                .isInstanceOf(LoadBalancerNotFoundException.class);
    }

    @Test
    void creatingTheSameTwiceGivesTheSameAndOtherSettingsAreRefused() {
        assertThat(create(9)).isEqualTo(create(9));
        assertThatThrownBy(() -> create(10)).isInstanceOf(DuplicateTargetGroupNameException.class);
        assertThatThrownBy(() -> account.elb.createLoadBalancer(
                        request -> request.name("slipway-dev").subnets("subnet-3")))
                .isInstanceOf(DuplicateLoadBalancerNameException.class);
        account.elb.createLoadBalancer(request -> request.name("slipway-dev").subnets("subnet-1", "subnet-2"));
        assertThat(account.elb.describeLoadBalancers(request -> {}).loadBalancers())
                .hasSize(1);
    }

    private String create(int interval) {
        return account.elb
                .createTargetGroup(request -> request.name("twice")
                        .port(80)
                        .protocol(ProtocolEnum.HTTP)
                        .healthCheckIntervalSeconds(interval))
                .targetGroups()
                .getFirst()
                .targetGroupArn();
    }
}
