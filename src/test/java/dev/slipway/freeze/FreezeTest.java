package dev.slipway.freeze;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FreezeTest {
    private static final String BERLIN = "Europe/Berlin";

    private static String until(String start, int minutes, String zone, String now) {
        List<Freeze.Open> open = Freeze.open(List.of(new Freeze("f", start, minutes, zone, null)), Instant.parse(now));
        return open.isEmpty() ? "" : open.getFirst().until().toString();
    }

    @ParameterizedTest(name = "{0} for {1} min in {2} at {3}: {4}")
    @CsvSource(textBlock = """
            # a window begins with its first instant and ends before its last
            0 18 * * FRI,   60, UTC,           2026-01-02T17:59:59Z, ''
            0 18 * * FRI,   60, UTC,           2026-01-02T18:00:00Z, 2026-01-02T19:00:00Z
            0 18 * * FRI,   60, UTC,           2026-01-02T18:59:59Z, 2026-01-02T19:00:00Z
            0 18 * * FRI,   60, UTC,           2026-01-02T19:00:00Z, ''
            # over midnight, over a weekend, over the turn of the year
            0 22 * * *,    480, Europe/Berlin, 2026-01-02T04:30:00Z, 2026-01-02T05:00:00Z
            0 18 * * FRI, 3600, Europe/Berlin, 2026-01-04T12:00:00Z, 2026-01-05T05:00:00Z
            0 18 * * FRI, 3600, Europe/Berlin, 2026-01-05T05:00:00Z, ''
            0 0 20 12 *, 20160, UTC,           2027-01-02T23:00:00Z, 2027-01-03T00:00:00Z
            # other zones are on another day
            0 0 1 1 *,    1440, Asia/Tokyo,    2025-12-31T15:00:00Z, 2026-01-01T15:00:00Z
            0 0 1 1 *,    1440, America/New_York, 2026-01-01T04:00:00Z, ''
            # in summer the same time on the wall is an hour earlier
            0 18 * * *,     60, Europe/Berlin, 2026-07-01T16:30:00Z, 2026-07-01T17:00:00Z
            0 18 * * *,     60, Europe/Berlin, 2026-01-01T16:30:00Z, ''
            # 2026-03-29: 02:00 becomes 03:00 in Berlin; 02:30 is not, and opens at 03:30
            30 2 * * *,     60, Europe/Berlin, 2026-03-29T01:15:00Z, ''
            30 2 * * *,     60, Europe/Berlin, 2026-03-29T01:45:00Z, 2026-03-29T02:30:00Z
            # a night with a change of clocks is as long as it says, on the clock that does not change
            0 22 * * *,    480, Europe/Berlin, 2026-03-29T04:45:00Z, 2026-03-29T05:00:00Z
            # 2026-10-25: 03:00 becomes 02:00 in Berlin; of two times 02:30 the first counts
            30 2 * * *,     60, Europe/Berlin, 2026-10-25T00:45:00Z, 2026-10-25T01:30:00Z
            30 2 * * *,     60, Europe/Berlin, 2026-10-25T01:15:00Z, 2026-10-25T01:30:00Z
            30 2 * * *,     60, Europe/Berlin, 2026-10-25T01:45:00Z, ''
            # lists, ranges and steps
            '0 8,12 1-5 * *', 30, UTC,         2026-01-05T12:15:00Z, 2026-01-05T12:30:00Z
            '0 8,12 1-5 * *', 30, UTC,         2026-01-06T12:15:00Z, ''
            0 */6 * * *,    30, UTC,           2026-01-05T06:15:00Z, 2026-01-05T06:30:00Z
            # windows without a gap between them are one
            0 0 * * SAT,  1440, UTC,           2026-01-03T12:00:00Z, 2026-01-04T00:00:00Z
            '0 0 * * 6,0', 1440, UTC,          2026-01-03T12:00:00Z, 2026-01-05T00:00:00Z
            """)
    void isOpenFromItsStartForItsDuration(String start, int minutes, String zone, String now, String until) {
        assertThat(until(start, minutes, zone, now)).isEqualTo(until);
    }

    @Test
    void aWindowThatOpensEveryMinuteIsOpenForAsLongAsAnyoneLooks() {
        assertThat(Instant.parse(until("* * * * *", 10, BERLIN, "2026-01-01T00:00:30Z")))
                .isAfter(Instant.parse("2026-01-01T06:00:00Z"));
    }

    @Test
    void windowsAreLeftOutByTheirNames() {
        Instant now = Instant.parse("2026-01-03T12:00:00Z");
        List<Freeze.Open> open = Freeze.open(
                List.of(
                        new Freeze("weekend", "0 0 * * SAT", 2880, "UTC", "nobody is here"),
                        new Freeze("noon", "0 12 * * *", 60, "UTC", null),
                        new Freeze("night", "0 22 * * *", 60, "UTC", null)),
                now);

        assertThat(open).extracting(Freeze.Open::name).containsExactly("weekend", "noon");
        assertThat(Freeze.without(open, List.of())).isEqualTo(open);
        assertThat(Freeze.without(open, List.of("weekend", "other")))
                .extracting(Freeze.Open::name)
                .containsExactly("noon");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0 18 * *", "0 0 18 * * FRI", "0 25 * * *", "every friday", "0 0 31 2 *"})
    void aStartThatIsNoneIsToldWhatOneIs(String start) {
        assertThat(Freeze.startError(start)).isPresent();
    }

    @Test
    void aTimeZoneHasANameThatKnowsSummer() {
        assertThat(Freeze.timeZoneError("Europe/Berlin")).isEmpty();
        assertThat(Freeze.timeZoneError("UTC")).isEmpty();
        assertThat(Freeze.timeZoneError("Berlin")).isPresent();
        assertThat(Freeze.timeZoneError("+01:00")).isPresent();
    }
}
