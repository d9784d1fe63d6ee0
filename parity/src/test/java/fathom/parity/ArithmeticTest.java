package fathom.parity;

import static fathom.parity.Case.of;
import static fathom.parity.Input.booleans;
import static fathom.parity.Input.distinct;
import static fathom.parity.Input.integers;
import static fathom.parity.Input.normal;
import static fathom.parity.Input.ties;
import static fathom.parity.Input.uniform;
import static fathom.parity.Input.values;
import static fathom.parity.Torch.scalar;

import fathom.tensor.DType;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Operations on two operands, comparisons and casts.
///
/// Where both operands of a maximum are equal, libtorch halves the gradient and Fathom gives it to
/// the second, so gradients are compared without ties. Powers are those of `Math.pow`, to which 1
/// to an infinite power, and to the power of NaN, is NaN; in C it is 1.
@RequiresLibtorch
class ArithmeticTest {
    private static final double INF = Double.POSITIVE_INFINITY;

    @TestFactory
    Stream<DynamicTest> arithmetic() {
        return Case.tests(
                of("add", normal(5, 7), normal(5, 7), (a, b) -> a.add(b), (a, b) -> a.add(b)),
                of("sub", normal(5, 7), normal(5, 7), (a, b) -> a.sub(b), (a, b) -> a.sub(b)),
                of("mul", normal(5, 7), normal(5, 7), (a, b) -> a.mul(b), (a, b) -> a.mul(b)),
                of("div", normal(5, 7), away(5, 7), (a, b) -> a.div(b), (a, b) -> a.div(b)),
                of("add number", normal(9), a -> a.add(2.5), a -> a.add(scalar(2.5))),
                of("sub number", normal(9), a -> a.sub(2.5), a -> a.sub(scalar(2.5))),
                of("rsub", normal(9), a -> a.rsub(2.5), a -> a.neg().add(scalar(2.5))),
                of("mul number", normal(9), a -> a.mul(2.5), a -> a.mul(scalar(2.5))),
                of("div number", normal(9), a -> a.div(3), a -> a.div(scalar(3))),
                of("rdiv", away(9), a -> a.rdiv(3), a -> a.reciprocal().mul(scalar(3))),
                of("mod", uniform(-9, 9, 60), away(60), (a, b) -> a.mod(b), torch::remainder),
                of("maximum", distinct(4, 9), normal(4, 9), (a, b) -> a.maximum(b), torch::maximum),
                of("minimum", distinct(4, 9), normal(4, 9), (a, b) -> a.minimum(b), torch::minimum),
                of("clamp", uniform(-2, 2, 40), a -> a.clamp(-1, 0.5), a -> a.clamp(bound(-1), bound(0.5))),
                of("select", booleans(4, 5), normal(4, 5), normal(5), (c, a, b) -> c.select(a, b), torch::where));
    }

    @TestFactory
    Stream<DynamicTest> broadcasting() {
        return Case.tests(
                of("row", normal(4, 3), normal(3), (a, b) -> a.mul(b), (a, b) -> a.mul(b)),
                of("column", normal(4, 3), normal(4, 1), (a, b) -> a.mul(b), (a, b) -> a.mul(b)),
                of("both", normal(4, 1, 5), normal(3, 1), (a, b) -> a.sub(b), (a, b) -> a.sub(b)),
                of("scalar", normal(), normal(2, 3), (a, b) -> a.div(b), (a, b) -> a.div(b)),
                of("empty", normal(0, 3), normal(1, 3), (a, b) -> a.add(b), (a, b) -> a.add(b)),
                of(
                        "three",
                        normal(2, 1, 3),
                        normal(4, 1),
                        normal(3),
                        (a, b, c) -> a.mul(b).add(c),
                        (a, b, c) -> a.mul(b).add(c)));
    }

    @TestFactory
    Stream<DynamicTest> powers() {
        return Case.tests(
                of("pow", uniform(0.1, 4, 40), normal(40), (a, b) -> a.pow(b), torch::pow),
                of(
                                "whole powers of negative numbers",
                                away(5, 6),
                                values(-3, -2, -1, 0, 1, 2),
                                (a, b) -> a.pow(b),
                                torch::pow)
                        .flat(),
                of("square", normal(20), a -> a.square(), a -> a.square()),
                of("pow 0.5", uniform(0.1, 9, 20), a -> a.pow(0.5), power(0.5)),
                of("pow -1", away(20), a -> a.pow(-1), power(-1)),
                of("pow 0", normal(20), a -> a.pow(0), power(0)),
                of("pow 2", normal(20), a -> a.pow(2), power(2)),
                of("pow 3", normal(20), a -> a.pow(3), power(3)),
                of("pow 5", normal(20), a -> a.pow(5), power(5)),
                of("pow -2.5", uniform(0.1, 9, 20), a -> a.pow(-2.5), power(-2.5)),
                of(
                                "special powers",
                                values(0, -0.0, INF, -INF, Double.NaN, 2, -8).column(),
                                values(0, 1, -1, 2, 0.5, -0.5, INF, -INF, Double.NaN),
                                (a, b) -> a.pow(b),
                                torch::pow)
                        .flat());
    }

    @TestFactory
    Stream<DynamicTest> specialOperands() {
        Input special = values(0, -0.0, 1, -1, INF, -INF, Double.NaN, 1e-30, 1e30);
        Input column = special.column();
        return Case.tests(
                of("add", column, special, (a, b) -> a.add(b), (a, b) -> a.add(b)),
                of("sub", column, special, (a, b) -> a.sub(b), (a, b) -> a.sub(b)),
                of("mul", column, special, (a, b) -> a.mul(b), (a, b) -> a.mul(b)),
                of("div", column, special, (a, b) -> a.div(b), (a, b) -> a.div(b))
                        .flat(),
                of("maximum", column, special, (a, b) -> a.maximum(b), torch::maximum)
                        .flat(),
                of("minimum", column, special, (a, b) -> a.minimum(b), torch::minimum)
                        .flat(),
                of("less", column, special, (a, b) -> a.less(b), (a, b) -> a.lt(b))
                        .flat(),
                of("lessEqual", column, special, (a, b) -> a.lessEqual(b), (a, b) -> a.le(b))
                        .flat(),
                of("equal", column, special, (a, b) -> a.equal(b), (a, b) -> a.eq(b))
                        .flat(),
                of("notEqual", column, special, (a, b) -> a.notEqual(b), (a, b) -> a.ne(b))
                        .flat());
    }

    @TestFactory
    Stream<DynamicTest> comparison() {
        Input a = ties(4, 9);
        Input b = ties(4, 9);
        return Case.tests(
                of("less", a, b, (x, y) -> x.less(y), (x, y) -> x.lt(y)).flat(),
                of("lessEqual", a, b, (x, y) -> x.lessEqual(y), (x, y) -> x.le(y))
                        .flat(),
                of("greater", a, b, (x, y) -> x.greater(y), (x, y) -> x.gt(y)).flat(),
                of("greaterEqual", a, b, (x, y) -> x.greaterEqual(y), (x, y) -> x.ge(y))
                        .flat(),
                of("equal", a, b, (x, y) -> x.equal(y), (x, y) -> x.eq(y)).flat(),
                of("notEqual", a, b, (x, y) -> x.notEqual(y), (x, y) -> x.ne(y)).flat(),
                of("less than 1", a, x -> x.less(1), x -> x.lt(scalar(1))).flat(),
                of("greater than 1", a, x -> x.greater(1), x -> x.gt(scalar(1))).flat(),
                of("isNaN", values(0, Double.NaN, INF), x -> x.isNaN(), x -> x.isnan())
                        .flat());
    }

    @TestFactory
    Stream<DynamicTest> integersAndBooleans() {
        Input a = integers(-50, 50, 40);
        Input b = integers(1, 9, 40);
        Input t = booleans(40);
        Input u = booleans(40);
        return Case.tests(
                of("add", a, b, (x, y) -> x.add(y), (x, y) -> x.add(y)).flat(),
                of("mul", a, b, (x, y) -> x.mul(y), (x, y) -> x.mul(y)).flat(),
                of("div", a, b, (x, y) -> x.div(y), (x, y) -> x.div(y).to(ScalarType.Int))
                        .flat(),
                of("mod", a, b, (x, y) -> x.mod(y), torch::remainder).flat(),
                of("mod by negative", a, integers(-9, 0, 40), (x, y) -> x.mod(y), torch::remainder)
                        .flat(),
                of("abs", a, x -> x.abs(), x -> x.abs()).flat(),
                of("sign", a, x -> x.sign(), x -> x.sign()).flat(),
                of("bits and", a, b, (x, y) -> x.and(y), (x, y) -> x.bitwise_and(y))
                        .flat(),
                of("bits or", a, b, (x, y) -> x.or(y), (x, y) -> x.bitwise_or(y))
                        .flat(),
                of("bits xor", a, b, (x, y) -> x.xor(y), (x, y) -> x.bitwise_xor(y))
                        .flat(),
                of("shift", b, x -> x.shiftRight(2), x -> x.bitwise_right_shift(new Scalar(2)))
                        .flat(),
                of("and", t, u, (x, y) -> x.and(y), (x, y) -> x.logical_and(y)).flat(),
                of("or", t, u, (x, y) -> x.or(y), (x, y) -> x.logical_or(y)).flat(),
                of("xor", t, u, (x, y) -> x.xor(y), (x, y) -> x.logical_xor(y)).flat(),
                of("not", t, x -> x.not(), x -> x.logical_not()).flat());
    }

    @TestFactory
    Stream<DynamicTest> casts() {
        Input x = values(-2.7, -0.5, 0, 0.5, 1.5, 2.7, 100.9);
        return Case.tests(
                of("to I32", x, a -> a.cast(DType.I32), a -> a.to(ScalarType.Int))
                        .flat(),
                of("to I64", x, a -> a.cast(DType.I64), a -> a.to(ScalarType.Long))
                        .flat(),
                of("to BOOL", x, a -> a.cast(DType.BOOL), a -> a.to(ScalarType.Bool))
                        .flat(),
                of("to F32", x, a -> a.cast(DType.F32), a -> a.to(ScalarType.Float))
                        .flat(),
                of(
                                "there and back",
                                x,
                                a -> a.cast(DType.F64).mul(a.cast(DType.F64)).cast(DType.F32),
                                a -> a.to(ScalarType.Double).square().to(ScalarType.Float))
                        .flat(),
                of("from I32", integers(-9, 9, 9), a -> a.cast(DType.F32), a -> a.to(ScalarType.Float))
                        .flat(),
                of("from BOOL", booleans(9), a -> a.cast(DType.F32), a -> a.to(ScalarType.Float))
                        .flat());
    }

    /// Numbers that are not near 0.
    private static Input away(int... shape) {
        Input magnitude = uniform(0.5, 3, shape);
        Input sign = booleans(shape);
        return (dtype, random) -> magnitude
                .make(dtype, random)
                .mul(sign.make(dtype, random).cast(dtype).mul(2).sub(1));
    }

    private static UnaryOperator<org.bytedeco.pytorch.Tensor> power(double e) {
        return x -> x.pow(scalar(e));
    }

    private static ScalarOptional bound(double value) {
        return new ScalarOptional(scalar(value));
    }
}
