package dev.slipway.simulated.codepipeline;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.simulated.cloudformation.ResourceProvider;
import java.util.Map;
import java.util.Optional;

/** Pipelines, build projects and connections; their names and ids are as of any other resource. */
public final class DeliveryResources implements ResourceProvider {
    private static final String PIPELINE = "AWS::CodePipeline::Pipeline";
    private static final String PROJECT = "AWS::CodeBuild::Project";
    private static final String CONNECTION = "AWS::CodeConnections::Connection";

    private final SimulatedCodePipeline pipelines;
    private final CodeBuildProjects builds;
    private final SimulatedConnections connections;
    private final ResourceProvider names;

    /** The provider of each of these types of resources. */
    public static Map<String, ResourceProvider> providers(
            SimulatedCodePipeline pipelines,
            CodeBuildProjects builds,
            SimulatedConnections connections,
            ResourceProvider names) {
        ResourceProvider delivery = new DeliveryResources(pipelines, builds, connections, names);
        return Map.of(PIPELINE, delivery, PROJECT, delivery, CONNECTION, delivery);
    }

    private DeliveryResources(
            SimulatedCodePipeline pipelines,
            CodeBuildProjects builds,
            SimulatedConnections connections,
            ResourceProvider names) {
        this.pipelines = pipelines;
        this.builds = builds;
        this.connections = connections;
        this.names = names;
    }

    @Override
    public Created create(Target target) {
        if (target.type().equals(PIPELINE)) {
            SimulatedPipeline.of(target.properties(), 1); // refuses what is not modelled before the name is taken
        }
        Created created = names.create(target);
        String id = created.physicalId();
        switch (target.type()) {
            case PIPELINE -> pipelines.create(named(target, "Name", id));
            case PROJECT -> builds.put(id, named(target, "Name", id));
            default -> connections.create(id, target.text("ProviderType"));
        }
        return created;
    }

    /** One that declares no name has the one that CloudFormation has made up. */
    private static ObjectNode named(Target target, String field, String name) {
        return target.properties().deepCopy().put(field, name);
    }

    @Override
    public Created update(Target target, ObjectNode before) {
        String id = target.physicalId();
        switch (target.type()) {
            case PIPELINE -> pipelines.update(id, named(target, "Name", id));
            case PROJECT -> builds.put(id, named(target, "Name", id));
            default -> {} // only its tags can change
        }
        return new Created(id, Map.of());
    }

    @Override
    public void delete(Target target) {
        names.delete(target);
        String id = target.physicalId();
        switch (target.type()) {
            case PIPELINE -> pipelines.delete(id);
            case PROJECT -> builds.remove(id);
            default -> connections.delete(id);
        }
    }

    @Override
    public Optional<JsonNode> actual(Target target) {
        String id = target.physicalId();
        return switch (target.type()) {
            case PIPELINE -> pipelines.find(id).map(found -> found);
            case PROJECT -> builds.find(id).map(found -> found);
            default -> connections.find(id).map(found -> target.properties());
        };
    }
}
