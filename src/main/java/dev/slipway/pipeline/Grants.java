package dev.slipway.pipeline;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.slipway.digest.Sha256;
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
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Which pipelines may deploy to which environments. */
public final class Grants {
    /** A grant is bound to a first spec before that is written down, in the same request. */
    private static final Duration DECLARED_WITHIN = Duration.ofSeconds(10);

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
            Optional<Grant> valid = find(environment, pipeline).filter(this::holds);
            if (valid.isPresent()) {
                return new Attempt<>(new Transaction(), valid.get());
            }
            environments.get(environment);
            Instant now = clock.instant();
            Optional<Stored<PipelineRecord>> declared = store.get(PipelineRecord.key(pipeline));
            Purpose purpose = declared.map(found -> Purpose.of(found.value().declared(), environment.key(), now))
                    .orElse(null);
            Grant grant = new Grant(environment, pipeline, by, now, purpose);
            Optional<Stored<Grant>> outlived = store.get(Grant.key(environment, pipeline));
            String what =
                    purpose == null ? "." : ": %s.".formatted(purpose.words()).replace("%", "%%");
            Transaction given = entry(
                            grant, LedgerEntry.EventType.GRANTED, by, "lets the pipeline %s deploy to %s" + what)
                    .put(Grant.key(environment, pipeline), outlived, grant);
            return new Attempt<>(declared.map(given::check).orElse(given), grant);
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

    /** A grant outlives neither its environment nor its pipeline: another one of the same name is another matter. */
    Optional<Grant> find(EnvironmentId environment, PipelineId pipeline) {
        return store.get(Grant.key(environment, pipeline))
                .map(Stored::value)
                .filter(grant -> environments
                        .find(environment)
                        .filter(found -> !found.createdAt().isAfter(grant.grantedAt()))
                        .isPresent())
                .filter(grant -> isOfPipeline(grant, declared(pipeline)));
    }

    private static boolean isOfPipeline(Grant grant, Optional<PipelineRecord> declared) {
        Purpose purpose = grant.purpose();
        if (purpose == null) { // for what is declared first
            return declared.isEmpty()
                    || !declared.get().createdAt().isAfter(grant.grantedAt())
                    || declared.get()
                            .declared()
                            .environments()
                            .contains(grant.environment().key());
        }
        return declared.filter(
                        found -> !found.createdAt().isAfter(purpose.since().plus(DECLARED_WITHIN)))
                .isPresent();
    }

    private Optional<PipelineRecord> declared(PipelineId pipeline) {
        return store.get(PipelineRecord.key(pipeline)).map(Stored::value);
    }

    /** Whether a pipeline may deploy to an environment now: it has a grant, and is what that was given for. */
    public boolean allow(EnvironmentId environment, PipelineId pipeline) {
        return find(environment, pipeline).filter(this::holds).isPresent();
    }

    private boolean holds(Grant grant) {
        return declared(grant.pipeline())
                .map(PipelineRecord::declared)
                .filter(spec -> purpose(grant, Optional.of(spec))
                        .filter(purpose -> !purpose.covers(spec))
                        .isPresent())
                .isEmpty();
    }

    /** What a grant was given for; one of a version that did not record it, for what has been declared since. */
    private static Optional<Purpose> purpose(Grant grant, Optional<PipelineSpec> declared) {
        String environment = grant.environment().key();
        return Optional.ofNullable(grant.purpose())
                .map(given -> given.build() != null
                        ? given
                        : given.withBuild(declared.map(spec -> Purpose.of(spec, environment, given.since())
                                        .build())
                                .orElse(null)))
                .or(() -> declared.filter(spec -> spec.environments().contains(environment))
                        .map(spec -> Purpose.of(spec, environment, grant.grantedAt())));
    }

    /** What a new spec makes of the grants of its environments: one that was given for no spec yet is for this one. */
    Transaction bound(PipelineId pipeline, PipelineSpec spec, Optional<PipelineSpec> before) {
        Transaction bound = new Transaction();
        Instant now = clock.instant();
        for (String environment : spec.environments()) {
            Optional<Stored<Grant>> found = store.get(Grant.key(new EnvironmentId(environment), pipeline))
                    .filter(_ -> find(new EnvironmentId(environment), pipeline).isPresent());
            if (found.isPresent()) {
                Grant grant = found.get().value();
                Purpose asked = Purpose.of(spec, environment, now);
                Purpose purpose = purpose(grant, before)
                        .map(given -> given.before() == null && given.covers(spec) ? given.withBefore(asked) : given)
                        .map(given -> grant.purpose() == null ? given.withSince(now) : given)
                        .orElse(asked);
                bound = bound.updateIfChanged(found.get(), grant.withPurpose(purpose));
            }
        }
        return bound;
    }

    /** Of the environments of a new spec those whose grants were given for another one, each in a sentence. */
    List<String> lapsed(PipelineId pipeline, PipelineSpec spec, Optional<PipelineSpec> before) {
        return spec.environments().stream()
                .map(EnvironmentId::new)
                .flatMap(environment -> lapsed(environment, pipeline, spec, before).stream())
                .toList();
    }

    private Optional<String> lapsed(
            EnvironmentId environment, PipelineId pipeline, PipelineSpec spec, Optional<PipelineSpec> before) {
        return find(environment, pipeline)
                .flatMap(grant -> purpose(grant, before))
                .filter(purpose -> !purpose.covers(spec))
                .map(purpose ->
                        "The grant of %s was given for %s, and does not hold for %s: the pipeline deploys nothing there until it is given anew, PUT %s/grants/%s."
                                .formatted(
                                        environment.key(),
                                        purpose.words(),
                                        purpose.otherWords(Purpose.of(spec, environment.key(), purpose.since())),
                                        environment.path(),
                                        pipeline.service()));
    }

    /** Tells those who have given grants that a new spec does not have them any more: who may declare it need not be one of them. */
    Transaction told(PipelineId pipeline, PipelineSpec spec, PipelineSpec before, String by) {
        Transaction told = new Transaction();
        for (String name : spec.environments()) {
            EnvironmentId environment = new EnvironmentId(name);
            Optional<String> lapsed = lapsed(environment, pipeline, spec, Optional.of(before));
            boolean did =
                    lapsed(environment, pipeline, before, Optional.of(before)).isEmpty();
            if (lapsed.isPresent() && did) {
                told = told.entry(LedgerEntry.of(
                        ids.next(),
                        environment,
                        LedgerEntry.EventType.GRANT_LAPSED,
                        by,
                        "%s declares the pipeline %s otherwise. %s".formatted(by, pipeline.service(), lapsed.get()),
                        clock.instant()));
            }
        }
        return told;
    }

    /**
     * What a grant was given for: where the code comes from, how the image is built, and what it passes before it comes to the
     * environment.
     *
     * @param environment its name
     * @param build digest of how the image is built; null where nothing is, and in grants from before it counted
     * @param before tests and environments in their order; null while the pipeline does not deploy to the environment
     * @param since when it was given for that
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Purpose(
            String environment,
            String source,
            @Nullable String build,
            @Nullable List<String> before,
            Instant since) {
        public Purpose {
            before = before == null ? null : List.copyOf(before);
        }

        static Purpose of(PipelineSpec spec, String environment, Instant since) {
            PipelineSpec.Repository repository = spec.repository();
            String source = repository == null
                    ? "images that are pushed as " + spec.tagPattern()
                    : "%s, branch %s, by %s"
                            .formatted(
                                    repository.id(),
                                    repository.branch(),
                                    repository.connectionArn() == null
                                            ? "a connection of its own to " + repository.provider()
                                            : repository.connectionArn());
            int place = spec.environments().indexOf(environment);
            String build = repository == null ? null : build(spec.build());
            return new Purpose(environment, source, build, place < 0 ? null : before(spec, place), since);
        }

        /** By variables and arguments another image comes of the same code; the size of the machine is no matter. */
        private static String build(PipelineSpec.Build build) {
            String target = build.target();
            List<String> words = new ArrayList<>(List.of(
                    build.buildspec().value(),
                    build.path(),
                    build.dockerfile(),
                    build.context(),
                    target == null ? "" : target));
            for (Map<String, String> named : List.of(build.arguments(), build.variables())) {
                words.add(String.valueOf(named.size()));
                named.forEach((name, value) -> words.addAll(List.of(name, value)));
            }
            return Sha256.hex(
                    words.stream().map(word -> word.length() + ":" + word).collect(Collectors.joining()));
        }

        private static List<String> before(PipelineSpec spec, int place) {
            List<String> before = new ArrayList<>();
            PipelineSpec.Test test =
                    spec.repository() == null ? null : spec.build().test();
            if (test != null) {
                before.add("test (%s)"
                        .formatted(test.commands() == null ? test.buildspec() : String.join("; ", test.commands())));
            }
            before.addAll(spec.environments().subList(0, place));
            return before;
        }

        /** Whether a pipeline with this spec is what it was given for. */
        boolean covers(PipelineSpec spec) {
            Purpose other = of(spec, environment, since);
            return source.equals(other.source)
                    && (build == null || build.equals(other.build))
                    && (before == null || other.before == null || before.equals(other.before));
        }

        Purpose withBefore(Purpose other) {
            return new Purpose(environment, source, build, other.before, since);
        }

        Purpose withSince(Instant at) {
            return new Purpose(environment, source, build, before, at);
        }

        Purpose withBuild(@Nullable String as) {
            return new Purpose(environment, source, as, before, since);
        }

        /** Likewise, of another that this one does not cover. */
        String otherWords(Purpose other) {
            return other.words().equals(words())
                    ? "another build of it (buildspec, Dockerfile, context, target, arguments or variables)"
                    : other.words();
        }

        /** In a sentence's part. */
        String words() {
            return source + (before == null || before.isEmpty() ? "" : ", after " + String.join(", ", before));
        }
    }

    /**
     * Lets a pipeline deploy to an environment. Given by a caller who may change that environment, which the path of the API says
     * to IAM; so whoever may change dev cannot send its pipeline on to prod.
     *
     * @param grantedBy ARN of the caller who gave it
     * @param purpose what it was given for; null while there is no pipeline: then for the one that is declared first
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Grant(
            EnvironmentId environment,
            PipelineId pipeline,
            String grantedBy,
            Instant grantedAt,
            @Nullable Purpose purpose) {
        static final ItemType<Grant> ITEM_TYPE = new ItemType<>("grant", Grant.class, 1);
        static final String SORT = "grant#";

        /** One for the pipeline that is declared first. */
        public Grant(EnvironmentId environment, PipelineId pipeline, String grantedBy, Instant grantedAt) {
            this(environment, pipeline, grantedBy, grantedAt, null);
        }

        Grant withPurpose(Purpose given) {
            return new Grant(environment, pipeline, grantedBy, grantedAt, given);
        }

        static Key<Grant> key(EnvironmentId environment, PipelineId pipeline) {
            return new Key<>(partition(environment), SORT + pipeline.service(), ITEM_TYPE);
        }

        static String partition(EnvironmentId environment) {
            return "environment#" + environment.key();
        }
    }
}
