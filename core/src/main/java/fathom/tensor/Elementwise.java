package fathom.tensor;

import fathom.ir.BinaryOp;
import fathom.ir.Op;
import fathom.ir.Require;
import fathom.ir.UnaryOp;

/// The operations that work element by element.
///
/// Two operands are stretched to a common shape by NumPy's broadcasting rule and must have the same
/// dtype; a Java number takes the tensor's dtype.
public sealed interface Elementwise permits Tensor {
    /// This object as a tensor.
    Tensor self();

    // ---- arithmetic ----

    /// Sum.
    default Tensor add(Tensor other) {
        return binary(BinaryOp.ADD, self(), other);
    }

    /// Sum with a number.
    default Tensor add(double other) {
        return binary(BinaryOp.ADD, self(), like(other));
    }

    /// Difference.
    default Tensor sub(Tensor other) {
        return binary(BinaryOp.SUBTRACT, self(), other);
    }

    /// Difference with a number.
    default Tensor sub(double other) {
        return binary(BinaryOp.SUBTRACT, self(), like(other));
    }

    /// A number minus this.
    default Tensor rsub(double other) {
        return binary(BinaryOp.SUBTRACT, like(other), self());
    }

    /// Product, element by element.
    default Tensor mul(Tensor other) {
        return binary(BinaryOp.MULTIPLY, self(), other);
    }

    /// Product with a number.
    default Tensor mul(double other) {
        return binary(BinaryOp.MULTIPLY, self(), like(other));
    }

    /// Quotient; integers truncate toward zero and give 0 when divided by 0.
    default Tensor div(Tensor other) {
        return binary(BinaryOp.DIVIDE, self(), other);
    }

    /// Quotient by a number.
    default Tensor div(double other) {
        return binary(BinaryOp.DIVIDE, self(), like(other));
    }

    /// A number divided by this.
    default Tensor rdiv(double other) {
        return binary(BinaryOp.DIVIDE, like(other), self());
    }

    /// Power, floating only.
    default Tensor pow(Tensor exponent) {
        return binary(BinaryOp.POWER, self(), exponent);
    }

    /// Power with a constant exponent; small whole exponents become products.
    default Tensor pow(double exponent) {
        Tensor x = self();
        if (exponent == 1) {
            return x;
        }
        if (exponent == 2) {
            return x.mul(x);
        }
        if (exponent == 3) {
            return x.mul(x).mul(x);
        }
        if (exponent == 0.5) {
            return x.sqrt();
        }
        if (exponent == -1) {
            return x.rdiv(1);
        }
        return binary(BinaryOp.POWER, x, like(exponent));
    }

    /// Remainder with the sign of the divisor, as NumPy's `mod`.
    default Tensor mod(Tensor other) {
        return binary(BinaryOp.MODULO, self(), other);
    }

    /// The greater of both; NaN if either is NaN.
    default Tensor maximum(Tensor other) {
        return binary(BinaryOp.MAXIMUM, self(), other);
    }

    /// The greater of this and a number.
    default Tensor maximum(double other) {
        return binary(BinaryOp.MAXIMUM, self(), like(other));
    }

    /// The smaller of both; NaN if either is NaN.
    default Tensor minimum(Tensor other) {
        return binary(BinaryOp.MINIMUM, self(), other);
    }

    /// The smaller of this and a number.
    default Tensor minimum(double other) {
        return binary(BinaryOp.MINIMUM, self(), like(other));
    }

    /// Kept within `low` and `high`.
    default Tensor clamp(double low, double high) {
        return self().maximum(low).minimum(high);
    }

    // ---- functions ----

    default Tensor neg() {
        return unary(UnaryOp.NEGATE);
    }

    default Tensor abs() {
        return unary(UnaryOp.ABS);
    }

    default Tensor sign() {
        return unary(UnaryOp.SIGN);
    }

    default Tensor exp() {
        return unary(UnaryOp.EXP);
    }

    default Tensor log() {
        return unary(UnaryOp.LOG);
    }

    default Tensor expm1() {
        return unary(UnaryOp.EXPM1);
    }

    default Tensor log1p() {
        return unary(UnaryOp.LOG1P);
    }

    default Tensor sqrt() {
        return unary(UnaryOp.SQRT);
    }

    default Tensor sin() {
        return unary(UnaryOp.SIN);
    }

    default Tensor cos() {
        return unary(UnaryOp.COS);
    }

    default Tensor tanh() {
        return unary(UnaryOp.TANH);
    }

    default Tensor erf() {
        return unary(UnaryOp.ERF);
    }

    default Tensor sigmoid() {
        return unary(UnaryOp.SIGMOID);
    }

    default Tensor floor() {
        return unary(UnaryOp.FLOOR);
    }

    default Tensor ceil() {
        return unary(UnaryOp.CEIL);
    }

    /// Nearest whole number, ties to even.
    default Tensor round() {
        return unary(UnaryOp.ROUND);
    }

    default Tensor square() {
        return self().mul(self());
    }

    /// max(x, 0); its derivative at 0 is 0.
    default Tensor relu() {
        return self().maximum(0);
    }

    // ---- comparison and logic: BOOL results ----

    default Tensor less(Tensor other) {
        return binary(BinaryOp.LESS, self(), other);
    }

    default Tensor less(double other) {
        return binary(BinaryOp.LESS, self(), like(other));
    }

    default Tensor lessEqual(Tensor other) {
        return binary(BinaryOp.LESS_EQUAL, self(), other);
    }

    default Tensor lessEqual(double other) {
        return binary(BinaryOp.LESS_EQUAL, self(), like(other));
    }

    default Tensor greater(Tensor other) {
        return binary(BinaryOp.LESS, other, self());
    }

    default Tensor greater(double other) {
        return binary(BinaryOp.LESS, like(other), self());
    }

    default Tensor greaterEqual(Tensor other) {
        return binary(BinaryOp.LESS_EQUAL, other, self());
    }

    default Tensor greaterEqual(double other) {
        return binary(BinaryOp.LESS_EQUAL, like(other), self());
    }

    default Tensor equal(Tensor other) {
        return binary(BinaryOp.EQUAL, self(), other);
    }

    default Tensor equal(double other) {
        return binary(BinaryOp.EQUAL, self(), like(other));
    }

    default Tensor notEqual(Tensor other) {
        return binary(BinaryOp.NOT_EQUAL, self(), other);
    }

    default Tensor notEqual(double other) {
        return binary(BinaryOp.NOT_EQUAL, self(), like(other));
    }

    /// True where not a number.
    default Tensor isNaN() {
        return self().notEqual(self());
    }

    /// True where neither infinite nor not a number.
    default Tensor isFinite() {
        // Infinity minus itself is NaN, as NaN is, and that equals nothing.
        return self().sub(self()).equal(0);
    }

    /// Logical (BOOL) or bitwise (integers) and.
    default Tensor and(Tensor other) {
        return binary(BinaryOp.AND, self(), other);
    }

    /// Logical (BOOL) or bitwise (integers) or.
    default Tensor or(Tensor other) {
        return binary(BinaryOp.OR, self(), other);
    }

    /// Logical (BOOL) or bitwise (integers) exclusive or.
    default Tensor xor(Tensor other) {
        return binary(BinaryOp.XOR, self(), other);
    }

    /// Logical not, on BOOL.
    default Tensor not() {
        return unary(UnaryOp.NOT);
    }

    /// Shifted right without sign, on integers.
    default Tensor shiftRight(int bits) {
        return binary(BinaryOp.SHIFT_RIGHT, self(), like(bits));
    }

    /// `ifTrue` where this (BOOL) is true, else `ifFalse`; all three broadcast.
    default Tensor select(Tensor ifTrue, Tensor ifFalse) {
        Tensor c = self();
        Shape s = Shape.broadcast("select", Shape.broadcast("select", c.shape(), ifTrue.shape()), ifFalse.shape());
        return Tensor.of(new Op.Select(), c.broadcastTo(s), ifTrue.broadcastTo(s), ifFalse.broadcastTo(s));
    }

    /// Converted to another dtype: floats to integers truncate toward zero.
    default Tensor cast(DType dtype) {
        return Tensor.of(new Op.Cast(dtype), self());
    }

    /// The same bits as another dtype of as many: F32 as I32 and back, F64 as I64 and back. Every NaN has the bits
    /// of `Float.NaN` or `Double.NaN`. There is no gradient.
    ///
    /// @throws IllegalArgumentException for other dtypes
    default Tensor bitCast(DType dtype) {
        return Tensor.of(new Op.BitCast(dtype), self());
    }

    /// A scalar of this tensor's dtype, stretched to its shape.
    private Tensor like(double value) {
        Tensor x = self();
        String message = "a number with a tensor of %s: expected F32, F64, I32, I64 or U8; cast() converts it";
        Require.that(x.dtype().isNumeric(), message, x.type());
        return Tensor.full(x.shape(), x.dtype(), value);
    }

    private Tensor unary(UnaryOp function) {
        return Tensor.of(new Op.Unary(function), self());
    }

    private static Tensor binary(BinaryOp function, Tensor a, Tensor b) {
        Op.Binary op = new Op.Binary(function);
        if (a.dtype() != b.dtype()) {
            return Tensor.of(op, a, b);
        }
        Shape s = Shape.broadcast(op.title(), a.shape(), b.shape());
        return Tensor.of(op, a.broadcastTo(s), b.broadcastTo(s));
    }
}
