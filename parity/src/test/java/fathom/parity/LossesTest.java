package fathom.parity;

import static fathom.parity.Input.indices;
import static fathom.parity.Input.normal;
import static fathom.parity.Input.uniform;
import static fathom.parity.Torch.index;

import fathom.nn.Loss;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Cross-entropies of unusual inputs, with gradients for predictions and floating targets; all losses
/// in all reductions are in [TermsTest].
@RequiresLibtorch
class LossesTest {
    /// libtorch's number for the mean over the batch.
    private static final long MEAN = 1;

    /// libtorch's label of samples that do not count; none here.
    private static final long IGNORED = -100;

    @TestFactory
    Stream<DynamicTest> crossEntropy() {
        Input logits = normal(9, 5);
        Input labels = indices(5, 9);
        return Case.tests(
                labels("labels", logits, labels, 0),
                labels("one sample", normal(1, 5), indices(5, 1), 0),
                labels("two classes", normal(8, 2), indices(2, 8), 0),
                labels("many classes", normal(4, 1000), indices(1000, 4), 0),
                labels("large logits", uniform(-500, 500, 9, 5), labels, 0),
                labels("smoothed", logits, labels, 0.1),
                labels("smoothed a lot", logits, labels, 0.7),
                labels("sequences", normal(3, 4, 5), indices(5, 3, 4), 0),
                labels("smoothed sequences", normal(3, 4, 5), indices(5, 3, 4), 0.2),
                soft("probabilities", logits, 0),
                soft("probabilities, smoothed", logits, 0.1));
    }

    private static Case labels(String name, Input logits, Input labels, double smoothing) {
        return Case.of(
                name,
                logits,
                labels,
                (x, y) -> Loss.crossEntropy(smoothing).of(x, y),
                (x, y) -> theirs(x.reshape(-1, x.size(-1)), index(y).flatten(), smoothing));
    }

    private static Case soft(String name, Input logits, double smoothing) {
        Input probabilities =
                (dtype, random) -> normal(9, 5).make(dtype, random).softmax(-1).evaluate();
        return Case.of(
                name,
                logits,
                probabilities,
                (x, y) -> Loss.crossEntropy(smoothing).of(x, y),
                (x, y) -> theirs(x, y, smoothing));
    }

    private static Tensor theirs(Tensor logits, Tensor target, double smoothing) {
        return torch.cross_entropy_loss(logits, target, new TensorOptional(), MEAN, IGNORED, smoothing);
    }

    @TestFactory
    Stream<DynamicTest> binaryCrossEntropy() {
        Input targets = uniform(0, 1, 6, 4);
        return Case.tests(
                binary("of probabilities", normal(6, 4), targets),
                binary("of large logits", uniform(-200, 200, 6, 4), targets),
                binary("of zeros and ones", normal(6, 4), Input.floats(Input.booleans(6, 4))),
                binary("of logits 0", Input.values(0, 0, 0), Input.values(0, 1, 0.25)));
    }

    private static Case binary(String name, Input logits, Input targets) {
        return Case.of(
                name,
                logits,
                targets,
                (x, y) -> Loss.binaryCrossEntropy().of(x, y),
                torch::binary_cross_entropy_with_logits);
    }
}
