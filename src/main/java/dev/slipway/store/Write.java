package dev.slipway.store;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** One part of an all-or-nothing {@link Store#write}. Each names the state it expects, or the whole write is refused. */
public sealed interface Write {
    Key<?> key();

    /** Expects that there is no such item. With {@code expires}, the item may be gone some time after that instant. */
    record Create<T>(Key<T> key, T value, @Nullable Instant expires) implements Write {
        public Create(Key<T> key, T value) {
            this(key, value, null);
        }
    }

    /** Expects that the item is still at the version that was read. It expires when it would have without this. */
    record Update<T>(Stored<T> read, T value) implements Write {
        @Override
        public Key<T> key() {
            return read.key();
        }
    }

    /** Expects that the item is still at the version that was read, and removes it. */
    record Delete<T>(Stored<T> read) implements Write {
        @Override
        public Key<T> key() {
            return read.key();
        }
    }

    /** Expects that the item is still at the version that was read, and leaves it alone. */
    record Check<T>(Stored<T> read) implements Write {
        @Override
        public Key<T> key() {
            return read.key();
        }
    }
}
