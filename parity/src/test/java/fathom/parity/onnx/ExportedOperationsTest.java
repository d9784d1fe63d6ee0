package fathom.parity.onnx;

import static fathom.tensor.DType.BOOL;
import static fathom.tensor.DType.F32;
import static fathom.tensor.DType.F64;
import static fathom.tensor.DType.I32;
import static fathom.tensor.DType.I64;
import static fathom.tensor.DType.U8;

import fathom.autodiff.Gradients;
import fathom.ir.Op;
import fathom.ir.Window;
import fathom.nn.Module;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Each operation, exported with a batch of any size.
class ExportedOperationsTest {
    private static final double TOLERANCE = 2e-5;

    private static Arguments of(String name, DType dtype, Module function, int... sample) {
        return Arguments.of(Named.of(name, function), dtype, sample);
    }

    private static Arguments of(String name, Module function, int... sample) {
        return of(name, F32, function, sample);
    }

    static Stream<Arguments> elementwise() {
        Tensor table = Tensor.of(new float[] {1, -2, 3, 0.5f});
        return Stream.of(
                of(
                        "functions of any number",
                        x -> Tensor.concat(1, x.neg(), x.abs(), x.sign(), x.exp(), x.sin(), x.cos()),
                        4),
                of(
                        "functions in steps",
                        x -> Tensor.concat(1, x.tanh(), x.erf(), x.sigmoid(), x.floor(), x.ceil(), x.round()),
                        4),
                of(
                        "functions of positive numbers",
                        x -> Tensor.concat(1, x.abs().add(0.1).log(), x.abs().sqrt()),
                        4),
                of(
                        "expm1",
                        x -> Tensor.concat(
                                1,
                                x.expm1().mul(1e3),
                                x.mul(1e-6).expm1().mul(1e6),
                                x.abs().mul(40).expm1().log1p()),
                        4),
                of(
                        "log1p",
                        x -> Tensor.concat(
                                1,
                                x.abs().log1p(),
                                x.mul(1e-6).log1p().mul(1e6),
                                x.mul(0.49).log1p(),
                                x.abs().mul(1e20).log1p()),
                        4),
                of(
                        "arithmetic",
                        x -> x.add(table)
                                .sub(x.mul(x))
                                .div(table)
                                .mod(table)
                                .maximum(table)
                                .minimum(1.5),
                        4),
                of("powers", x -> x.abs().pow(table), 4),
                of(
                        "comparisons",
                        x -> x.less(table)
                                .and(x.lessEqual(0))
                                .or(x.equal(x))
                                .xor(x.notEqual(0))
                                .not(),
                        4),
                of("choices", x -> x.greater(0).select(x, x.mul(table)), 4),
                of(
                        "integers",
                        I32,
                        x -> x.sub(3).mul(7).div(x.sub(2)).mod(x.sub(1)).neg().abs(),
                        5),
                of(
                        "bits",
                        I32,
                        x -> x.mul(37).and(x.add(5)).or(x.mul(8)).xor(x.neg()).shiftRight(1),
                        5),
                of("long integers", I64, x -> x.mul(x).add(1L << 40).sub(3), 5),
                of("bytes", U8, x -> x.cast(F32).mul(0.5), 5),
                of("doubles", F64, x -> x.mul(x).add(0.1).sqrt().exp(), 5),
                of(
                        "halves",
                        x -> x.cast(DType.F16)
                                .cast(F32)
                                .add(x.cast(DType.F16).cast(F64).cast(F32)),
                        5),
                of("truth", BOOL, x -> x.not().cast(I32).add(x.cast(I32).mul(3)), 5),
                of(
                        "conversions",
                        x -> Tensor.concat(
                                1,
                                x.cast(I32).cast(F32),
                                x.cast(BOOL).cast(F32),
                                x.cast(I64).cast(F32)),
                        5));
    }

    static Stream<Arguments> movement() {
        return Stream.of(
                of("reshape", x -> x.reshape(x.dim(0) * 2, 6), 3, 4),
                of("reshape to vectors", x -> x.reshape(-1).mul(2), 3, 4),
                of("batch last", x -> x.permute(2, 1, 0).reshape(4, -1), 3, 4),
                of(
                        "broadcast",
                        x -> x.unsqueeze(2)
                                .broadcastTo(Shape.of(x.dim(0), 3, 5, 4))
                                .reshape(x.dim(0), 15, 4),
                        3,
                        4),
                of("repeated batches", x -> Tensor.concat(0, x, x.slice(0, 0, 1), x.mul(2)), 3),
                of(
                        "slices",
                        x -> Tensor.concat(1, x.slice(1, 1, 3), x.slice(1, 0, 5, 2), x.flip(1), x.slice(1, 4, 0, -2)),
                        5),
                of("last of the batch", x -> x.slice(0, -1, Integer.MAX_VALUE).add(x.slice(0, 0, 1)), 5),
                of("all but the first", x -> x.flip(0).slice(0, 0, x.dim(0)).sum(0), 5),
                of("pads", x -> x.pad(1, 2, 1).pad(2, 0, 3, -1.5), 3, 4),
                of(
                        "pads between",
                        x -> Tensor.of(new Op.Pad(List.of(0, 1, 0), List.of(0, 0, 2), List.of(0, 2, 1), 9), x),
                        3,
                        4),
                of(
                        "ones come and go",
                        x -> x.unsqueeze(0)
                                .squeeze(3)
                                .unsqueeze(-1)
                                .permute(0, 2, 3, 1)
                                .add(x.unsqueeze(0).permute(0, 2, 3, 1)),
                        4,
                        1),
                of("outer sums", x -> x.unsqueeze(2).add(x.unsqueeze(1)), 4),
                of("a constant", x -> Tensor.full(x.shape(), F32, 2.5), 4),
                of(
                        "rows are numbered",
                        x -> x.add(Tensor.arange(x.dim(0)).cast(F32).unsqueeze(1))
                                .add(Tensor.arange(4).cast(F32)),
                        4),
                of("size of the batch", x -> x.mul(x.dim(0)).add(1.0 / x.dim(0)), 4));
    }

    static Stream<Arguments> reductions() {
        return Stream.of(
                of("sums", x -> x.sum(1).add(x.sum(2).sum(1).unsqueeze(1)), 3, 4),
                of("sums over the batch", x -> x.mul(0.25).sum(0).add(x.max(0)).sub(x.min(0)), 3),
                of("means over the batch", x -> x.sub(x.mean(true, 0)), 3),
                of("variance", x -> x.variance(1, true, 0, 1), 3),
                of("products", x -> x.prod(1), 3, 2),
                of("greatest", x -> x.max(true, 1).mul(x.min(2).unsqueeze(2)), 3, 4),
                of(
                        "of repeated elements",
                        x -> x.unsqueeze(1)
                                .broadcastTo(Shape.of(x.dim(0), 6, 3))
                                .sum(1),
                        3),
                of("any and all", BOOL, x -> x.any(1).xor(x.all(1)), 3),
                of("whole numbers", I32, x -> x.sum(1).add(x.max(1)), 3),
                of("places", x -> x.argmax(1).add(x.argmin(1)), 5),
                of("running sums", x -> x.cumsum(1).add(Tensor.of(new Op.CumulativeSum(1, true), x)), 5),
                of("sorted", x -> Tensor.concat(1, x.sort(1, false), x.sort(1, true)), 5),
                of("order", I32, x -> Tensor.concat(1, x.argsort(1, false), x.argsort(1, true)), 9),
                of("the best", x -> x.topK(2, 1).values(), 5),
                of("softmax", x -> x.softmax(1).add(x.logSoftmax(2)), 3, 4),
                of("logarithm of sums", x -> x.logSumExp(false, 1), 4));
    }

    static Stream<Arguments> indexing() {
        Tensor table = Exported.drawn(F32, 5, 2, 3);
        Tensor rows = Tensor.of(new int[] {2, 0, 2}, 3);
        return Stream.of(
                of("rows of a table", I32, x -> table.take(x, 0), 4),
                of(
                        "elements of an axis",
                        x -> x.take(rows, 1)
                                .add(x.take(rows.reshape(3, 1).add(1), 2)
                                        .sum(3)
                                        .slice(2, 0, 1)
                                        .slice(1, 0, 3)),
                        4,
                        5),
                of("along an axis", x -> x.takeAlong(x.argsort(1, false), 1), 4, 3),
                of(
                        "with a batch",
                        x -> Tensor.of(
                                new Op.Gather(2, 1),
                                x,
                                x.mean(2).abs().mul(2).cast(I32).minimum(4)),
                        4,
                        5,
                        2),
                of("one-hot", I32, x -> x.oneHot(6, F32), 4),
                of("added to rows", x -> Tensor.zeros(4, 3).scatterAdd(rows, x.sum(0), 0), 3, 3),
                of("added along an axis", x -> Tensor.of(new Op.ScatterAdd(1, 0, 4), x, rows), 3, 2),
                of(
                        "added with a batch",
                        x -> Tensor.of(
                                new Op.ScatterAdd(2, 1, 6),
                                x,
                                x.sum(1).abs().cast(I32).minimum(5)),
                        2,
                        3));
    }

    static Stream<Arguments> contractions() {
        Tensor matrix = Exported.drawn(F32, 4, 5);
        Tensor weights = Exported.drawn(F32, 3, 3, 4, 6);
        Tensor grouped = Exported.drawn(F32, 3, 2, 2, 6);
        Window odd = new Window(3, 2, 2, 1, 1, 0, 0, 1, 1, 2);
        Window pool = new Window(3, 2, 2, 1, 1, 0, 0, 1, 1, 1);
        Window dilated = new Window(2, 2, 1, 2, 1, 0, 0, 1, 2, 2);
        return Stream.of(
                of("matrices", x -> x.matmul(matrix).matmul(matrix.transpose()), 4),
                of("stacks", x -> x.matmul(matrix).matmul(matrix.transpose()).matmul(x.transpose()), 3, 4),
                of("transposed", x -> x.transpose().matmul(x).matmul(matrix), 4),
                of("one matrix for all", x -> matrix.unsqueeze(0).transpose().matmul(x.transpose()), 3, 4),
                of("convolution", x -> x.conv2d(weights, 1, 1).relu(), 5, 6, 4),
                of("in groups", x -> x.conv2d(grouped, odd, 2), 7, 6, 4),
                of(
                        "transposed convolution",
                        x -> x.convTranspose2d(weights.permute(0, 1, 3, 2), Window.of(3, 3, 2, 1, 1), 1, 1),
                        5,
                        4,
                        4),
                of("transposed in groups", x -> x.convTranspose2d(grouped, odd, 2, 0), 4, 5, 6),
                of("greatest under windows", x -> x.maxPool2d(pool), 7, 6, 2),
                of("sums under windows", x -> Tensor.of(new Op.SumPool(pool), x), 7, 6, 2),
                of("sums under dilated windows", x -> Tensor.of(new Op.SumPool(dilated), x), 7, 6, 2),
                of("means under windows", x -> x.avgPool2d(2), 6, 6, 2));
    }

    static Stream<Arguments> gradients() {
        Tensor weights = Exported.drawn(F32, 3, 3, 2, 4);
        Window odd = new Window(3, 2, 2, 1, 1, 0, 0, 1, 1, 1);
        return Stream.of(
                of("of a convolution", x -> gradient(x.conv2d(weights, 2, 1), x), 7, 6, 2),
                of(
                        "of its weights",
                        x -> gradient(
                                x.conv2d(x.slice(1, 0, 3).sum(0).slice(1, 0, 3).unsqueeze(3), 1, 0), x),
                        6,
                        5,
                        2),
                of("of greatest elements", x -> gradient(x.maxPool2d(odd), x), 7, 6, 2),
                of("twice of greatest elements", x -> gradient(gradient(x.mul(x).maxPool2d(2), x), x), 4, 6, 2),
                of("of means", x -> gradient(x.avgPool2d(odd), x), 7, 6, 2),
                of("of softmax", x -> gradient(x.softmax(1), x), 5),
                of("of slices", x -> gradient(x.slice(1, 0, 5, 2).exp(), x), 6),
                of(
                        "of a checkpoint",
                        x -> gradient(Gradients.checkpoint(v -> v.exp().mul(v), x), x),
                        6));
    }

    private static Tensor gradient(Tensor y, Tensor x) {
        return Gradients.of(y.mul(y).mul(0.1).sum(), x);
    }

    @ParameterizedTest
    @MethodSource({"elementwise", "movement", "reductions", "indexing", "contractions", "gradients"})
    void agrees(Module function, DType dtype, int[] sample) {
        Exported.checkSamples(function, dtype, TOLERANCE, sample);
    }
}
