package dev.slipway.simulated;

import java.io.StringReader;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * A copy of a template with the functions that moto 5.2.5 evaluates wrongly written another way, and nothing else
 * changed. {@link MotoContractIT#motoStillNeeds} fails for a gap that moto has closed.
 *
 * @param conditions names of the conditions that hold with the parameters at hand, so far as a list depends on them
 * @param blocks what {@code Fn::Cidr} gives with the parameters at hand
 */
record MotoTemplate(Set<Gap> gaps, Set<String> conditions, List<String> blocks) {
    enum Gap {
        /** It does not know Fn::Cidr and fails with a KeyError: a selected block is written out. */
        CIDR,
        /** It does not know the short form !Condition and takes it for false: the long form says the same. */
        SHORT_CONDITION,
        /** It leaves AWS::NoValue in lists, as a null that then breaks what reads the list: the choice is made here. */
        NO_VALUE_IN_LISTS
    }

    String of(String template) {
        Yaml yaml = new Yaml(new LoaderOptions());
        StringWriter text = new StringWriter();
        yaml.serialize(edited(yaml.compose(new StringReader(template))), text);
        return text.toString();
    }

    private Node edited(Node node) {
        return switch (node) {
            case MappingNode mapping -> {
                List<NodeTuple> entries = new ArrayList<>();
                mapping.getValue()
                        .forEach(entry -> entries.add(new NodeTuple(entry.getKeyNode(), edited(entry.getValueNode()))));
                yield new MappingNode(mapping.getTag(), entries, mapping.getFlowStyle());
            }
            case SequenceNode sequence -> edited(sequence);
            case ScalarNode scalar
            when gaps.contains(Gap.SHORT_CONDITION) && is(scalar, "!Condition") ->
                new MappingNode(
                        Tag.MAP,
                        List.of(new NodeTuple(plain(scalar, "Condition"), plain(scalar, scalar.getValue()))),
                        DumperOptions.FlowStyle.FLOW);
            default -> node;
        };
    }

    private Node edited(SequenceNode sequence) {
        List<Node> items = sequence.getValue();
        if (gaps.contains(Gap.CIDR) && is(sequence, "!Select") && is(items.get(1), "!Cidr")) {
            int index = Integer.parseInt(((ScalarNode) items.getFirst()).getValue());
            return plain((ScalarNode) items.getFirst(), blocks.get(index));
        }
        List<Node> kept = new ArrayList<>();
        for (Node item : items) {
            Node chosen = sequence.getTag().equals(Tag.SEQ) ? chosen(item) : item;
            if (!noValue(chosen) || chosen == item) {
                kept.add(edited(chosen));
            }
        }
        return new SequenceNode(sequence.getTag(), kept, sequence.getFlowStyle());
    }

    /** The branch that an item of a list comes to, where one of its branches is nothing. */
    private Node chosen(Node item) {
        if (!gaps.contains(Gap.NO_VALUE_IN_LISTS) || !is(item, "!If")) {
            return item;
        }
        List<Node> arguments = ((SequenceNode) item).getValue();
        if (!noValue(arguments.get(1)) && !noValue(arguments.get(2))) {
            return item;
        }
        String condition = ((ScalarNode) arguments.getFirst()).getValue();
        return arguments.get(conditions.contains(condition) ? 1 : 2);
    }

    private static boolean noValue(Node node) {
        return is(node, "!Ref") && ((ScalarNode) node).getValue().equals("AWS::NoValue");
    }

    private static boolean is(Node node, String tag) {
        return node.getTag().getValue().equals(tag);
    }

    private static ScalarNode plain(ScalarNode like, String text) {
        return new ScalarNode(Tag.STR, text, like.getStartMark(), like.getEndMark(), like.getScalarStyle());
    }
}
