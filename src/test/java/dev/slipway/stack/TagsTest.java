package dev.slipway.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TagsTest {
    private static final Map<String, String> OWN = Map.of("slipway:environment", "dev");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "slipway:environment",
                "Slipway:environment",
                "SLIPWAY:SERVICE",
                " slipway:environment",
                "slip way:environment",
                "slipway :environment",
                "slipway\u00a0:environment",
                "slipway:",
                "aws:cloudformation:stack-name",
                "AWS:x",
                "ｓｌｉｐｗａｙ:environment",
                "ſlipway:environment",
                "slıpway:environment",
                "slípway:environment",
                "slipwayː:environment",
                "slipwayːenvironment"
            })
    void ownNamesAreTakenHoweverTheyAreSpelt(String name) {
        assertThat(Tags.wrong(name)).hasValueSatisfying(why -> assertThat(why).startsWith("is taken"));
        assertThat(Tags.of(OWN, Map.of(name, "prod"))).isEqualTo(OWN);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ѕlірwау:environment", "slipwаy:environment", "аws:x", "Τeam"})
    void alphabetsThatLookAlikeAreNotMixed(String name) {
        assertThat(Tags.wrong(name)).hasValueSatisfying(why -> assertThat(why).startsWith("mixes letters of"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "team",
                "cost-center",
                "slipway",
                "slipway-team",
                "myslipway:x",
                "Kostenträger",
                "チームID",
                "Команда",
                "a:b"
            })
    void otherNamesAreTheUsers(String name) {
        assertThat(Tags.wrong(name)).isEmpty();
    }

    @Test
    void namesThatDifferByCaseAloneAreOne() {
        assertThat(Tags.twice(List.of("team", "owner", "Team", "TEAM"))).containsExactly("TEAM", "Team");
        assertThat(Tags.of(OWN, Map.of("Team", "a", "owner", "o"), Map.of("team", "b")))
                .isEqualTo(Map.of("team", "b", "owner", "o", "slipway:environment", "dev"));
    }
}
