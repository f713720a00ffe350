package dev.slipway.simulated.ecs;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ecs.model.*;

/** What describes and lists: services, deployments, revisions, tasks. */
final class EcsQueries {
    private static final String MISSING = "MISSING";

    private final EcsState state;
    private final EcsViews views;
    private final EcsPast past;

    EcsQueries(EcsState state, EcsViews views, EcsPast past) {
        this.state = state;
        this.views = views;
        this.past = past;
    }

    DescribeServicesResponse describeServices(DescribeServicesRequest request) {
        Cluster cluster = state.cluster(request.cluster());
        if (request.services().size() > 10) {
            throw EcsErrors.invalid("Services cannot have more than 10 elements.");
        }
        boolean tags = request.include().contains(ServiceField.TAGS);
        List<Service> found = new ArrayList<>();
        List<Failure> failures = new ArrayList<>();
        var then = past.seen();
        for (String reference : request.services()) {
            EcsServiceRecord service = state.service(request.cluster(), reference);
            if (service == null || then.isPresent() && !then.get().containsKey(service.arn)) {
                String name = reference.substring(reference.lastIndexOf('/') + 1);
                failures.add(missing(state.serviceArn(cluster, name)));
            } else {
                found.add(then.flatMap(past -> Optional.ofNullable(past.get(service.arn)))
                        .map(EcsPast.Seen::service)
                        .orElseGet(() -> views.service(service, tags)));
            }
        }
        return DescribeServicesResponse.builder()
                .services(found)
                .failures(failures)
                .build();
    }

    /** ListServices: DRAINING and INACTIVE services are not in it. */
    ListServicesResponse listServices(ListServicesRequest request) {
        String cluster = state.cluster(request.cluster()).clusterArn();
        List<String> arns = state.services.values().stream()
                .filter(service -> service.clusterArn.equals(cluster))
                .filter(service -> service.status == EcsServiceRecord.Status.ACTIVE)
                .map(service -> service.arn)
                .toList();
        int from = offset(request.nextToken());
        int to = Math.min(arns.size(), from + (request.maxResults() == null ? 10 : request.maxResults()));
        return ListServicesResponse.builder()
                .serviceArns(arns.subList(Math.min(from, to), to))
                .nextToken(to < arns.size() ? String.valueOf(to) : null)
                .build();
    }

    /** ListServiceDeployments: the newest first. */
    ListServiceDeploymentsResponse listServiceDeployments(ListServiceDeploymentsRequest request) {
        EcsServiceRecord service = clusterOf(request.service(), request.cluster());
        var then = past.seen();
        if (then.isPresent() && !then.get().containsKey(service.arn)) {
            throw EcsErrors.noService();
        }
        Stream<ServiceDeploymentBrief> all = then.flatMap(past -> Optional.ofNullable(past.get(service.arn)))
                .map(seen -> seen.briefs().stream())
                .orElseGet(() -> service.deployments.stream().map(views::brief));
        List<ServiceDeploymentBrief> found = all.filter(deployment ->
                        request.status().isEmpty() || request.status().contains(deployment.status()))
                .filter(deployment -> request.createdAt() == null
                        || ((request.createdAt().after() == null
                                        || !deployment
                                                .createdAt()
                                                .isBefore(request.createdAt().after()))
                                && (request.createdAt().before() == null
                                        || !deployment
                                                .createdAt()
                                                .isAfter(request.createdAt().before()))))
                .toList();
        int from = offset(request.nextToken());
        int to = Math.min(found.size(), from + (request.maxResults() == null ? 20 : request.maxResults()));
        return ListServiceDeploymentsResponse.builder()
                .serviceDeployments(found.subList(Math.min(from, to), to))
                .nextToken(to < found.size() ? String.valueOf(to) : null)
                .build();
    }

    private EcsServiceRecord clusterOf(String reference, @Nullable String cluster) {
        EcsServiceRecord service = state.services.containsKey(reference)
                ? state.services.get(reference)
                : state.service(cluster, reference);
        if (service == null) {
            throw EcsErrors.noService();
        }
        return service;
    }

    DescribeServiceDeploymentsResponse describeServiceDeployments(DescribeServiceDeploymentsRequest request) {
        if (request.serviceDeploymentArns().size() > 20) {
            throw EcsErrors.invalid("serviceDeploymentArns cannot have more than 20 elements.");
        }
        List<ServiceDeployment> found = new ArrayList<>();
        List<Failure> failures = new ArrayList<>();
        var then = past.seen();
        for (String arn : request.serviceDeploymentArns()) {
            then.map(services -> services.values().stream()
                            .flatMap(
                                    seen -> Stream.ofNullable(seen.deployments().get(arn)))
                            .findFirst())
                    .orElseGet(() -> serviceDeployment(arn).map(views::serviceDeployment))
                    .ifPresentOrElse(found::add, () -> failures.add(missing(arn)));
        }
        return DescribeServiceDeploymentsResponse.builder()
                .serviceDeployments(found)
                .failures(failures)
                .build();
    }

    Optional<EcsServiceDeployment> serviceDeployment(String arn) {
        return state.services.values().stream()
                .flatMap(service -> service.deployments.stream())
                .filter(deployment -> deployment.arn.equals(arn))
                .findFirst();
    }

    DescribeServiceRevisionsResponse describeServiceRevisions(DescribeServiceRevisionsRequest request) {
        List<ServiceRevision> found = new ArrayList<>();
        List<Failure> failures = new ArrayList<>();
        var then = past.seen();
        for (String arn : request.serviceRevisionArns()) {
            revision(arn)
                    .filter(revision -> then.isEmpty()
                            || then.get().values().stream()
                                    .anyMatch(seen -> seen.revisions().contains(arn)))
                    .ifPresentOrElse(found::add, () -> failures.add(missing(arn)));
        }
        return DescribeServiceRevisionsResponse.builder()
                .serviceRevisions(found)
                .failures(failures)
                .build();
    }

    private Optional<ServiceRevision> revision(String arn) {
        for (EcsServiceRecord service : state.services.values()) {
            for (EcsDeployment entry : service.entries) {
                if (entry.revision.arn().equals(arn)) {
                    return Optional.of(views.revision(service, entry.revision));
                }
            }
        }
        return Optional.empty();
    }

    /** ListTasks: tasks whose desired status is RUNNING, unless STOPPED is asked for. */
    ListTasksResponse listTasks(ListTasksRequest request) {
        String cluster = state.cluster(request.cluster()).clusterArn();
        state.forgetOldTasks();
        boolean stopped = request.desiredStatus() == DesiredStatus.STOPPED;
        EcsServiceRecord service =
                request.serviceName() == null ? null : clusterOf(request.serviceName(), request.cluster());
        List<String> arns = state.tasks.values().stream()
                .filter(task -> task.clusterArn.equals(cluster))
                .filter(this::isInSight)
                .filter(task -> task.stopping == stopped)
                .filter(task -> service == null || task.service == service)
                .filter(task ->
                        request.family() == null || task.definition.family().equals(request.family()))
                .filter(task -> request.startedBy() == null || task.startedBy.equals(request.startedBy()))
                .map(task -> task.arn)
                .sorted(
                        stopped
                                ? Comparator.comparingInt(String::hashCode)
                                : (one, other) -> 0) // AWS tells of no order
                .toList();
        int from = offset(request.nextToken());
        int to = Math.min(arns.size(), from + (request.maxResults() == null ? 100 : request.maxResults()));
        return ListTasksResponse.builder()
                .taskArns(arns.subList(Math.min(from, to), to))
                .nextToken(to < arns.size() ? String.valueOf(to) : null)
                .build();
    }

    DescribeTasksResponse describeTasks(DescribeTasksRequest request) {
        Cluster cluster = state.cluster(request.cluster());
        boolean tags = request.include().contains(TaskField.TAGS);
        List<Task> found = new ArrayList<>();
        List<Failure> failures = new ArrayList<>();
        for (String reference : request.tasks()) {
            task(reference)
                    .filter(this::isInSight)
                    .map(task -> task.describe(state.tags, tags))
                    .ifPresentOrElse(
                            found::add,
                            () -> failures.add(missing(
                                    reference.startsWith("arn:")
                                            ? reference
                                            : cluster.clusterArn().replace(":cluster/", ":task/") + "/" + reference)));
        }
        return DescribeTasksResponse.builder().tasks(found).failures(failures).build();
    }

    private boolean isInSight(EcsTask task) {
        return !task.createdAt.isAfter(state.aws.clock().instant().minus(state.aws.age()));
    }

    Optional<EcsTask> task(String reference) {
        state.forgetOldTasks();
        String id = reference.substring(reference.lastIndexOf('/') + 1);
        return state.tasks.values().stream().filter(task -> task.id.equals(id)).findFirst();
    }

    private static int offset(@Nullable String token) {
        return token == null ? 0 : Integer.parseInt(token);
    }

    private static Failure missing(String arn) {
        return Failure.builder().arn(arn).reason(MISSING).build();
    }
}
