package fathom.cli.files;

import fathom.cli.Failure;
import fathom.cli.UserError;
import fathom.io.StoredTensor;
import fathom.io.TensorFile;
import fathom.io.UnknownFormatException;
import fathom.io.onnx.format.AttributeValue;
import fathom.io.onnx.format.GraphProto;
import fathom.io.onnx.format.ModelProto;
import fathom.io.onnx.format.ModelReader;
import fathom.io.onnx.format.NodeProto;
import fathom.io.onnx.format.TensorProto;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/// A file with a model in it, recognised by its content and not by its name.
public sealed interface ModelFile {
    /// Where it is.
    Path path();

    /// A file of tensors.
    record Tensors(TensorFile file) implements ModelFile {
        @Override
        public Path path() {
            return file.path();
        }
    }

    /// A file of ONNX.
    record Onnx(Path path, ModelProto model) implements ModelFile {
        /// The tensors in it.
        public List<TensorProto> initializers() {
            return model.graph().initializers();
        }

        /// What a tensor of the file takes, so far as that is known.
        public static StoredTensor stored(TensorProto tensor) {
            int[] sizes = tensor.shape().stream().mapToInt(Integer::intValue).toArray();
            long bits = tensor.type().bits();
            for (int size : sizes) {
                bits *= size;
            }
            DType dtype = tensor.type().isSupported() ? tensor.type().carrier() : DType.U8;
            return new StoredTensor(
                    tensor.name(), Shape.of(sizes), tensor.type().toString(), dtype, Math.ceilDiv(bits, Byte.SIZE));
        }

        /// The graph and those within its nodes.
        public List<GraphProto> graphs() {
            List<GraphProto> all = new ArrayList<>();
            all.add(model.graph());
            for (int i = 0; i < all.size(); i++) {
                for (NodeProto node : all.get(i).nodes()) {
                    for (AttributeValue value : node.attributes().values()) {
                        if (value instanceof AttributeValue.Subgraph inner) {
                            all.add(inner.value());
                        }
                    }
                }
            }
            return all;
        }
    }

    /// Looks into a file; nothing in it is executed.
    ///
    /// @throws UserError if it is none that can be read
    /// @throws Failure if it is damaged
    static ModelFile open(Path file) {
        if (!Files.exists(file)) {
            throw new UserError(file + ": no such file");
        }
        return reading(() -> Files.isRegularFile(file) && isOnnx(file)
                ? new Onnx(file, ModelReader.read(file))
                : new Tensors(tensors(file)));
    }

    private static TensorFile tensors(Path file) {
        try {
            return TensorFile.open(file);
        } catch (UnknownFormatException e) {
            throw new Failure(e.getMessage() + ", ONNX", e);
        }
    }

    private static boolean isOnnx(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return OnnxStart.isOne(in.readNBytes(OnnxStart.LENGTH));
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /// What is read, where an error of the file is one of the command.
    static <T> T reading(Supplier<T> body) {
        try {
            return body.get();
        } catch (IllegalArgumentException e) {
            throw new Failure(String.valueOf(e.getMessage()), e);
        }
    }
}
