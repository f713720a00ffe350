package dev.slipway.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class MemoryStoreTest extends StoreContract {
    @Override
    Store open(ObjectMapper mapper, InstantSource clock) {
        return new MemoryStore(mapper, clock);
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
