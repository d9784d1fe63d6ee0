package fathom.parity;

import static fathom.parity.Input.normal;

import java.util.Arrays;
import java.util.stream.Stream;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Products of matrices, of stacks of them and of vectors.
@RequiresLibtorch
class MatMulTest {
    @TestFactory
    Stream<DynamicTest> products() {
        return Case.tests(
                product(shape(3, 4), shape(4, 5)),
                product(shape(1, 7), shape(7, 3)),
                product(shape(5, 7), shape(7, 1)),
                product(shape(1, 1), shape(1, 1)),
                product(shape(0, 3), shape(3, 2)),
                product(shape(2, 0), shape(0, 2)),
                product(shape(4), shape(4)),
                product(shape(4), shape(4, 3)),
                product(shape(3, 4), shape(4)),
                product(shape(2, 3, 4), shape(4)),
                product(shape(4), shape(2, 4, 3)),
                product(shape(2, 3, 4), shape(4, 5)),
                product(shape(3, 4), shape(2, 4, 5)),
                product(shape(2, 3, 4), shape(2, 4, 5)),
                product(shape(2, 1, 3, 4), shape(5, 4, 2)),
                product(shape(2, 5, 3, 4), shape(2, 5, 4, 6)),
                product(shape(37, 61), shape(61, 53)).within(10),
                product(shape(128, 300), shape(300, 70)).within(50),
                product(shape(5, 19, 33), shape(5, 33, 17)).within(10),
                product(shape(1, 1600), shape(1600, 128)).within(50),
                product(shape(128, 784), shape(784, 10)).within(50));
    }

    @TestFactory
    Stream<DynamicTest> transposed() {
        return Case.tests(
                Case.of(
                        "left",
                        normal(4, 3),
                        normal(4, 5),
                        (a, b) -> a.transpose().matmul(b),
                        (a, b) -> torch.matmul(a.t(), b)),
                Case.of(
                        "right",
                        normal(3, 4),
                        normal(5, 4),
                        (a, b) -> a.matmul(b.transpose()),
                        (a, b) -> torch.matmul(a, b.t())),
                Case.of(
                        "both",
                        normal(4, 3),
                        normal(5, 4),
                        (a, b) -> a.transpose().matmul(b.transpose()),
                        (a, b) -> torch.matmul(a.t(), b.t())),
                Case.of(
                        "in a stack",
                        normal(2, 3, 4, 5),
                        normal(2, 3, 6, 5),
                        (a, b) -> a.matmul(b.transpose()),
                        (a, b) -> torch.matmul(a, b.transpose(-1, -2))),
                Case.of(
                        "attention",
                        normal(2, 6, 3, 4),
                        normal(2, 6, 3, 4),
                        normal(2, 6, 3, 4),
                        (q, k, v) -> q.transpose(1, 2)
                                .matmul(k.permute(0, 2, 3, 1))
                                .mul(0.5)
                                .softmax(-1)
                                .matmul(v.transpose(1, 2))
                                .transpose(1, 2)
                                .reshape(2, 6, 12),
                        (q, k, v) -> torch.matmul(
                                        torch.softmax(
                                                torch.matmul(q.transpose(1, 2), k.permute(0, 2, 3, 1))
                                                        .mul(Torch.scalar(0.5)),
                                                -1),
                                        v.transpose(1, 2))
                                .transpose(1, 2)
                                .reshape(2, 6, 12)));
    }

    /// What follows a product is computed block by block, if its rows and columns are the
    /// product's.
    @TestFactory
    Stream<DynamicTest> followed() {
        Input a = normal(6, 4);
        Input b = normal(4, 8);
        return Case.tests(
                Case.of(
                        "by a bias and an activation",
                        a,
                        b,
                        normal(8),
                        (x, y, z) -> x.matmul(y).add(z).tanh(),
                        (x, y, z) -> torch.matmul(x, y).add(z).tanh()),
                Case.of(
                        "by a column",
                        a,
                        b,
                        normal(6, 1),
                        (x, y, z) -> x.matmul(y).mul(z),
                        (x, y, z) -> torch.matmul(x, y).mul(z)),
                Case.of(
                        "by other rows",
                        a,
                        b,
                        normal(12),
                        (x, y, z) -> x.matmul(y).reshape(4, 12).mul(z),
                        (x, y, z) -> torch.matmul(x, y).reshape(4, 12).mul(z)),
                Case.of(
                        "by one row",
                        a,
                        b,
                        normal(48),
                        (x, y, z) -> x.matmul(y).reshape(48).mul(z),
                        (x, y, z) -> torch.matmul(x, y).reshape(48).mul(z)),
                Case.of(
                        "transposed",
                        a,
                        b,
                        normal(8, 6),
                        (x, y, z) -> x.matmul(y).transpose().mul(z),
                        (x, y, z) -> torch.matmul(x, y).t().mul(z)));
    }

    private static Case product(int[] a, int[] b) {
        return Case.of(
                Arrays.toString(a) + " x " + Arrays.toString(b),
                normal(a),
                normal(b),
                (x, y) -> x.matmul(y),
                torch::matmul);
    }

    private static int[] shape(int... sizes) {
        return sizes;
    }
}
