package dev.slipway.service;

import dev.slipway.deployment.RolloutSettings;
import dev.slipway.deployment.WeakeningPolicy;
import dev.slipway.deployment.WeakeningPolicy.Weakening;
import dev.slipway.environment.EnvironmentRecord;
import dev.slipway.problem.Problem;
import dev.slipway.problem.ProblemException;
import dev.slipway.release.Release;
import dev.slipway.rollout.Rollout;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Holds rollouts against the controls that are declared for their service. */
record ControlGuard(Store store) {
    /** The rollout with the settings that it has by the spec as it is now, and what they weaken. */
    Rollout resolved(Rollout asked, ServiceRecord record) {
        Rollout.Request request = asked.request();
        RolloutSettings declared = request.reason() == Rollout.Reason.ROLLBACK
                ? record.declared().rollout().forRollback()
                : record.declared().rollout();
        RolloutSettings settings = request.adjusted() ? request.settings() : declared;
        List<Weakening> weakened = new ArrayList<>(WeakeningPolicy.between(declared, settings));
        neverLive(asked, record).ifPresent(weakened::add);
        return asked.withRequest(request.with(copy -> copy.settings(settings).weakened(weakened)));
    }

    /** An image that no rollout has made live yet has not passed what a rollout would hold it against. */
    private Optional<Weakening> neverLive(Rollout asked, ServiceRecord record) {
        Integer number = asked.release();
        if (asked.request().reason() != Rollout.Reason.ROLLBACK || number == null || number.equals(record.live())) {
            return Optional.empty();
        }
        return store.get(Release.key(record.id(), number))
                .map(Stored::value)
                .filter(release -> release.liveAt() == null)
                .map(_ ->
                        new Weakening("release", "one that was live", "release %d, which never was".formatted(number)));
    }

    /**
     * Throws {@link ProblemException} 422 when it names what is not of its environment, and 403 when it weakens something and nobody
     * has ordered that.
     */
    void enforce(Rollout resolved) {
        if (resolved.request().adjusted()) {
            store.get(EnvironmentRecord.key(resolved.service().environmentId()))
                    .map(environment -> NamedResources.refusals(
                            resolved.service(),
                            resolved.settings(),
                            environment.value().declared()))
                    .ifPresent(errors -> ProblemException.throwIfAny(
                            "invalid-spec",
                            "%s may not have what the settings name."
                                    .formatted(resolved.service().key()),
                            errors));
        }
        if (resolved.request().override() == null) {
            refusal(resolved, List.of()).ifPresent(problem -> {
                throw new ProblemException(403, problem);
            });
        }
    }

    /**
     * Why it needs an order to override controls; empty when it needs none.
     *
     * @param ordered what somebody has ordered to be weakened: that, and no more
     */
    static Optional<Problem> refusal(Rollout resolved, List<Weakening> ordered) {
        List<Weakening> weakened = resolved.request().weakened().stream()
                .filter(weakening -> !ordered.contains(weakening))
                .toList();
        if (weakened.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(WeakeningPolicy.refusal(
                resolved.service(),
                weakened,
                "",
                "send the same request below %s, with a \"reason\"."
                        .formatted(resolved.service().overridePath())));
    }
}
