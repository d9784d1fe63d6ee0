package fathom.cli;

import static org.assertj.core.api.Assertions.assertThat;

import fathom.cli.mnist.MnistModel;
import fathom.data.Mnist;
import fathom.io.Safetensors;
import fathom.nn.Modules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PredictCommandTest {
    @TempDir
    Path run;

    @TempDir
    Path pictures;

    @BeforeEach
    void writeModel() {
        Safetensors.write(
                run.resolve("model.safetensors"), Modules.state(MnistModel.MLP.build(1)), Map.of("model", "mlp"));
    }

    @Test
    void threeAnswersForEachPicture() throws IOException {
        Mnist mnist = Mnist.load();
        Path first = DigitPictures.write(pictures, mnist.test(), 0, 200, false, "png");
        Path second = DigitPictures.write(pictures, mnist.test(), 1, 90, true, "jpg");
        Cli result = Cli.run("predict", "--run", run, first, second);
        assertThat(result.err()).isEmpty();
        assertThat(result.code()).isZero();
        assertThat(result.out().lines()).hasSize(2);
        assertThat(result.out().lines().toList().getFirst())
                .startsWith(first + ": ")
                .matches(".*: \\d \\(\\d+\\.\\d %\\), \\d \\(\\d+\\.\\d %\\), \\d \\(\\d+\\.\\d %\\)");
    }

    @Test
    void oneBadPictureGivesAnErrorAndNothingElse() throws IOException {
        Path good = DigitPictures.write(pictures, Mnist.load().test(), 0, 60, false, "png");
        Path text = Files.writeString(pictures.resolve("note.txt"), "seven");
        Cli.run("predict", "--run", run, good, text).isRefused("note.txt", "PNG or JPEG");
        Cli.run("predict", "--run", run, pictures.resolve("none.png")).isRefused("no such file");
    }

    @Test
    void aRunFolderHasAModel() throws IOException {
        Path picture = DigitPictures.write(pictures, Mnist.load().test(), 0, 60, false, "png");
        Cli.run("predict", "--run", pictures.resolve("none"), picture).isRefused("--run", "no such folder");
        Cli.run("predict", "--run", pictures, picture).isRefused("--run", "model.safetensors");
    }

    @Test
    void damagedWeightsAreRefused() throws IOException {
        Path picture = DigitPictures.write(pictures, Mnist.load().test(), 0, 60, false, "png");
        Path file = run.resolve("model.safetensors");
        byte[] bytes = Files.readAllBytes(file);
        byte[] header = bytes.clone();
        header[20] = '}';
        Files.write(file, header);
        Cli.run("predict", "--run", run, picture).isRefused("model.safetensors");
        byte[] length = bytes.clone();
        length[6] = 1;
        Files.write(file, length);
        Cli.run("predict", "--run", run, picture).isRefused("model.safetensors");
        Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length / 2));
        Cli.run("predict", "--run", run, picture).isRefused("model.safetensors");
        Files.write(file, new byte[0]);
        Cli.run("predict", "--run", run, picture).isRefused("model.safetensors");
    }

    @Test
    void weightsOfSomethingElseAreRefused() throws IOException {
        Path picture = DigitPictures.write(pictures, Mnist.load().test(), 0, 60, false, "png");
        Path file = run.resolve("model.safetensors");
        Safetensors.write(file, Modules.state(MnistModel.MLP.build(1)), Map.of("model", "cnn"));
        Cli.run("predict", "--run", run, picture).isRefused("model.safetensors", "missing");
        Safetensors.write(file, Modules.state(MnistModel.MLP.build(1)), Map.of());
        Cli.run("predict", "--run", run, picture).isRefused("model.safetensors", "cnn or mlp");
    }
}
