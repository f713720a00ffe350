package dev.slipway.simulated.cloudformation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which resource waits for which: by Ref, Fn::GetAtt, Fn::Sub and DependsOn. Only resources whose condition holds. */
record TemplateGraph(Map<String, Set<String>> needs) {

    static TemplateGraph of(TemplateEvaluator evaluator) {
        Map<String, Set<String>> needs = new LinkedHashMap<>();
        Set<String> included = evaluator.included();
        for (String id : included) {
            Set<String> needed = new LinkedHashSet<>(TemplateReferences.in(
                    evaluator, evaluator.template().resource(id).path("Properties")));
            needed.retainAll(included);
            for (String other : evaluator.template().dependsOn(id)) {
                if (!evaluator.template().section("Resources").has(other)) {
                    throw CloudFormationErrors.validation("Template format error: Unresolved resource dependencies ["
                            + other + "] in the Resources block of the template");
                }
                if (included.contains(other)) {
                    needed.add(other);
                }
            }
            needs.put(id, needed);
        }
        TemplateGraph graph = new TemplateGraph(needs);
        graph.order();
        return graph;
    }

    /** Every id after the ids it needs; refuses a circle. */
    List<String> order() {
        List<String> order = new ArrayList<>();
        Set<String> placed = new LinkedHashSet<>();
        Deque<String> left = new ArrayDeque<>(needs.keySet());
        int without = 0;
        while (!left.isEmpty()) {
            String id = left.removeFirst();
            if (placed.containsAll(needs.getOrDefault(id, Set.of()))) {
                placed.add(id);
                order.add(id);
                without = 0;
            } else {
                left.addLast(id);
                if (++without > left.size()) {
                    throw CloudFormationErrors.validation(
                            "Circular dependency between resources: [" + String.join(", ", left) + "]");
                }
            }
        }
        return order;
    }

    Set<String> needs(String logicalId) {
        return needs.getOrDefault(logicalId, Set.of());
    }
}
