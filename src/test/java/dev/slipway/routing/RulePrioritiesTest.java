package dev.slipway.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RulePrioritiesTest {
    @ParameterizedTest
    @CsvSource({
        "api.example.com, /*, 16386",
        "*.example.com, /*, 33026",
        ", /api/*, 49154",
        ", /*, 49666",
        ", *, 49794",
    })
    void theWorkedExampleIsTrue(String host, String path, int priority) {
        List<String> hosts = host == null ? List.of() : List.of(host);

        assertThat(RulePriorities.next(hosts, List.of(path), null, List.of())).hasValue(priority);
    }

    @Test
    void moreSpecificRulesComeFirst() {
        List<List<List<String>>> inOrder = List.of(
                List.of(List.of("a.example.com"), List.of("/" + "x".repeat(127))),
                List.of(List.of("a.example.com"), List.of("/api/v2/*")),
                List.of(List.of("a.example.com"), List.of("/*")),
                List.of(List.of("a.example.com", "*.example.com"), List.of("/api/*")),
                List.of(List.of("*.example.com"), List.of("/*")),
                List.of(List.of(), List.of("/api/v2/*")),
                List.of(List.of(), List.of("/api")),
                List.of(List.of(), List.of("/api*")),
                List.of(List.of(), List.of("/ap?/very/long")),
                List.of(List.of(), List.of("/api/v2/*", "/*")));
        for (int i = 1; i < inOrder.size(); i++) {
            var first = inOrder.get(i - 1);
            var second = inOrder.get(i);
            assertThat(RulePriorities.band(first.get(0), first.get(1)))
                    .as("%s before %s", first, second)
                    .isLessThan(RulePriorities.band(second.get(0), second.get(1)));
        }
    }

    @Test
    void aServiceKeepsItsPriorityAsLongAsItIsAsSpecific() {
        RouteClaim own = new RouteClaim(List.of(), List.of("/*"), 49700);
        RouteClaim other = new RouteClaim(List.of(), List.of("/*"), 49666);

        assertThat(RulePriorities.next(List.of(), List.of("/*"), own, List.of(other)))
                .hasValue(49700);
        assertThat(RulePriorities.next(List.of(), List.of("/?"), own, List.of(other)))
                .hasValue(49700);
        assertThat(RulePriorities.next(List.of(), List.of("/api/*"), own, List.of(other)))
                .hasValue(49154);
    }

    @Test
    void aRuleWithANumberThatIsNotOursIsLeftInPeace() {
        RouteClaim odd = new RouteClaim(List.of(), List.of("/*"), 49667);

        assertThat(RulePriorities.next(List.of(), List.of("/*"), null, List.of(odd)))
                .hasValue(49670);
    }

    @Test
    void aFullBandIsSaidAndNotOverrun() {
        List<RouteClaim> others = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            others.add(new RouteClaim(
                    List.of(),
                    List.of("/*"),
                    RulePriorities.next(List.of(), List.of("/*"), null, others).orElseThrow()));
        }

        assertThat(RulePriorities.next(List.of(), List.of("/*"), null, others)).isEmpty();
        assertThat(RulePriorities.next(List.of(), List.of("*"), null, others)).isPresent();
    }

    @Test
    void prioritiesNeverCollideNeverMoveAndFollowTheOrderWhateverHappens() {
        for (long seed = 0; seed < 100; seed++) {
            Random random = new Random(seed);
            Map<String, RouteClaim> claims = new HashMap<>();
            for (int step = 0; step < 150; step++) {
                String name = "s" + random.nextInt(50);
                if (random.nextInt(5) == 0) {
                    claims.remove(name);
                    continue;
                }
                List<String> hosts = pick(random, 0, "a.example.com", "b.example.com", "*.example.com");
                List<String> paths = pick(random, 1, "/*", "/api/*", "/api/v2/*", "/img?/x", "/exact", "*");
                Map<String, RouteClaim> others = new HashMap<>(claims);
                RouteClaim own = others.remove(name);
                int priority =
                        RulePriorities.next(hosts, paths, own, others.values()).orElseThrow();
                claims.put(name, new RouteClaim(hosts, paths, priority));
                assertSound(seed, claims.values());
            }
        }
    }

    private static void assertSound(long seed, Collection<RouteClaim> claims) {
        Set<Integer> numbers = new HashSet<>();
        for (RouteClaim claim : claims) {
            assertThat(claim.priority()).as("seed %d", seed).isBetween(2, 50_000);
            assertThat(numbers.add(claim.priority()))
                    .as("seed %d: %s", seed, claim)
                    .isTrue();
            assertThat(numbers.add(claim.priority() - 1))
                    .as("seed %d: %s", seed, claim)
                    .isTrue();
        }
        List<RouteClaim> sorted = claims.stream()
                .sorted((a, b) -> Integer.compare(a.priority(), b.priority()))
                .toList();
        for (int i = 1; i < sorted.size(); i++) {
            assertThat(RulePriorities.band(
                            sorted.get(i - 1).hosts(), sorted.get(i - 1).paths()))
                    .as("seed %d", seed)
                    .isLessThanOrEqualTo(RulePriorities.band(
                            sorted.get(i).hosts(), sorted.get(i).paths()));
        }
    }

    private static List<String> pick(Random random, int least, String... from) {
        Set<String> picked = new HashSet<>();
        int count = least + random.nextInt(2);
        while (picked.size() < count) {
            picked.add(from[random.nextInt(from.length)]);
        }
        return List.copyOf(picked);
    }
}
