package fathom.data;

import fathom.ir.Buffer;
import fathom.ir.Require;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;

/// Where the values of a data set come from: so many samples, each of the same shape and dtype.
///
/// Implement it for data that do not fit into memory or have to be decoded. [#read] is called on
/// several threads at once, and does plain array work: no tensors.
public interface Samples {
    /// The number of samples.
    int count();

    /// The shape of one sample, without the batch axis.
    Shape shape();

    /// The dtype of the values that are read.
    DType dtype();

    /// Writes samples one after the other into a buffer, from its first element.
    ///
    /// @param indices which samples, each from 0 to `count() - 1`
    /// @param into of this dtype, with room for that many samples
    void read(int[] indices, Buffer into);

    /// The samples as an epoch reads them. Only what is augmented differs from epoch to epoch; what
    /// is made from other samples passes the call on to them.
    ///
    /// @param epoch the epoch's number, from 0
    default Samples inEpoch(int epoch) {
        return this;
    }

    /// The values of some samples in a fresh buffer.
    default Buffer readAll(int... indices) {
        Buffer buffer = Buffer.allocate(dtype(), batchShape(indices.length).size());
        read(indices, buffer);
        return buffer;
    }

    /// Some samples as a fresh tensor `[indices.length, ...]`.
    default Tensor gather(int... indices) {
        return Tensor.of(readAll(indices), batchShape(indices.length));
    }

    /// The shape of a batch of samples.
    ///
    /// @param size samples in the batch
    default Shape batchShape(int size) {
        int[] sample = shape().dims();
        int[] batch = new int[sample.length + 1];
        batch[0] = size;
        System.arraycopy(sample, 0, batch, 1, sample.length);
        return Shape.of(batch);
    }

    /// The rows of a tensor.
    ///
    /// @param values `[N, ...]`, evaluated now
    /// @throws IllegalArgumentException if it is a scalar
    static Samples of(Tensor values) {
        Require.that(values.rank() > 0, "samples: a scalar, expected a tensor whose first axis counts the samples");
        // A variable's buffer is written again by later updates.
        boolean isVariable = values.node().tracked() && values.node().inputs().isEmpty();
        Buffer elements = (isVariable ? values.copy() : values).buffer();
        Shape sample = values.shape().without(java.util.List.of(0));
        return new StoredSamples(elements, values.dim(0), sample);
    }

    /// Images that stay bytes in memory and are read as F32 from 0 to 1.
    ///
    /// @param pixels grey or colour values from 0 to 255, image by image; not copied
    /// @param image the shape of one image: `[H, W, C]`
    /// @throws IllegalArgumentException if the bytes are not a whole number of images
    static Samples ofPixels(byte[] pixels, Shape image) {
        boolean fits = image.size() > 0 && pixels.length % image.size() == 0;
        String message = "samples: %s bytes, expected a multiple of %s for images of shape %s";
        Require.that(fits, message, pixels.length, image.size(), image);
        return new PixelSamples(pixels, image);
    }
}
