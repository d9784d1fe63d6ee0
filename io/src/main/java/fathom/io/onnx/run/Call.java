package fathom.io.onnx.run;

import fathom.io.onnx.format.AttributeValue;
import fathom.io.onnx.format.OnnxType;
import fathom.io.onnx.format.TensorProto;
import fathom.ir.Require;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// One use of an operator: its inputs and attributes, as the entries of the table ask for them.
public final class Call {
    private final Step step;
    private final List<@Nullable Value> inputs;
    private final Map<String, Subgraph> subgraphs;
    private Origin read = Origin.CONSTANT;

    Call(Step step, List<@Nullable Value> inputs, Map<String, Subgraph> subgraphs) {
        this.step = step;
        this.inputs = inputs;
        this.subgraphs = subgraphs;
    }

    // ---- inputs ----

    /// The number of inputs, those that are left out in between included.
    public int inputs() {
        return inputs.size();
    }

    /// Whether an input is given.
    public boolean has(int i) {
        return i < inputs.size() && inputs.get(i) != null;
    }

    /// An input.
    ///
    /// @throws IllegalArgumentException if it is not given
    public Value value(int i) {
        Value value = i < inputs.size() ? inputs.get(i) : null;
        if (value == null) {
            throw new IllegalArgumentException("input " + i + " is missing");
        }
        return value;
    }

    /// An input that may be left out.
    public Optional<Value> optional(int i) {
        return has(i) ? Optional.of(value(i)) : Optional.empty();
    }

    /// An input's tensor, of the carrier of its type.
    ///
    /// @throws IllegalArgumentException if it is not given
    public Tensor tensor(int i) {
        return value(i).tensor();
    }

    /// The element type of an input.
    ///
    /// @throws IllegalArgumentException if it is not given
    public OnnxType type(int i) {
        return value(i).type();
    }

    /// The shape of an input.
    ///
    /// @throws IllegalArgumentException if it is not given
    public Shape shape(int i) {
        return value(i).shape();
    }

    /// The elements of an input of whole numbers, which are computed if need be.
    ///
    /// @throws IllegalArgumentException if it is not given, or has fractions
    public long[] longs(int i) {
        return longs(value(i));
    }

    /// The elements of a value of whole numbers, which are computed if need be.
    ///
    /// @throws IllegalArgumentException if it has fractions
    public long[] longs(Value value) {
        return read(value).longs();
    }

    /// The elements of an input, which are computed if need be.
    ///
    /// @throws IllegalArgumentException if it is not given
    public double[] doubles(int i) {
        return read(value(i)).doubles();
    }

    /// Whether an input's elements depend on nothing but the file and the shapes of the model's inputs.
    public boolean isKnown(int i) {
        return value(i).origin() != Origin.DATA;
    }

    /// Something that is made of one input: computed once and kept, if that never changes.
    ///
    /// @param name what it is called among what is kept for the node
    public Tensor made(String name, int i, UnaryOperator<Tensor> function) {
        if (value(i).origin() != Origin.CONSTANT) {
            return function.apply(tensor(i));
        }
        return step.kept().computeIfAbsent(name, _ -> Folding.computed(function.apply(tensor(i))));
    }

    /// Notes that what is computed depends on a value's elements in ways that its tensor does not show.
    private Value read(Value value) {
        read = read.and(value.origin());
        return value;
    }

    /// What the elements depend on that were read.
    Origin read() {
        return read;
    }

    /// The elements of an input of whole numbers, beyond the range of `int` its bounds.
    ///
    /// @throws IllegalArgumentException if it is not given, or has fractions
    public int[] ints(int i) {
        return narrow(longs(i));
    }

    /// The only element of an input.
    ///
    /// @throws IllegalArgumentException if it is not given, or has not one element
    public double scalar(int i) {
        Value value = read(value(i));
        Require.that(value.tensor().size() == 1, "input %s of shape %s, expected one element", i, value.shape());
        return value.tensor().item();
    }

    // ---- attributes ----

    /// Whether an attribute is given.
    public boolean gives(String name) {
        return step.attributes().containsKey(name);
    }

    /// A whole number, or another if it is not given.
    public long whole(String name, long otherwise) {
        return switch (step.attributes().get(name)) {
            case null -> otherwise;
            case AttributeValue.Whole a -> a.value();
            case AttributeValue a -> throw unexpected(name, a, "a whole number");
        };
    }

    /// [#whole(String, long)], which has to be an `int`.
    public int integer(String name, int otherwise) {
        long value = whole(name, otherwise);
        Require.that(value == (int) value, "attribute %s is %s, expected one below 2^31", name, value);
        return (int) value;
    }

    /// Whether an attribute is a number other than 0.
    public boolean flag(String name, boolean otherwise) {
        return whole(name, otherwise ? 1 : 0) != 0;
    }

    /// A number, or another if it is not given.
    public double number(String name, double otherwise) {
        return switch (step.attributes().get(name)) {
            case null -> otherwise;
            case AttributeValue.Number a -> a.value();
            case AttributeValue.Whole a -> a.value();
            case AttributeValue a -> throw unexpected(name, a, "a number");
        };
    }

    /// A text, or another if it is not given.
    public String text(String name, String otherwise) {
        return switch (step.attributes().get(name)) {
            case null -> otherwise;
            case AttributeValue.Text a -> a.value();
            case AttributeValue a -> throw unexpected(name, a, "a text");
        };
    }

    /// Texts, none if they are not given.
    public List<String> texts(String name) {
        return switch (step.attributes().get(name)) {
            case null -> List.of();
            case AttributeValue.Texts a -> a.values();
            case AttributeValue a -> throw unexpected(name, a, "texts");
        };
    }

    /// Whole numbers, if they are given.
    public Optional<long[]> wholes(String name) {
        return switch (step.attributes().get(name)) {
            case null -> Optional.empty();
            case AttributeValue.Wholes a ->
                Optional.of(a.values().stream().mapToLong(Long::longValue).toArray());
            case AttributeValue a -> throw unexpected(name, a, "whole numbers");
        };
    }

    /// Whole numbers, if they are given, beyond the range of `int` its bounds.
    public Optional<int[]> integers(String name) {
        return wholes(name).map(Call::narrow);
    }

    /// Numbers, if they are given.
    public Optional<double[]> numbers(String name) {
        return switch (step.attributes().get(name)) {
            case null -> Optional.empty();
            case AttributeValue.Numbers a ->
                Optional.of(a.values().stream().mapToDouble(Float::doubleValue).toArray());
            case AttributeValue a -> throw unexpected(name, a, "numbers");
        };
    }

    /// A tensor, if it is given.
    public Optional<Value> constant(String name) {
        return switch (step.attributes().get(name)) {
            case null -> Optional.empty();
            case AttributeValue.Elements a -> Optional.of(constant(a.value()));
            case AttributeValue a -> throw unexpected(name, a, "a tensor");
        };
    }

    /// The element type that an attribute names, if it does.
    public Optional<OnnxType> elementType(String name) {
        long code = whole(name, 0);
        return code == 0
                ? Optional.empty()
                : Optional.of(OnnxType.of(code)
                        .orElseThrow(() ->
                                new IllegalArgumentException("attribute " + name + ": there is no type " + code)));
    }

    /// Whole numbers that are an attribute in older versions and an input in newer ones, if they are
    /// given.
    public Optional<int[]> integers(String attribute, int input) {
        return has(input) ? Optional.of(ints(input)) : integers(attribute);
    }

    /// A graph that this node runs.
    ///
    /// @throws IllegalArgumentException if it is not given
    public Subgraph subgraph(String name) {
        Subgraph graph = subgraphs.get(name);
        if (graph == null) {
            throw new IllegalArgumentException("attribute " + name + " is missing, expected a graph");
        }
        return graph;
    }

    // ---- what else there is to know ----

    /// The version of the operators of the node's domain.
    public int opset() {
        return step.opset();
    }

    /// The number of results that the node names.
    public int outputs() {
        return step.outputs().length;
    }

    /// Whether somebody wants a result.
    public boolean wants(int output) {
        return output < step.outputs().length && step.outputs()[output] >= 0;
    }

    // ---- results ----

    /// A value of the first input's type whose elements were only moved.
    public Value moved(Tensor tensor) {
        return Value.of(type(0), tensor);
    }

    /// A value of the first input's type whose elements were computed.
    public Value computed(Tensor tensor) {
        return Value.computed(type(0), tensor);
    }

    static Value constant(TensorProto tensor) {
        if (tensor.content() instanceof TensorProto.Inline inline) {
            return Value.of(tensor.type(), Tensor.of(inline.elements(), Shape.of(tensor.shape())));
        }
        throw new IllegalArgumentException("a tensor of " + tensor.type() + ", expected numbers in the file itself");
    }

    private static int[] narrow(long[] values) {
        return Arrays.stream(values)
                .mapToInt(v -> (int) Math.clamp(v, Integer.MIN_VALUE, Integer.MAX_VALUE))
                .toArray();
    }

    private static IllegalArgumentException unexpected(String name, AttributeValue found, String expected) {
        String kind = found.getClass().getSimpleName();
        return new IllegalArgumentException("attribute " + name + " is " + kind + ", expected " + expected);
    }
}
