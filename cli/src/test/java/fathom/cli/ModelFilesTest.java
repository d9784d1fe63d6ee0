package fathom.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import fathom.io.Npy;
import fathom.io.Npz;
import fathom.io.Safetensors;
import fathom.tensor.DType;
import fathom.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `fathom inspect`, `fathom convert` and `fathom run`.
class ModelFilesTest {
    @TempDir
    private Path folder;

    private Path tensors(String name) {
        Path file = folder.resolve(name);
        Tensor weight = Tensor.of(new float[] {1, 2.5f, -3, 4, 5, 6}, 2, 3);
        Tensor ids = Tensor.of(new int[] {7, 8}, 2);
        Safetensors.write(file, Map.of("layer.weight", weight, "ids", ids), Map.of("made", "here"));
        return file;
    }

    private Path onnx() {
        return SmallOnnx.write(folder.resolve("model.onnx"), 1, 0, 0, 1, 2, -1);
    }

    // ---- inspect ----

    @Test
    void tensorsAreListed() {
        Path file = tensors("any.name");
        Cli result = Cli.run("inspect", file);
        assertThat(result.err()).isEmpty();
        assertThat(result.code()).isZero();
        assertThat(result.out())
                .contains(file + ": safetensors, 2 tensors, 8 elements, 32 bytes", "made: here")
                .containsPattern("layer\\.weight +F32 +\\[2, 3\\] +24 bytes")
                .containsPattern("ids +I32 +\\[2\\] +8 bytes");
    }

    @Test
    void inspectWritesJson() throws IOException {
        for (Path file : new Path[] {tensors("a.safetensors"), onnx()}) {
            Cli result = Cli.run("inspect", "--json", file);
            assertThat(result.code()).isZero();
            try (JsonParser json = new JsonFactory().createParser(result.out())) {
                int objects = 0;
                while (json.nextToken() != null) {
                    objects += json.currentToken().isStructStart() ? 1 : 0;
                }
                assertThat(objects).isGreaterThan(4);
            }
            assertThat(result.out()).contains("\"encoding\"", "\"bytes\" : 24");
        }
    }

    @Test
    void aModelOfOnnxIsListed() {
        Path file = onnx();
        assertThat(Cli.run("inspect", file).out())
                .contains(
                        file + ": ONNX of version 8, written by by hand",
                        "ai.onnx 17",
                        "image float[batch, 3, 2, 2]",
                        "scores float[batch, 2]",
                        "operators: 3 in 3 nodes",
                        "     1  MatMul",
                        "weight  float  [3, 2]");
    }

    @Test
    void whatIsNoModelIsSaid() throws IOException {
        Path text = Files.writeString(folder.resolve("text.onnx"), "This is no model at all.");
        Cli result = Cli.run("inspect", text);
        assertThat(result.code()).isEqualTo(Main.FAILED);
        assertThat(result.err().lines()).hasSize(1);
        assertThat(result.err())
                .contains(text + ": of no known format, expected one of: safetensors")
                .contains("GGUF")
                .contains("ONNX");
        Cli.run("inspect", folder.resolve("none")).isRefused("none: no such file");
    }

    /// Names in files could speak to the terminal.
    @Test
    void controlCharactersAreNotPrinted() {
        Path file = folder.resolve("x.safetensors");
        Safetensors.write(file, Map.of("a\u001b[31mb\nc", Tensor.of(new float[] {1}, 1)));
        assertThat(Cli.run("inspect", file).out()).contains("a [31mb c").doesNotContain("\u001b");
    }

    @Test
    void damagedFilesAreErrorsOfOneLine() throws IOException {
        Random random = new Random(2);
        byte[] whole = Files.readAllBytes(onnx());
        Path file = folder.resolve("damaged");
        for (int i = 0; i < 200; i++) {
            byte[] damaged = whole.clone();
            for (int k = 0; k < 3; k++) {
                damaged[random.nextInt(whole.length)] = (byte) random.nextInt(256);
            }
            Files.write(file, damaged);
            Cli result = Cli.run("inspect", file);
            assertThat(result.err()).doesNotContain("should not have happened");
            assertThat(result.err().lines().count()).isLessThanOrEqualTo(1);
        }
    }

    // ---- convert ----

    @Test
    void tensorsAreConvertedThereAndBack() {
        Path in = tensors("in.safetensors");
        Path npz = folder.resolve("out.npz");
        Cli result = Cli.run("convert", in, npz);
        assertThat(result.err()).isEmpty();
        assertThat(result.out()).contains(npz + ": 2 tensors, 32 bytes");
        Tensor weight = Objects.requireNonNull(Npz.read(npz).get("layer.weight"));
        assertThat(weight.toFloats()).containsExactly(1, 2.5f, -3, 4, 5, 6);
        Path back = folder.resolve("back.safetensors");
        assertThat(Cli.run("convert", npz, back).code()).isZero();
        assertThat(Safetensors.read(back).tensor("ids").toInts()).containsExactly(7, 8);
        Path half = folder.resolve("half.safetensors");
        assertThat(Cli.run("convert", "--dtype", "BF16", back, half).code()).isZero();
        assertThat(Safetensors.read(half).tensor("layer.weight").dtype()).isEqualTo(DType.BF16);
        assertThat(Safetensors.read(half).tensor("ids").dtype()).isEqualTo(DType.I32);
        Path weights = folder.resolve("onnx.safetensors");
        assertThat(Cli.run("convert", onnx(), weights).code()).isZero();
        assertThat(Safetensors.read(weights).tensor("weight").toFloats()).containsExactly(1, 0, 0, 1, 2, -1);
    }

    @Test
    void nothingIsReplacedUnlessAsked() throws IOException {
        Path in = tensors("in.safetensors");
        Path out = Files.writeString(folder.resolve("out.safetensors"), "precious");
        Cli.run("convert", in, out).isRefused("out.safetensors is there already; --force replaces it");
        assertThat(out).hasContent("precious");
        Cli.run("convert", in, folder.resolve("out.pt"))
                .isRefused("expected a name that ends with .safetensors or .npz");
        assertThat(Cli.run("convert", "--force", in, out).code()).isZero();
        assertThat(Safetensors.read(out).tensors()).hasSize(2);
        // NumPy has no BF16: an error, and nothing is left behind.
        Cli failed = Cli.run("convert", "--dtype", "BF16", in, folder.resolve("bad.npz"));
        assertThat(failed.code()).isEqualTo(Main.FAILED);
        assertThat(failed.err().lines()).hasSize(1);
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(f -> f.getFileName().toString())).noneMatch(name -> name.contains("bad"));
        }
    }

    // ---- run ----

    @Test
    void aModelRunsOnTensors() {
        Path input = folder.resolve("x.npy");
        Npy.write(input, Tensor.of(new double[] {1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 7}, 1, 3, 2, 2));
        Path output = folder.resolve("scores.npy");
        Cli result = Cli.run("run", onnx(), "--input", "image=" + input, "--output", "scores=" + output);
        assertThat(result.err()).isEmpty();
        assertThat(result.out()).contains("means F32[1, 3]: [1, 2, 4]", "scores F32[1, 2]: [9, -2]");
        assertThat(Npy.read(output).toFloats()).containsExactly(9, -2);
        Cli.run("run", onnx(), "--input", input, "--output", "scores=" + output).isRefused("is there already");
        Cli.run("run", onnx(), "--input", "img=" + input).isRefused("no 'img', expected one of [image]");
    }

    @Test
    void aModelRunsOnPictures() throws IOException {
        BufferedImage picture = new BufferedImage(8, 6, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < 6; y++) {
            for (int x = 0; x < 8; x++) {
                // Red at the sides, blue between.
                picture.setRGB(x, y, x < 1 || x > 6 ? 0xff0000 : 0x0000ff);
            }
        }
        Path file = folder.resolve("picture.png");
        ImageIO.write(picture, "png", file.toFile());
        Path tiny = folder.resolve("tiny.png");
        ImageIO.write(picture.getSubimage(0, 0, 2, 2), "png", tiny.toFile());
        Path labels = Files.writeString(folder.resolve("labels.txt"), "first\nsecond\n");
        Path output = folder.resolve("means.npy");
        Cli whole = Cli.run(
                "run", onnx(), "-i", tiny, "-o", "means=" + output, "--labels", labels, "--top", 1, "--scale", 255);
        assertThat(whole.err()).isEmpty();
        assertThat(whole.out()).containsPattern("scores F32\\[1, 2\\]: \\[.*\\]\n +\\S+ +first\n");
        assertThat(Npy.read(output).toFloats()).containsExactly(127.5f, 0, 127.5f);
        // The middle alone is blue: 1, less 0.5, over 0.25.
        Cli middle = Cli.run(
                "run",
                onnx(),
                "-i",
                file,
                "-o",
                "means=" + output,
                "--force",
                "--resize",
                3,
                "--mean",
                "0.5",
                "--std",
                "0.25,0.25,0.25");
        assertThat(middle.err()).isEmpty();
        assertThat(Npy.read(output).toFloats()[2]).isCloseTo(2, within(0.01f));
        Cli.run("run", onnx(), "-i", file, "--mean", "1,2").isRefused("--mean has 2 numbers, expected 1 or 3");
        Cli.run("run", onnx(), "-i", labels).isRefused("not a picture");
    }
}
