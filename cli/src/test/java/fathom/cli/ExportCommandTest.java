package fathom.cli;

import static org.assertj.core.api.Assertions.assertThat;

import fathom.cli.mnist.MnistModel;
import fathom.data.Mnist;
import fathom.io.Safetensors;
import fathom.io.onnx.OnnxModel;
import fathom.nn.Module;
import fathom.nn.Modules;
import fathom.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportCommandTest {
    @TempDir
    Path folder;

    private Module write(MnistModel kind) {
        Module model = kind.build(3);
        Safetensors.write(folder.resolve("model.safetensors"), Modules.state(model), Map.of("model", kind.id()));
        return model;
    }

    @Test
    void theFileComputesWhatTheModelDoes() {
        Tensor digits = Mnist.load().test().take(5).all().x();
        for (MnistModel kind : MnistModel.values()) {
            Module model = write(kind);
            Path out = folder.resolve(kind.id() + ".onnx");
            Cli result = Cli.run("export", folder, out);
            assertThat(result.err()).isEmpty();
            assertThat(result.out()).startsWith(out + ": ").contains("nodes", "iB", "opset 18");
            OnnxModel read = OnnxModel.read(out);
            assertThat(read.inputs().toString()).isEqualTo("[image float[batch, 28, 28, 1]]");
            assertThat(read.outputs().toString()).isEqualTo("[logits float[batch, 10]]");
            Tensor difference =
                    read.forward(digits).sub(model.apply(digits)).abs().max();
            assertThat(difference.item()).isLessThan(1e-5);
        }
    }

    @Test
    void whatIsWrongIsSaid() throws IOException {
        write(MnistModel.MLP);
        Path out = folder.resolve("m.onnx");
        Cli.run("export", folder, folder.resolve("m.pb")).isRefused("m.pb", ".onnx");
        Cli.run("export", folder.resolve("none"), out).isRefused("none", "no such folder");
        Files.writeString(out, "here");
        Cli.run("export", folder, out).isRefused("m.onnx", "--force");
        assertThat(Cli.run("export", folder, out, "--force").code()).isZero();
        assertThat(Files.size(out)).isGreaterThan(1 << 20);
        Cli.run("convert", folder.resolve("model.safetensors"), folder.resolve("n.onnx"))
                .isRefused("fathom export");
    }
}
