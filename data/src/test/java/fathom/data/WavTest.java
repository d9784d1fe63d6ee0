package fathom.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import javax.sound.sampled.AudioFileFormat;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WavTest {
    @TempDir
    private Path folder;

    private static byte[] wav(int bits, int channels, int... bytes) throws IOException {
        byte[] data = new byte[bytes.length];
        for (int i = 0; i < data.length; i++) {
            data[i] = (byte) bytes[i];
        }
        AudioFormat format = new AudioFormat(8000, bits, channels, bits > 8, false);
        long frames = data.length / format.getFrameSize();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        AudioSystem.write(
                new AudioInputStream(new ByteArrayInputStream(data), format, frames), AudioFileFormat.Type.WAVE, out);
        return out.toByteArray();
    }

    @Test
    void readsEightAndSixteenBits() throws IOException {
        Wav small = Wav.read(wav(8, 1, 0, 128, 192, 255), "a.wav");
        assertThat(small.values()).containsExactly(-1, 0, 0.5f, 127 / 128f);
        assertThat(small.sampleRate()).isEqualTo(8000);
        Path file = Files.write(folder.resolve("b.wav"), wav(16, 1, 0, 0x80, 1, 0, 0xff, 0xff, 0, 0x40));
        assertThat(Wav.read(file).values()).containsExactly(-1, 1 / 32768f, -1 / 32768f, 0.5f);
        assertThat(Wav.read(file).toLength(2).values()).containsExactly(-1, 1 / 32768f);
        assertThat(Wav.read(file).toLength(6).values()).endsWith(0.5f, 0, 0);
    }

    @Test
    void otherFilesAreRefused() throws IOException {
        byte[] stereo = wav(16, 2, 0, 0, 0, 0);
        assertThatThrownBy(() -> Wav.read(stereo, "s.wav"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("s.wav: PCM_SIGNED 8000.0 Hz, 16 bit, stereo")
                .hasMessageEndingWith("expected PCM with 8 or 16 bits, 1 channel");
        byte[] deep = wav(24, 1, 0, 0, 0);
        assertThatThrownBy(() -> Wav.read(deep, "d.wav"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith("expected PCM with 8 or 16 bits, 1 channel");
        assertThatThrownBy(() -> Wav.read(new byte[100], "n.wav"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("n.wav: not a sound file that Java reads, expected WAV");
        byte[] whole = wav(16, 1, 1, 2, 3, 4, 5, 6);
        assertThatThrownBy(() -> Wav.read(Arrays.copyOf(whole, whole.length - 2), "t.wav"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("t.wav: truncated: 4 bytes of samples, expected 6");
        Path none = folder.resolve("none.wav");
        assertThatThrownBy(() -> Wav.read(none))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage(none + ": no such file");
    }
}
