package fathom.io.onnx.operators;

import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// Complex numbers.
///
/// @param real the real parts
/// @param imaginary the imaginary parts, null where all are 0
record Complex(Tensor real, @Nullable Tensor imaginary) {
    private static final int FEW = 64;
    private static final int MANY = 512;

    /// Of a tensor whose last axis has the real parts, or the real and the imaginary ones.
    static Complex of(Tensor x) {
        return new Complex(x.at(-1, 0), x.dim(-1) == 1 ? null : x.at(-1, 1));
    }

    private Complex each(UnaryOperator<Tensor> function) {
        return new Complex(function.apply(real), imaginary == null ? null : function.apply(imaginary));
    }

    private Tensor other() {
        return imaginary == null ? ElementwiseOperators.zeros(real) : imaginary;
    }

    /// With the parts along a last axis.
    Tensor joined() {
        return Tensor.stack(real.rank(), real, other());
    }

    Complex mul(double factor) {
        return each(x -> x.mul(factor));
    }

    Complex mul(Tensor factors) {
        return each(x -> x.mul(factors));
    }

    /// The first elements along an axis.
    Complex slice(int axis, int count) {
        return each(x -> x.slice(axis, 0, count));
    }

    /// So many elements along an axis: the first ones, or zeros after them.
    Complex sized(int axis, int count) {
        int n = real.dim(axis);
        return n < count ? each(x -> x.pad(axis, 0, count - n)) : slice(axis, count);
    }

    /// The whole spectrum of a real signal, from its first half.
    Complex mirrored(int axis, int count) {
        Complex first = sized(axis, count / 2 + 1);
        int rest = count - count / 2 - 1;
        // From the element `rest` down to the one at 1.
        Tensor re = first.real.slice(axis, 1, rest + 1).flip(axis);
        Tensor im = first.other().slice(axis, 1, rest + 1).flip(axis).neg();
        return new Complex(Tensor.concat(axis, first.real, re), Tensor.concat(axis, first.other(), im));
    }

    /// The discrete Fourier transform along an axis, not divided by anything.
    Complex transformed(int axis, boolean inverse) {
        int last = real.rank() - 1;
        Complex rows = each(x -> x.transpose(axis, last));
        Shape shape = rows.real.shape();
        int n = shape.dim(-1);
        Complex y = rows.each(x -> x.reshape(-1, n)).rows(n, inverse);
        return y.each(x -> x.reshape(shape).transpose(axis, last));
    }

    /// That of each row of a matrix: by a matrix for few elements. Those of `p * q` elements are p
    /// transforms of q elements and q of p elements (Cooley and Tukey: *An algorithm for the machine
    /// calculation of complex Fourier series*, 1965).
    private Complex rows(int n, boolean inverse) {
        int p = n <= FEW ? 1 : factor(n);
        if (p == 1) {
            return n <= MANY ? times(turns(n, n, n, inverse)) : convolved(n, inverse);
        }
        int q = n / p;
        // Element q * i + j: transforms over i for each j, turned, then transforms over j.
        Complex columns = each(x -> x.reshape(-1, p, q).transpose().reshape(-1, p));
        Complex inner = columns.rows(p, inverse).each(x -> x.reshape(-1, q, p).transpose());
        Complex outer = inner.turned(turns(p, q, n, inverse))
                .each(x -> x.reshape(-1, q))
                .rows(q, inverse);
        return outer.each(x -> x.reshape(-1, p, q).transpose().reshape(-1, n));
    }

    /// That of many elements whose number is prime, as a convolution, which is done with transforms of a
    /// power of two (Bluestein: *A linear filtering approach to the computation of discrete Fourier
    /// transform*, 1970).
    private Complex convolved(int n, boolean inverse) {
        int size = Math.max(2, Integer.highestOneBit(2 * n - 1) * 2);
        double[] re = new double[n];
        double[] im = new double[n];
        double[] kernelRe = new double[size];
        double[] kernelIm = new double[size];
        for (int i = 0; i < n; i++) {
            double angle = Math.PI * ((long) i * i % (2L * n)) / n;
            re[i] = Math.cos(angle);
            im[i] = inverse ? Math.sin(angle) : -Math.sin(angle);
            kernelRe[i] = re[i];
            kernelIm[i] = -im[i];
            kernelRe[(size - i) % size] = re[i];
            kernelIm[(size - i) % size] = -im[i];
        }
        Complex chirp = table(re, im, 1);
        Complex kernel = table(kernelRe, kernelIm, 1).rows(size, false);
        return turned(chirp)
                .sized(1, size)
                .rows(size, false)
                .turned(kernel)
                .rows(size, true)
                .mul(1.0 / size)
                .slice(1, n)
                .turned(chirp);
    }

    private Complex table(double[] re, double[] im, int rows) {
        DType dtype = real.dtype();
        return new Complex(
                Tensor.of(re, rows, re.length / rows).cast(dtype),
                Tensor.of(im, rows, im.length / rows).cast(dtype));
    }

    /// The divisor nearest below the square root, 1 of a prime number.
    private static int factor(int n) {
        int p = (int) Math.sqrt(n);
        while (n % p != 0) {
            p--;
        }
        return p;
    }

    /// `exp(-2 pi i j k / n)` for each row j and column k.
    private Complex turns(int rows, int columns, int n, boolean inverse) {
        int size = Math.multiplyExact(rows, columns);
        double[] re = new double[size];
        double[] im = new double[size];
        double sign = inverse ? 1 : -1;
        Arrays.setAll(re, i -> Math.cos(angle(i, columns, n)));
        Arrays.setAll(im, i -> sign * Math.sin(angle(i, columns, n)));
        return table(re, im, rows);
    }

    private static double angle(int i, int columns, int n) {
        long turn = (long) (i / columns) * (i % columns) % n;
        return 2 * Math.PI * turn / n;
    }

    private Complex times(Complex matrix) {
        Tensor re = real.matmul(matrix.real);
        Tensor im = real.matmul(matrix.other());
        if (imaginary == null) {
            return new Complex(re, im);
        }
        return new Complex(re.sub(imaginary.matmul(matrix.other())), im.add(imaginary.matmul(matrix.real)));
    }

    private Complex turned(Complex by) {
        Tensor im = other();
        return new Complex(
                real.mul(by.real).sub(im.mul(by.other())), real.mul(by.other()).add(im.mul(by.real)));
    }
}
