package fathom.io.onnx.export;

import fathom.io.onnx.OnnxModel;
import fathom.io.onnx.format.ModelProto;
import fathom.io.onnx.format.ModelWriter;
import fathom.io.onnx.format.OnnxType;
import fathom.io.onnx.format.ValueInfo;
import fathom.ir.Require;
import fathom.nn.Module;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// Writes a model as an ONNX file, for any runtime.
///
/// ```java
/// OnnxExport.of(model)
///         .input("image", DType.F32, Axis.batch(), Axis.of(28), Axis.of(28), Axis.of(1))
///         .output("logits")
///         .write(Path.of("model.onnx"));
/// ```
///
/// The model is recorded as in inference: there is no dropout, batch normalisation takes its running
/// statistics, and nothing that only training needs is in the file. Nothing is computed for that, and of
/// the inputs only their types and sizes are known. Where an axis is dynamic the model is recorded at a few
/// sizes, and what follows from them becomes nodes; if it does other things at other sizes, that is an error.
///
/// Weights have the names that they have in the model, `blocks.0.norm.weight`, and nodes begin with the
/// part of the model that they are from. Weights of convolutions and recurrent layers are arranged as ONNX
/// has them. Inputs and outputs are laid out as in the model, so images have their channels last; a function
/// around it changes that, and costs nothing:
///
/// ```java
/// OnnxExport.of(x -> model.apply(x.permute(0, 2, 3, 1)))
/// ```
///
/// Each method gives a new value.
public final class OnnxExport {
    private static final long OPSET = 18;
    private static final long IR_VERSION = 8;
    private static final String OUTPUT = "output";
    private static final String PRODUCER = "fathom";

    private final Module model;
    private final Optional<Function<Map<String, Tensor>, Map<String, Tensor>>> call;
    private final List<ExportInput> inputs;
    private final String output;
    private final String name;
    private final Map<String, String> metadata;
    private final boolean outside;

    private OnnxExport(
            Module model,
            Optional<Function<Map<String, Tensor>, Map<String, Tensor>>> call,
            List<ExportInput> inputs,
            String output,
            String name,
            Map<String, String> metadata,
            boolean outside) {
        this.model = model;
        this.call = call;
        this.inputs = List.copyOf(inputs);
        this.output = output;
        this.name = name;
        this.metadata = Map.copyOf(metadata);
        this.outside = outside;
    }

    /// Of a model, or any function, of one tensor. Its input is yet to be said.
    public static OnnxExport of(Module model) {
        return new OnnxExport(model, Optional.empty(), List.of(), OUTPUT, "model", Map.of(), false);
    }

    /// Of a model that takes or gives several tensors.
    ///
    /// ```java
    /// OnnxExport.of(bert, in -> Map.of("vectors", bert.run(in.get("ids"), in.get("mask"))))
    /// ```
    ///
    /// @param model what names the weights
    /// @param call calls it: from the inputs by name to the outputs by name
    public static OnnxExport of(Module model, Function<Map<String, Tensor>, Map<String, Tensor>> call) {
        return new OnnxExport(model, Optional.of(call), List.of(), OUTPUT, "model", Map.of(), false);
    }

    /// Of a model from an ONNX file, perhaps with other weights by now. Its inputs are those of the file;
    /// an axis that the file does not say the size of is tried with `example` elements and a few more.
    ///
    /// @throws IllegalArgumentException if the file does not say the type and the axes of an input
    public static OnnxExport of(OnnxModel model, int example) {
        OnnxExport export = of(model, model::run);
        for (ValueInfo info : model.inputs()) {
            boolean said = info.type().isPresent() && info.shape().isPresent();
            Require.that(said, "input '%s' of which the file says no type or axes", info.name());
            DType dtype = info.type().map(OnnxType::outside).orElseThrow();
            List<Axis> axes = new ArrayList<>();
            Map<String, Integer> seen = new HashMap<>();
            for (ValueInfo.Dimension d : info.shape().orElseThrow()) {
                axes.add(
                        switch (d) {
                            case ValueInfo.Fixed f -> Axis.of(Math.toIntExact(f.size()));
                            case ValueInfo.Symbolic s -> {
                                String called = s.name().isBlank() ? info.name() + "_axis" : s.name();
                                int times = seen.merge(called, 1, Integer::sum);
                                // Some files call all axes of an input the same, though they differ.
                                yield Axis.dynamic(times == 1 ? called : called + "_" + times, example);
                            }
                        });
            }
            export = export.input(info.name(), dtype, axes.toArray(Axis[]::new));
        }
        return export;
    }

    /// With one more input.
    ///
    /// @param input what it is called
    /// @param dtype of its elements
    /// @param axes its axes, in order
    /// @throws IllegalArgumentException if there is one of that name
    public OnnxExport input(String input, DType dtype, Axis... axes) {
        boolean free = inputs.stream().noneMatch(i -> i.name().equals(input));
        Require.that(free, "two inputs of the name '%s'", input);
        List<ExportInput> all = new ArrayList<>(inputs);
        all.add(new ExportInput(input, dtype, List.of(axes)));
        return new OnnxExport(model, call, all, output, name, metadata, outside);
    }

    /// With an F32 input called `input`: any number of samples of a shape.
    public OnnxExport samples(Shape sample) {
        List<Axis> axes = new ArrayList<>(List.of(Axis.batch()));
        sample.toList().forEach(size -> axes.add(Axis.of(size)));
        return input("input", DType.F32, axes.toArray(Axis[]::new));
    }

    /// With another name for the output of a model that has one; else it is called `output`.
    public OnnxExport output(String called) {
        return new OnnxExport(model, call, inputs, called, name, metadata, outside);
    }

    /// With another name for the graph; else it is called `model`.
    public OnnxExport name(String graph) {
        return new OnnxExport(model, call, inputs, output, graph, metadata, outside);
    }

    /// With a line of free text that the file carries along.
    public OnnxExport metadata(String key, String value) {
        Map<String, String> all = new LinkedHashMap<>(metadata);
        all.put(key, value);
        return new OnnxExport(model, call, inputs, output, name, all, outside);
    }

    /// With the weights in a second file, called like the first with `.data` behind. Models of more than 2 GB
    /// are written so in any case.
    public OnnxExport weightsBeside() {
        return new OnnxExport(model, call, inputs, output, name, metadata, true);
    }

    /// The model as it would be written.
    ///
    /// @throws IllegalArgumentException if the model cannot be recorded, does other things at other sizes of
    ///   a dynamic axis, or does something that ONNX has no form for: then the message names all of that
    public ModelProto toModel() {
        Require.that(!inputs.isEmpty(), "no inputs, expected their names, dtypes and axes by input()");
        Require.that(
                call.isPresent() || inputs.size() == 1,
                "a model of one tensor with %s inputs, expected one: of(model, call) takes more",
                inputs.size());
        Function<Map<String, Tensor>, Map<String, Tensor>> function = call.orElse(
                in -> Map.of(output, model.apply(in.values().iterator().next())));
        return new ModelProto(
                IR_VERSION,
                PRODUCER,
                Exporter.graph(name, model, function, inputs),
                Map.of("", OPSET),
                List.of(),
                metadata);
    }

    /// Writes the model. At every moment, even after a crash, the file has either the old content or the
    /// whole new one.
    ///
    /// @throws IllegalArgumentException as [#toModel] does
    /// @throws UncheckedIOException if the file cannot be written
    public void write(Path file) {
        ModelWriter.write(file, toModel(), outside);
    }
}
