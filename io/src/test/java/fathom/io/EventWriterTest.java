package fathom.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import fathom.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventWriterTest {
    @TempDir
    private Path temporary;

    private Instant now = Instant.ofEpochMilli(1_700_000_000_250L);
    private final InstantSource clock = () -> now;

    private EventWriter writer() {
        return EventWriter.create(temporary.resolve("run"), clock);
    }

    @Test
    void theChecksumIsMaskedCrc32c() {
        byte[] digits = "123456789".getBytes(StandardCharsets.UTF_8);
        // The check value of CRC-32C is e3069283.
        int masked = (0xe3069283 >>> 15 | 0xe3069283 << 17) + 0xa282ead8;
        assertThat(RecordFile.maskedChecksum(digits, 9)).isEqualTo(masked);
        assertThat(EventFile.masked(digits)).isEqualTo(masked);
    }

    @Test
    void aFileBeginsWithItsVersion() throws IOException {
        EventWriter writer = writer();
        writer.close();
        assertThat(writer.file().getFileName()).hasToString("events.out.tfevents.1700000000.fathom");
        List<EventFile.Message> events = EventFile.read(writer.file());
        assertThat(events).hasSize(1);
        assertThat(events.getFirst().all(1)).containsExactly(1_700_000_000.25);
        assertThat(events.getFirst().text(3)).isEqualTo("brain.Event:2");
    }

    @Test
    void aStartSaysWhatNoLongerHolds() throws IOException {
        EventWriter writer = writer();
        writer.start(9);
        writer.close();
        EventFile.Message start = EventFile.read(writer.file()).get(1);
        assertThat(start.fields().keySet()).containsExactly(1, 2, 7);
        assertThat(start.all(1)).containsExactly(1_700_000_000.25);
        assertThat(start.all(2)).containsExactly(9L);
        // SessionLog.START.
        assertThat(start.message(7).fields()).isEqualTo(Map.of(1, List.of(1L)));
    }

    @Test
    void scalars() throws IOException {
        EventWriter writer = writer();
        writer.scalar("loss/train", 0.5, 0);
        now = now.plusMillis(500);
        writer.scalar("loss/train", Double.NaN, 1L << 40);
        writer.close();
        List<EventFile.Message> events = EventFile.read(writer.file());
        assertThat(events).hasSize(3);
        assertThat(events.get(1).all(2)).containsExactly(0L);
        assertThat(events.get(1).value().text(1)).isEqualTo("loss/train");
        assertThat(events.get(1).value().all(2)).containsExactly(0.5f);
        assertThat(events.get(2).all(1)).containsExactly(1_700_000_000.75);
        assertThat(events.get(2).all(2)).containsExactly(1L << 40);
        assertThat(events.get(2).value().all(2)).containsExactly(Float.NaN);
    }

    @Test
    void images() throws IOException {
        byte[] grey = png(0);
        EventWriter writer = writer();
        writer.image("digits", grey, 3);
        writer.image("digits", png(2), 4);
        writer.image("digits", png(6), 5);
        writer.close();
        List<EventFile.Message> events = EventFile.read(writer.file());
        EventFile.Message first = events.get(1).value().message(4);
        assertThat(first.all(1)).containsExactly(5L);
        assertThat(first.all(2)).containsExactly(7L);
        assertThat(first.all(3)).containsExactly(1L);
        assertThat((byte[]) first.only(4)).isEqualTo(grey);
        for (int i = 0; i < 2; i++) {
            EventFile.Message image = events.get(i + 2).value().message(4);
            assertThat(image.all(3)).containsExactly(3L + i);
        }
    }

    /// The beginning of a PNG file of 7×5 pixels, up to the checksum of its header.
    private static byte[] png(int colourType) {
        return HexFormat.of()
                .parseHex("89504e470d0a1a0a"
                        + "0000000d49484452"
                        + "0000000700000005"
                        + "080%d000000".formatted(colourType)
                        + "00000000");
    }

    @Test
    void bytesThatAreNoPngAreRefused() {
        try (EventWriter writer = writer()) {
            assertThatThrownBy(() -> writer.image("digits", new byte[40], 0))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("image: 40 bytes that are no PNG file, expected one");
            assertThatThrownBy(() -> writer.image("digits", new byte[3], 0))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void histograms() throws IOException {
        EventWriter writer = writer();
        writer.histogram("w", Tensor.of(0f, 0f, 1f, -1f, 2.5f), 9);
        writer.close();
        EventFile.Message histogram =
                EventFile.read(writer.file()).get(1).value().message(5);
        assertThat(histogram.all(1)).containsExactly(-1.0);
        assertThat(histogram.all(2)).containsExactly(2.5);
        assertThat(histogram.all(3)).containsExactly(5.0);
        assertThat(histogram.all(4)).containsExactly(2.5);
        assertThat(histogram.all(5)).containsExactly(8.25);
        double[] limits = histogram.doubles(6);
        double[] counts = histogram.doubles(7);
        assertThat(limits).hasSameSizeAs(counts).isSorted();
        // Empty, -1, empty, 0 and 0, empty, 1, empty, 2.5, empty.
        assertThat(counts).containsExactly(0, 1, 0, 2, 0, 1, 0, 1, 0);
        assertThat(limits[3]).isEqualTo(1e-12);
        assertThat(limits[8]).isEqualTo(Double.MAX_VALUE);
        // Each value is below its bucket's limit and not below the limit before.
        assertThat(limits[0]).isLessThanOrEqualTo(-1);
        assertThat(limits[1]).isGreaterThan(-1);
        assertThat(limits[4]).isLessThanOrEqualTo(1);
        assertThat(limits[5]).isGreaterThan(1).isLessThan(1.1);
        assertThat(limits[7]).isGreaterThan(2.5).isLessThan(2.75);
    }

    @Test
    void valuesAtTheEndsOfTheRangeAreCounted() {
        double[] values = {Double.MAX_VALUE, -Double.MAX_VALUE, 1e-13, -1e-13, -0.0, 1e-12};
        Histogram histogram = Histogram.of(values);
        assertThat(histogram.counts().stream().mapToDouble(c -> c).sum()).isEqualTo(6);
        // -1e-13 below 0; then -0.0 and 1e-13 below 1e-12; then 1e-12.
        int zero = histogram.limits().indexOf(0.0);
        assertThat(histogram.counts().subList(zero, zero + 3)).containsExactly(1.0, 2.0, 1.0);
        assertThat(Histogram.of(new double[0]).counts()).containsExactly(0.0);
        assertThat(Histogram.of(new double[0]).limits()).containsExactly(Double.MAX_VALUE);
    }

    @Test
    void aHistogramOfWhatIsNotFiniteIsRefused() {
        try (EventWriter writer = writer()) {
            assertThatThrownBy(() -> writer.histogram("w", Tensor.of(0f, Float.NaN), 0))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("histogram 'w': element 1 of 2 is NaN, expected finite values");
        }
    }

    @Test
    void eventsReachTheFileAfterAWhile() throws IOException {
        try (EventWriter writer = writer()) {
            long start = Files.size(writer.file());
            assertThat(start).isPositive();
            writer.scalar("loss", 1, 1);
            assertThat(Files.size(writer.file())).isEqualTo(start);
            now = now.plus(Duration.ofSeconds(2));
            writer.scalar("loss", 1, 2);
            long both = Files.size(writer.file());
            assertThat(both).isGreaterThan(start);
            writer.scalar("loss", 1, 3);
            assertThat(Files.size(writer.file())).isEqualTo(both);
            writer.flush();
            assertThat(EventFile.read(writer.file())).hasSize(4);
        }
    }

    @Test
    void twoWritersOfOneSecondHaveTwoFiles() {
        try (EventWriter first = writer();
                EventWriter second = writer()) {
            assertThat(second.file()).isNotEqualTo(first.file());
            assertThat(second.file().getFileName()).hasToString("events.out.tfevents.1700000000.fathom.1");
        }
    }

    @Test
    void wrongUseIsNamed() throws IOException {
        EventWriter writer = writer();
        assertThatThrownBy(() -> writer.scalar(" ", 1, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("event: a blank tag, expected a name");
        writer.close();
        writer.close();
        writer.flush();
        assertThatThrownBy(() -> writer.scalar("loss", 1, 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(writer.file() + ": the writer is closed");
        Path blocked = Files.writeString(temporary.resolve("file"), "in the way");
        assertThatThrownBy(() -> EventWriter.create(blocked))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage(blocked + ": the folder cannot be made: " + blocked + " is a file");
    }
}
