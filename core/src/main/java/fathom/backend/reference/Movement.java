package fathom.backend.reference;

import fathom.ir.Op;
import fathom.tensor.Shape;

/// The operations that rearrange elements: for each element of the result, where it comes from.
final class Movement {
    private Movement() {}

    /// The coordinates of the element at a row-major position.
    static int[] coordinates(int position, Shape shape) {
        int[] c = new int[shape.rank()];
        int rest = position;
        for (int a = c.length - 1; a >= 0; a--) {
            c[a] = rest % shape.dim(a);
            rest /= shape.dim(a);
        }
        return c;
    }

    /// The row-major position of the element at some coordinates.
    static int position(int[] coordinates, Shape shape) {
        int p = 0;
        for (int a = 0; a < coordinates.length; a++) {
            p = p * shape.dim(a) + coordinates[a];
        }
        return p;
    }

    /// Copies one element, bit for bit.
    static void copy(Array to, int i, Array from, int j) {
        System.arraycopy(from.buffer().array(), j, to.buffer().array(), i, 1);
    }

    static void copy(Array out, Array x) {
        for (int i = 0; i < out.size(); i++) {
            copy(out, i, x, i);
        }
    }

    static void permute(Op.Permute permute, Array out, Array x) {
        for (int i = 0; i < out.size(); i++) {
            int[] to = coordinates(i, out.shape());
            int[] from = new int[to.length];
            for (int a = 0; a < to.length; a++) {
                from[permute.order().get(a)] = to[a];
            }
            copy(out, i, x, position(from, x.shape()));
        }
    }

    static void broadcast(Array out, Array x) {
        for (int i = 0; i < out.size(); i++) {
            int[] c = coordinates(i, out.shape());
            for (int a = 0; a < c.length; a++) {
                c[a] = x.shape().dim(a) == 1 ? 0 : c[a];
            }
            copy(out, i, x, position(c, x.shape()));
        }
    }

    static void slice(Op.Slice slice, Array out, Array x) {
        for (int i = 0; i < out.size(); i++) {
            int[] c = coordinates(i, out.shape());
            for (int a = 0; a < c.length; a++) {
                c[a] = slice.starts().get(a) + c[a] * slice.steps().get(a);
            }
            copy(out, i, x, position(c, x.shape()));
        }
    }

    static void pad(Op.Pad pad, Array out, Array x) {
        out.fill(pad.value());
        for (int j = 0; j < x.size(); j++) {
            int[] c = coordinates(j, x.shape());
            for (int a = 0; a < c.length; a++) {
                c[a] = pad.before().get(a) + c[a] * (pad.interior().get(a) + 1);
            }
            copy(out, position(c, out.shape()), x, j);
        }
    }

    static void concat(Op.Concat concat, Array out, Array[] in) {
        int offset = 0;
        for (Array x : in) {
            for (int j = 0; j < x.size(); j++) {
                int[] c = coordinates(j, x.shape());
                c[concat.axis()] += offset;
                copy(out, position(c, out.shape()), x, j);
            }
            offset += x.shape().dim(concat.axis());
        }
    }
}
