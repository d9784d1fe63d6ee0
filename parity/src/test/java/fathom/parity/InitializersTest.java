package fathom.parity;

import static fathom.parity.Close.assertClose;

import fathom.nn.Initializer;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The initialisers that chance has no part in; the others' moments and bounds are tested where they
/// are.
@RequiresLibtorch
class InitializersTest {
    @ParameterizedTest
    @CsvSource({"1, 1", "3, 3", "5, 2", "2, 7"})
    void identity(int in, int out) {
        try (var _ = new PointerScope()) {
            var eye = torch.eye_(torch.empty(out, in));
            assertClose("matrix", create(in, out), Torch.back(Layouts.linear(eye)), 0);
            var row = torch.dirac_(torch.empty(out, in, 5));
            assertClose("kernel of a row", create(5, in, out), Torch.back(Layouts.kernel1d(row)), 0);
            // From [K, C, KH, KW] to ours.
            var square = torch.dirac_(torch.empty(out, in, 3, 7)).permute(2, 3, 1, 0);
            assertClose("kernel", create(3, 7, in, out), Torch.back(square), 0);
        }
    }

    private static Tensor create(int... shape) {
        return Initializer.identity().create(Shape.of(shape), RandomStream.of(0));
    }
}
