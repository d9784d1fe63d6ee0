package fathom.cli.bench;

import fathom.nn.Context;
import fathom.nn.Loss;
import fathom.nn.Module;
import fathom.nn.optim.Optimizer;
import fathom.tensor.RandomStream;
import fathom.tensor.Tensor;

/// A model that is being trained, one step after the other: forward, loss, backward and update.
public final class Training implements Harness.Job {
    private static final int SEED = 42;

    private final BenchData data;
    private final Module model;
    private final Optimizer optimizer;
    private final RandomStream random = RandomStream.of(SEED);
    private Tensor loss = Tensor.scalar(0);
    private long steps;

    private Training(BenchData data, Module model, Optimizer optimizer) {
        this.data = data;
        this.model = model;
        this.optimizer = optimizer;
    }

    /// A training from fresh weights.
    ///
    /// @param batch samples in a step
    public static Training of(BenchModel kind, int batch) {
        Module model = kind.build();
        return new Training(kind.data(batch), model, kind.rule().on(model));
    }

    /// What is trained.
    public Module model() {
        return model;
    }

    /// What trains it.
    public Optimizer optimizer() {
        return optimizer;
    }

    /// What it is trained on.
    public BenchData data() {
        return data;
    }

    @Override
    public void step() {
        Context.training(random, this::train);
    }

    private void train() {
        loss = Loss.crossEntropy(model.apply(data.x(steps)), data.y(steps));
        optimizer.step(loss);
        steps++;
    }

    @Override
    public double check() {
        return loss.item();
    }
}
