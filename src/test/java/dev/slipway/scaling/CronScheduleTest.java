package dev.slipway.scaling;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.scaling.ScalingSettings.Limits;
import dev.slipway.scaling.ScalingSettings.Schedule;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CronScheduleTest {
    @ParameterizedTest(name = "{0} in {1} at {2}: {3}, then {4}")
    @CsvSource(textBlock = """
            # a time has come with its first instant
            0 8 * * *,       UTC,           2026-01-02T07:59:59Z, 2026-01-01T08:00:00Z, 2026-01-02T08:00:00Z
            0 8 * * *,       UTC,           2026-01-02T08:00:00Z, 2026-01-02T08:00:00Z, 2026-01-03T08:00:00Z
            30 7 * * MON-FRI, UTC,          2026-01-04T12:00:00Z, 2026-01-02T07:30:00Z, 2026-01-05T07:30:00Z
            0 0 1 1 *,       Asia/Tokyo,    2025-12-31T15:00:00Z, 2025-12-31T15:00:00Z, 2026-12-31T15:00:00Z
            # in summer the same time on the wall is an hour earlier
            0 8 * * *,       Europe/Berlin, 2026-03-28T12:00:00Z, 2026-03-28T07:00:00Z, 2026-03-29T06:00:00Z
            0 8 * * *,       Europe/Berlin, 2026-10-24T12:00:00Z, 2026-10-24T06:00:00Z, 2026-10-25T07:00:00Z
            # 2026-03-29: 02:00 becomes 03:00 in Berlin; there is no 02:30 on that day
            30 2 * * *,      Europe/Berlin, 2026-03-29T01:45:00Z, 2026-03-28T01:30:00Z, 2026-03-30T00:30:00Z
            0 3 * * *,       Europe/Berlin, 2026-03-29T01:00:00Z, 2026-03-29T01:00:00Z, 2026-03-30T01:00:00Z
            # 2026-10-25: 03:00 becomes 02:00 in Berlin; of two times 02:30 the first counts
            30 2 * * *,      Europe/Berlin, 2026-10-25T00:29:00Z, 2026-10-24T00:30:00Z, 2026-10-25T00:30:00Z
            30 2 * * *,      Europe/Berlin, 2026-10-25T00:30:00Z, 2026-10-25T00:30:00Z, 2026-10-26T01:30:00Z
            30 2 * * *,      Europe/Berlin, 2026-10-25T01:45:00Z, 2026-10-25T00:30:00Z, 2026-10-26T01:30:00Z
            # half an hour, on an island
            15 2 * * *,      Australia/Lord_Howe, 2026-10-03T16:00:00Z, 2026-10-02T15:45:00Z, 2026-10-04T15:15:00Z
            """)
    void comesAtItsTimeOnTheWall(String start, String zone, Instant now, Instant last, Instant next) {
        CronSchedule schedule = new CronSchedule(start, zone);

        assertThat(schedule.lastStart(now)).contains(last);
        assertThat(schedule.nextStart(now)).contains(next);
    }

    /** Days of the week are counted from 1 there, and one of the two days is a question mark. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            0 8 * * *          | cron(0 8 * * ? *)
            30 7 * * MON-FRI   | cron(30 7 ? * MON,TUE,WED,THU,FRI *)
            30 7 * * 1-5       | cron(30 7 ? * MON,TUE,WED,THU,FRI *)
            0 0 * * 0          | cron(0 0 ? * SUN *)
            0 0 * * 7          | cron(0 0 ? * SUN *)
            0 0 * * 6,0        | cron(0 0 ? * SAT,SUN *)
            0 0 * * 1-5/2      | cron(0 0 ? * MON,WED,FRI *)
            0 0 * * 0-7        | cron(0 0 * * ? *)
            0 0 * * 0-6        | cron(0 0 * * ? *)
            0 0 * * 5-7        | cron(0 0 ? * FRI,SAT,SUN *)
            0 0 * * */3        | cron(0 0 ? * WED,SAT,SUN *)
            0 6,18 1 */3 *     | cron(0 6,18 1 */3 ? *)
            */15 * * * sat     | cron(*/15 * ? * SAT *)
            """)
    void isWrittenAsApplicationAutoScalingReadsIt(String crontab, String aws) {
        assertThat(CronSchedule.aws(crontab)).isEqualTo(aws);
    }

    /** Whatever the form of the days, the two say the same of each day of a week. */
    @ParameterizedTest
    @ValueSource(strings = {"*", "0", "7", "0-7", "5-7", "6-7", "*/2", "1-5/2", "MON,3,5-6", "sun", "fri-sat", "0-3/3"})
    void theDaysOfTheWeekAreThoseOfTheSchedule(String days) {
        CronSchedule schedule = new CronSchedule("0 8 * * " + days, "UTC");
        String named = CronSchedule.aws("0 8 * * " + days);

        for (int day = 4; day < 11; day++) { // of January 2026, from Sunday on
            Instant morning = LocalDate.of(2026, 1, day).atTime(8, 0).toInstant(ZoneOffset.UTC);
            String name = LocalDate.of(2026, 1, day).getDayOfWeek().name().substring(0, 3);
            assertThat(named.contains(name) || named.equals("cron(0 8 * * ? *)"))
                    .as(name)
                    .isEqualTo(schedule.lastStart(morning).orElseThrow().equals(morning));
        }
    }

    /** Without schedules, with them, and where a schedule leaves the load no say. */
    @ParameterizedTest
    @CsvSource({
        "2, 9, '', 9",
        "3, 3, '', 0",
        "1, 2, '4-4 1-1', 0",
        "2, 20, '2-4 1-2', 4",
        "2, 20, '2-4 0-0', 4",
        "2, 20, '10-10 2-6', 0",
        "2, 20, '6-12 2-6', 12",
        "2, 20, '8-8 2-9', 9",
    })
    void anAlarmKnowsTheLargestMaximumThatTheLoadCanReach(int min, int max, String schedules, int watched) {
        List<Schedule> all = Stream.of(schedules.split(" "))
                .filter(text -> !text.isEmpty())
                .map(text -> text.split("-"))
                .map(limits ->
                        new Schedule("s", "0 8 * * *", "UTC", Integer.parseInt(limits[0]), Integer.parseInt(limits[1])))
                .toList();

        assertThat(new ScalingSettings(min, max, 60, null, null, 300, 300, all).watchedMaximum())
                .isEqualTo(watched);
    }

    @Test
    void oneThatNamesBothDaysHasNoSuchForm() {
        assertThat(CronSchedule.error("0 0 1 * MON")).isPresent();
        assertThat(CronSchedule.error("0 0 1 * *")).isEmpty();
        assertThat(CronSchedule.error("0 0 * * MON")).isEmpty();
    }

    @Test
    void theLimitsAreThoseOfTheScheduleThatBeganLast() {
        ScalingSettings settings = new ScalingSettings(
                2,
                4,
                60,
                null,
                null,
                300,
                300,
                List.of(
                        new Schedule("day", "0 8 * * MON-FRI", "Europe/Berlin", 6, 20),
                        new Schedule("night", "0 20 * * *", "Europe/Berlin", 1, 4)));

        assertThat(settings.limits(Instant.parse("2026-01-02T06:59:00Z"))).isEqualTo(new Limits(1, 4));
        assertThat(settings.limits(Instant.parse("2026-01-02T07:00:00Z"))).isEqualTo(new Limits(6, 20));
        assertThat(settings.limits(Instant.parse("2026-01-03T12:00:00Z"))).isEqualTo(new Limits(1, 4));
        assertThat(settings.limits(Instant.parse("2026-06-05T06:00:00Z"))).isEqualTo(new Limits(6, 20));
        assertThat(settings.mostTasks()).isEqualTo(20);
    }
}
