package fathom.parity;

import static fathom.parity.Case.of;
import static fathom.parity.Input.normal;
import static fathom.parity.Torch.maybe;

import fathom.tensor.Index;
import fathom.tensor.Shape;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Operations that rearrange elements, each followed by one that reads them in their new order.
@RequiresLibtorch
class MovementTest {
    private static final Input CUBE = normal(3, 4, 5);

    @TestFactory
    Stream<DynamicTest> shapes() {
        return Case.tests(
                of("reshape", CUBE, a -> a.reshape(5, 12), a -> a.reshape(5, 12)),
                of("reshape, inferred", CUBE, a -> a.reshape(-1, 6), a -> a.reshape(-1, 6)),
                of("flatten", CUBE, a -> a.flatten(1), a -> torch.flatten(a, 1, -1)),
                of("unsqueeze", CUBE, a -> a.unsqueeze(1), a -> a.unsqueeze(1)),
                of("squeeze", normal(3, 1, 2), a -> a.squeeze(1), a -> a.squeeze(1)),
                of("permute", CUBE, a -> a.permute(2, 0, 1), a -> a.permute(2, 0, 1)),
                of("transpose", CUBE, a -> a.transpose(0, 2), a -> a.transpose(0, 2)),
                of("transpose last", CUBE, a -> a.transpose(), a -> a.transpose(-1, -2)),
                of(
                        "reshape of transposed",
                        CUBE,
                        a -> a.transpose(0, 1).reshape(6, 10).transpose(),
                        a -> a.transpose(0, 1).reshape(6, 10).t()),
                of("broadcast", normal(4, 1), a -> a.broadcastTo(Shape.of(3, 4, 5)), a -> a.expand(3, 4, 5)),
                of("flip", CUBE, a -> a.flip(1), a -> a.flip(1)),
                of("flip last", CUBE, a -> a.flip(-1), a -> a.flip(-1)));
    }

    @TestFactory
    Stream<DynamicTest> joining() {
        return Case.tests(
                of("pad", CUBE, a -> a.pad(1, 2, 1), a -> pad(a, 0, 0, 0, 2, 1)),
                of("pad by 7", CUBE, a -> a.pad(-1, 1, 3, 7), a -> pad(a, 7, 1, 3)),
                of(
                        "concat",
                        normal(2, 3),
                        normal(2, 4),
                        normal(2, 1),
                        (a, b, c) -> fathom.tensor.Tensor.concat(1, a, b, c),
                        (a, b, c) -> torch.cat(new TensorVector(a, b, c), 1)),
                of(
                        "concat rows",
                        normal(2, 3),
                        normal(4, 3),
                        (a, b) -> fathom.tensor.Tensor.concat(0, a, b),
                        (a, b) -> torch.cat(new TensorVector(a, b), 0)),
                of(
                        "stack",
                        normal(2, 3),
                        normal(2, 3),
                        (a, b) -> fathom.tensor.Tensor.stack(1, List.of(a, b)),
                        (a, b) -> torch.stack(new TensorVector(a, b), 1)));
    }

    @TestFactory
    Stream<DynamicTest> slicing() {
        return Case.tests(
                of("slice", CUBE, a -> a.slice(1, 1, 3), a -> slice(a, 1, 1, 3, 1)),
                of("slice from the end", CUBE, a -> a.slice(2, -3, -1), a -> slice(a, 2, -3, -1, 1)),
                of("slice too far", CUBE, a -> a.slice(0, 1, 99), a -> slice(a, 0, 1, 99, 1)),
                of("empty slice", CUBE, a -> a.slice(0, 2, 1), a -> slice(a, 0, 2, 1, 1)),
                of("step 2", CUBE, a -> a.slice(2, 0, 5, 2), a -> slice(a, 2, 0, 5, 2)),
                of("step 3", CUBE, a -> a.slice(1, 0, 4, 3), a -> slice(a, 1, 0, 4, 3)),
                of("step -2", CUBE, a -> a.slice(2, 4, 0, -2), a -> slice(a.flip(2), 2, 0, 4, 2)),
                of("at", CUBE, a -> a.at(1, 2), a -> a.select(1, 2)),
                of("at from the end", CUBE, a -> a.at(0, -1), a -> a.select(0, -1)),
                of(
                        "brackets",
                        CUBE,
                        a -> a.get(Index.at(1), Index.newAxis(), Index.range(1, 4, 2)),
                        a -> slice(a.select(0, 1), 0, 1, 4, 2).unsqueeze(0)),
                of(
                        "brackets with ellipsis",
                        CUBE,
                        a -> a.get(Index.ellipsis(), Index.range(0, 2)),
                        a -> slice(a, 2, 0, 2, 1)));
    }

    private static Tensor slice(Tensor a, long axis, long start, long stop, long step) {
        return a.slice(axis, maybe(start), maybe(stop), step);
    }

    /// @param amounts before and after, last axis first
    private static Tensor pad(Tensor a, double value, long... amounts) {
        return torch.pad(a, amounts, "constant", new DoubleOptional(value));
    }
}
