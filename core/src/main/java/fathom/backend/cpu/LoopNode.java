package fathom.backend.cpu;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// One operation of an expanded kernel: its operands are indices of earlier nodes, -1 where unused.
record LoopNode(LoopCode code, LoopType type, int a, int b, int c, long immediate) {

    /// Builds nodes; equal ones are made once, so a common subexpression is computed once.
    static final class Builder {
        private final List<LoopNode> nodes = new ArrayList<>();
        private final Map<LoopNode, Integer> known = new HashMap<>();

        List<LoopNode> nodes() {
            return nodes;
        }

        LoopType type(int node) {
            return nodes.get(node).type;
        }

        int add(LoopCode code, LoopType type, int a, int b, int c, long immediate) {
            var node = new LoopNode(code, type, a, b, c, immediate);
            return known.computeIfAbsent(node, fresh -> {
                nodes.add(fresh);
                return nodes.size() - 1;
            });
        }

        int leaf(LoopCode code, LoopType type, long index) {
            return add(code, type, -1, -1, -1, index);
        }

        int unary(LoopCode code, int a) {
            return add(code, type(a), a, -1, -1, 0);
        }

        int binary(LoopCode code, int a, int b) {
            return add(code, type(a), a, b, -1, 0);
        }

        int compare(LoopCode code, int a, int b) {
            return add(code, LoopType.BOOL, a, b, -1, 0);
        }

        int select(int condition, int whenTrue, int whenFalse) {
            return add(LoopCode.SELECT, type(whenTrue), condition, whenTrue, whenFalse, 0);
        }

        int shift(LoopCode code, int a, int count) {
            return add(code, type(a), a, -1, -1, count);
        }

        int fma(int a, int b, int c) {
            return add(LoopCode.FMA, type(a), a, b, c, 0);
        }

        int sum(int a, int b) {
            return binary(LoopCode.ADD, a, b);
        }

        int difference(int a, int b) {
            return binary(LoopCode.SUBTRACT, a, b);
        }

        int product(int a, int b) {
            return binary(LoopCode.MULTIPLY, a, b);
        }

        int bits(LoopType type, int a) {
            return add(LoopCode.BITS, type, a, -1, -1, 0);
        }

        int convert(LoopType type, int a) {
            return type == type(a) ? a : add(LoopCode.CONVERT, type, a, -1, -1, 0);
        }

        int call(LoopCall call, int... operands) {
            return add(
                    LoopCode.CALL,
                    call.result,
                    operands[0],
                    operands.length > 1 ? operands[1] : -1,
                    -1,
                    call.ordinal());
        }

        int constant(float value) {
            return leaf(LoopCode.CONSTANT, LoopType.F32, Float.floatToRawIntBits(value));
        }

        int constant(int value) {
            return leaf(LoopCode.CONSTANT, LoopType.I32, value);
        }

        /// The constant, which must be exact in the type.
        int constant(LoopType type, double value) {
            return leaf(LoopCode.CONSTANT, type, type.bits(value));
        }

        /// The polynomial with the given F32 coefficients, constant term first, by Horner's rule.
        int polynomial(int x, float... coefficients) {
            int sum = constant(coefficients[coefficients.length - 1]);
            for (int i = coefficients.length - 2; i >= 0; i--) {
                sum = fma(sum, x, constant(coefficients[i]));
            }
            return sum;
        }
    }
}
