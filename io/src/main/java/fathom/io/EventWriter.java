package fathom.io;

import com.google.protobuf.ByteString;
import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;

/// Writes what TensorBoard shows: curves, pictures and histograms over the steps of a training.
///
/// ```
/// try (var events = EventWriter.create(Path.of("runs/first"))) {
///     events.scalar("loss/train", loss, step);
/// }
/// ```
///
/// Tags with a common part before `/` are shown together. What was written reaches the file at the
/// latest with the first event two seconds later, and with [#flush] and [#close]. Can be used by
/// several threads.
public final class EventWriter implements AutoCloseable {
    private static final Duration FLUSH_AFTER = Duration.ofSeconds(2);
    private static final int MOST_NAMES = 1000;
    private static final double NANOS = 1e-9;

    private final Path file;
    private final RecordFile records;
    private final InstantSource clock;
    private Instant flushed;
    private boolean closed;

    private EventWriter(Path file, RecordFile records, InstantSource clock) {
        this.file = file;
        this.records = records;
        this.clock = clock;
        this.flushed = clock.instant();
    }

    /// A writer of a new file `events.out.tfevents.*` in a folder, which is made if need be.
    ///
    /// @throws UncheckedIOException if it cannot be created
    public static EventWriter create(Path folder) {
        return create(folder, InstantSource.system());
    }

    static EventWriter create(Path folder, InstantSource clock) {
        long seconds = clock.instant().getEpochSecond();
        String name = String.format(Locale.ROOT, "events.out.tfevents.%010d.fathom", seconds);
        Folders.make(folder);
        try {
            // Two writers may begin within a second.
            for (int i = 0; i < MOST_NAMES; i++) {
                Path file = folder.resolve(i == 0 ? name : name + "." + i);
                try {
                    EventWriter writer = new EventWriter(file, new RecordFile(file), clock);
                    writer.write(EventMessages.fileVersion(writer.now()));
                    writer.flush();
                    return writer;
                } catch (FileAlreadyExistsException e) {
                    // The next name.
                }
            }
            throw new IOException("there are " + MOST_NAMES + " event files of this second");
        } catch (IOException e) {
            throw new UncheckedIOException(folder + ": cannot write event files: " + e.getMessage(), e);
        }
    }

    /// The file that is written.
    public Path file() {
        return file;
    }

    /// Says that a training begins with a step, or goes on with it after it was interrupted: TensorBoard then
    /// leaves out what was written before of this step and later ones, in this file and earlier ones of the
    /// folder.
    public void start(long step) {
        write(EventMessages.start(now(), step));
    }

    /// Adds a point to a curve. NaN and infinities are kept: TensorBoard marks them.
    ///
    /// @throws IllegalArgumentException if the tag is blank
    public void scalar(String tag, double value, long step) {
        event(tag, step, EventMessages.scalar(value));
    }

    /// Adds a picture.
    ///
    /// @param png the bytes of a PNG file
    /// @throws IllegalArgumentException if they are not, or the tag is blank
    public void image(String tag, byte[] png, long step) {
        event(tag, step, EventMessages.image(Png.of(png), png));
    }

    /// Adds a histogram of a tensor's elements, computing them first if need be.
    ///
    /// @throws IllegalArgumentException if one of them is NaN or infinite, or the tag is blank
    public void histogram(String tag, Tensor values, long step) {
        var buffer = values.buffer();
        double[] elements = new double[buffer.size()];
        for (int i = 0; i < elements.length; i++) {
            elements[i] = buffer.getDouble(i);
            if (!Double.isFinite(elements[i])) {
                throw new IllegalArgumentException("histogram '%s': element %s of %s is %s, expected finite values"
                        .formatted(tag, i, elements.length, elements[i]));
            }
        }
        event(tag, step, EventMessages.histogram(Histogram.of(elements)));
    }

    private void event(String tag, long step, EventMessages.Fields value) {
        Require.that(!tag.isBlank(), "event: a blank tag, expected a name");
        write(EventMessages.event(now(), step, tag, value));
    }

    private double now() {
        Instant now = clock.instant();
        return now.getEpochSecond() + now.getNano() * NANOS;
    }

    private synchronized void write(ByteString event) {
        if (closed) {
            throw new IllegalStateException(file + ": the writer is closed");
        }
        try {
            records.write(event.toByteArray());
        } catch (IOException e) {
            throw cannot(e);
        }
        if (Duration.between(flushed, clock.instant()).compareTo(FLUSH_AFTER) >= 0) {
            flush();
        }
    }

    /// Hands everything so far to the file.
    ///
    /// @throws UncheckedIOException if that fails
    public synchronized void flush() {
        if (closed) {
            return;
        }
        try {
            records.flush();
        } catch (IOException e) {
            throw cannot(e);
        }
        flushed = clock.instant();
    }

    /// Completes the file. A second call does nothing.
    ///
    /// @throws UncheckedIOException if that fails
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            records.close();
        } catch (IOException e) {
            throw cannot(e);
        }
    }

    private UncheckedIOException cannot(IOException e) {
        return new UncheckedIOException(file + ": cannot be written: " + e.getMessage(), e);
    }
}
