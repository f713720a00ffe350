package dev.slipway.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.api.LogStreams.Part;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A stream that is held goes on until nothing can follow, or its reader is gone; a place is never lost. */
class LogStreamsTest {
    private static final Duration LONG = Duration.ofHours(1);

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final List<String> asked = new ArrayList<>();

    private static Part part(int number, boolean more) {
        return new Part("page " + number + "\n", more ? String.valueOf(number) : null, Duration.ZERO);
    }

    private Part next(String cursor, int last) {
        asked.add(cursor);
        int number = Integer.parseInt(cursor) + 1;
        return part(number, number < last);
    }

    @Test
    void itGoesOnWithTheLastCursorUntilNothingCanFollow() throws IOException {
        LogStreams streams = new LogStreams(1, LONG, Duration.ZERO);

        streams.write(part(1, true), cursor -> next(cursor, 3), out, () -> false);

        assertThat(out).hasToString("page 1\npage 2\npage 3\n");
        assertThat(asked).containsExactly("1", "2");
    }

    @Test
    void withoutAPlaceItEndsAfterItsPage() throws IOException {
        LogStreams streams = new LogStreams(0, LONG, Duration.ZERO);

        streams.write(part(1, true), cursor -> next(cursor, 3), out, () -> false);

        assertThat(out).hasToString("page 1\n");
        assertThat(asked).isEmpty();
        assertThat(streams.areHeld()).isFalse();
    }

    @Test
    void itEndsInTime() throws IOException {
        new LogStreams(1, Duration.ZERO, Duration.ZERO)
                .write(part(1, true), cursor -> next(cursor, 3), out, () -> false);

        assertThat(out).hasToString("page 1\n");
    }

    /** A second one finds no place while the first is held; once its reader is gone there is one. */
    @Test
    void aReaderThatIsGoneGivesItsPlaceBack() throws IOException {
        LogStreams streams = new LogStreams(1, LONG, Duration.ZERO);
        OutputStream gone = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                if (!asked.isEmpty()) {
                    streams.write(part(7, true), cursor -> next(cursor, 9), out, () -> false);
                    throw new IOException("closed");
                }
            }
        };

        assertThatThrownBy(() -> streams.write(part(1, true), cursor -> next(cursor, 9), gone, () -> false))
                .hasMessage("closed");

        assertThat(out).as("what the second one got").hasToString("page 7\n");
        assertThat(asked).containsExactly("1");
        assertThat(streams.areHeld()).isTrue();
    }

    /** Who has closed a stream without a word is not written to, and nothing is read for them. */
    @Test
    void aReaderThatLeftIsNotReadFor() throws IOException {
        LogStreams streams = new LogStreams(1, LONG, Duration.ZERO);

        streams.write(part(1, true), cursor -> next(cursor, 9), out, () -> asked.size() == 1);

        assertThat(asked).containsExactly("1");
        assertThat(streams.areHeld()).isTrue();
    }

    @Test
    void whatCannotBeReadEndsIt() throws IOException {
        LogStreams streams = new LogStreams(1, LONG, Duration.ZERO);

        streams.write(part(1, true), cursor -> null, out, () -> false);

        assertThat(out).hasToString("page 1\n");
        assertThat(streams.areHeld()).isTrue();
    }
}
