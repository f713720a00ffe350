package dev.slipway.simulated.cloudformation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.simulated.aws.SimulatedAws;
import dev.slipway.simulated.cloudwatch.SimulatedCloudWatch;
import java.util.List;
import java.util.Map;
import java.util.Set;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.cloudwatch.model.CloudWatchException;
import software.amazon.awssdk.services.cloudwatch.model.PutCompositeAlarmRequest;
import software.amazon.awssdk.services.cloudwatch.model.PutDashboardRequest;
import software.amazon.awssdk.services.cloudwatch.model.PutMetricAlarmRequest;
import software.amazon.awssdk.services.sns.SnsClient;

/** Alarms, composite alarms and dashboards on the account's own CloudWatch, topics on its SNS, and the rules that AWS/Events counts. */
public final class WatchingResources implements ResourceProvider {
    private static final String ALARM = "AWS::CloudWatch::Alarm";
    private static final String COMPOSITE = "AWS::CloudWatch::CompositeAlarm";
    private static final String DASHBOARD = "AWS::CloudWatch::Dashboard";
    private static final String TOPIC = "AWS::SNS::Topic";
    private static final String RULE = "AWS::Events::Rule";

    private final SimulatedAws account;
    private final SimulatedCloudWatch rules;
    private final CloudWatchClient cloudWatch;
    private final SnsClient sns;
    private final ResourceProvider names;

    private WatchingResources(
            SimulatedAws account, SimulatedCloudWatch cloudWatch, SnsClient sns, ResourceProvider names) {
        this.account = account;
        this.rules = cloudWatch;
        this.cloudWatch = cloudWatch;
        this.sns = sns;
        this.names = names;
    }

    /** The provider of each of these types. */
    public static Map<String, ResourceProvider> providers(
            SimulatedAws account, SimulatedCloudWatch cloudWatch, SnsClient sns, ResourceProvider names) {
        ResourceProvider provider = new WatchingResources(account, cloudWatch, sns, names);
        return Map.of(ALARM, provider, COMPOSITE, provider, DASHBOARD, provider, TOPIC, provider, RULE, provider);
    }

    @Override
    public Created create(Target target) {
        Created created = names.create(target);
        try {
            put(target, created.physicalId());
        } catch (ResourceFailure e) {
            names.delete(target);
            throw e;
        }
        return created;
    }

    @Override
    public Created update(Target target, ObjectNode before) {
        put(target, target.physicalId());
        return new Created(target.physicalId(), Map.of());
    }

    private void put(Target target, String id) {
        ObjectNode properties = target.properties().deepCopy();
        try {
            switch (target.type()) {
                case ALARM ->
                    cloudWatch.putMetricAlarm(
                            SdkRequests.fill(PutMetricAlarmRequest.builder(), properties.put("AlarmName", id), Set.of())
                                    .build());
                case COMPOSITE ->
                    cloudWatch.putCompositeAlarm(SdkRequests.fill(
                                    PutCompositeAlarmRequest.builder(), properties.put("AlarmName", id), Set.of())
                            .build());
                case DASHBOARD ->
                    cloudWatch.putDashboard(SdkRequests.fill(
                                    PutDashboardRequest.builder(), properties.put("DashboardName", id), Set.of())
                            .build());
                case TOPIC -> sns.createTopic(request -> request.name(id.substring(id.lastIndexOf(':') + 1)));
                default -> rules.rule(id, properties.path("EventPattern"));
            }
        } catch (CloudWatchException e) {
            throw new ResourceFailure(
                    ResourceFailure.handler(e.awsErrorDetails().errorMessage(), account.uuid(), "InvalidRequest"));
        }
    }

    @Override
    public void delete(Target target) {
        String id = target.physicalId();
        try {
            switch (target.type()) {
                case ALARM, COMPOSITE -> cloudWatch.deleteAlarms(request -> request.alarmNames(List.of(id)));
                case DASHBOARD -> cloudWatch.deleteDashboards(request -> request.dashboardNames(id));
                case TOPIC -> sns.deleteTopic(request -> request.topicArn(id));
                default -> rules.rule(id, null);
            }
        } catch (CloudWatchException e) {
            throw new ResourceFailure(
                    ResourceFailure.handler(e.awsErrorDetails().errorMessage(), account.uuid(), "InvalidRequest"));
        }
        names.delete(target);
    }
}
