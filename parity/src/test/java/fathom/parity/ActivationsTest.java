package fathom.parity;

import static fathom.parity.Torch.scalar;

import fathom.nn.Activation;
import fathom.nn.Layers;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Activations over ordinary numbers and over large and small ones.
@RequiresLibtorch
class ActivationsTest {
    private static final Input ORDINARY = Input.normal(7, 31);

    /// Without the numbers at which a slope jumps: there either side's slope is right.
    private static final Input FAR = Input.values(
            -1e6, -1000, -104, -88.8, -88, -50, -21, -17, -9, -4, -1, -1e-3, -1e-6, 1e-30, 1e-6, 1e-3, 1, 4, 9, 17, 21,
            50, 88, 88.8, 104, 1000, 1e6);

    private static final Input ZERO = Input.values(0, -0.0, 0);

    @TestFactory
    Stream<DynamicTest> activations() {
        return Stream.of(
                        both(Layers.relu(), torch::relu),
                        both(Layers.relu6(), torch::relu6),
                        both(Layers.leakyRelu(), torch::leaky_relu),
                        both(Layers.leakyRelu(0.3), x -> torch.leaky_relu(x, scalar(0.3))),
                        both(Layers.elu(), torch::elu),
                        both(Layers.elu(0.5), x -> torch.elu(x, scalar(0.5), scalar(1), scalar(1))),
                        both(Layers.selu(), torch::selu),
                        both(Layers.gelu(), x -> torch.gelu(x, "none")),
                        both(Layers.geluTanh(), x -> torch.gelu(x, "tanh")),
                        both(Layers.silu(), torch::silu),
                        both(Layers.mish(), torch::mish),
                        both(Layers.softsign(), torch::softsign),
                        both(Layers.sigmoid(), torch::sigmoid),
                        both(Layers.logSigmoid(), torch::log_sigmoid),
                        both(Layers.hardSigmoid(), ActivationsTest::hardSigmoid),
                        both(Layers.hardSwish(), torch::hardswish),
                        both(Layers.tanh(), torch::tanh),
                        both(Layers.celu(), torch::celu),
                        both(Layers.celu(0.5), x -> torch.celu(x, scalar(0.5))),
                        both(Layers.threshold(0.1, -3), x -> torch.threshold(x, scalar(0.1), scalar(-3))),
                        both(Layers.threshold(0, 0), x -> torch.threshold(x, scalar(0), scalar(0))),
                        both(Layers.hardTanh(), torch::hardtanh),
                        both(Layers.hardShrink(), torch::hardshrink),
                        both(Layers.hardShrink(1.3), x -> torch.hardshrink(x, scalar(1.3))),
                        both(Layers.softShrink(), torch::softshrink),
                        both(Layers.softShrink(1.3), x -> torch.softshrink(x, scalar(1.3))),
                        both(Layers.tanhShrink(), torch::tanhshrink),
                        both(Layers.softmax(), x -> torch.softmax(x, -1)),
                        both(Layers.logSoftmax(), x -> torch.log_softmax(x, -1)),
                        softplus())
                .flatMap(Case::tests);
    }

    private static Case[] both(Activation ours, UnaryOperator<Tensor> theirs) {
        return new Case[] {
            Case.of(ours + " of ordinary numbers", ORDINARY, ours::apply, theirs),
            Case.of(ours + " far out", FAR, ours::apply, theirs),
            Case.of(ours + " of 0", ZERO, ours::apply, theirs)
        };
    }

    /// libtorch takes softplus for the identity from 20 on, which in F64 is coarser than the rest.
    private static Case[] softplus() {
        return both(Layers.softplus(), x -> torch.softplus(x, scalar(1), scalar(40)));
    }

    /// libtorch multiplies gradients by 1/6 in F32 even where they are F64; there it is put
    /// together.
    private static Tensor hardSigmoid(Tensor x) {
        return x.scalar_type().intern() == ScalarType.Double
                ? torch.relu6(x.add(scalar(3))).div(scalar(6))
                : torch.hardsigmoid(x);
    }
}
