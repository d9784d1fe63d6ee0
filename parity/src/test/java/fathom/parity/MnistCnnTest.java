package fathom.parity;

import static fathom.nn.Layers.conv2d;
import static fathom.nn.Layers.flatten;
import static fathom.nn.Layers.linear;
import static fathom.nn.Layers.maxPool2d;
import static fathom.nn.Layers.relu;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import fathom.data.Mnist;
import fathom.nn.Chain;
import fathom.nn.Loss;
import fathom.nn.Modules;
import fathom.nn.Parameter;
import fathom.nn.Sequential;
import fathom.nn.optim.Adam;
import fathom.nn.optim.Optimizer;
import fathom.tensor.Batch;
import fathom.tensor.Device;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

/// The whole of it: the MNIST network of the README, ten steps of Adam on real digits from equal
/// weights, with and without minimal filtering. Losses agree within 1e-4, and the first, which no
/// step has touched, within 1e-5.
@RequiresLibtorch
class MnistCnnTest {
    private static final int STEPS = 10;
    private static final int BATCH = 64;
    private static final String[] NAMES = {
        "0.weight", "0.bias", "3.weight", "3.bias", "7.weight", "7.bias", "9.weight", "9.bias"
    };

    @Test
    void lossesAgree() {
        try (Device device = Device.cpu(2, false)) {
            device.run(() -> compare(0));
        }
    }

    /// With biases that are not zero: as long as they are, the black parts of the images lead to
    /// outputs of exactly zero, where minimal filtering yields some 1e-8, and a rectifier's gradient
    /// jumps in between.
    @Test
    void lossesAgreeWithMinimalFiltering() {
        try (Device device = Device.cpu(2, true)) {
            device.run(() -> compare(0.01));
        }
    }

    private static void compare(double bias) {
        Chain model = Sequential.of(
                        conv2d(32, 3),
                        relu(),
                        maxPool2d(2),
                        conv2d(64, 3),
                        relu(),
                        maxPool2d(2),
                        flatten(),
                        linear(128),
                        relu(),
                        linear(10))
                .build(Shape.of(28, 28, 1), RandomStream.of(42));
        try (var _ = new PointerScope()) {
            Map<String, Parameter> parameters = Modules.parameters(model);
            assertThat(parameters.keySet()).containsExactly(NAMES);
            List<org.bytedeco.pytorch.Tensor> weights = new ArrayList<>();
            for (Parameter p : parameters.values()) {
                if (p.shape().rank() == 1) {
                    p.set(p.value().add(bias));
                }
                var leaf = Torch.of(p.value());
                leaf.set_requires_grad(true);
                weights.add(leaf);
            }
            Optimizer ours = Adam.of(1e-3).on(model);
            var theirs = new org.bytedeco.pytorch.Adam(Torch.vector(weights), new AdamOptions(1e-3));
            List<Double> ourLosses = new ArrayList<>();
            List<Double> theirLosses = new ArrayList<>();
            Iterator<Batch> batches =
                    Mnist.load().train().take(STEPS * BATCH).batch(BATCH).epoch(0, 0);
            while (batches.hasNext()) {
                Batch batch = batches.next();
                Tensor loss = Loss.crossEntropy(model.apply(batch.x()), batch.y());
                ours.step(loss);
                ourLosses.add(loss.item());

                theirs.zero_grad();
                var theirLoss = torch.cross_entropy_loss(
                        forward(weights, Torch.of(batch.x())), Torch.index(Torch.of(batch.y())));
                theirLoss.backward();
                theirs.step();
                theirLosses.add(theirLoss.item_double());
            }
            assertThat(ourLosses).hasSize(STEPS);
            assertThat(ourLosses.getFirst()).isCloseTo(theirLosses.getFirst(), within(1e-5));
            assertThat(ourLosses.getLast()).isLessThan(ourLosses.getFirst() * 0.8);
            for (int i = 0; i < STEPS; i++) {
                assertThat(ourLosses.get(i)).as("loss of step " + i).isCloseTo(theirLosses.get(i), within(1e-4));
            }
        }
    }

    /// @param weights in the order of [#NAMES]
    private static org.bytedeco.pytorch.Tensor forward(
            List<org.bytedeco.pytorch.Tensor> weights, org.bytedeco.pytorch.Tensor images) {
        var x = Layouts.channelsFirst(images);
        x = torch.max_pool2d(torch.relu(convolved(x, weights.get(0), weights.get(1))), 2, 2);
        x = torch.max_pool2d(torch.relu(convolved(x, weights.get(2), weights.get(3))), 2, 2);
        // In Fathom's order, in which the rows of the next weights are.
        x = Layouts.channelsLast(x).flatten(1, -1);
        x = torch.relu(x.matmul(weights.get(4)).add(weights.get(5)));
        return x.matmul(weights.get(6)).add(weights.get(7));
    }

    private static org.bytedeco.pytorch.Tensor convolved(
            org.bytedeco.pytorch.Tensor x, org.bytedeco.pytorch.Tensor weight, org.bytedeco.pytorch.Tensor bias) {
        return torch.conv2d(x, Layouts.kernel(weight)).add(bias.view(1, -1, 1, 1));
    }
}
