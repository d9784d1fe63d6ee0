package fathom.io;

import fathom.io.Pickle.View;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// A file of `torch.save` of which the values have been read, and not the elements.
record PyTorchTensors(
        Path path, Map<String, View> views, Map<String, StoredTensor> tensors, Map<String, String> metadata)
        implements TensorFile {

    static PyTorchTensors open(Path file) {
        return PyTorchSource.use(file, source -> {
            PyTorchContents contents = source.contents();
            Map<String, StoredTensor> tensors = new LinkedHashMap<>();
            contents.views().forEach((name, view) -> tensors.put(name, stored(file, name, view, source.order())));
            return new PyTorchTensors(
                    file,
                    contents.views(),
                    Collections.unmodifiableMap(tensors),
                    Collections.unmodifiableMap(contents.metadata()));
        });
    }

    private static StoredTensor stored(Path file, String name, View view, ByteOrder order) {
        String where = PyTorchSource.where(file, name);
        NpyType type = PyTorchStorage.type(where, view.storage().type(), order);
        Shape shape = PyTorchStorage.shape(where, view);
        return new StoredTensor(name, shape, view.storage().type(), type.dtype(), (long) shape.size() * type.width());
    }

    @Override
    public String format() {
        return "torch.save";
    }

    @Override
    public Tensor read(String name) {
        View view = Reading.named(path, name, views);
        return PyTorchSource.use(path, source -> source.read(name, view));
    }

    @Override
    public Map<String, Tensor> readAll() {
        return PyTorchFile.read(path).tensors();
    }
}
