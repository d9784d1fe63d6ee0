package fathom.io;

import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// The tensors in a file of `torch.save`, `*.pt` or `*.pth`: a state dictionary, or a checkpoint with one in it. Both
/// forms are read, the zip file of today and the one of PyTorch before 1.6.
///
/// Nothing in the file is executed: what wants more than tensors in plain containers is refused, and the error says
/// what it wanted. Short integers become I32.
///
/// @param tensors by name; nested dictionaries make names with dots, as in `model.layer.weight`, and a tensor alone is
///   `tensor`
/// @param metadata all other values, such as the number of an epoch, as texts by name
public record PyTorchFile(Map<String, Tensor> tensors, Map<String, String> metadata) {
    public PyTorchFile {
        tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
        metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    }

    /// Reads a whole file.
    ///
    /// @throws IllegalArgumentException if it is damaged, or holds what is refused; the message names the file,
    ///   what was found and what was expected
    /// @throws UncheckedIOException if the file cannot be read
    public static PyTorchFile read(Path file) {
        return PyTorchSource.use(file, source -> {
            PyTorchContents contents = source.contents();
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            long bytes = 0;
            for (Map.Entry<String, Pickle.View> view : contents.views().entrySet()) {
                Tensor tensor = source.read(view.getKey(), view.getValue());
                bytes += (long) tensor.size() * tensor.dtype().bytes();
                // Views of one storage could show it many times over.
                long most = Runtime.getRuntime().maxMemory();
                Require.that(bytes < most, "%s: tensors of more than the %s bytes of memory", file, most);
                tensors.put(view.getKey(), tensor);
            }
            return new PyTorchFile(tensors, contents.metadata());
        });
    }

    /// Reads the values alone: each tensor is read when it is asked for.
    ///
    /// @throws IllegalArgumentException if it is damaged, or holds what is refused; the message names the file,
    ///   what was found and what was expected
    /// @throws UncheckedIOException if the file cannot be read
    public static TensorFile open(Path file) {
        return PyTorchTensors.open(file);
    }
}
