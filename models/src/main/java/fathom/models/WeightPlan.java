package fathom.models;

import fathom.io.StoredTensor;
import fathom.io.TensorFile;
import fathom.nn.Parameter;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/// Which weights an architecture has, under which names a file has them, and how they lie there. Everything
/// that does not fit is found before anything is read.
final class WeightPlan {
    private final Map<String, Wanted> wanted = new LinkedHashMap<>();

    /// A weight.
    ///
    /// @param shape in the model
    /// @param name in the file
    private record Wanted(Shape shape, String name, WeightLayout layout) {}

    /// Asks for a weight.
    ///
    /// @param path in the model
    /// @param name in the file
    void add(String path, String name, WeightLayout layout, int... shape) {
        wanted.put(path, new Wanted(Shape.of(shape), name, layout));
    }

    /// Asks for the factors and the addends of a layer normalisation.
    void norm(String path, String name, int width) {
        add(path + ".weight", name + ".weight", WeightLayout.same(), width);
        add(path + ".bias", name + ".bias", WeightLayout.same(), width);
    }

    /// Asks for a matrix `[in, out]` and a bias.
    ///
    /// @param matrix how that lies in the file
    /// @param bias how that does
    void linear(String path, String name, WeightLayout matrix, WeightLayout bias, int in, int out) {
        add(path + ".weight", name + ".weight", matrix, in, out);
        add(path + ".bias", name + ".bias", bias, out);
    }

    /// Reads the weights, as F32.
    ///
    /// @param rename the file's names to those of the plan
    /// @param harmless names of the plan's kind that may be there and are not needed
    /// @throws IllegalArgumentException if tensors are missing, superfluous or of other shapes: the message
    ///   has all
    Weights load(TensorFile file, UnaryOperator<String> rename, Predicate<String> harmless) {
        Map<String, StoredTensor> stored = new LinkedHashMap<>();
        List<String> problems = new ArrayList<>();
        file.tensors().values().forEach(tensor -> {
            if (stored.put(rename.apply(tensor.name()), tensor) != null) {
                problems.add("there twice: " + tensor.name());
            }
        });
        List<String> missing = new ArrayList<>();
        List<String> other = new ArrayList<>();
        Set<String> used = new LinkedHashSet<>();
        wanted.values().forEach(want -> {
            StoredTensor tensor = stored.get(want.name);
            Shape expected = want.layout.stored().apply(want.shape);
            used.add(want.name);
            if (tensor == null) {
                missing.add(want.name + " " + expected);
            } else if (!tensor.shape().equals(expected) || !isNumber(tensor.dtype())) {
                other.add("%s is %s%s, expected %s".formatted(want.name, tensor.dtype(), tensor.shape(), expected));
            }
        });
        List<String> superfluous = stored.keySet().stream()
                .filter(name -> !used.contains(name) && !harmless.test(name))
                .toList();
        add(problems, "missing: ", new ArrayList<>(new LinkedHashSet<>(missing)));
        add(problems, "superfluous: ", superfluous);
        add(problems, "of another shape: ", new ArrayList<>(new LinkedHashSet<>(other)));
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(
                    file.path() + ": not the weights that the configuration asks for: " + String.join("; ", problems));
        }
        Map<String, Parameter> parameters = new LinkedHashMap<>();
        wanted.forEach((path, want) -> {
            StoredTensor tensor = stored.get(want.name);
            if (tensor != null) {
                Tensor value = file.read(tensor.name()).cast(DType.F32);
                parameters.put(path, Parameter.of(want.layout.convert().apply(value)));
            }
        });
        return new Weights(parameters);
    }

    private static boolean isNumber(DType dtype) {
        return dtype.isFloating() || dtype.isHalf();
    }

    private static void add(List<String> problems, String what, List<String> names) {
        if (!names.isEmpty()) {
            problems.add(what + String.join(", ", names));
        }
    }
}
