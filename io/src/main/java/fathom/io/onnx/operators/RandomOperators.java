package fathom.io.onnx.operators;

import fathom.io.onnx.format.OnnxType;
import fathom.io.onnx.run.Call;
import fathom.io.onnx.run.Operator;
import fathom.io.onnx.run.Value;
import fathom.nn.Context;
import fathom.tensor.DType;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/// Operators that depend on chance. In a training they take its numbers. Outside of one they give the same
/// in each run if they have a seed, and others each time if not.
final class RandomOperators {
    private RandomOperators() {}

    static List<Operator> table() {
        List<Operator> all = List.of(
                Operator.of("RandomNormal", 1, c -> normal(c, sizes(c), type(c, OnnxType.FLOAT))),
                Operator.of("RandomUniform", 1, c -> uniform(c, sizes(c), type(c, OnnxType.FLOAT))),
                Operator.of("RandomNormalLike", 1, c -> normal(c, c.shape(0), type(c, c.type(0)))),
                Operator.of("RandomUniformLike", 1, c -> uniform(c, c.shape(0), type(c, c.type(0)))),
                Operator.of("Bernoulli", 15, RandomOperators::bernoulli),
                Operator.of("Multinomial", 7, RandomOperators::multinomial),
                Operator.several("Dropout", 1, RandomOperators::dropout).settings(1, 2));
        return all.stream().map(o -> o.kind(Operator.Kind.RANDOM)).toList();
    }

    private static RandomStream stream(Call c) {
        if (Context.isTraining()) {
            return Context.random();
        }
        return RandomStream.of(
                c.gives("seed")
                        ? Double.doubleToLongBits(c.number("seed", 0))
                        : ThreadLocalRandom.current().nextLong());
    }

    private static Shape sizes(Call c) {
        return Shape.of(c.integers("shape").orElseThrow());
    }

    private static OnnxType type(Call c, OnnxType otherwise) {
        return c.elementType("dtype").orElse(otherwise);
    }

    private static Value normal(Call c, Shape shape, OnnxType type) {
        Tensor x = stream(c).normal(shape, type.carrier());
        return Value.computed(type, x.mul(c.number("scale", 1)).add(c.number("mean", 0)));
    }

    private static Value uniform(Call c, Shape shape, OnnxType type) {
        double low = c.number("low", 0);
        Tensor x = stream(c).uniform(shape, type.carrier());
        return Value.computed(type, x.mul(c.number("high", 1) - low).add(low));
    }

    private static Value bernoulli(Call c) {
        Tensor p = c.tensor(0);
        OnnxType type = type(c, c.type(0));
        Tensor drawn = stream(c).uniform(p.shape(), p.dtype()).less(p);
        return Value.of(type, drawn.cast(type.carrier()));
    }

    private static Value multinomial(Call c) {
        Tensor logits = c.tensor(0);
        RandomStream random = stream(c);
        List<Tensor> draws = new ArrayList<>();
        for (int i = 0; i < c.integer("sample_size", 1); i++) {
            draws.add(random.categorical(logits));
        }
        OnnxType type = type(c, OnnxType.INT32);
        return Value.of(type, Tensor.stack(-1, draws).cast(type.carrier()));
    }

    private static List<Value> dropout(Call c) {
        Tensor x = c.tensor(0);
        boolean older = c.opset() < 12;
        double p = older ? c.number("ratio", 0.5) : c.has(1) ? c.scalar(1) : 0.5;
        boolean training = older ? c.opset() < 7 && !c.flag("is_test", false) : c.has(2) && c.longs(2)[0] != 0;
        Tensor kept = Tensor.full(x.shape(), DType.BOOL, 1);
        Tensor y = x;
        if (training && p > 0) {
            kept = stream(c).uniform(x.shape()).greaterEqual(p);
            y = kept.select(p == 1 ? x : x.mul(1 / (1 - p)), ElementwiseOperators.zeros(x));
        }
        Value mask = c.opset() < 10 ? Value.of(c.type(0), kept.cast(x.dtype())) : Value.of(kept);
        return List.of(c.computed(y), mask);
    }
}
