package fathom.io.onnx.operators;

import fathom.io.onnx.format.OnnxType;
import fathom.io.onnx.run.Call;
import fathom.ir.Require;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.Arrays;
import java.util.function.UnaryOperator;

/// Integers less their zero point, and scales and zero points brought to the shape of what they are for.
///
/// @param numbers whole numbers, F32
/// @param most a bound of their size
record Grids(Tensor numbers, long most) {

    /// An input less the zero point, which is another and may be left out.
    ///
    /// @param shaped what the zero point is made of to go with the input
    static Grids of(Call c, int input, int zero, UnaryOperator<Tensor> shaped) {
        OnnxType type = c.type(input);
        boolean narrow = type.isInteger() && type.bits() <= 8;
        Require.that(narrow, "input %s of %s, expected integers of 8 bits", input, type);
        Tensor x = c.made("numbers " + input, input, t -> t.cast(DType.F32));
        if (!c.has(zero)) {
            return new Grids(x, Math.max(-type.least(), type.greatest()));
        }
        Tensor point = c.tensor(zero).cast(DType.F32);
        long most = type.greatest() - type.least();
        if (c.isKnown(zero)) {
            long[] points = c.longs(zero);
            if (Arrays.stream(points).allMatch(p -> p == 0)) {
                return new Grids(x, Math.max(-type.least(), type.greatest()));
            }
        }
        return new Grids(x.sub(point.size() == 1 ? point.reshape(Shape.SCALAR) : shaped.apply(point)), most);
    }

    /// The left operand of a product: a vector of zero points has one for each row.
    static Grids rows(Call c, int input, int zero) {
        return of(c, input, zero, Grids::perRow);
    }

    /// The right operand of a product: a vector of zero points has one for each column.
    static Grids columns(Call c, int input, int zero) {
        return of(c, input, zero, point -> point);
    }

    /// A vector of something for each row of a matrix.
    static Tensor perRow(Tensor x) {
        return x.rank() == 1 && x.size() > 1 ? x.unsqueeze(1) : x;
    }

    /// Scales or zero points as they go with a tensor: one for all, one for each place along an axis, or
    /// one for each block along it.
    static Tensor spread(Call c, Tensor scale, Tensor like) {
        if (scale.rank() <= 1 && scale.size() == 1) {
            return scale.reshape(Shape.SCALAR);
        }
        int axis = like.shape().axis(c.integer("axis", 1));
        int block = c.integer("block_size", 0);
        int n = like.dim(axis);
        if (scale.rank() == 1 && like.rank() >= 1 && (block == 0 || like.rank() > 1)) {
            Require.that(scale.size() == n, "%s scales along axis %s of %s", scale.size(), axis, like.shape());
            int[] sizes = new int[like.rank()];
            Arrays.fill(sizes, 1);
            sizes[axis] = n;
            return scale.reshape(sizes);
        }
        int blocks = scale.rank() == like.rank() ? scale.dim(axis) : 0;
        boolean fits = block > 0 && blocks == Math.ceilDiv(n, block);
        String message = "scales %s for %s in blocks of %s along axis %s";
        Require.that(fits, message, scale.shape(), like.shape(), block, axis);
        Tensor apart = scale.unsqueeze(axis + 1);
        Tensor all = apart.broadcastTo(apart.shape().with(axis + 1, block));
        return all.reshape(scale.shape().with(axis, Math.multiplyExact(blocks, block)))
                .slice(axis, 0, n);
    }
}
