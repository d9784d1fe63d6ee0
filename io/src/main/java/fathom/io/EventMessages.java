package fathom.io;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/// The few protocol buffer messages that TensorBoard reads, field by field as in TensorFlow's
/// `event.proto` and `summary.proto`.
final class EventMessages {
    /// What the first event of a file says.
    static final String FILE_VERSION = "brain.Event:2";

    private static final int EVENT_WALL_TIME = 1;
    private static final int EVENT_STEP = 2;
    private static final int EVENT_FILE_VERSION = 3;
    private static final int EVENT_SUMMARY = 5;
    private static final int EVENT_SESSION = 7;

    private static final int SESSION_STATUS = 1;
    private static final int SESSION_START = 1;

    private static final int SUMMARY_VALUE = 1;

    private static final int VALUE_TAG = 1;
    private static final int VALUE_SIMPLE = 2;
    private static final int VALUE_IMAGE = 4;
    private static final int VALUE_HISTOGRAM = 5;

    private static final int IMAGE_HEIGHT = 1;
    private static final int IMAGE_WIDTH = 2;
    private static final int IMAGE_CHANNELS = 3;
    private static final int IMAGE_BYTES = 4;

    private static final int HISTOGRAM_LEAST = 1;
    private static final int HISTOGRAM_MOST = 2;
    private static final int HISTOGRAM_COUNT = 3;
    private static final int HISTOGRAM_SUM = 4;
    private static final int HISTOGRAM_SQUARES = 5;
    private static final int HISTOGRAM_LIMITS = 6;
    private static final int HISTOGRAM_COUNTS = 7;

    private EventMessages() {}

    /// Writes the fields of one message.
    interface Fields {
        void writeTo(CodedOutputStream out) throws IOException;
    }

    /// The event that every file begins with.
    static ByteString fileVersion(double wallTime) {
        return message(out -> {
            out.writeDouble(EVENT_WALL_TIME, wallTime);
            out.writeString(EVENT_FILE_VERSION, FILE_VERSION);
        });
    }

    /// The event that a training begins with, or goes on: what was written before of this step and later
    /// ones no longer holds.
    static ByteString start(double wallTime, long step) {
        ByteString session = message(out -> out.writeEnum(SESSION_STATUS, SESSION_START));
        return message(out -> {
            out.writeDouble(EVENT_WALL_TIME, wallTime);
            out.writeInt64(EVENT_STEP, step);
            out.writeBytes(EVENT_SESSION, session);
        });
    }

    /// An event with one value.
    static ByteString event(double wallTime, long step, String tag, Fields value) {
        ByteString tagged = message(out -> {
            out.writeString(VALUE_TAG, tag);
            value.writeTo(out);
        });
        ByteString summary = message(out -> out.writeBytes(SUMMARY_VALUE, tagged));
        return message(out -> {
            out.writeDouble(EVENT_WALL_TIME, wallTime);
            out.writeInt64(EVENT_STEP, step);
            out.writeBytes(EVENT_SUMMARY, summary);
        });
    }

    static Fields scalar(double value) {
        return out -> out.writeFloat(VALUE_SIMPLE, (float) value);
    }

    static Fields image(Png size, byte[] png) {
        ByteString image = message(out -> {
            out.writeInt32(IMAGE_HEIGHT, size.height());
            out.writeInt32(IMAGE_WIDTH, size.width());
            out.writeInt32(IMAGE_CHANNELS, size.channels());
            out.writeByteArray(IMAGE_BYTES, png);
        });
        return out -> out.writeBytes(VALUE_IMAGE, image);
    }

    static Fields histogram(Histogram histogram) {
        ByteString message = message(out -> {
            out.writeDouble(HISTOGRAM_LEAST, histogram.least());
            out.writeDouble(HISTOGRAM_MOST, histogram.most());
            out.writeDouble(HISTOGRAM_COUNT, histogram.count());
            out.writeDouble(HISTOGRAM_SUM, histogram.sum());
            out.writeDouble(HISTOGRAM_SQUARES, histogram.squares());
            out.writeBytes(HISTOGRAM_LIMITS, packed(histogram.limits()));
            out.writeBytes(HISTOGRAM_COUNTS, packed(histogram.counts()));
        });
        return out -> out.writeBytes(VALUE_HISTOGRAM, message);
    }

    private static ByteString packed(List<Double> values) {
        return message(out -> {
            for (double v : values) {
                out.writeDoubleNoTag(v);
            }
        });
    }

    private static ByteString message(Fields fields) {
        try {
            ByteString.Output bytes = ByteString.newOutput();
            CodedOutputStream out = CodedOutputStream.newInstance(bytes);
            fields.writeTo(out);
            out.flush();
            return bytes.toByteString();
        } catch (IOException e) {
            throw new UncheckedIOException("a message in memory cannot be written", e);
        }
    }
}
