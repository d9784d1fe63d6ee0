package fathom.parity;

import static fathom.parity.Case.of;
import static fathom.parity.Input.distinct;
import static fathom.parity.Input.indices;
import static fathom.parity.Input.normal;
import static fathom.parity.Input.ties;
import static fathom.parity.Input.values;
import static fathom.parity.Torch.index;

import fathom.tensor.DType;
import java.util.stream.Stream;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Operations by tensors of indices, and sorting.
@RequiresLibtorch
class IndexingTest {
    @TestFactory
    Stream<DynamicTest> gathering() {
        Input table = normal(6, 4, 3);
        return Case.tests(
                of("take", table, indices(6, 9), (a, i) -> a.take(i, 0), (a, i) -> torch.index_select(a, 0, index(i))),
                of(
                        "take 1",
                        table,
                        indices(4, 7),
                        (a, i) -> a.take(i, 1),
                        (a, i) -> torch.index_select(a, 1, index(i))),
                of(
                        "take -1",
                        table,
                        indices(3, 5),
                        (a, i) -> a.take(i, -1),
                        (a, i) -> torch.index_select(a, -1, index(i))),
                of(
                        "take by a matrix",
                        normal(6, 4),
                        indices(6, 2, 3),
                        (a, i) -> a.take(i, 0),
                        (a, i) -> torch.embedding(a, index(i))),
                of(
                        "takeAlong 0",
                        table,
                        indices(6, 2, 4, 3),
                        (a, i) -> a.takeAlong(i, 0),
                        (a, i) -> a.gather(0, index(i))),
                of(
                        "takeAlong 1",
                        table,
                        indices(4, 6, 7, 3),
                        (a, i) -> a.takeAlong(i, 1),
                        (a, i) -> a.gather(1, index(i))),
                of(
                        "takeAlong -1",
                        table,
                        indices(3, 6, 4, 1),
                        (a, i) -> a.takeAlong(i, -1),
                        (a, i) -> a.gather(-1, index(i))),
                of("oneHot", indices(5, 3, 4), i -> i.oneHot(5, DType.I32), i -> torch.one_hot(index(i), 5))
                        .flat());
    }

    @TestFactory
    Stream<DynamicTest> scattering() {
        return Case.tests(
                of(
                        "scatterAdd 0",
                        normal(5, 3),
                        indices(5, 8),
                        normal(8, 3),
                        (a, i, u) -> a.scatterAdd(i, u, 0),
                        (a, i, u) -> a.index_add(0, index(i), u)),
                of(
                        "scatterAdd 1",
                        normal(2, 5, 3),
                        indices(5, 8),
                        normal(2, 8, 3),
                        (a, i, u) -> a.scatterAdd(i, u, 1),
                        (a, i, u) -> a.index_add(1, index(i), u)),
                of(
                        "scatterAdd -1",
                        normal(4, 6),
                        indices(6, 9),
                        normal(4, 9),
                        (a, i, u) -> a.scatterAdd(i, u, -1),
                        (a, i, u) -> a.index_add(-1, index(i), u)),
                of(
                        "scatterAdd by a matrix",
                        normal(5, 3),
                        indices(5, 2, 4),
                        normal(2, 4, 3),
                        (a, i, u) -> a.scatterAdd(i, u, 0),
                        (a, i, u) -> a.index_add(0, index(i).flatten(), u.reshape(8, 3))));
    }

    @TestFactory
    Stream<DynamicTest> sorting() {
        Input x = distinct(3, 7, 4);
        Input tied = ties(5, 9);
        return Case.tests(
                of("sort", x, a -> a.sort(1, false), a -> sort(a, 1, false).get0()),
                of(
                        "sort, descending",
                        x,
                        a -> a.sort(-1, true),
                        a -> sort(a, -1, true).get0()),
                of(
                        "sort, tied",
                        tied,
                        a -> a.sort(1, false),
                        a -> sort(a, 1, false).get0()),
                of(
                                "argsort",
                                x,
                                a -> a.argsort(0, false),
                                a -> sort(a, 0, false).get1())
                        .flat(),
                of(
                                "argsort, tied",
                                tied,
                                a -> a.argsort(1, false),
                                a -> sort(a, 1, false).get1())
                        .flat(),
                of(
                                "argsort, down",
                                tied,
                                a -> a.argsort(1, true),
                                a -> sort(a, 1, true).get1())
                        .flat(),
                of(
                                "sort NaN",
                                nan(),
                                a -> a.sort(0, false),
                                a -> sort(a, 0, false).get0())
                        .flat(),
                of(
                                "sort NaN, down",
                                nan(),
                                a -> a.sort(0, true),
                                a -> sort(a, 0, true).get0())
                        .flat(),
                of("topK", x, a -> a.topK(3, 1).values(), a -> top(a, 3, 1).get0()),
                of(
                        "topK last",
                        x,
                        a -> a.topK(2, -1).values(),
                        a -> top(a, 2, -1).get0()),
                of(
                                "topK indices",
                                x,
                                a -> a.topK(3, 1).indices(),
                                a -> top(a, 3, 1).get1())
                        .flat());
    }

    private static Input nan() {
        return values(3, Double.NaN, -1, Double.POSITIVE_INFINITY, 2, Double.NEGATIVE_INFINITY);
    }

    private static T_TensorTensor_T sort(Tensor a, long axis, boolean descending) {
        return torch.sort(a, new BoolOptional(true), axis, descending);
    }

    private static T_TensorTensor_T top(Tensor a, long k, long axis) {
        return torch.topk(a, k, axis, true, true);
    }
}
