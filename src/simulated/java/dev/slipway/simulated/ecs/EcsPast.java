package dev.slipway.simulated.ecs;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ecs.model.Service;
import software.amazon.awssdk.services.ecs.model.ServiceDeployment;
import software.amazon.awssdk.services.ecs.model.ServiceDeploymentBrief;

/**
 * What services and deployments looked like in the last minute, for answers that are late: the API is eventually
 * consistent. Kept only while {@link dev.slipway.simulated.aws.Faults} may ask for it.
 */
final class EcsPast {
    /** No answer is older. */
    private static final Duration MOST = Duration.ofSeconds(60);
    /** Between two looks that nobody orders. */
    private static final Duration APART = Duration.ofSeconds(4);

    /** A service as it was. */
    record Seen(
            Service service,
            List<ServiceDeploymentBrief> briefs,
            Map<String, ServiceDeployment> deployments,
            Set<String> revisions) {}

    private record Look(Instant at, Map<String, Seen> services) {}

    private final EcsState state;
    private final EcsViews views;
    private final Deque<Look> looks = new ArrayDeque<>(); // the newest first
    private final Map<EcsServiceDeployment, ServiceDeployment> ended = new HashMap<>();

    EcsPast(EcsState state, EcsViews views) {
        this.state = state;
        this.views = views;
    }

    /** Keeps what there is, before it changes. */
    void keep() {
        if (!state.aws.faults().mayBeStale("Ecs")) {
            return;
        }
        Instant now = state.aws.clock().instant();
        Map<String, Seen> services = new HashMap<>();
        state.services.values().forEach(service -> services.put(service.arn, look(service)));
        looks.addFirst(new Look(now, services));
        while (looks.getLast().at.isBefore(now.minus(MOST))) {
            looks.removeLast();
        }
    }

    /** What a service looked like as long ago as the call that is answered now is to see it; empty when that is as it is. */
    Optional<Map<String, Seen>> seen() {
        Instant now = state.aws.clock().instant();
        Look newest = looks.peekFirst();
        if (newest == null || newest.at.plus(APART).isBefore(now)) {
            keep();
        }
        Duration age = state.aws.age();
        return age.isZero()
                ? Optional.empty()
                : looks.stream()
                        .filter(look -> !look.at.isAfter(now.minus(age)) && !look.at.isBefore(now.minus(MOST)))
                        .findFirst()
                        .map(Look::services);
    }

    private Seen look(EcsServiceRecord service) {
        Map<String, ServiceDeployment> deployments = new LinkedHashMap<>();
        service.deployments.forEach(deployment -> deployments.put(deployment.arn, view(deployment)));
        Set<String> revisions = new HashSet<>();
        service.entries.forEach(entry -> revisions.add(entry.revision.arn()));
        return new Seen(
                views.service(service, true),
                service.deployments.stream().map(views::brief).toList(),
                deployments,
                revisions);
    }

    private ServiceDeployment view(EcsServiceDeployment deployment) {
        @Nullable ServiceDeployment known = ended.get(deployment);
        if (known != null) {
            return known;
        }
        ServiceDeployment view = views.serviceDeployment(deployment);
        if (!deployment.running() && deployment != deployment.service.deployments.getFirst()) {
            ended.put(deployment, view);
        }
        return view;
    }
}
