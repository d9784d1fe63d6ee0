package fathom.cli.mnist;

import fathom.io.EventWriter;
import fathom.nn.Module;
import fathom.nn.Modules;
import fathom.nn.train.Callback;
import fathom.nn.train.EpochResult;
import fathom.nn.train.StepResult;
import fathom.tensor.Tensor;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Writes the course of a training for TensorBoard: the loss of every few steps, and after each
/// epoch its measures and the distribution of every weight.
final class EventLog implements Callback, AutoCloseable {
    private static final int EVERY_STEPS = 20;

    private final Path folder;
    private final Module model;
    private @Nullable EventWriter writer;
    private long step;

    EventLog(Path folder, Module model) {
        this.folder = folder;
        this.model = model;
    }

    /// Opened when there is something to write: the first step should not wait for it.
    private EventWriter events() {
        EventWriter open = writer;
        if (open == null) {
            open = EventWriter.create(folder);
            writer = open;
        }
        return open;
    }

    @Override
    public void step(StepResult result) {
        step = result.step();
        if (step % EVERY_STEPS == 0) {
            events().scalar("step/loss", result.loss(), step);
        }
    }

    @Override
    public void epoch(EpochResult result) {
        result.training().forEach((name, v) -> events().scalar(name + "/train", v, step));
        result.validation().forEach((name, v) -> events().scalar(name + "/validation", v, step));
        events().scalar("speed/samples per second", result.samples() / result.seconds(), step);
        Modules.parameters(model).forEach((path, parameter) -> {
            if (isFinite(parameter.value())) {
                events().histogram("weights/" + path, parameter.value(), step);
            }
        });
    }

    /// Adds a picture.
    void image(String tag, byte[] png) {
        events().image(tag, png, step);
    }

    /// Adds a measure on the test data.
    void test(String name, double value) {
        events().scalar(name + "/test", value, step);
    }

    private static boolean isFinite(Tensor values) {
        return values.sub(values).equal(0).all().item() == 1;
    }

    @Override
    public void close() {
        if (writer != null) {
            writer.close();
        }
    }
}
