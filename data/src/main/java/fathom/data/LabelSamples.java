package fathom.data;

import fathom.ir.Buffer;
import fathom.tensor.DType;

/// Class indices as F32 values.
sealed interface LabelSamples extends Samples permits IndicatorSamples, OneHotSamples {
    /// The class indices.
    Samples labels();

    /// Writes the values that stand for some class indices.
    void write(Buffer given, float[] values);

    @Override
    default int count() {
        return labels().count();
    }

    @Override
    default DType dtype() {
        return DType.F32;
    }

    @Override
    default void read(int[] indices, Buffer into) {
        Buffer given = Buffer.allocate(labels().dtype(), indices.length);
        labels().read(indices, given);
        write(given, (float[]) into.array());
    }
}
