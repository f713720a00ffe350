package dev.slipway.simulated.cloudformation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.simulated.aws.SimulatedAws;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import software.amazon.awssdk.services.applicationautoscaling.ApplicationAutoScalingClient;
import software.amazon.awssdk.services.applicationautoscaling.model.ApplicationAutoScalingException;
import software.amazon.awssdk.services.applicationautoscaling.model.ObjectNotFoundException;
import software.amazon.awssdk.services.applicationautoscaling.model.PutScalingPolicyRequest;
import software.amazon.awssdk.services.applicationautoscaling.model.PutScheduledActionRequest;
import software.amazon.awssdk.services.applicationautoscaling.model.RegisterScalableTargetRequest;

/** AWS::ApplicationAutoScaling::ScalableTarget and ScalingPolicy, on the account's own Application Auto Scaling. */
public final class ScalingResources implements ResourceProvider {
    private static final String TARGET = "AWS::ApplicationAutoScaling::ScalableTarget";
    private static final String POLICY = "AWS::ApplicationAutoScaling::ScalingPolicy";
    private static final String ACTIONS = "ScheduledActions";
    private static final String ACTION_NAME = "ScheduledActionName";

    private final SimulatedAws account;
    private final ApplicationAutoScalingClient scaling;
    private final ResourceProvider names;

    private ScalingResources(SimulatedAws account, ApplicationAutoScalingClient scaling, ResourceProvider names) {
        this.account = account;
        this.scaling = scaling;
        this.names = names;
    }

    /** The provider of each of the two types. */
    public static Map<String, ResourceProvider> providers(
            SimulatedAws account, ApplicationAutoScalingClient scaling, ResourceProvider names) {
        ResourceProvider provider = new ScalingResources(account, scaling, names);
        return Map.of(TARGET, provider, POLICY, provider);
    }

    @Override
    public Created create(Target target) {
        put(target, Set.of());
        return names.create(target.type().equals(POLICY) ? withoutName(target) : target);
    }

    /** Names of policies are a target's own: those of two services do not meet. */
    private static Target withoutName(Target target) {
        ObjectNode properties = target.properties().deepCopy();
        properties.put("PolicyName", target.text("ResourceId") + "/" + target.text("PolicyName"));
        return new Target(target.logicalId(), target.type(), target.physicalId(), properties, target.suggestedName());
    }

    @Override
    public Created update(Target target, ObjectNode before) {
        put(target, actions(before));
        return new Created(target.physicalId(), Map.of());
    }

    private void put(Target target, Set<String> before) {
        try {
            if (target.type().equals(POLICY)) {
                scaling.putScalingPolicy(
                        SdkRequests.fill(PutScalingPolicyRequest.builder(), target.properties(), Set.of())
                                .build());
                return;
            }
            scaling.registerScalableTarget(
                    SdkRequests.fill(RegisterScalableTargetRequest.builder(), target.properties(), Set.of(ACTIONS))
                            .build());
            Set<String> gone = new HashSet<>(before);
            gone.removeAll(actions(target.properties()));
            gone.forEach(name -> scaling.deleteScheduledAction(request -> request.serviceNamespace("ecs")
                    .scalableDimension(target.text("ScalableDimension"))
                    .resourceId(target.text("ResourceId"))
                    .scheduledActionName(name)));
            for (JsonNode action : target.properties().path(ACTIONS)) {
                PutScheduledActionRequest.Builder request = PutScheduledActionRequest.builder()
                        .serviceNamespace("ecs")
                        .scalableDimension(target.text("ScalableDimension"))
                        .resourceId(target.text("ResourceId"));
                scaling.putScheduledAction(
                        SdkRequests.fill(request, (ObjectNode) action, Set.of()).build());
            }
        } catch (ApplicationAutoScalingException e) {
            throw new ResourceFailure(
                    ResourceFailure.handler(e.awsErrorDetails().errorMessage(), account.uuid(), "InvalidRequest"));
        }
    }

    private static Set<String> actions(ObjectNode properties) {
        Set<String> names = new HashSet<>();
        properties
                .path(ACTIONS)
                .forEach(action -> names.add(action.path(ACTION_NAME).asText()));
        return names;
    }

    @Override
    public void delete(Target target) {
        try {
            if (target.type().equals(POLICY)) {
                names.delete(withoutName(target));
                scaling.deleteScalingPolicy(request -> request.serviceNamespace("ecs")
                        .scalableDimension(target.text("ScalableDimension"))
                        .resourceId(target.text("ResourceId"))
                        .policyName(target.text("PolicyName")));
            } else {
                scaling.deregisterScalableTarget(request -> request.serviceNamespace("ecs")
                        .scalableDimension(target.text("ScalableDimension"))
                        .resourceId(target.text("ResourceId")));
            }
        } catch (ObjectNotFoundException e) {
            // What is gone already is deleted.
        }
    }
}
