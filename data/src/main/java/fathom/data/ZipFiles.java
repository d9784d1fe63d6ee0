package fathom.data;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/// The files in a zip file.
final class ZipFiles {
    private ZipFiles() {}

    /// All files by path, in alphabetical order.
    ///
    /// @param name what to call the zip file in errors
    /// @throws IllegalArgumentException if it is damaged, or holds no file
    static SequencedMap<String, byte[]> read(byte[] zip, String name) {
        TreeMap<String, byte[]> files = new TreeMap<>();
        try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(zip))) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                if (!entry.isDirectory()) {
                    files.put(entry.getName(), in.readAllBytes());
                }
            }
        } catch (IOException e) {
            throw new IllegalArgumentException(name + ": a damaged zip file: " + e.getMessage(), e);
        }
        if (files.isEmpty()) {
            throw new IllegalArgumentException(name + ": no files, expected a zip file with some");
        }
        return files;
    }
}
