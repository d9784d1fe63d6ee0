package fathom.io.onnx;

import fathom.tensor.Tensor;
import fathom.testing.Fuzz;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Damaged ONNX files: see [Fuzz].
class OnnxFuzzTest {
    @TempDir
    private Path folder;

    @Test
    void models() {
        Fuzz.of("onnx", folder.resolve("model.onnx"), f -> {
                    OnnxModel model = OnnxModel.read(f);
                    try {
                        model.run(Map.of("x", Tensor.ones(3)));
                    } catch (IllegalArgumentException e) {
                        if (e.getClass() != IllegalArgumentException.class) {
                            throw e;
                        }
                        // What cannot be done with these inputs need not name the file.
                        throw new IllegalArgumentException(f + ": " + e.getMessage(), e);
                    }
                })
                .seed(OnnxHostileTest.sound())
                .run();
    }
}
