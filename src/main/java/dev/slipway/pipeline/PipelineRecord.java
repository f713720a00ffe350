package dev.slipway.pipeline;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.slipway.id.PipelineId;
import dev.slipway.plan.Declarations.Declared;
import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What we keep of a pipeline.
 *
 * @param declared the spec that was accepted last, unless it was refused when it was to be applied
 * @param revision of the declared spec: 1 when the pipeline was created, one more with each accepted spec
 * @param fallback the spec that holds again when the declared one is refused; null when that has been applied
 * @param outputs of its stack, as of the last change that succeeded; empty before the first, and without a repository
 * @param pushesSince images that are pushed from then on are rolled out; null where no tag pattern is declared
 * @param deleting whether a deletion was accepted
 */
@RegisterForReflection
@RecordBuilder
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PipelineRecord(
        PipelineId id,
        PipelineSpec declared,
        @Nullable PipelineSpec fallback,
        long revision,
        Map<String, String> outputs,
        @Nullable Instant pushesSince,
        boolean deleting,
        Instant createdAt,
        Instant updatedAt)
        implements Declared<PipelineSpec, PipelineRecord>, PipelineRecordBuilder.With {
    static final ItemType<PipelineRecord> ITEM_TYPE = new ItemType<>("pipeline", PipelineRecord.class, 1);
    /** All of them lie together, so that they can be listed. */
    static final String PARTITION = "pipelines";

    public PipelineRecord {
        outputs = Map.copyOf(outputs);
    }

    static Key<PipelineRecord> key(PipelineId id) {
        return new Key<>(PARTITION, id.service(), ITEM_TYPE);
    }

    static PipelineRecord created(PipelineId id, PipelineSpec spec, Instant now) {
        return new PipelineRecord(id, spec, null, 1, Map.of(), spec.tagPattern() == null ? null : now, false, now, now);
    }

    /**
     * Another pattern is for images that are pushed from now on, and so is the same one in another environment: neither must
     * roll out what lies there already.
     */
    @Override
    public PipelineRecord withSpec(PipelineSpec spec, Instant now) {
        String pattern = spec.tagPattern();
        boolean same = Objects.equals(pattern, declared.tagPattern())
                && spec.environments().equals(declared.environments());
        Instant since = same ? pushesSince : now;
        return with(copy -> copy.declared(spec)
                .fallback(fallback != null || outputs.isEmpty() ? fallback : declared)
                .revision(revision + 1)
                .pushesSince(pattern == null ? null : since)
                .updatedAt(now));
    }

    @Override
    public PipelineRecord withoutFallback() {
        return withFallback(null);
    }

    /** Whether a pushed image of this tag is to be rolled out in an environment. */
    boolean deploysTag(String environment, String tag) {
        String pattern = declared.tagPattern();
        return !deleting && pattern != null && declared.environments().contains(environment) && matches(pattern, tag);
    }

    /** {@code *} stands for any characters, all others for themselves: {@code v*}, {@code main-*-arm64}. */
    static boolean matches(String pattern, String tag) {
        String[] parts = pattern.split("\\*", -1);
        int from = parts[0].length();
        if (!tag.startsWith(parts[0])) {
            return false;
        }
        for (int i = 1; i < parts.length - 1; i++) {
            int at = tag.indexOf(parts[i], from);
            if (at < 0) {
                return false;
            }
            from = at + parts[i].length();
        }
        String last = parts[parts.length - 1];
        return parts.length == 1
                ? Objects.equals(pattern, tag)
                : tag.length() >= from + last.length() && tag.endsWith(last);
    }
}
