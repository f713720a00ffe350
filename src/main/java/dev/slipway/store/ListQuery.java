package dev.slipway.store;

import dev.slipway.digest.Sha256;
import dev.slipway.store.Store.Page;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One question to {@link Store#list}.
 *
 * <p>A token is the sort key of the last item of a page, behind a fingerprint of the question: a token of another
 * partition, prefix, kind or direction is refused. It is no secret and grants nothing, since the partition never comes
 * from the token.
 */
record ListQuery<T>(String partition, String prefix, ItemType<T> itemType, boolean newestFirst, int limit) {
    private static final int FINGERPRINT_BYTES = 8;

    ListQuery {
        Limits.checkPage(limit);
    }

    /** Page and token from what follows the last page: up to {@code limit} items and one more if there is one. */
    Page<T> page(List<Stored<T>> found) {
        if (found.size() <= limit) {
            return new Page<>(List.copyOf(found), null);
        }
        List<Stored<T>> items = List.copyOf(found.subList(0, limit));
        return new Page<>(items, token(items.getLast().key().sort()));
    }

    String token(String lastSort) {
        byte[] sort = lastSort.getBytes(StandardCharsets.UTF_8);
        byte[] token = Arrays.copyOf(fingerprint(), FINGERPRINT_BYTES + sort.length);
        System.arraycopy(sort, 0, token, FINGERPRINT_BYTES, sort.length);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(token);
    }

    /** The sort key after which the page begins; null for the first page. */
    @Nullable
    String after(@Nullable String next) {
        if (next == null) {
            return null;
        }
        byte[] token = Base64.getUrlDecoder().decode(next);
        if (token.length <= FINGERPRINT_BYTES
                || !Arrays.equals(fingerprint(), Arrays.copyOf(token, FINGERPRINT_BYTES))) {
            throw new IllegalArgumentException("this token belongs to another listing");
        }
        String sort = new String(token, FINGERPRINT_BYTES, token.length - FINGERPRINT_BYTES, StandardCharsets.UTF_8);
        if (!sort.startsWith(prefix)) {
            throw new IllegalArgumentException("this token belongs to another listing");
        }
        return sort;
    }

    private byte[] fingerprint() {
        String question = String.join("\0", partition, prefix, itemType.name(), Boolean.toString(newestFirst));
        return Arrays.copyOf(Sha256.of(question.getBytes(StandardCharsets.UTF_8)), FINGERPRINT_BYTES);
    }
}
