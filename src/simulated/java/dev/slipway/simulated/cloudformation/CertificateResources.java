package dev.slipway.simulated.cloudformation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.StreamSupport;

/** Certificates of ACM, which are issued as soon as the public DNS leads to the zone in which their names are proven. */
public final class CertificateResources implements ResourceProvider {
    private static final String TYPE = "AWS::CertificateManager::Certificate";

    private final ResourceProvider names;
    private final Predicate<String> delegated;

    private CertificateResources(ResourceProvider names, Predicate<String> delegated) {
        this.names = names;
        this.delegated = delegated;
    }

    /**
     * The provider of the type.
     *
     * @param delegated whether the public DNS leads to a hosted zone, by its id
     */
    public static Map<String, ResourceProvider> providers(ResourceProvider names, Predicate<String> delegated) {
        return Map.of(TYPE, new CertificateResources(names, delegated));
    }

    @Override
    public Created create(Target target) {
        return names.create(target);
    }

    @Override
    public Created update(Target target, ObjectNode before) {
        return names.update(target, before);
    }

    @Override
    public void delete(Target target) {
        names.delete(target);
    }

    @Override
    public Progress progress(Target target) {
        return StreamSupport.stream(
                                target.properties()
                                        .path("DomainValidationOptions")
                                        .spliterator(),
                                false)
                        .allMatch(option ->
                                delegated.test(option.path("HostedZoneId").asText()))
                ? new Progress.Done()
                : new Progress.Waiting();
    }
}
