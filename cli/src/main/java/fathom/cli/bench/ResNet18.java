package fathom.cli.bench;

import static fathom.nn.Layers.batchNorm;
import static fathom.nn.Layers.conv2d;
import static fathom.nn.Layers.globalAvgPool2d;
import static fathom.nn.Layers.linear;

import fathom.nn.BatchNorm;
import fathom.nn.Chain;
import fathom.nn.Conv2d;
import fathom.nn.Initializer;
import fathom.nn.Linear;
import fathom.nn.Module;
import fathom.nn.Padding;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The residual network of 18 layers for images of 32×32: a stem of 64 filters, then four stages of
/// two blocks each with 64, 128, 256 and 512. He, Zhang, Ren and Sun: *Deep residual learning for
/// image recognition* (2016).
record ResNet18(Conv2d stem, BatchNorm norm, Chain blocks, Linear head) implements Module {
    /// The shape of an image.
    static final Shape INPUT = Shape.of(32, 32, 3);

    private static final int WIDTH = 64;
    private static final int STAGES = 4;

    /// The network for images `[N, 32, 32, 3]`, with fresh weights.
    static ResNet18 build(int classes, long seed) {
        RandomStream random = RandomStream.of(seed).split("weights");
        Shape shape = INPUT;
        Conv2d.Blueprint stem = convolution(WIDTH, 3, 1);
        Conv2d first = stem.build(shape, random.split("stem"));
        shape = stem.output(shape);
        BatchNorm norm = batchNorm().build(shape, random);
        List<Module> blocks = new ArrayList<>();
        for (int stage = 0; stage < STAGES; stage++) {
            for (int i = 0; i < 2; i++) {
                int stride = stage > 0 && i == 0 ? 2 : 1;
                int filters = WIDTH << stage;
                RandomStream own = random.split("block" + blocks.size());
                blocks.add(Block.build(shape, filters, stride, own));
                shape = convolution(filters, 3, stride).output(shape);
            }
        }
        Shape pooled = globalAvgPool2d().output(shape);
        return new ResNet18(first, norm, new Chain(blocks), linear(classes).build(pooled, random.split("head")));
    }

    private static Conv2d.Blueprint convolution(int filters, int size, int stride) {
        return conv2d(filters, size)
                .stride(stride)
                .padding(Padding.of(size / 2))
                .withoutBias()
                .initializer(Initializer.heNormal());
    }

    @Override
    public Tensor forward(Tensor x) {
        return head.apply(
                globalAvgPool2d().apply(blocks.apply(norm.apply(stem.apply(x)).relu())));
    }

    /// Two convolutions around which the input is led, projected where its shape changes.
    record Block(Conv2d first, BatchNorm firstNorm, Conv2d second, BatchNorm secondNorm, Optional<Chain> shortcut)
            implements Module {
        static Block build(Shape input, int filters, int stride, RandomStream random) {
            Conv2d.Blueprint first = convolution(filters, 3, stride);
            Shape output = first.output(input);
            boolean same = output.equals(input);
            return new Block(
                    first.build(input, random.split("first")),
                    batchNorm().build(output, random),
                    convolution(filters, 3, 1).build(output, random.split("second")),
                    batchNorm().build(output, random),
                    same
                            ? Optional.empty()
                            : Optional.of(Chain.of(
                                    convolution(filters, 1, stride).build(input, random.split("shortcut")),
                                    batchNorm().build(output, random))));
        }

        @Override
        public Tensor forward(Tensor x) {
            Tensor y = secondNorm.apply(
                    second.apply(firstNorm.apply(first.apply(x)).relu()));
            return y.add(shortcut.isPresent() ? shortcut.get().apply(x) : x).relu();
        }
    }
}
