package fathom.data;

import fathom.ir.Buffer;
import fathom.tensor.Batch;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;

/// SequenceDataset of different length, filled up to the longest of them.
///
/// @param x the inputs, `[N, T]` (tokens, I32) or `[N, T, C]` (F32)
/// @param y the targets, `[N, ...]`, filled up too if they are sequences
/// @param lengths how many steps of each input are real, I32 `[N]`
public record PaddedBatch(Tensor x, Tensor y, Tensor lengths) {
    /// Which steps of the inputs are real, BOOL `[N, T]`.
    public Tensor mask() {
        int[] real = lengths.toInts();
        int time = x.dim(1);
        Buffer mask = Buffer.allocate(DType.BOOL, real.length * time);
        for (int row = 0; row < real.length; row++) {
            for (int t = 0; t < real[row]; t++) {
                mask.setLong(row * time + t, 1);
            }
        }
        return Tensor.of(mask, Shape.of(real.length, time));
    }

    /// Inputs and targets alone.
    public Batch toBatch() {
        return new Batch(x, y);
    }
}
