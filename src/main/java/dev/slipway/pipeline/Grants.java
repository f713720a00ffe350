package dev.slipway.pipeline;

import dev.slipway.environment.Environments;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.PipelineId;
import dev.slipway.ledger.LedgerEntry;
import dev.slipway.operation.Acceptance;
import dev.slipway.operation.Acceptance.Attempt;
import dev.slipway.operation.Acceptance.Request;
import dev.slipway.operation.IdGenerator;
import dev.slipway.operation.Transaction;
import dev.slipway.problem.ProblemException;
import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import dev.slipway.store.Store;
import dev.slipway.store.Store.Page;
import dev.slipway.store.Stored;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Which pipelines may deploy to which environments. */
public final class Grants {
    private final Store store;
    private final Environments environments;
    private final Acceptance acceptance;
    private final IdGenerator ids;
    private final InstantSource clock;

    public Grants(Store store, Environments environments, Acceptance acceptance, IdGenerator ids, InstantSource clock) {
        this.store = store;
        this.environments = environments;
        this.acceptance = acceptance;
        this.ids = ids;
        this.clock = clock;
    }

    /** Gives it. Giving it again changes nothing. Throws {@link ProblemException} 404 when there is no such environment. */
    public Grant grant(EnvironmentId environment, PipelineId pipeline, Request request) {
        String by = request.actor();
        return accept(environment, pipeline, request, () -> {
            Optional<Grant> valid = find(environment, pipeline);
            if (valid.isPresent()) {
                return new Attempt<>(new Transaction(), valid.get());
            }
            environments.get(environment);
            Grant grant = new Grant(environment, pipeline, by, clock.instant());
            Optional<Stored<Grant>> outlived = store.get(Grant.key(environment, pipeline));
            return new Attempt<>(
                    entry(grant, LedgerEntry.EventType.GRANTED, by, "lets the pipeline %s deploy to %s.")
                            .put(Grant.key(environment, pipeline), outlived, grant),
                    grant);
        });
    }

    /** Throws {@link ProblemException} 404 when there is none. */
    public Grant get(EnvironmentId environment, PipelineId pipeline) {
        return find(environment, pipeline)
                .orElseThrow(() -> new ProblemException(
                        404,
                        "grant-not-found",
                        "The pipeline %s has no grant to deploy to %s."
                                .formatted(pipeline.service(), environment.key()),
                        "Give it: PUT %s/grants/%s".formatted(environment.path(), pipeline.service())));
    }

    /** Revokes it; what is under way goes on, and the next stage is refused. Throws {@link ProblemException} 404 if there is none. */
    public Grant revoke(EnvironmentId environment, PipelineId pipeline, Request request) {
        String by = request.actor();
        return accept(environment, pipeline, request, () -> {
            Grant taken = get(environment, pipeline);
            Transaction told = entry(
                    taken, LedgerEntry.EventType.GRANT_REVOKED, by, "no longer lets the pipeline %s deploy to %s.");
            return store.get(Grant.key(environment, pipeline))
                    .map(found -> new Attempt<>(told.delete(found), taken))
                    .orElseGet(() -> new Attempt<>(new Transaction(), taken));
        });
    }

    private Grant accept(
            EnvironmentId environment, PipelineId pipeline, Request request, Supplier<Attempt<Grant>> attempt) {
        return acceptance.accept(
                request,
                grant -> grant.grantedAt() + " " + grant.grantedBy(),
                kept -> new Grant(
                        environment,
                        pipeline,
                        kept.substring(kept.indexOf(' ') + 1),
                        Instant.parse(kept.substring(0, kept.indexOf(' ')))),
                attempt);
    }

    private Transaction entry(Grant grant, LedgerEntry.EventType what, String by, String did) {
        String sentence = by + " "
                + did.formatted(grant.pipeline().service(), grant.environment().key());
        return new Transaction()
                .entry(LedgerEntry.of(ids.next(), grant.environment(), what, by, sentence, clock.instant()));
    }

    /** Valid grants of an environment, by the pipeline's name; a page may have fewer. Throws {@link ProblemException} 404 when there is no such environment. */
    public Page<Grant> list(EnvironmentId environment, int limit, @Nullable String next) {
        Instant since = environments.get(environment).createdAt();
        Page<Grant> page = store.list(Grant.partition(environment), Grant.SORT, Grant.ITEM_TYPE, false, limit, next);
        return new Page<>(
                page.items().stream()
                        .filter(found -> !since.isAfter(found.value().grantedAt()))
                        .toList(),
                page.next());
    }

    /** A grant does not outlive its environment: another one of the same name is another matter. */
    Optional<Grant> find(EnvironmentId environment, PipelineId pipeline) {
        return store.get(Grant.key(environment, pipeline))
                .map(Stored::value)
                .filter(grant -> environments
                        .find(environment)
                        .filter(found -> !found.createdAt().isAfter(grant.grantedAt()))
                        .isPresent());
    }

    /**
     * Lets a pipeline deploy to an environment. Given by a caller who may change that environment, which the path of the API says
     * to IAM; so whoever may change dev cannot send its pipeline on to prod.
     *
     * @param grantedBy ARN of the caller who gave it
     */
    @RegisterForReflection
    public record Grant(EnvironmentId environment, PipelineId pipeline, String grantedBy, Instant grantedAt) {
        static final ItemType<Grant> ITEM_TYPE = new ItemType<>("grant", Grant.class, 1);
        static final String SORT = "grant#";

        static Key<Grant> key(EnvironmentId environment, PipelineId pipeline) {
            return new Key<>(partition(environment), SORT + pipeline.service(), ITEM_TYPE);
        }

        static String partition(EnvironmentId environment) {
            return "environment#" + environment.key();
        }
    }
}
