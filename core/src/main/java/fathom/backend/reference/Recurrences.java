package fathom.backend.reference;

import fathom.ir.Buffer;
import fathom.ir.Op;
import fathom.tensor.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// Recurrences, one step after the other.
final class Recurrences {
    private Recurrences() {}

    static void run(Op.Recurrence op, Array out, Array[] in) {
        int sequences = in.length - 2;
        Array weights = in[sequences];
        Array initial = in[sequences + 1];
        int time = in[0].shape().dim(0);
        int samples = in[0].shape().dim(1);
        int states = op.states();
        int width = initial.shape().dim(1) / states;
        int products = width == 0 ? 0 : weights.shape().dim(1) / width;
        int fed = weights.shape().dim(0);
        int row = (states + products) * width;
        int first = op.reverse() ? time : 0;
        for (int n = 0; n < samples; n++) {
            for (int j = 0; j < states * width; j++) {
                out.set((first * samples + n) * row + j, initial.get(n * states * width + j));
            }
        }
        for (int step = 0; step < time; step++) {
            int t = op.reverse() ? time - 1 - step : step;
            int before = (t + op.before()) * samples * row;
            int after = (t + op.after()) * samples * row;
            for (int n = 0; n < samples; n++) {
                for (int j = 0; j < products * width; j++) {
                    double sum = 0;
                    for (int k = 0; k < fed; k++) {
                        sum += out.get(before + n * row + k) * weights.get(k * products * width + j);
                    }
                    out.set(after + n * row + states * width + j, sum);
                }
            }
            List<Buffer> blocks = new ArrayList<>();
            for (int i = 0; i < sequences; i++) {
                int columns = in[i].shape().dim(2);
                for (int from = 0; from < columns; from += width) {
                    blocks.add(block(in[i], t * samples * columns + from, columns, samples, width));
                }
            }
            for (int i = 0; i < products; i++) {
                blocks.add(block(out, after + (states + i) * width, row, samples, width));
            }
            for (int i = 0; i < states; i++) {
                blocks.add(block(out, before + i * width, row, samples, width));
            }
            List<Buffer> made =
                    new Interpreter(op.cell()).run(blocks, new double[0], Collections.nCopies(states, null));
            for (int i = 0; i < states; i++) {
                Array state = new Array(made.get(i), Shape.of(samples, width));
                for (int k = 0; k < samples * width; k++) {
                    out.set(after + k / width * row + i * width + k % width, state.get(k));
                }
            }
        }
    }

    private static Buffer block(Array from, int start, int rowStride, int rows, int columns) {
        Array block = Array.allocate(from.dtype(), Shape.of(rows, columns));
        for (int k = 0; k < rows * columns; k++) {
            block.set(k, from.get(start + k / columns * rowStride + k % columns));
        }
        return block.buffer();
    }
}
