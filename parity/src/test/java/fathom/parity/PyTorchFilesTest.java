package fathom.parity;

import static org.assertj.core.api.Assertions.assertThat;

import fathom.io.PyTorchFile;
import fathom.tensor.DType;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.Tuple;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files that libtorch writes, read without it.
@RequiresLibtorch
class PyTorchFilesTest {
    @Test
    void whatLibtorchWritesIsRead(@TempDir Path folder) throws IOException {
        Tensor cube = RandomStream.of(1).normal(Shape.of(3, 4, 5));
        Path file = folder.resolve("tensors.pt");
        try (PointerScope _ = new PointerScope()) {
            org.bytedeco.pytorch.Tensor theirs = Torch.of(cube);
            // Views on the same elements keep their strides in the file.
            Tuple all = Tuple.create(new IValueVector(
                    new IValue(theirs),
                    new IValue(theirs.transpose(0, 2)),
                    new IValue(theirs.to(ScalarType.Double)),
                    new IValue(theirs.to(ScalarType.BFloat16)),
                    new IValue(theirs.to(ScalarType.Long)),
                    new IValue(theirs.to(ScalarType.Bool)),
                    new IValue(3)));
            Files.write(file, torch.pickle_save(new IValue(all)).get());
        }
        PyTorchFile read = PyTorchFile.read(file);
        assertThat(read.metadata()).containsExactly(Map.entry("6", "3"));
        assertThat(read.tensors()).hasSize(6);
        assertSame(read, "0", cube);
        assertSame(read, "1", cube.transpose(0, 2));
        assertSame(read, "2", cube.cast(DType.F64));
        assertSame(read, "3", cube.cast(DType.BF16));
        assertSame(read, "4", cube.cast(DType.I64));
        assertSame(read, "5", cube.cast(DType.BOOL));
    }

    private static void assertSame(PyTorchFile read, String name, Tensor expected) {
        assertThat(read.tensors()).hasEntrySatisfying(name, tensor -> {
            assertThat(tensor.type()).isEqualTo(expected.type());
            assertThat(tensor.toDoubles()).containsExactly(expected.toDoubles());
        });
    }
}
