package dev.slipway.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

class MemoryStoreTest extends StoreContract {
    @Override
    Store open(ObjectMapper mapper, InstantSource clock) {
        return new MemoryStore(mapper, clock);
    }

    @Test
    void whatMeetsATransactionAtAnItemIsRefusedUntilItIsOver() {
        Deque<Runnable> meanwhile = new ArrayDeque<>();
        Store slow = new MemoryStore(
                new ObjectMapper(), () -> now, () -> meanwhile.poll().run());
        slow.write(new Write.Create<>(note("shared"), text("x")));
        Stored<Note> shared = slow.get(note("shared")).orElseThrow();
        meanwhile.add(() -> {
            assertThatThrownBy(
                            () -> slow.write(new Write.Check<>(shared), new Write.Create<>(note("other"), text("x"))))
                    .isInstanceOf(Store.WriteConflictException.class);
            assertThatThrownBy(() -> slow.write(new Write.Update<>(shared, text("y"))))
                    .isInstanceOf(Store.WriteConflictException.class);
            slow.write(new Write.Create<>(note("elsewhere"), text("x")));
        });

        slow.write(new Write.Check<>(shared), new Write.Create<>(note("own"), text("x")));

        assertThat(slow.get(note("own"))).isPresent();
        assertThat(slow.get(note("other"))).isEmpty();
        assertThat(slow.get(note("elsewhere"))).isPresent();
        slow.write(new Write.Update<>(shared, text("y")));
    }

    @Test
    void ordersTextAsItsBytesInUtf8() {
        List<String> texts =
                List.of("", "a", "aa", "b", "é", "\uD7FF", "\uE000", "\uFFFD", "😀", "😀a", "😁", "a😀", "a\uFFFD");
        for (String a : texts) {
            for (String b : texts) {
                int bytes =
                        Arrays.compareUnsigned(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
                assertThat(Integer.signum(MemoryStore.compareAsUtf8(a, b)))
                        .as("%s and %s", a, b)
                        .isEqualTo(Integer.signum(bytes));
            }
        }
    }
}
