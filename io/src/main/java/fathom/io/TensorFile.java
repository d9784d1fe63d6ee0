package fathom.io;

import fathom.tensor.Tensor;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// A file of named tensors that can be looked into before, and without, reading their elements: each
/// tensor is read when it is asked for.
///
/// ```java
/// var file = TensorFile.open(Path.of("model.gguf"));
/// file.tensors().values().forEach(IO::println);
/// var weight = file.read("token_embd.weight");
/// ```
///
/// There is nothing to close: a file is open only while something is read from it.
public interface TensorFile {
    /// The file, or the one that names the others.
    Path path();

    /// What kind of file it is, as in `safetensors`, with the version where there are several.
    String format();

    /// The tensors by name, in the order of the file.
    Map<String, StoredTensor> tensors();

    /// What else the file says, as texts by key. Long lists are cut short.
    Map<String, String> metadata();

    /// Reads one tensor.
    ///
    /// @throws IllegalArgumentException if there is none of that name, or its bytes are damaged; the message
    ///   names the file, what was found and what was expected
    /// @throws UncheckedIOException if the file cannot be read
    Tensor read(String name);

    /// Reads all tensors.
    ///
    /// @return in the order of the file
    /// @throws IllegalArgumentException if the bytes of one are damaged
    /// @throws UncheckedIOException if the file cannot be read
    default Map<String, Tensor> readAll() {
        Map<String, Tensor> all = new LinkedHashMap<>();
        tensors().keySet().forEach(name -> all.put(name, read(name)));
        return Collections.unmodifiableMap(all);
    }

    /// The file as one of the formats that Fathom reads. What it is says its content, and for a folder
    /// the names in it are those under which checkpoints are published: `model.safetensors` and the
    /// like, whole or in several files.
    ///
    /// @throws UnknownFormatException if it is none of them
    /// @throws IllegalArgumentException if it is not a sound one; the message names the file,
    ///   what was found and what was expected
    /// @throws UncheckedIOException if the file cannot be read
    static TensorFile open(Path file) {
        return FileFormats.open(file);
    }
}
