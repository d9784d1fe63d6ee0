package fathom.parity;

import static fathom.parity.Input.normal;
import static fathom.parity.Input.uniform;

import fathom.nn.Activation;
import fathom.nn.AttentionMask;
import fathom.nn.Dropout;
import fathom.nn.FeedForward;
import fathom.nn.LayerNorm;
import fathom.nn.Layers;
import fathom.nn.Linear;
import fathom.nn.Parameter;
import fathom.nn.TransformerDecoderLayer;
import fathom.nn.TransformerEncoderLayer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.TransformerActivation;
import org.bytedeco.pytorch.TransformerDecoderLayerImpl;
import org.bytedeco.pytorch.TransformerDecoderLayerOptions;
import org.bytedeco.pytorch.TransformerEncoderLayerImpl;
import org.bytedeco.pytorch.TransformerEncoderLayerOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.kGELU;
import org.bytedeco.pytorch.kReLU;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Layers of transformers: values against libtorch's modules, which normalise last, and values and
/// gradients against their equations in libtorch's operations.
@RequiresLibtorch
class TransformerTest {
    private static final int WIDTH = 8;
    private static final int HIDDEN = 12;
    private static final int HEADS = 2;

    /// Parameters of attention, of normalisation and of the dense layers.
    private static final int ATTENTION = 8;

    private static final int NORM = 2;

    @TestFactory
    Stream<DynamicTest> transformerEncoderLayer() {
        return Stream.of(encoder("relu", false), encoder("gelu", false), encoder("relu", true), encoder("gelu", true))
                .flatMap(c -> Stream.concat(
                        Case.tests(c.of(3, 5)), Stream.concat(Case.tests(c.of(1, 1)), Case.tests(c.of(33, 3)))));
    }

    @TestFactory
    Stream<DynamicTest> transformerDecoderLayer() {
        return Stream.of(decoder("relu", false), decoder("gelu", false), decoder("relu", true), decoder("gelu", true))
                .flatMap(c -> Stream.concat(
                        Case.tests(c.of(3, 5)), Stream.concat(Case.tests(c.of(1, 1)), Case.tests(c.of(33, 3)))));
    }

    @TestFactory
    Stream<DynamicTest> modules() {
        return Stream.of("relu", "gelu")
                .flatMap(activation -> Case.tests(
                        new Layer(activation, false, true, TransformerTest::encoderModule)
                                .of(3, 5)
                                .flat(),
                        new Layer(activation, false, false, TransformerTest::decoderModule)
                                .of(3, 5)
                                .flat()));
    }

    private static Layer encoder(String activation, boolean normFirst) {
        return new Layer(activation, normFirst, true, TransformerTest::equations);
    }

    private static Layer decoder(String activation, boolean normFirst) {
        return new Layer(activation, normFirst, false, TransformerTest::equations);
    }

    /// What libtorch does for a layer.
    private interface Theirs {
        Tensor apply(Layer layer, List<Tensor> t);
    }

    /// A layer to be compared. Inputs are the sequences, the encoder's if there are, and the
    /// parameters: of attention once or twice, of the dense layers, of normalisation as they come.
    private record Layer(String activation, boolean normFirst, boolean isEncoder, Theirs theirs) {
        Case of(int samples, int time) {
            List<Input> inputs = new ArrayList<>();
            inputs.add(normal(samples, time, WIDTH));
            inputs.add(normal(samples, time + 2, WIDTH));
            for (int i = 0; i < (isEncoder ? 1 : 2); i++) {
                inputs.addAll(MultiHeadAttentionTest.parameters(WIDTH, WIDTH, WIDTH));
            }
            inputs.addAll(List.of(
                    uniform(-0.5, 0.5, WIDTH, HIDDEN),
                    normal(HIDDEN),
                    uniform(-0.5, 0.5, HIDDEN, WIDTH),
                    normal(WIDTH)));
            for (int i = 0; i < (isEncoder ? 2 : 3); i++) {
                inputs.addAll(List.of(normal(WIDTH), normal(WIDTH)));
            }
            if (isEncoder) {
                inputs.remove(1);
            }
            String name = (isEncoder ? "encoder" : "decoder") + (normFirst ? ", norm first, " : ", norm last, ");
            return Case.layer(
                            name + activation + ", " + samples + "x" + time,
                            inputs,
                            this::ours,
                            t -> theirs.apply(this, t))
                    .within(10);
        }

        private fathom.tensor.Tensor ours(List<Parameter> p) {
            var take = new ArrayList<>(p);
            var x = take.removeFirst().value();
            Activation function = activation.equals("relu") ? Layers.relu() : Layers.gelu();
            AttentionMask none = AttentionMask.none();
            if (isEncoder) {
                return new TransformerEncoderLayer(
                                MultiHeadAttentionTest.layer(first(take, ATTENTION), HEADS, HEADS),
                                dense(take, function),
                                norm(take),
                                norm(take),
                                new Dropout(0.5),
                                normFirst)
                        .apply(x);
            }
            var memory = take.removeFirst().value();
            return new TransformerDecoderLayer(
                            MultiHeadAttentionTest.layer(first(take, ATTENTION), HEADS, HEADS),
                            MultiHeadAttentionTest.layer(first(take, ATTENTION), HEADS, HEADS),
                            dense(take, function),
                            norm(take),
                            norm(take),
                            norm(take),
                            new Dropout(0.5),
                            normFirst)
                    .apply(x, memory, none.causal(), none);
        }

        private static FeedForward dense(List<Parameter> p, Activation function) {
            Linear up = new Linear(p.removeFirst(), Optional.of(p.removeFirst()));
            Linear down = new Linear(p.removeFirst(), Optional.of(p.removeFirst()));
            return new FeedForward(up, function, new Dropout(0.5), down);
        }

        private static LayerNorm norm(List<Parameter> p) {
            return new LayerNorm(p.removeFirst(), p.removeFirst(), 1e-5);
        }
    }

    private static <T> List<T> first(List<T> all, int count) {
        List<T> some = List.copyOf(all.subList(0, count));
        all.subList(0, count).clear();
        return some;
    }

    private static Tensor equations(Layer layer, List<Tensor> t) {
        List<Tensor> take = new ArrayList<>(t);
        Tensor x = take.removeFirst();
        Tensor memory = layer.isEncoder ? x : take.removeFirst();
        List<Tensor> self = first(take, ATTENTION);
        List<Tensor> cross = layer.isEncoder ? List.of() : first(take, ATTENTION);
        List<Tensor> dense = first(take, 4);
        TensorOptional none = new TensorOptional();
        Tensor y = around(
                layer,
                x,
                first(take, NORM),
                v -> TorchAttention.multiHead(v, v, self, HEADS, HEADS, none, !layer.isEncoder));
        if (!layer.isEncoder) {
            y = around(
                    layer,
                    y,
                    first(take, NORM),
                    v -> TorchAttention.multiHead(v, memory, cross, HEADS, HEADS, none, false));
        }
        return around(layer, y, first(take, NORM), v -> {
            Tensor up = TorchAttention.dense(v, dense.get(0), dense.get(1));
            Tensor bent = layer.activation.equals("relu") ? up.relu() : torch.gelu(up);
            return TorchAttention.dense(bent, dense.get(2), dense.get(3));
        });
    }

    private static Tensor around(Layer layer, Tensor x, List<Tensor> norm, UnaryOperator<Tensor> part) {
        return layer.normFirst ? x.add(part.apply(norm(x, norm))) : norm(x.add(part.apply(x)), norm);
    }

    private static Tensor norm(Tensor x, List<Tensor> p) {
        return torch.layer_norm(
                x, new long[] {WIDTH}, new TensorOptional(p.get(0)), new TensorOptional(p.get(1)), 1e-5, false);
    }

    private static Tensor encoderModule(Layer layer, List<Tensor> t) {
        var options = new TransformerEncoderLayerOptions(WIDTH, HEADS);
        options.dim_feedforward().put(HIDDEN);
        options.activation().put(activation(layer));
        var module = new TransformerEncoderLayerImpl(options);
        module.eval();
        List<Tensor> values = new ArrayList<>(attention(t.subList(1, 9)));
        values.addAll(dense(t.subList(9, 13)));
        values.addAll(t.subList(13, 17));
        set(module.parameters(), values);
        return module.forward(t.getFirst().transpose(0, 1)).transpose(0, 1);
    }

    private static Tensor decoderModule(Layer layer, List<Tensor> t) {
        var options = new TransformerDecoderLayerOptions(WIDTH, HEADS);
        options.dim_feedforward().put(HIDDEN);
        options.activation().put(activation(layer));
        var module = new TransformerDecoderLayerImpl(options);
        module.eval();
        List<Tensor> values = new ArrayList<>(attention(t.subList(2, 10)));
        values.addAll(attention(t.subList(10, 18)));
        values.addAll(dense(t.subList(18, 22)));
        values.addAll(t.subList(22, 28));
        set(module.parameters(), values);
        Tensor none = new Tensor();
        long time = t.getFirst().size(1);
        Tensor later = torch.full(
                        new long[] {time, time},
                        Torch.scalar(Double.NEGATIVE_INFINITY),
                        t.getFirst().options())
                .triu(1);
        return module.forward(t.get(0).transpose(0, 1), t.get(1).transpose(0, 1), later, none, none, none)
                .transpose(0, 1);
    }

    private static TransformerActivation activation(Layer layer) {
        return layer.activation.equals("relu")
                ? new TransformerActivation(new kReLU())
                : new TransformerActivation(new kGELU());
    }

    /// As a module of libtorch has them.
    private static List<Tensor> attention(List<Tensor> p) {
        return List.of(
                torch.cat(new TensorVector(p.get(0).t(), p.get(1).t(), p.get(2).t())),
                torch.cat(new TensorVector(p.get(4), p.get(5), p.get(6))),
                p.get(3).t(),
                p.get(7));
    }

    private static List<Tensor> dense(List<Tensor> p) {
        return List.of(p.get(0).t(), p.get(1), p.get(2).t(), p.get(3));
    }

    private static void set(TensorVector parameters, List<Tensor> values) {
        Tensor[] all = parameters.get();
        if (all.length != values.size()) {
            throw new IllegalStateException("a module of " + all.length + " parameters, expected " + values.size());
        }
        for (int i = 0; i < all.length; i++) {
            all[i].set_data(values.get(i).contiguous());
        }
    }
}
