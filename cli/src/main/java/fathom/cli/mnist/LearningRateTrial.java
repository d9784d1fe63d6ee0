package fathom.cli.mnist;

import fathom.cli.UserError;
import fathom.cli.picture.Axis;
import fathom.cli.picture.LineChart;
import fathom.data.Loader;
import fathom.data.Mnist;
import fathom.io.AtomicFile;
import fathom.nn.Loss;
import fathom.nn.optim.Adam;
import fathom.nn.train.LearningRateRange;
import fathom.tensor.Device;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/// Tries step sizes on MNIST, and draws the loss over them.
public final class LearningRateTrial {
    private static final LearningRateRange RANGE = LearningRateRange.of(1e-6, 1, 120);

    private LearningRateTrial() {}

    /// Draws the picture and prints which step size it suggests.
    ///
    /// @param threads how many threads compute
    /// @throws UserError if the data are damaged, the picture cannot be written, or the loss falls nowhere
    public static void run(RunSettings settings, Path picture, int threads, PrintStream out) {
        try (Device device = Device.cpu(threads)) {
            LearningRateRange.Curve curve = device.call(() -> curve(settings));
            AtomicFile.write(picture, draw(curve));
            out.printf(Locale.ROOT, "steepest fall of the loss: --learning-rate %.2g%n", curve.suggestion());
            out.println("the loss over all step sizes: " + picture);
        } catch (IllegalArgumentException | IllegalStateException | UncheckedIOException e) {
            throw new UserError(String.valueOf(e.getMessage()), e);
        }
    }

    private static LearningRateRange.Curve curve(RunSettings settings) {
        Mnist mnist = settings.data().isEmpty() ? Mnist.load() : Mnist.load(Path.of(settings.data()));
        Loader batches = mnist.train().shuffle(settings.seed()).batch(settings.batchSize());
        return RANGE.run(
                settings.model().build(settings.seed()),
                Loss.crossEntropy(),
                Adam.of(settings.learningRate()),
                batches,
                settings.seed());
    }

    private static byte[] draw(LearningRateRange.Curve curve) {
        List<LearningRateRange.Point> points = curve.points();
        Axis rates = Axis.logarithmic(
                "learning rate",
                points.stream().map(LearningRateRange.Point::learningRate).toList());
        double[] losses =
                points.stream().mapToDouble(LearningRateRange.Point::loss).toArray();
        return LineChart.draw(List.of(new LineChart.Panel(
                        "loss",
                        false,
                        rates,
                        List.of(
                                new LineChart.Series("each batch", losses),
                                new LineChart.Series("smoothed", curve.smoothed())))))
                .png();
    }
}
