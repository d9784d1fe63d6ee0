package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;

/// The feed-forward block of a transformer with a gate: `[..., in]` to `[..., out]`.
///
/// ```
/// y = down(silu(gate(x)) * up(x))
/// ```
///
/// Shazeer: *GLU variants improve transformer* (2020), where the projections are W, V and W2.
///
/// @param gate the projection that goes through [Activations#silu], `[in, hidden]`
/// @param up the projection that is gated, `[in, hidden]`
/// @param down the projection back, `[hidden, out]`
public record SwiGlu(Linear gate, Linear up, Linear down) implements Module {
    public SwiGlu {
        Shape g = gate.weight().shape();
        Shape u = up.weight().shape();
        Shape d = down.weight().shape();
        boolean fit = g.equals(u) && d.dim(0) == u.dim(1);
        String message = "swiglu: gate %s, up %s and down %s, expected [in, hidden] twice and [hidden, out]";
        Require.that(fit, message, g, u, d);
    }

    @Override
    public Tensor forward(Tensor x) {
        return down.apply(Activations.silu(gate.apply(x)).mul(up.apply(x)));
    }

    /// The blueprint of a [SwiGlu] that gives as many channels as it takes.
    ///
    /// @param hidden channels between the projections
    /// @param bias whether the projections have biases, initially zero
    /// @param initializer where the weights come from
    public record Blueprint(int hidden, boolean bias, Initializer initializer) implements Layer {
        public Blueprint {
            Require.positive("swiglu: hidden", hidden);
        }

        public Blueprint withBias() {
            return new Blueprint(hidden, true, initializer);
        }

        public Blueprint initializer(Initializer other) {
            return new Blueprint(hidden, bias, other);
        }

        @Override
        public SwiGlu build(Shape input, RandomStream random) {
            int channels = Standardize.channels(input);
            Linear.Blueprint in = new Linear.Blueprint(hidden, bias, initializer);
            Linear.Blueprint out = new Linear.Blueprint(channels, bias, initializer);
            return new SwiGlu(
                    in.build(input, random.split("gate")),
                    in.build(input, random.split("up")),
                    out.build(Shape.of(hidden), random.split("down")));
        }

        @Override
        public Shape output(Shape input) {
            Standardize.channels(input);
            return input;
        }
    }
}
