package fathom.io.onnx.export;

import fathom.ir.Op;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/// Products of matrices.
final class ContractionNodes {
    private final Emitter e;

    ContractionNodes(Emitter emitter) {
        this.e = emitter;
    }

    Value matMul(Term t) {
        Op.MatMul op = (Op.MatMul) t.op();
        Value left = op.transposeLeft() ? turned(e.value(t.in(0))) : e.value(t.in(0));
        Value right = op.transposeRight() ? turned(e.value(t.in(1))) : e.value(t.in(1));
        if (t.rank() == 2) {
            return e.made(t, plain(left, right));
        }
        int[] places = IntStream.range(0, t.rank()).toArray();
        int[] matrices = {t.rank() - 2, t.rank() - 1};
        String a = e.arranger().ordered(left, places, matrices);
        String b = stacked(right) ? e.arranger().ordered(right, places, matrices) : matrix(right);
        // Where neither of them differs along an axis of the stack, the product does not either.
        int[] result = IntStream.range(0, t.rank())
                .map(i -> i >= t.rank() - 2 || left.varies(i) || right.varies(i) ? i : -1)
                .toArray();
        return e.made(t.sizes(), t.dtype(), e.node("MatMul", a, b), t.rank(), result);
    }

    private static Value turned(Value v) {
        List<Integer> order =
                new ArrayList<>(IntStream.range(0, v.rank()).boxed().toList());
        Collections.swap(order, v.rank() - 1, v.rank() - 2);
        return v.permuted(order);
    }

    private static boolean stacked(Value v) {
        return v.varying().stream().anyMatch(i -> i < v.rank() - 2);
    }

    /// The one matrix of a stack of equal ones.
    private String matrix(Value v) {
        int r = v.rank();
        Value one = new Value(v.source(), v.axes().subList(r - 2, r), v.sizes().subList(r - 2, r), v.dtype());
        return e.arranger().natural(one);
    }

    /// Two matrices; `Gemm` takes them as they lie.
    private String plain(Value left, Value right) {
        boolean leftTurned = isTurned(left);
        boolean rightTurned = isTurned(right);
        if (!leftTurned && !rightTurned) {
            return e.node("MatMul", e.arranger().natural(left), e.arranger().natural(right));
        }
        Attributes attributes =
                Attributes.none().with("transA", leftTurned ? 1 : 0).with("transB", rightTurned ? 1 : 0);
        String a = e.arranger().natural(leftTurned ? turned(left) : left);
        String b = e.arranger().natural(rightTurned ? turned(right) : right);
        return e.node("Gemm", attributes, a, b);
    }

    private static boolean isTurned(Value v) {
        return !v.source().isFree() && v.varies(0) && v.varies(1) && v.position(0) > v.position(1);
    }

    /// A stack of vectors times a matrix.
    Value vectors(Term t, Term x, Term matrix) {
        String name = e.node("MatMul", e.natural(x), e.natural(matrix));
        return e.made(t, name);
    }
}
