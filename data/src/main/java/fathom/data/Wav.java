package fathom.data;

import fathom.ir.Require;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioFormat.Encoding;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import javax.sound.sampled.UnsupportedAudioFileException;

/// A sound of one channel, from a WAV file.
///
/// @param values the amplitudes, from -1 to below 1
/// @param sampleRate how many of them there are for each second
public record Wav(float[] values, int sampleRate) {
    /// Reads a file of PCM with 8 or 16 bits and one channel.
    ///
    /// @throws IllegalArgumentException if it is another one; the message names the file, what was
    ///   expected and what was found
    /// @throws UncheckedIOException if the file cannot be read
    public static Wav read(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return read(in, file.toString());
        } catch (NoSuchFileException e) {
            throw new UncheckedIOException(file + ": no such file", e);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /// Reads the bytes of a file.
    ///
    /// @param name what to call it in errors
    /// @throws IllegalArgumentException as [#read(Path)]
    public static Wav read(byte[] bytes, String name) {
        try (InputStream in = new ByteArrayInputStream(bytes)) {
            return read(in, name);
        } catch (IOException e) {
            throw new UncheckedIOException(name + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static Wav read(InputStream in, String name) throws IOException {
        try (AudioInputStream audio = AudioSystem.getAudioInputStream(new BufferedInputStream(in))) {
            AudioFormat format = audio.getFormat();
            Encoding encoding = format.getEncoding();
            int bits = format.getSampleSizeInBits();
            boolean pcm = encoding.equals(Encoding.PCM_SIGNED) || encoding.equals(Encoding.PCM_UNSIGNED);
            boolean fits = pcm && (bits == 8 || bits == 16) && format.getChannels() == 1;
            Require.that(fits, "%s: %s, expected PCM with 8 or 16 bits, 1 channel", name, format);
            byte[] bytes = audio.readAllBytes();
            long expected = audio.getFrameLength() * format.getFrameSize();
            boolean whole = audio.getFrameLength() < 0 || bytes.length == expected;
            Require.that(whole, "%s: truncated: %s bytes of samples, expected %s", name, bytes.length, expected);
            boolean signed = encoding.equals(Encoding.PCM_SIGNED);
            float[] values = bits == 8 ? ofBytes(bytes, signed) : ofShorts(bytes, format.isBigEndian());
            return new Wav(values, Math.round(format.getSampleRate()));
        } catch (UnsupportedAudioFileException e) {
            throw new IllegalArgumentException(name + ": not a sound file that Java reads, expected WAV", e);
        }
    }

    private static float[] ofBytes(byte[] bytes, boolean signed) {
        float[] values = new float[bytes.length];
        for (int i = 0; i < values.length; i++) {
            int value = signed ? bytes[i] : (bytes[i] & 0xff) + Byte.MIN_VALUE;
            values[i] = value / (float) -Byte.MIN_VALUE;
        }
        return values;
    }

    private static float[] ofShorts(byte[] bytes, boolean bigEndian) {
        float[] values = new float[bytes.length / Short.BYTES];
        for (int i = 0; i < values.length; i++) {
            int high = bytes[2 * i + (bigEndian ? 0 : 1)];
            int low = bytes[2 * i + (bigEndian ? 1 : 0)] & 0xff;
            values[i] = (high << Byte.SIZE | low) / (float) -Short.MIN_VALUE;
        }
        return values;
    }

    /// The sound in another length: cut off, or with silence after it.
    ///
    /// @param samples how many amplitudes
    /// @throws IllegalArgumentException if that is below 1
    public Wav toLength(int samples) {
        Require.positive("wav: a length of", samples);
        return new Wav(java.util.Arrays.copyOf(values, samples), sampleRate);
    }
}
