package dev.slipway.service;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.deployment.RolloutSettings;
import dev.slipway.environment.Environments;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.ServiceId;
import dev.slipway.ledger.LedgerEntry;
import dev.slipway.operation.Acceptance;
import dev.slipway.operation.Acceptance.Accepted;
import dev.slipway.operation.Acceptance.Attempt;
import dev.slipway.operation.Acceptance.Request;
import dev.slipway.operation.ControlOverride;
import dev.slipway.preflight.Finding;
import dev.slipway.preflight.Forecast;
import dev.slipway.preflight.PreflightReport;
import dev.slipway.problem.Problem;
import dev.slipway.problem.ProblemException;
import dev.slipway.release.Release;
import dev.slipway.rollout.Rollout;
import dev.slipway.service.RolloutRequest.ConcurrencyPolicy;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import dev.slipway.verdict.Verdict.Outcome;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Rolls out in one environment what is live in another, by digest. Whoever asks needs a right to the environment that
 * changes, which IAM sees in the path. The other one is only read, and IAM does not see it: its own spec says to which
 * environments its releases may go, and nothing of it is told before it does.
 */
public final class Promotions {
    private final Store store;
    private final Environments environments;
    private final Services services;
    private final Rollouts rollouts;
    private final DryRun dryRun;
    private final Acceptance acceptance;
    private final InstantSource clock;
    private final ObjectMapper json;

    public Promotions(
            Store store,
            Environments environments,
            Services services,
            Rollouts rollouts,
            DryRun dryRun,
            Acceptance acceptance,
            InstantSource clock,
            ObjectMapper json) {
        this.store = store;
        this.environments = environments;
        this.services = services;
        this.rollouts = rollouts;
        this.dryRun = dryRun;
        this.acceptance = acceptance;
        this.clock = clock;
        this.json = json;
    }

    /**
     * What somebody wants promoted.
     *
     * @param from the environment whose live release is meant
     * @param reason why, although nothing is proven; null where it is
     * @param settings for this rollout; null for the spec's
     * @param override the order to override controls; null: none may be weakened
     */
    public record Order(
            EnvironmentId from,
            @Nullable String reason,
            @Nullable RolloutSettings settings,
            ConcurrencyPolicy concurrencyPolicy,
            @Nullable ControlOverride override) {}

    /**
     * What a promotion would do. The other environment lets image and evidence be told here, but whoever asks may have no right
     * to look at it: of the container's settings the names are told.
     *
     * @param digest of the image that is live there
     * @param rollout the path of the rollout that made it live there
     * @param evidence what was found on it there, in a sentence
     * @param proven whether its rollout there ended well with a healthy verdict; otherwise a promotion needs a reason
     * @param settings of the container that will be others here than there
     * @param findings what it would be refused for, and what the rollout would meet here
     * @param forecast what it would take; absent when that cannot be told
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Candidate(
            String from,
            int release,
            String digest,
            @Nullable String tag,
            @Nullable String commit,
            @Nullable String rollout,
            String evidence,
            boolean proven,
            List<String> settings,
            List<Finding> findings,
            @Nullable Forecast forecast) {}

    /** Looks as a promotion would, and changes nothing. */
    public Candidate preview(ServiceId id, Order order) {
        Candidate candidate = candidate(id, order.from());
        PreflightReport report = dryRun.rollOut(id, wanted(candidate, order, null));
        List<Finding> findings = new ArrayList<>(report.findings());
        unproven(candidate, order)
                .map(problem -> new Finding(problem.code(), true, problem.detail(), problem.action()))
                .ifPresent(findings::addFirst);
        return new Candidate(
                candidate.from(),
                candidate.release(),
                candidate.digest(),
                candidate.tag(),
                candidate.commit(),
                candidate.rollout(),
                candidate.evidence(),
                candidate.proven(),
                candidate.settings(),
                findings,
                report.forecast());
    }

    private static RolloutRequest wanted(Candidate candidate, Order order, @Nullable Instant committedAt) {
        return new RolloutRequest(
                candidate.digest(),
                candidate.commit(),
                order.settings(),
                order.concurrencyPolicy(),
                order.override(),
                null,
                Rollout.Grant.ofPromotion(candidate.from()),
                committedAt);
    }

    private static Optional<Problem> unproven(Candidate candidate, Order order) {
        return candidate.proven() || order.reason() != null
                ? Optional.empty()
                : Optional.of(Problem.user(
                        "not-proven",
                        candidate.evidence(),
                        ("Roll it out in %s by a strategy that gives a verdict (a rolling one gives none), or"
                                        + " give a reason to promote it all the same.")
                                .formatted(candidate.from())));
    }

    /**
     * Throws {@link ProblemException} 403 when the other environment does not let it, 409 when nothing is live there, 404 when
     * there is no such service.
     */
    Candidate candidate(ServiceId id, EnvironmentId from) {
        ServiceRecord here = services.get(id);
        if (from.equals(id.environmentId())) {
            throw new ProblemException(
                    422,
                    "promotion-to-itself",
                    "%s cannot be promoted to itself.".formatted(id.environment()),
                    "Name the environment before it as from.");
        }
        requireGranted(from, id.environment());
        ServiceRecord there = services.get(new ServiceId(from.key(), id.service()));
        Integer live = there.live();
        if (live == null) {
            throw new ProblemException(
                    409,
                    "nothing-to-promote",
                    "No release of %s is live in %s.".formatted(id.service(), from.key()),
                    "Roll one out there first: POST %s/rollouts"
                            .formatted(there.id().path()));
        }
        Release release = store.get(Release.key(there.id(), live)).orElseThrow().value();
        Optional<Rollout> rollout = rollout(there.id(), live);
        return new Candidate(
                from.key(),
                live,
                release.digest(),
                release.tag(),
                release.commit(),
                rollout.map(found -> there.id().path() + "/rollouts/" + found.id())
                        .orElse(null),
                evidence(from, live, rollout),
                rollout.filter(Promotions::isProven).isPresent(),
                List.copyOf(ContainerDifference.between(
                                release.container(), here.declared().container(), json)
                        .keySet()),
                List.of(),
                null);
    }

    /** Whether there is such an environment is told as little as what is in it. */
    private void requireGranted(EnvironmentId from, String to) {
        boolean granted = environments
                .find(from)
                .filter(found -> found.declared().promoteTo().contains(to))
                .isPresent();
        if (!granted) {
            throw new ProblemException(
                    403,
                    "promotion-not-granted",
                    "promoteTo in the spec of %s does not name %s, so nothing of it is shown or promoted there."
                            .formatted(from.key(), to),
                    "Whoever may override controls of %s adds it to its spec, promoteTo: [%s], and applies that: PUT %s?reason=…"
                            .formatted(from.key(), to, from.overridePath()));
        }
    }

    /**
     * Rolls it out here.
     *
     * @throws ProblemException 409 when nothing is proven there and no reason is given
     */
    public Accepted promote(ServiceId id, Order order, Request request) {
        return acceptance.accept(request, () -> {
            Candidate candidate = candidate(id, order.from());
            unproven(candidate, order).ifPresent(problem -> {
                throw new ProblemException(409, problem);
            });
            ServiceId there = new ServiceId(order.from().key(), id.service());
            Instant committedAt = store.get(Release.key(there, candidate.release()))
                    .map(found -> found.value().committedAt())
                    .orElse(null);
            Attempt<Accepted> rollout = rollouts.attempt(id, wanted(candidate, order, committedAt), request);
            return new Attempt<>(
                    rollout.transaction()
                            .entry(entry(
                                    id,
                                    candidate,
                                    order.reason(),
                                    request.actor(),
                                    rollout.result().id())),
                    rollout.result());
        });
    }

    private LedgerEntry entry(
            ServiceId id, Candidate candidate, @Nullable String reason, String actor, String rollout) {
        String sentence = "Promoted from %s. %s".formatted(candidate.from(), candidate.evidence())
                + (candidate.proven()
                        ? ""
                        : " Promoted all the same: "
                                + Objects.requireNonNull(reason, "what is not proven is promoted for a reason"));
        return new LedgerEntry(
                rollout + "-promoted",
                id,
                clock.instant(),
                actor,
                LedgerEntry.EventType.PROMOTED,
                rollout,
                null,
                null,
                sentence);
    }

    /** The rollout that made a release live last. */
    private Optional<Rollout> rollout(ServiceId id, int release) {
        return store.stream(Release.key(id, release).partition(), Rollout.SORT, Rollout.ITEM_TYPE, true)
                .map(Stored::value)
                .filter(rollout -> rollout.state() == Rollout.State.SUCCEEDED)
                .filter(rollout -> Integer.valueOf(release).equals(rollout.release()))
                .findFirst();
    }

    private static boolean isProven(Rollout rollout) {
        return rollout.progress().verdict() != null
                && rollout.progress().verdict().outcome() == Outcome.HEALTHY;
    }

    private static String evidence(EnvironmentId from, int release, Optional<Rollout> rollout) {
        String verdict = rollout.map(found -> found.progress().verdict())
                .map(found -> found.outcome() + ": " + found.message())
                .orElse("no verdict was given on it.");
        return "Release %d is live in %s; %s".formatted(release, from.key(), verdict);
    }
}
