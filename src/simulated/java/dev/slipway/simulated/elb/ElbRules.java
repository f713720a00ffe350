package dev.slipway.simulated.elb;

import dev.slipway.simulated.aws.SimulatedAws;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.*;

/** Listeners and their rules, with the limits of an Application Load Balancer. */
public final class ElbRules {
    // "Quotas for your Application Load Balancers": target groups 100 and condition values 5 cannot be raised.
    private static final int TARGET_GROUPS_PER_LOAD_BALANCER = 100;
    private static final int RULES_PER_LOAD_BALANCER = 100;
    private static final int CONDITION_VALUES_PER_RULE = 5;
    private static final int TARGET_GROUPS_PER_ACTION = 5;

    private final SimulatedAws aws;
    private final ElbTargetGroups targetGroups;
    private final Map<String, Listener> listeners = new LinkedHashMap<>();
    private final Map<String, Rule> rules = new LinkedHashMap<>();
    private ElbChangeListener journal = ElbChangeListener.NONE;

    ElbRules(SimulatedAws aws, ElbTargetGroups targetGroups) {
        this.aws = aws;
        this.targetGroups = targetGroups;
    }

    public void journal(ElbChangeListener journal) {
        this.journal = journal;
    }

    Listener createListener(CreateListenerRequest request) {
        checkPort(request.loadBalancerArn(), request.port(), null);
        String arn = request.loadBalancerArn().replace(":loadbalancer/", ":listener/") + "/" + aws.hex(16);
        checkActions(request.defaultActions());
        Listener listener = Listener.builder()
                .listenerArn(arn)
                .loadBalancerArn(request.loadBalancerArn())
                .port(request.port())
                .protocol(request.protocol())
                .certificates(request.certificates())
                .sslPolicy(request.sslPolicy())
                .defaultActions(normal(request.defaultActions()))
                .build();
        listeners.put(arn, listener);
        return listener;
    }

    /** Port, protocol and certificates change in place; the rules stay attached. */
    Listener modifyListener(ModifyListenerRequest request) {
        Listener old = requireListener(request.listenerArn());
        Listener.Builder changed = old.toBuilder();
        if (request.port() != null) {
            checkPort(old.loadBalancerArn(), request.port(), old.listenerArn());
            changed.port(request.port());
        }
        if (request.protocol() != null) {
            changed.protocol(request.protocol());
            if (request.protocol() == ProtocolEnum.HTTP) {
                changed.certificates(List.of()).sslPolicy(null);
            }
        }
        if (!request.certificates().isEmpty()) {
            changed.certificates(request.certificates());
        }
        if (request.sslPolicy() != null) {
            changed.sslPolicy(request.sslPolicy());
        }
        if (!request.defaultActions().isEmpty()) {
            checkActions(request.defaultActions());
            changed.defaultActions(normal(request.defaultActions()));
        }
        listeners.put(old.listenerArn(), changed.build());
        return changed.build();
    }

    void deleteListener(String arn) {
        requireListener(arn);
        rulesOf(arn).map(Rule::ruleArn).toList().forEach(this::deleteRule);
        listeners.remove(arn);
    }

    void deleteListenersOf(String loadBalancer) {
        listenersOf(loadBalancer).forEach(listener -> deleteListener(listener.listenerArn()));
    }

    public List<Listener> listenersOf(String loadBalancer) {
        return listeners.values().stream()
                .filter(listener -> listener.loadBalancerArn().equals(loadBalancer))
                .toList();
    }

    Listener requireListener(String arn) {
        Listener listener = listeners.get(arn);
        if (listener == null) {
            throw ElbErrors.noListener(arn);
        }
        return listener;
    }

    Rule createRule(CreateRuleRequest request) {
        Listener listener = requireListener(request.listenerArn());
        checkConditions(request.conditions());
        checkActions(request.actions());
        checkPriority(listener.listenerArn(), request.priority());
        String loadBalancer = listener.loadBalancerArn();
        if (rulesOfLoadBalancer(loadBalancer).count() >= RULES_PER_LOAD_BALANCER) {
            throw ElbErrors.tooManyRules();
        }
        checkTargetGroups(loadBalancer, request.actions(), null);
        String arn = listener.listenerArn().replace(":listener/", ":listener-rule/") + "/" + aws.hex(16);
        Rule rule = Rule.builder()
                .ruleArn(arn)
                .priority(request.priority().toString())
                .conditions(request.conditions())
                .actions(normal(request.actions()))
                .isDefault(false)
                .build();
        rules.put(arn, rule);
        journal.ruleChanged(arn, rule);
        return rule;
    }

    Rule modifyRule(ModifyRuleRequest request) {
        Rule old = require(request.ruleArn());
        Rule.Builder changed = old.toBuilder();
        if (!request.conditions().isEmpty()) {
            checkConditions(request.conditions());
            changed.conditions(request.conditions());
        }
        if (!request.actions().isEmpty()) {
            checkActions(request.actions());
            checkTargetGroups(
                    requireListener(listenerOf(old.ruleArn())).loadBalancerArn(), request.actions(), old.ruleArn());
            changed.actions(normal(request.actions()));
        }
        rules.put(old.ruleArn(), changed.build());
        journal.ruleChanged(old.ruleArn(), changed.build());
        return changed.build();
    }

    /** The weights that another service, not a caller, reads and writes. */
    public ElbWeights weights() {
        return new ElbWeights(rules, rule -> journal.ruleChanged(rule.ruleArn(), rule));
    }

    List<Rule> setPriorities(List<RulePriorityPair> pairs) {
        pairs.forEach(pair -> require(pair.ruleArn()));
        Map<String, Rule> before = new LinkedHashMap<>(rules);
        pairs.forEach(pair -> rules.computeIfPresent(
                pair.ruleArn(),
                (arn, rule) ->
                        rule.toBuilder().priority(pair.priority().toString()).build()));
        for (RulePriorityPair pair : pairs) {
            String listener = listenerOf(pair.ruleArn());
            long taken = rulesOf(listener)
                    .filter(rule -> rule.priority().equals(pair.priority().toString()))
                    .count();
            if (taken > 1) {
                rules.clear();
                rules.putAll(before);
                throw ElbErrors.priorityInUse(pair.priority());
            }
        }
        return pairs.stream().map(pair -> require(pair.ruleArn())).toList();
    }

    void deleteRule(String arn) {
        require(arn);
        rules.remove(arn);
        journal.ruleChanged(arn, null);
    }

    Rule require(String arn) {
        return find(arn).orElseThrow(() -> ElbErrors.noRule(arn));
    }

    public Optional<Rule> find(String arn) {
        return Optional.ofNullable(rules.get(arn));
    }

    /** In order of priority, the default rule last. */
    public List<Rule> describe(String listenerArn) {
        Listener listener = requireListener(listenerArn);
        List<Rule> found = new ArrayList<>(rulesOf(listenerArn)
                .sorted(Comparator.comparingInt(rule -> Integer.parseInt(rule.priority())))
                .toList());
        found.add(Rule.builder()
                .ruleArn(listenerArn.replace(":listener/", ":listener-rule/") + "/default")
                .priority("default")
                .actions(listener.defaultActions())
                .isDefault(true)
                .build());
        return found;
    }

    /** The load balancers that send requests to a target group: an ALB's rules and default actions name it. */
    public List<String> loadBalancersOf(String targetGroup) {
        Set<String> ofRules = rules.values().stream()
                .filter(rule -> rule.actions().stream().anyMatch(uses(targetGroup)))
                .map(rule -> listenerOf(rule.ruleArn()))
                .collect(Collectors.toSet());
        return listeners.values().stream()
                .filter(listener -> ofRules.contains(listener.listenerArn())
                        || listener.defaultActions().stream().anyMatch(uses(targetGroup)))
                .map(Listener::loadBalancerArn)
                .distinct()
                .toList();
    }

    private Stream<Rule> rulesOf(String listener) {
        return rules.values().stream().filter(rule -> listenerOf(rule.ruleArn()).equals(listener));
    }

    private Stream<Rule> rulesOfLoadBalancer(String loadBalancer) {
        return listenersOf(loadBalancer).stream().flatMap(listener -> rulesOf(listener.listenerArn()));
    }

    private static String listenerOf(String rule) {
        return rule.substring(0, rule.lastIndexOf('/')).replace(":listener-rule/", ":listener/");
    }

    private static Predicate<Action> uses(String targetGroup) {
        return action -> targetGroupsOf(action).contains(targetGroup);
    }

    /** The target groups an action forwards to. */
    static Set<String> targetGroupsOf(Action action) {
        Set<String> found = new HashSet<>();
        if (action.targetGroupArn() != null) {
            found.add(action.targetGroupArn());
        }
        if (action.forwardConfig() != null) {
            action.forwardConfig().targetGroups().forEach(tuple -> found.add(tuple.targetGroupArn()));
        }
        return found;
    }

    /** Describe calls give a single target group both ways, as AWS does. */
    private static List<Action> normal(Collection<Action> actions) {
        return actions.stream()
                .map(action -> action.type() == ActionTypeEnum.FORWARD
                                && action.forwardConfig() == null
                                && action.targetGroupArn() != null
                        ? action.toBuilder()
                                .forwardConfig(config -> config.targetGroups(TargetGroupTuple.builder()
                                        .targetGroupArn(action.targetGroupArn())
                                        .weight(1)
                                        .build()))
                                .build()
                        : action)
                .toList();
    }

    private void checkPort(String loadBalancer, int port, @Nullable String except) {
        for (Listener listener : listenersOf(loadBalancer)) {
            if (listener.port() == port && !listener.listenerArn().equals(except)) {
                throw ElbErrors.duplicateListener();
            }
        }
    }

    private void checkPriority(String listener, int priority) {
        if (priority < 1 || priority > 50_000) {
            throw ElbErrors.invalid("Priority '%d' must be between 1 and 50000".formatted(priority));
        }
        if (rulesOf(listener).anyMatch(rule -> rule.priority().equals(String.valueOf(priority)))) {
            throw ElbErrors.priorityInUse(priority);
        }
    }

    private void checkConditions(List<RuleCondition> conditions) {
        int values = conditions.stream().mapToInt(ElbRules::values).sum();
        if (values > CONDITION_VALUES_PER_RULE) {
            throw ElbErrors.invalid("A rule can only have '%d' condition values".formatted(CONDITION_VALUES_PER_RULE));
        }
    }

    private static int values(RuleCondition condition) {
        int typed = 0;
        if (condition.hostHeaderConfig() != null) {
            typed += condition.hostHeaderConfig().values().size();
        }
        if (condition.pathPatternConfig() != null) {
            typed += condition.pathPatternConfig().values().size();
        }
        if (condition.httpHeaderConfig() != null) {
            typed += condition.httpHeaderConfig().values().size();
        }
        if (condition.queryStringConfig() != null) {
            typed += condition.queryStringConfig().values().size();
        }
        if (condition.httpRequestMethodConfig() != null) {
            typed += condition.httpRequestMethodConfig().values().size();
        }
        if (condition.sourceIpConfig() != null) {
            typed += condition.sourceIpConfig().values().size();
        }
        return typed > 0 ? typed : condition.values().size();
    }

    private void checkActions(List<Action> actions) {
        for (Action action : actions) {
            targetGroupsOf(action).forEach(targetGroups::require);
            if (action.forwardConfig() == null) {
                continue;
            }
            List<TargetGroupTuple> tuples = action.forwardConfig().targetGroups();
            if (tuples.size() > TARGET_GROUPS_PER_ACTION) {
                throw ElbErrors.invalid("An action can forward to at most 5 target groups");
            }
            for (TargetGroupTuple tuple : tuples) {
                // TargetGroupTuple: "The weight. The range is 0 to 999."
                if (tuple.weight() != null && (tuple.weight() < 0 || tuple.weight() > 999)) {
                    throw ElbErrors.invalid("Weight '%d' must be between 0 and 999".formatted(tuple.weight()));
                }
            }
        }
    }

    private void checkTargetGroups(String loadBalancer, List<Action> added, @Nullable String except) {
        Set<String> used = new HashSet<>();
        listenersOf(loadBalancer)
                .forEach(listener -> listener.defaultActions().forEach(action -> used.addAll(targetGroupsOf(action))));
        rulesOfLoadBalancer(loadBalancer)
                .filter(rule -> !rule.ruleArn().equals(except))
                .forEach(rule -> rule.actions().forEach(action -> used.addAll(targetGroupsOf(action))));
        added.forEach(action -> used.addAll(targetGroupsOf(action)));
        if (used.size() > TARGET_GROUPS_PER_LOAD_BALANCER) {
            throw ElbErrors.tooManyTargetGroups();
        }
    }
}
