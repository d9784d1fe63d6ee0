package fathom.data;

import fathom.ir.Buffer;
import fathom.ir.Require;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// SequenceDataset of one dtype, each of a length of its own.
///
/// @param step the shape of one step: scalar for tokens, `[C]` for vectors
/// @param values for each sequence, its steps one after the other
record Ragged(DType dtype, Shape step, List<Buffer> values) {
    static Ragged ofTokens(String what, List<int[]> sequences) {
        List<Buffer> values = new ArrayList<>();
        for (int[] tokens : sequences) {
            checkLength(what, values.size(), tokens.length);
            values.add(Buffer.wrap(DType.I32, tokens.length, tokens.clone()));
        }
        return new Ragged(DType.I32, Shape.SCALAR, List.copyOf(values));
    }

    static Ragged ofVectors(String what, List<float[][]> sequences) {
        List<Buffer> values = new ArrayList<>();
        int width = sequences.isEmpty() || sequences.getFirst().length == 0
                ? 0
                : sequences.getFirst()[0].length;
        for (float[][] steps : sequences) {
            int index = values.size();
            checkLength(what, index, steps.length);
            float[] row = new float[steps.length * width];
            for (int t = 0; t < steps.length; t++) {
                String message = "sequences: step %s of %s %s has %s values, expected %s";
                Require.that(steps[t].length == width, message, t, what, index, steps[t].length, width);
                System.arraycopy(steps[t], 0, row, t * width, width);
            }
            values.add(Buffer.wrap(DType.F32, row.length, row));
        }
        return new Ragged(DType.F32, Shape.of(width), List.copyOf(values));
    }

    private static void checkLength(String what, int index, int length) {
        Require.that(length > 0, "sequences: %s %s has no steps, expected at least one", what, index);
    }

    int count() {
        return values.size();
    }

    int length(int index) {
        return values.get(index).size() / step.size();
    }

    /// Some sequences side by side, filled up to a length that is a multiple of `multiple`.
    Padded pad(int[] indices, double filler, int multiple) {
        int longest = 0;
        for (int index : indices) {
            longest = Math.max(longest, length(index));
        }
        int time = Math.ceilDiv(longest, multiple) * multiple;
        int width = time * step.size();
        Buffer padded = Buffer.allocate(dtype, indices.length * width);
        for (int row = 0; row < indices.length; row++) {
            Buffer from = values.get(indices[row]);
            System.arraycopy(from.array(), 0, padded.array(), row * width, from.size());
            for (int i = row * width + from.size(); i < (row + 1) * width; i++) {
                padded.setDouble(i, filler);
            }
        }
        int[] shape =
                step.rank() == 0 ? new int[] {indices.length, time} : new int[] {indices.length, time, step.size()};
        return new Padded(padded, Shape.of(shape));
    }

    /// A rectangle of sequences.
    record Padded(Buffer values, Shape shape) {
        Tensor tensor() {
            return Tensor.of(values, shape);
        }
    }
}
