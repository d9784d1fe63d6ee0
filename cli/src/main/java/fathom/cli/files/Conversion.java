package fathom.cli.files;

import fathom.cli.Failure;
import fathom.io.Npz;
import fathom.io.Safetensors;
import fathom.io.StoredTensor;
import fathom.io.TensorFile;
import fathom.io.onnx.format.ExternalData;
import fathom.io.onnx.format.ModelProto;
import fathom.io.onnx.format.TensorProto;
import fathom.tensor.DType;
import fathom.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;

/// The tensors of a file on their way into another.
///
/// @param tensors what is to be written
/// @param elements gives the tensor of a name
/// @param metadata free text by key
public record Conversion(List<StoredTensor> tensors, Function<String, Tensor> elements, Map<String, String> metadata) {
    private static final long BETWEEN_LINES = TimeUnit.SECONDS.toNanos(2);

    /// What can be written.
    public enum Target {
        SAFETENSORS,
        NPZ;

        /// By the end of a file's name.
        public static Optional<Target> of(Path file) {
            String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
            return Arrays.stream(values())
                    .filter(target -> name.endsWith("." + target.name().toLowerCase(Locale.ROOT)))
                    .findFirst();
        }
    }

    /// What of a file can be written.
    ///
    /// @param dtype what floating-point numbers become, if it is another
    /// @throws Failure if the file is damaged
    public static Conversion of(ModelFile file, Optional<DType> dtype) {
        Conversion as = switch (file) {
            case ModelFile.Tensors tensors -> ofTensors(tensors.file());
            case ModelFile.Onnx onnx -> ModelFile.reading(() -> ofOnnx(onnx));
        };
        return dtype.map(as::cast).orElse(as);
    }

    private static Conversion ofTensors(TensorFile file) {
        List<StoredTensor> tensors = file.tensors().values().stream()
                .map(t -> new StoredTensor(t.name(), t.shape(), t.dtype()))
                .toList();
        return new Conversion(tensors, file::read, file.metadata());
    }

    private static Conversion ofOnnx(ModelFile.Onnx onnx) {
        ModelProto model = ExternalData.resolve(onnx.model(), onnx.path());
        Map<String, TensorProto> initializers = new LinkedHashMap<>();
        model.graph().initializers().forEach(tensor -> initializers.put(tensor.name(), tensor));
        List<StoredTensor> tensors = new ArrayList<>();
        Map<String, Tensor> values = new HashMap<>();
        for (TensorProto tensor : initializers.values()) {
            if (!(tensor.content() instanceof TensorProto.Inline inline)) {
                throw new Failure(onnx.path() + ": initialiser '" + tensor.name() + "' holds no numbers");
            }
            StoredTensor stored = ModelFile.Onnx.stored(tensor);
            values.put(tensor.name(), Tensor.of(inline.elements(), stored.shape()));
            tensors.add(new StoredTensor(
                    stored.name(), stored.shape(), inline.elements().dtype()));
        }
        return new Conversion(tensors, name -> Objects.requireNonNull(values.get(name)), model.metadata());
    }

    private Conversion cast(DType dtype) {
        List<StoredTensor> cast = tensors.stream()
                .map(t -> new StoredTensor(t.name(), t.shape(), t.dtype().isFloating() ? dtype : t.dtype()))
                .toList();
        return new Conversion(
                cast,
                name -> {
                    Tensor tensor = elements.apply(name);
                    return tensor.dtype().isFloating() ? tensor.cast(dtype) : tensor;
                },
                metadata);
    }

    /// Writes the tensors, and says now and then how far that is.
    ///
    /// @param progress gets a line every few seconds
    /// @return what was written
    /// @throws Failure if a tensor is damaged, or cannot be written in that format
    public String write(Target target, Path file, Consumer<String> progress) {
        long total = tensors.stream().mapToLong(StoredTensor::bytes).sum();
        long[] done = {0};
        long[] said = {System.nanoTime()};
        Function<String, Tensor> counted = name -> {
            Tensor tensor = elements.apply(name).evaluate();
            done[0] += (long) tensor.size() * tensor.dtype().bytes();
            if (System.nanoTime() - said[0] > BETWEEN_LINES) {
                said[0] = System.nanoTime();
                progress.accept("  " + Sizes.of(done[0]) + " of " + Sizes.of(total));
            }
            return tensor;
        };
        ModelFile.reading(() -> {
            switch (target) {
                case SAFETENSORS -> Safetensors.write(file, tensors, counted, metadata);
                case NPZ -> Npz.write(file, tensors, counted);
            }
            return file;
        });
        return "%s: %s tensors, %s".formatted(file, tensors.size(), Sizes.of(total));
    }
}
