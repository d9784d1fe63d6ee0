package fathom.nn.train;

import fathom.ir.Buffer;
import fathom.ir.Require;
import fathom.tensor.Tensor;

/// The coefficient of determination: which part of the targets' variance the predictions explain.
///
/// Means and squares of parts are put together without cancellation. Chan, Golub and LeVeque (1979).
public final class RSquared implements Accumulator<RSquared> {
    private long count;
    private double mean;
    private double squares;
    private double residuals;

    /// Takes note of the elements of a batch; equal shapes.
    @Override
    public void add(Tensor prediction, Tensor target) {
        String message = "rSquared: predictions %s and targets %s, expected equal shapes";
        Require.that(prediction.shape().equals(target.shape()), message, prediction.type(), target.type());
        Buffer predicted = prediction.buffer();
        Buffer actual = target.buffer();
        for (int i = 0; i < actual.size(); i++) {
            double d = predicted.getDouble(i) - actual.getDouble(i);
            merge(1, actual.getDouble(i), 0, d * d);
        }
    }

    @Override
    public void merge(RSquared other) {
        merge(other.count, other.mean, other.squares, other.residuals);
    }

    private void merge(long n, double itsMean, double itsSquares, double itsResiduals) {
        if (n == 0) {
            return;
        }
        double apart = itsMean - mean;
        double part = (double) n / (count + n);
        squares += itsSquares + apart * apart * part * count;
        mean += apart * part;
        residuals += itsResiduals;
        count += n;
    }

    /// 1 less the mean squared error over the targets' variance; NaN if all targets are equal.
    ///
    /// @throws IllegalStateException if there are no samples
    public double value() {
        if (count == 0) {
            throw new IllegalStateException("rSquared: no samples, expected at least one");
        }
        return squares == 0 ? Double.NaN : 1 - residuals / squares;
    }
}
