package fathom.parity;

import static fathom.parity.Case.of;
import static fathom.parity.Input.uniform;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Functions of one operand, over a grid of ordinary numbers and over a list of unpleasant ones.
@RequiresLibtorch
class FunctionsTest {
    /// From -10 to 10 in steps of 1/16, and powers of ten from 1e-30 to 1e30 of both signs.
    private static final Input GRID = grid(30);

    /// As [#GRID], to 1e4: from there on an F32's sine is decided by the reduction of its argument.
    private static final Input ANGLES = grid(4);

    private static final Input UNPLEASANT = Input.values(
            Double.POSITIVE_INFINITY,
            Double.NEGATIVE_INFINITY,
            0,
            -0.0,
            Float.MAX_VALUE,
            -Float.MAX_VALUE,
            Float.MIN_NORMAL,
            87.5,
            88.5,
            89.5,
            -87.5,
            -103,
            -110,
            700,
            -750,
            1,
            -1);

    private static Input grid(int decades) {
        List<Double> points = new ArrayList<>();
        for (int i = -160; i <= 160; i++) {
            points.add(i / 16.0);
        }
        for (int i = -30; i <= decades; i++) {
            points.add(Math.pow(10, i));
            points.add(-Math.pow(10, i));
        }
        return Input.values(points.stream().mapToDouble(Double::doubleValue).toArray());
    }

    @TestFactory
    Stream<DynamicTest> onTheGrid() {
        return Case.tests(all(GRID, ANGLES));
    }

    @TestFactory
    Stream<DynamicTest> onUnpleasantNumbers() {
        return Case.tests(all(UNPLEASANT, UNPLEASANT));
    }

    /// Not `sign`: of NaN it is NaN here, as in NumPy, and 0 in libtorch.
    @TestFactory
    Stream<DynamicTest> onNaN() {
        Input x = Input.values(1, Double.NaN, 2);
        return Case.tests(Arrays.stream(all(x, x))
                .filter(c -> !c.name().equals("sign"))
                .map(Case::flat)
                .toArray(Case[]::new));
    }

    @TestFactory
    Stream<DynamicTest> inLongRuns() {
        return Case.tests(all(uniform(-5, 5, 37, 41), uniform(-50, 50, 37, 41)));
    }

    private static Case[] all(Input x, Input angles) {
        return new Case[] {
            of("neg", x, a -> a.neg(), a -> a.neg()),
            of("abs", x, a -> a.abs(), a -> a.abs()),
            of("sign", x, a -> a.sign(), a -> a.sign()).flat(),
            of("exp", x, a -> a.exp(), a -> a.exp()),
            of("log", x, a -> a.log(), a -> a.log()),
            of("expm1", x, a -> a.expm1(), a -> a.expm1()),
            of("log1p", x, a -> a.log1p(), a -> a.log1p()),
            of("sqrt", x, a -> a.sqrt(), a -> a.sqrt()),
            of("sin", angles, a -> a.sin(), a -> a.sin()),
            of("cos", angles, a -> a.cos(), a -> a.cos()),
            of("tanh", x, a -> a.tanh(), a -> a.tanh()),
            of("erf", x, a -> a.erf(), a -> a.erf()),
            of("sigmoid", x, a -> a.sigmoid(), a -> a.sigmoid()),
            of("floor", x, a -> a.floor(), a -> a.floor()).flat(),
            of("ceil", x, a -> a.ceil(), a -> a.ceil()).flat(),
            of("round", x, a -> a.round(), a -> a.round()).flat(),
            of("square", x, a -> a.square(), a -> a.mul(a)),
            of("relu", x, a -> a.relu(), a -> a.relu()),
        };
    }
}
