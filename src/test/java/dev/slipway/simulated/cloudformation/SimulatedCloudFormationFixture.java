package dev.slipway.simulated.cloudformation;

import dev.slipway.simulated.aws.SimulatedAws;
import dev.slipway.simulated.aws.VirtualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import software.amazon.awssdk.services.cloudformation.model.DescribeChangeSetResponse;
import software.amazon.awssdk.services.cloudformation.model.Parameter;
import software.amazon.awssdk.services.cloudformation.model.Stack;
import software.amazon.awssdk.services.cloudformation.model.StackEvent;

/** An account with CloudFormation in it, and short words for what the tests do. */
final class SimulatedCloudFormationFixture {
    final VirtualClock timeline = new VirtualClock(Instant.parse("2026-03-01T00:00:00Z"));
    final SimulatedAws account = new SimulatedAws("111122223333", "eu-west-1", timeline, new Random(7));
    final SimulatedCloudFormationServices services = new SimulatedCloudFormationServices();
    final SimulatedCloudFormation cloud =
            new SimulatedCloudFormation(account, services.ecs, services.elb, services.ecr, services.logs);
    final List<String> delivered = new ArrayList<>();

    SimulatedCloudFormationFixture() {
        account.subscribe(delivered::add);
    }

    void settle() {
        timeline.advance(Duration.ofHours(4));
    }

    String create(String template, String... parameters) {
        String id = cloud.createStack(request -> request.stackName("web")
                        .templateBody(template)
                        .parameters(parameters(parameters))
                        .capabilitiesWithStrings("CAPABILITY_NAMED_IAM"))
                .stackId();
        settle();
        return id;
    }

    void begin(String template, String... parameters) {
        cloud.updateStack(request -> request.stackName("web")
                .templateBody(template)
                .parameters(parameters(parameters))
                .capabilitiesWithStrings("CAPABILITY_NAMED_IAM"));
    }

    void update(String template, String... parameters) {
        begin(template, parameters);
        settle();
    }

    DescribeChangeSetResponse changeSet(String name, String template, String... parameters) {
        cloud.createChangeSet(request -> request.stackName("web")
                .changeSetName(name)
                .changeSetType("UPDATE")
                .templateBody(template)
                .parameters(parameters(parameters))
                .capabilitiesWithStrings("CAPABILITY_NAMED_IAM"));
        timeline.advance(Duration.ofSeconds(10));
        return describe(name);
    }

    DescribeChangeSetResponse describe(String name) {
        return cloud.describeChangeSet(
                request -> request.stackName("web").changeSetName(name).includePropertyValues(true));
    }

    static List<Parameter> parameters(String... keysAndValues) {
        List<Parameter> parameters = new ArrayList<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            parameters.add(Parameter.builder()
                    .parameterKey(keysAndValues[i])
                    .parameterValue(keysAndValues[i + 1])
                    .build());
        }
        return parameters;
    }

    Stack stack() {
        return cloud.describeStacks(request -> request.stackName("web"))
                .stacks()
                .getFirst();
    }

    String status() {
        return stack().stackStatusAsString();
    }

    Map<String, String> outputs() {
        Map<String, String> outputs = new LinkedHashMap<>();
        stack().outputs().forEach(output -> outputs.put(output.outputKey(), output.outputValue()));
        return outputs;
    }

    /** Oldest first, {@code logicalId STATUS}. */
    List<String> story() {
        List<String> story = new ArrayList<>();
        cloud.describeStackEventsPaginator(request -> request.stackName("web"))
                .stackEvents()
                .forEach(event -> story.addFirst(event.logicalResourceId() + " " + event.resourceStatusAsString()));
        return story;
    }

    /** The newest event of a resource or of the stack itself with this status. */
    StackEvent event(String logicalId, String status) {
        return cloud.describeStackEvents(request -> request.stackName("web")).stackEvents().stream()
                .filter(event -> event.logicalResourceId().equals(logicalId)
                        && event.resourceStatusAsString().equals(status))
                .findFirst()
                .orElseThrow();
    }
}
