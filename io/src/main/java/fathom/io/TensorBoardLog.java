package fathom.io;

import fathom.ir.Require;
import fathom.nn.Module;
import fathom.nn.Modules;
import fathom.nn.train.Callback;
import fathom.nn.train.EpochResult;
import fathom.nn.train.StepResult;
import fathom.tensor.Tensor;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Writes the course of a training for TensorBoard.
///
/// ```
/// try (var log = TensorBoardLog.in(Path.of("runs/first")).weights(model, 100).gradients(100)) {
///     trainer.callbacks(log).fit(train, Epochs.of(5));
/// }
/// ```
///
/// After every 20 steps, unless told otherwise, there are `step/loss` and `step/learning rate`; after each
/// epoch its measures, as `loss/train` and `loss/validation`, and `speed/samples per second`. A training that
/// is resumed begins another event file in the folder, which TensorBoard shows as one with the first, without
/// what that has of steps after the checkpoint; a new one takes the place of what the folder has.
public final class TensorBoardLog implements Callback, AutoCloseable {
    private static final int DEFAULT_STEPS = 20;

    private final Path folder;
    private int everySteps = DEFAULT_STEPS;
    private @Nullable Module model;
    private int everyWeights;
    private int everyGradients;
    private @Nullable EventWriter writer;
    /// Whether the writer has something that the file has not.
    private boolean written;
    private long step;
    /// The first step of a training of which the file says nothing yet; 0 if it does.
    private long first;

    private TensorBoardLog(Path folder) {
        this.folder = folder;
    }

    /// A log in a folder, which is made when there is something to write.
    public static TensorBoardLog in(Path folder) {
        return new TensorBoardLog(folder);
    }

    /// Writes the loss and the learning rate of every so many steps.
    ///
    /// @throws IllegalArgumentException if the number is below 1
    public TensorBoardLog everySteps(int steps) {
        Require.positive("TensorBoard log: every steps", steps);
        everySteps = steps;
        return this;
    }

    /// Writes also how each weight of the model is distributed, every so many steps.
    ///
    /// @throws IllegalArgumentException if the number is below 1
    public TensorBoardLog weights(Module of, int steps) {
        Require.positive("TensorBoard log: weights every steps", steps);
        everyWeights = steps;
        model = of;
        return this;
    }

    /// Writes also how the gradient of each weight is distributed, every so many steps; see
    /// [Callback#wantsGradients].
    ///
    /// @throws IllegalArgumentException if the number is below 1
    public TensorBoardLog gradients(int steps) {
        Require.positive("TensorBoard log: gradients every steps", steps);
        everyGradients = steps;
        return this;
    }

    /// Adds a point to a curve, at the latest step.
    ///
    /// @throws IllegalArgumentException if the tag is blank
    public void scalar(String tag, double value) {
        events().scalar(tag, value, step);
    }

    /// Adds a picture, at the latest step.
    ///
    /// @param png the bytes of a PNG file
    /// @throws IllegalArgumentException if they are not, or the tag is blank
    public void image(String tag, byte[] png) {
        events().image(tag, png, step);
    }

    @Override
    public void started(Plan plan) {
        step = plan.stepsDone();
        first = step + 1;
    }

    @Override
    public boolean wantsGradients(long ofStep) {
        return isDue(ofStep, everyGradients);
    }

    @Override
    public void gradients(long ofStep, Map<String, Tensor> gradients) {
        gradients.forEach((path, g) -> histogram("gradients/" + path, g, ofStep));
    }

    @Override
    public void step(StepResult result) {
        boolean isNew = step != result.step();
        step = result.step();
        // Where gradients are accumulated, several batches are one step.
        if (isNew && isDue(step, everySteps)) {
            scalar("step/loss", result.loss());
            scalar("step/learning rate", result.learningRate());
        }
        if (isNew && isDue(step, everyWeights) && model != null) {
            Modules.parameters(model).forEach((path, p) -> histogram("weights/" + path, p.value(), step));
        }
        flush();
    }

    @Override
    public void epoch(EpochResult result) {
        result.training().forEach((name, v) -> scalar(name + "/train", v));
        result.validation().forEach((name, v) -> scalar(name + "/validation", v));
        scalar("speed/samples per second", result.samples() / result.seconds());
        flush();
    }

    /// A checkpoint may follow: what comes before it is not written again.
    private void flush() {
        if (written && writer != null) {
            writer.flush();
            written = false;
        }
    }

    private static boolean isDue(long step, int every) {
        return every > 0 && step % every == 0;
    }

    /// Values that are not finite have no distribution that could be drawn.
    private void histogram(String tag, Tensor values, long at) {
        if (values.isFinite().all().item() == 1) {
            events().histogram(tag, values, at);
        }
    }

    /// Asked for when there is something to write, and opened then: the first step should not wait for it.
    private EventWriter events() {
        written = true;
        EventWriter open = writer;
        if (open == null) {
            open = EventWriter.create(folder);
            writer = open;
        }
        if (first > 0) {
            open.start(first);
            first = 0;
        }
        return open;
    }

    /// Completes the file. What is written later goes to another one.
    ///
    /// @throws UncheckedIOException if that fails
    @Override
    public void close() {
        EventWriter open = writer;
        writer = null;
        if (open != null) {
            open.close();
        }
    }
}
