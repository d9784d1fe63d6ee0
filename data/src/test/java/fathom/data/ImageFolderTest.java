package fathom.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import fathom.tensor.Batch;
import fathom.tensor.Shape;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageFolderTest {
    @TempDir
    private Path folder;

    /// A PNG file of one colour.
    private static byte[] png(int width, int height, int colour) throws IOException {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < width * height; i++) {
            image.setRGB(i % width, i / width, colour);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(image, "png", out);
        return out.toByteArray();
    }

    private void writeFolder() throws IOException {
        Files.createDirectories(folder.resolve("dog"));
        Files.createDirectories(folder.resolve("cat"));
        Files.write(folder.resolve("dog/1.png"), png(5, 3, 0xff0000));
        Files.write(folder.resolve("cat/2.PNG"), png(4, 4, 0x0000ff));
        Files.write(folder.resolve("cat/1.png"), png(1, 1, 0x336699));
        Files.writeString(folder.resolve("cat/readme.txt"), "not a picture");
    }

    @Test
    void readsOneFolderForEachClass() throws IOException {
        writeFolder();
        ImageFolder pictures = ImageFolder.read(folder, Shape.of(2, 3, 3));
        assertThat(pictures.classes()).containsExactly("cat", "dog");
        Batch batch = pictures.dataset().all();
        assertThat(batch.x().shape()).isEqualTo(Shape.of(3, 2, 3, 3));
        assertThat(batch.y().toInts()).containsExactly(0, 0, 1);
        float[] x = batch.x().toFloats();
        for (int i = 0; i < 18; i += 3) {
            assertThat(new float[] {x[i], x[i + 1], x[i + 2]}).containsExactly(0.2f, 0.4f, 0.6f);
            assertThat(new float[] {x[36 + i], x[37 + i], x[38 + i]}).containsExactly(1, 0, 0);
        }
        float[] grey =
                ImageFolder.read(folder, Shape.of(1, 1, 1)).dataset().all().x().toFloats();
        assertThat(grey).containsExactly(new float[] {0.3630f, 0.114f, 0.299f}, within(1e-4f));
    }

    @Test
    void readsFromAZipFile() throws IOException {
        Path zip = folder.resolve("pictures.zip");
        try (OutputStream out = Files.newOutputStream(zip);
                ZipOutputStream files = new ZipOutputStream(out)) {
            for (String name : new String[] {"test/a/1.png", "train/b/1.png", "train/a/1.png"}) {
                files.putNextEntry(new ZipEntry(name));
                files.write(png(2, 2, name.startsWith("train/b") ? 0xffffff : 0));
            }
        }
        ImageFolder train = ImageFolder.read(zip, "train", Shape.of(1, 1, 3));
        assertThat(train.classes()).containsExactly("a", "b");
        assertThat(train.dataset().all().x().toFloats()).containsExactly(0, 0, 0, 1, 1, 1);
        assertThatThrownBy(() -> ImageFolder.read(zip, "none", Shape.of(1, 1, 3)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        zip + ": no pictures in folders, expected one folder for each class, such as none/cat/1.png");
    }

    @Test
    void badPicturesAreNamed() throws IOException {
        writeFolder();
        Files.writeString(folder.resolve("dog/1.png"), "not a picture");
        Dataset dataset = ImageFolder.read(folder, Shape.of(2, 2, 1)).dataset();
        assertThatThrownBy(dataset::all)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(folder + "/dog/1.png: not a picture, expected PNG, JPEG, GIF or BMP");
        byte[] half = java.util.Arrays.copyOf(png(64, 64, 0x123456), 60);
        assertThatThrownBy(() -> Image.decode(half, 3, "half.png"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("half.png: a damaged picture: ");
        assertThatThrownBy(() -> ImageFolder.read(folder, Shape.of(2, 2, 4)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("image: 4 channels, expected 1 or 3");
        assertThatThrownBy(() -> ImageFolder.read(folder, Shape.of(2, 2)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("image folder: shape [2, 2], expected [H, W, C]");
    }

    @Test
    void resizeIsLinearBetweenPixelsAndAveragesWhatShrinks() {
        Image row = new Image(new float[] {0, 1}, 1, 2, 1);
        // Half-pixel centres: new pixels are at -0.25, 0.25, 0.75 and 1.25 of the old ones.
        assertThat(row.resize(1, 4).values()).containsExactly(0, 0.25f, 0.75f, 1);
        assertThat(row.resize(3, 1).values()).containsExactly(0.5f, 0.5f, 0.5f);
        // Weights of a triangle of reach 2 around the middle between pixels 1 and 2: 1, 3, 3, 1; at
        // the edges what is outside counts nothing: 3, 3, 1 of 7.
        Image four = new Image(new float[] {7, 14, 21, 70}, 1, 4, 1);
        assertThat(four.resize(1, 2).values())
                .containsExactly(new float[] {(21 + 42 + 21) / 7f, (14 + 63 + 210) / 7f}, within(1e-5f));
        Image colours = new Image(new float[] {0, 1, 2, 3, 4, 5, 6, 7}, 2, 2, 2);
        assertThat(colours.resize(2, 2)).isEqualTo(colours);
        assertThat(colours.resize(1, 1).values()).containsExactly(3, 4);
        assertThatThrownBy(() -> row.resize(0, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("resize: a height of 0, expected at least 1");
        assertThatThrownBy(() -> new Image(new float[3], 1, 2, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("image: 3 values for 1 rows, 2 columns and 1 channels, expected as many as pixels");
    }
}
