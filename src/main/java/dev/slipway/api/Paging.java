package dev.slipway.api;

import dev.slipway.problem.Problem;
import dev.slipway.problem.ProblemException;
import dev.slipway.store.Page;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads which part of a listing is asked for. */
final class Paging {
    static final String DEFAULT = "20";
    static final int MAX_LIMIT = 100;

    private Paging() {}

    /** Throws {@link ProblemException} 400 when it is no number from 1 to 100. */
    static int limit(String text) {
        if (!text.matches("[0-9]{1,3}") || Integer.parseInt(text) < 1 || Integer.parseInt(text) > MAX_LIMIT) {
            throw new ProblemException(
                    400,
                    Problem.user(
                            "invalid-parameter",
                            "limit=%s is no number from 1 to %d.".formatted(text, MAX_LIMIT),
                            null));
        }
        return Integer.parseInt(text);
    }

    /** A page as the API shows it. Throws {@link ProblemException} 400 when {@code next} is none that a page has given. */
    static <T, V> Items<V> items(Function<@Nullable String, Page<T>> list, @Nullable String next, Function<T, V> view) {
        Page<T> page;
        try {
            page = list.apply(next);
        } catch (IllegalArgumentException e) {
            if (next == null) {
                throw e;
            }
            throw invalidNext();
        }
        List<V> items =
                page.items().stream().map(item -> view.apply(item.value())).toList();
        return new Items<>(items, page.next());
    }

    static ProblemException invalidNext() {
        return new ProblemException(
                400,
                Problem.user(
                        "invalid-parameter",
                        "next is not what the page before has given.",
                        "Leave it out to begin anew."));
    }

    /**
     * One page.
     *
     * @param next to be passed as the query parameter {@code next} for what follows; absent at the end
     */
    @com.fasterxml.jackson.annotation.JsonInclude(com.fasterxml.jackson.annotation.JsonInclude.Include.NON_NULL)
    record Items<V>(List<V> items, @Nullable String next) {}
}
